// Package kafkajs is the consumer of kafkajs 2.2 with run({eachMessage}), as one
// event-driven state machine.
//
// Everything happens in one JavaScript thread, in asynchronous functions that
// wait for each other: a fetcher a broker brings batches (fetchers.go), one worker
// gives their messages to the handler and does after each of them what is due,
// heartbeats and commits among it (worker.go, heartbeat.go, offsets.go), and the
// runner begins anew, with another join (group.go), when any of them fails
// (runner.go). There is no poll and no background heartbeat: a handler that does
// not return silences the member, unless a fetcher has nothing to do meanwhile.
//
// The application's poll() stands for its handler: a handler that has returned
// polls, and the result of a poll is the messages with which the handler is
// called, one after the other. The words of every line are in texts.go. Comments
// name the functions of kafkajs.
package kafkajs

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// The client's timers.
const (
	timerPoll     client.TimerID = iota // the application's patience without messages
	timerCut                            // the handler is called no more: a heartbeat or a commit is due
	timerSleep                          // a fetcher without partitions wakes
	timerJoin                           // joinAndSync is tried again
	timerRunner                         // the runner tries again, or starts anew after a crash
	timerCommit                         // the application's commit is tried again
	timerRequests                       // a request times out
)

// Consumer is one consumer in one process.
type Consumer struct {
	s settings       // immutable
	o client.Options // immutable

	inflight []request
	gone     []link     // broken connections to brokers that have not answered since
	expiry   clock.Time // what timerRequests is set to, Never when it is not

	app      application
	cluster  cluster
	group    group
	offsets  offsets
	beat     heartbeat
	fetchers []fetcher // one a broker, while the runner consumes
	worker   worker
	runner   runner
}

// New makes a consumer that has not been started.
func New(cfg config.Set, o client.Options) *Consumer { return newConsumer(readSettings(cfg), o) }

func newConsumer(s settings, o client.Options) *Consumer {
	return &Consumer{s: s, o: o, expiry: clock.Never}
}

// task is an asynchronous function that waits for another one.
type task struct {
	kind   taskKind
	broker int32 // the fetcher's
}

type taskKind uint8

const (
	taskWorker taskKind = iota
	taskFetcher
	taskRunner
	taskApplication
)

// resume goes on with a function that has waited: f is nil, or why what it has
// waited for has failed.
func (c *Consumer) resume(h client.Host, now clock.Time, t task, f *failure) {
	switch t.kind {
	case taskWorker:
		c.workerResumed(h, now, f)
	case taskFetcher:
		c.fetcherResumed(h, now, c.fetcher(t.broker), f)
	case taskRunner:
		c.runnerJoined(h, now, f)
	}
}

// application is the handler and the program around it.
type application struct {
	call    call
	pollEnd clock.Time   // when a poll without messages returns
	most    int64        // the most messages that it may bring
	commit  commitByHand // the running commitOffsets()
	seeks   bool         // back to what is committed, before the next message
}

// call is what the application has called and not seen the end of.
type call uint8

const (
	callNone   call = iota // its handler runs
	callPoll               // its handler is done
	callCommit             // its handler waits in consumer.commitOffsets()
	callClose              // consumer.disconnect()
)

// Subscribe is connect(), subscribe() and run().
func (c *Consumer) Subscribe(h client.Host, now clock.Time) {
	c.runner.setState(runnerStarting)
	c.requestMetadata(h, now, task{kind: taskRunner})
}

// Poll tells that the handler has returned from what it was called with.
func (c *Consumer) Poll(h client.Host, now clock.Time, timeout clock.Duration, most int64) {
	c.app.call, c.app.pollEnd, c.app.most = callPoll, now+timeout, most
	c.handlerReturned(h)
	if c.app.seeks {
		c.seekBack()
	}
	c.work(h, now)
	if c.app.call == callPoll {
		h.Arm(timerPoll, c.app.pollEnd)
	}
}

// Interrupt ends a running poll: disconnect() does not wait for messages.
func (c *Consumer) Interrupt(h client.Host, _ clock.Time) {
	if c.app.call == callPoll {
		c.polled(h, client.PollResult{})
	}
}

// polled ends the running poll.
func (c *Consumer) polled(h client.Host, r client.PollResult) {
	c.app.call = callNone
	h.Cancel(timerPoll)
	h.Polled(r)
}

// Response hands an answer to the function that waits for it.
func (c *Consumer) Response(h client.Host, now clock.Time, id kafka.RequestID, r kafka.Response) {
	q, ok := c.answered(id)
	if !ok {
		return
	}
	c.settled(h, now, q, r, c.connectionFailure(q, r))
	c.work(h, now)
}

// settled is the end of a request, with an answer or a failure without one.
func (c *Consumer) settled(h client.Host, now clock.Time, q request, r kafka.Response, f *failure) {
	switch q.api {
	case apiMetadata:
		r, _ := r.(*kafka.MetadataResponse)
		c.metadataArrived(h, now, q, r, f)
	case apiFindCoordinator:
		r, _ := r.(*kafka.FindCoordinatorResponse)
		c.coordinatorFound(h, now, q, r, f)
	case apiJoin:
		r, _ := r.(*kafka.JoinGroupResponse)
		c.joined(h, now, r, f)
	case apiSync:
		r, _ := r.(*kafka.SyncGroupResponse)
		c.synced(h, now, r, f)
	case apiHeartbeat:
		r, _ := r.(*kafka.HeartbeatResponse)
		c.heartbeatAnswered(h, now, r, f)
	case apiLeave:
		c.left(h, now)
	case apiCommit:
		r, _ := r.(*kafka.OffsetCommitResponse)
		c.commitAnswered(h, now, q, r, f)
	case apiOffsetFetch:
		r, _ := r.(*kafka.OffsetFetchResponse)
		c.offsetsFetched(h, now, q, r, f)
	case apiListOffsets:
		r, _ := r.(*kafka.ListOffsetsResponse)
		c.offsetsListed(h, now, q, r, f)
	case apiFetch:
		r, _ := r.(*kafka.FetchResponse)
		c.fetched(h, now, q, r, f)
	}
}

// Timer handles a timer.
func (c *Consumer) Timer(h client.Host, now clock.Time, t client.TimerID) {
	switch t {
	case timerPoll:
		if c.app.call == callPoll {
			c.polled(h, client.PollResult{})
		}
		return
	case timerCut:
		h.Cut()
		return
	case timerSleep:
		c.wakeFetchers(h, now)
	case timerJoin:
		c.findCoordinator(h, now)
	case timerRunner:
		c.runnerWakes(h, now)
	case timerCommit:
		c.commitAgain(h, now)
	case timerRequests:
		c.expireRequests(h, now)
	}
	c.work(h, now)
}

// Buffered is the messages of fetched batches with which the handler has not been
// called, as far as is known.
func (c *Consumer) Buffered() (records, bytes int64) {
	count := func(batch batch) {
		for _, r := range batch.records {
			records += r.Len()
			bytes += r.Len() * r.Size
		}
	}
	count(c.worker.batch)
	for _, b := range c.worker.queue {
		count(b)
	}
	return records, bytes
}

// Positions appends the offset of the next message for the handler, of each
// assigned partition whose start is known.
func (c *Consumer) Positions(to []kafka.OffsetCommit) []kafka.OffsetCommit {
	for i := range c.offsets.parts {
		if p := &c.offsets.parts[i]; p.next >= 0 {
			to = append(to, kafka.OffsetCommit{TopicPartition: p.TopicPartition, Offset: p.next})
		}
	}
	return to
}

// Clone is a deep copy; settings, options, failures and messages are immutable
// and shared.
func (c *Consumer) Clone() client.Consumer {
	d := *c
	d.inflight = slices.Clone(c.inflight)
	d.gone = slices.Clone(c.gone)
	d.group.waiters = slices.Clone(c.group.waiters)
	d.offsets.parts = slices.Clone(c.offsets.parts)
	d.beat.waiters = slices.Clone(c.beat.waiters)
	d.fetchers = slices.Clone(c.fetchers)
	d.worker.batch = c.worker.batch.clone()
	d.worker.queue = slices.Clone(c.worker.queue)
	for i := range d.worker.queue {
		d.worker.queue[i] = c.worker.queue[i].clone()
	}
	return &d
}
