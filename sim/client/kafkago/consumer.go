// Package kafkago is segmentio/kafka-go 0.4's Reader with a GroupID, as one
// event-driven state machine.
//
// Its goroutines know of each other through channels only. The group's loop joins,
// makes one generation after the other, and waits for the end of each (group.go,
// generation.go). A generation is a heartbeat on a ticker, a reader a partition with
// a connection of its own (reader.go), and a loop that commits (commit.go). The
// readers put messages into one queue (queue.go), from which the application takes
// them when it likes: nothing ties it to the membership, and nothing tells it of a
// rebalance.
//
// poll() is FetchMessage, or ReadMessage where the client is to commit; commit() is
// CommitMessages. The words of every line are in texts.go. Comments name the
// functions of kafka-go.
package kafkago

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// The client's timers.
const (
	timerPoll     client.TimerID = iota // the application's patience without messages
	timerBeat                           // the heartbeat's ticker
	timerGroup                          // JoinGroupBackoff
	timerRetry                          // a commit is tried again
	timerInterval                       // CommitInterval's ticker
	timerReaders                        // a reader's backoff is over
	timerWatch                          // PartitionWatchInterval
	timerRequests                       // a connection's deadline
)

// Consumer is one Reader in one process.
type Consumer struct {
	s settings       // immutable
	o client.Options // immutable

	inflight []request
	expiry   clock.Time // what timerRequests is set to, Never when it is not

	app     application
	group   group
	gen     generation
	commits commits
	readers []reader // of the present generation
	queue   queue
}

// New makes a consumer that has not been started.
func New(cfg config.Set, o client.Options) *Consumer { return newConsumer(readSettings(cfg), o) }

func newConsumer(s settings, o client.Options) *Consumer {
	return &Consumer{s: s, o: o, expiry: clock.Never}
}

// application is the goroutine that reads and commits.
type application struct {
	call    call
	pollEnd clock.Time // when a poll without messages returns
	most    int64      // the most messages that it may bring

	// pending is the offset after the highest message of each partition that has
	// been read since the latest commit: what CommitMessages is called with.
	pending []kafka.OffsetCommit
	read    client.Range // ReadMessage: the message whose commit it waits for
}

// call is what the application has called and not seen the end of.
type call uint8

const (
	callNone call = iota
	callPoll
	callRead // ReadMessage has a message and commits it
	callCommit
	callClose
)

// Subscribe is NewReader: the group's loop starts.
func (c *Consumer) Subscribe(h client.Host, now clock.Time) {
	c.log(h, "entering loop for consumer group, %s\n", c.o.Group)
	c.nextGeneration(h, now)
}

// Poll is FetchMessage or ReadMessage.
func (c *Consumer) Poll(h client.Host, now clock.Time, timeout clock.Duration, most int64) {
	c.settle(h)
	c.queue.handed = 0
	c.app.call, c.app.pollEnd, c.app.most = callPoll, now+timeout, most
	c.proceed(h, now)
	if c.app.call == callPoll {
		h.Arm(timerPoll, c.app.pollEnd)
	}
}

// Interrupt cancels the context of a running FetchMessage.
func (c *Consumer) Interrupt(h client.Host, _ clock.Time) {
	if c.app.call == callPoll {
		c.polled(h, client.PollResult{})
	}
}

// polled ends the running poll.
func (c *Consumer) polled(h client.Host, r client.PollResult) {
	c.app.call = callNone
	h.Cancel(timerPoll)
	if r.Err != nil {
		h.Emit(trace.Event{Type: trace.PollFailed, Error: r.Err.Name, Text: r.Err.Text})
	}
	h.Polled(r)
}

// Response hands an answer to the goroutine that waits for it.
func (c *Consumer) Response(h client.Host, now clock.Time, id kafka.RequestID, r kafka.Response) {
	q, ok := c.answered(id)
	if !ok {
		return
	}
	c.settle(h)
	switch {
	case now >= q.deadline: // the connection's deadline comes first
		c.settled(h, now, q, nil, c.ioTimeout(q.broker))
	case r == nil:
		c.settled(h, now, q, nil, connectionLost)
	default:
		c.settled(h, now, q, r, nil)
	}
	c.proceed(h, now)
}

// settled is the end of a request, with an answer or an error of the connection.
func (c *Consumer) settled(h client.Host, now clock.Time, q request, r kafka.Response, f *failure) {
	switch q.api {
	case apiFindCoordinator:
		r, _ := r.(*kafka.FindCoordinatorResponse)
		c.coordinatorFound(h, now, q, r, f)
	case apiVersions:
		c.greeted(h, now, f)
	case apiJoin:
		r, _ := r.(*kafka.JoinGroupResponse)
		c.joined(h, now, r, f)
	case apiBalance:
		r, _ := r.(*kafka.MetadataResponse)
		c.balance(h, now, r, f)
	case apiSync:
		r, _ := r.(*kafka.SyncGroupResponse)
		c.synced(h, now, r, f)
	case apiOffsetFetch:
		r, _ := r.(*kafka.OffsetFetchResponse)
		c.offsetsFetched(h, now, q, r, f)
	case apiHeartbeat:
		r, _ := r.(*kafka.HeartbeatResponse)
		c.heartbeatAnswered(h, now, r, f)
	case apiWatch:
		r, _ := r.(*kafka.MetadataResponse)
		c.partitionsWatched(h, now, r, f)
	case apiCommit:
		r, _ := r.(*kafka.OffsetCommitResponse)
		c.commitAnswered(h, now, r, f)
	case apiLeave:
		c.left(h, now, f)
	default:
		if rd := c.reader(q.partition, q.version); rd != nil {
			c.readerAnswered(h, now, rd, q, r, f)
		}
	}
}

// Timer handles a timer.
func (c *Consumer) Timer(h client.Host, now clock.Time, t client.TimerID) {
	c.settle(h)
	switch t {
	case timerPoll:
		if c.app.call == callPoll {
			c.polled(h, client.PollResult{})
		}
		return
	case timerBeat:
		c.tick(h, now)
	case timerGroup:
		c.nextGeneration(h, now)
	case timerRetry:
		c.sendCommit(h, now)
	case timerInterval:
		c.intervalTick(h, now)
	case timerReaders:
		c.wakeReaders(h, now)
	case timerWatch:
		c.watch(h, now)
	case timerRequests:
		c.expireRequests(h, now)
	}
	c.proceed(h, now)
}

// proceed is what follows each input: the application gets what is there, and a
// generation that has ended makes place for the next.
func (c *Consumer) proceed(h client.Host, now clock.Time) {
	c.serveCommits(h, now)
	c.deliver(h, now)
	c.generationEnds(h, now)
}

// Buffered is the messages in the queue and those that readers wait to put there, as
// far as the application is known not to have begun them.
func (c *Consumer) Buffered() (records, bytes int64) {
	for _, x := range c.queue.items {
		records += x.Len()
		bytes += x.Len() * x.Size
	}
	for i := range c.readers {
		for _, x := range c.readers[i].sending {
			records += x.Len()
			bytes += x.Len() * x.Size
		}
	}
	return records, bytes
}

// Positions appends the offset of the next message for the application, of each
// assigned partition whose start is known.
func (c *Consumer) Positions(to []kafka.OffsetCommit) []kafka.OffsetCommit {
	for i := range c.readers {
		rd := &c.readers[i]
		offset := rd.offset
		if len(rd.sending) > 0 {
			offset = rd.sending[0].From
		}
		if first, ok := c.queue.first(rd.TopicPartition); ok {
			offset = first
		}
		if offset >= 0 {
			to = append(to, kafka.OffsetCommit{TopicPartition: rd.TopicPartition, Offset: offset})
		}
	}
	return to
}

// Clone is a deep copy; settings, options, failures and messages are immutable and
// shared.
func (c *Consumer) Clone() client.Consumer {
	d := *c
	d.inflight = slices.Clone(c.inflight)
	d.app.pending = slices.Clone(c.app.pending)
	d.gen.partitions = slices.Clone(c.gen.partitions)
	d.commits.waiting = slices.Clone(c.commits.waiting)
	d.commits.stash = slices.Clone(c.commits.stash)
	d.queue.items = slices.Clone(c.queue.items)
	d.queue.blocked = slices.Clone(c.queue.blocked)
	d.readers = slices.Clone(c.readers)
	for i := range d.readers {
		d.readers[i].sending = slices.Clone(c.readers[i].sending)
	}
	return &d
}
