// Package sarama is the consumer group of IBM/sarama (1.60, 1.61) with an eager
// balance strategy, and the loop around Consume, as one event-driven state
// machine.
//
// Its goroutines, one file a duty: Consume (consume.go, with join.go and
// session.go), the heartbeat loop (heartbeat.go), the offset manager and its
// ticker (offsets.go), a claim a partition (claim.go), and the workers that fetch,
// one a broker (worker.go). The application's handlers run beside them
// (client.HandlerHost): a session ends when they have returned. All requests to a
// broker share one connection (conn.go), on which the broker answers one after
// the other. The strategies are in balance.go, the words of every line in
// texts.go.
//
// Left out: cooperative strategies, interceptors, pause and resume, followers.
package sarama

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// The client's timers.
const (
	timerRetry     client.TimerID = iota // a join, or a question to any broker, is tried again
	timerRead                            // Net.ReadTimeout of the running JoinGroup or SyncGroup is over
	timerHeartbeat                       // the heartbeat loop's ticker
	timerCommit                          // the offset manager's ticker
	timerWorkers                         // a worker's batch of subscriptions or its nap is over
	timerFeeders                         // the ticker of a feeder that waits for its channel
	timerMetadata                        // Metadata.RefreshFrequency is over: the client refreshes, the leader compares
	timerDispatch                        // a partition that could not be read is tried again
)

// Consumer is one ConsumerGroup.
type Consumer struct {
	s *settings      // immutable
	o client.Options // immutable

	consume   consume
	closing   bool   // the context is cancelled: Close follows the running session
	stays     bool   // but for Close: the process ends without it
	member    string // the member id, "" before it has one
	cause     string // the reason that the next JoinGroup gives (KIP-800)
	session   session
	heartbeat heartbeat
	offsets   offsetManager
	claims    []claim
	latest    int // the claim that was looked for last
	workers   []worker

	userData    string // sticky: the latest assignment
	topics      []kafka.TopicMetadata
	refreshAt   clock.Time // the client's own refresh of the metadata
	coordinator int32      // its broker, 0 when unknown
	seed        int32      // which broker is asked what all of them know
	unanswered  int64      // such questions in a row without an answer
	inflight    []request
	outran      []waiter // for the coordinator's lock: see outrun
}

// New makes a consumer that has not been started.
func New(cfg config.Set, o client.Options) *Consumer { return newConsumer(readSettings(cfg), o) }

func newConsumer(s *settings, o client.Options) *Consumer { return &Consumer{s: s, o: o} }

// Subscribe is NewConsumerGroup.
func (c *Consumer) Subscribe(h client.Host, now clock.Time) {
	c.refreshAt = now + c.s.metadataAge
	c.armMetadata(h, now)
}

// Poll is Consume: it ends with its session.
func (c *Consumer) Poll(h client.Host, now clock.Time, _ clock.Duration, _ int64) {
	if !c.closing {
		c.beginConsume(h)
	}
}

// Commit is MarkOffset of each and session.Commit, in Cleanup: handlers call
// CommitMarks.
func (c *Consumer) Commit(h client.Host, now clock.Time, offsets []kafka.OffsetCommit) {
	for _, o := range offsets {
		c.Mark(o.TopicPartition, o.Offset)
	}
	c.flush(h, now, byCleanup, client.Caller{})
}

// Close cancels the context of the running Consume and, once that has returned,
// closes the group.
func (c *Consumer) Close(h client.Host, now clock.Time) {
	c.closing = true
	switch c.consume.step {
	case consuming:
		c.cancel(h, now, cancelled)
	case backingOff:
		h.Cancel(timerRetry)
		c.enter(returned, "the context is cancelled")
		c.leave(h)
	case returned:
		c.leave(h)
	}
}

// Cancel cancels the context of the running Consume.
func (c *Consumer) Cancel(h client.Host, now clock.Time) {
	c.stays = true
	c.Close(h, now)
}

// Response handles an answer, and lets the connection go on.
func (c *Consumer) Response(h client.Host, now clock.Time, id kafka.RequestID, r kafka.Response) {
	i := slices.IndexFunc(c.inflight, func(q request) bool { return q.id == id })
	if i < 0 {
		return // of a connection that was closed
	}
	q := c.inflight[i]
	if i == 0 { // most answers come in the order of the requests
		c.inflight = c.inflight[1:]
	} else {
		c.inflight = slices.Delete(c.inflight, i, i+1)
	}
	if r == nil {
		c.broken(h, now, q)
		return
	}
	c.handle(h, now, q, r)
}

// handle gives an answer to who waits for it.
func (c *Consumer) handle(h client.Host, now clock.Time, q request, r kafka.Response) {
	switch r := r.(type) {
	case *kafka.MetadataResponse:
		c.metadataArrived(h, now, q, r)
	case *kafka.FindCoordinatorResponse:
		c.coordinatorFound(h, now, q, r)
	case *kafka.JoinGroupResponse:
		c.joined(h, now, r)
	case *kafka.SyncGroupResponse:
		c.synced(h, now, r)
	case *kafka.HeartbeatResponse:
		c.heartbeatAnswered(h, now, r.Err)
	case *kafka.OffsetCommitResponse:
		c.flushed(h, now, q, r)
	case *kafka.OffsetFetchResponse:
		c.offsetFetched(h, now, q, r)
	case *kafka.ListOffsetsResponse:
		c.offsetListed(h, now, q, r)
	case *kafka.FetchResponse:
		c.fetched(h, now, q.broker, r)
		c.letThrough(h, now, q.broker)
	case *kafka.LeaveGroupResponse:
		h.Closed()
	}
}

// Timer handles a timer.
func (c *Consumer) Timer(h client.Host, now clock.Time, t client.TimerID) {
	switch t {
	case timerRetry:
		c.askAgain(h)
	case timerRead:
		c.readTimedOut(h)
	case timerHeartbeat:
		c.heartbeatTick(h, now)
	case timerCommit:
		c.commitTick(h, now)
	case timerWorkers:
		c.wakeWorkers(h, now)
	case timerFeeders:
		c.feederTick(h, now)
	case timerMetadata:
		c.metadataTick(h, now)
	case timerDispatch:
		c.dispatch(h, now)
	}
}

// Buffered is nothing: what has been fetched is in the handlers' channels.
func (c *Consumer) Buffered() (records, bytes int64) { return 0, 0 }

// Positions appends the next offset to be fetched of each claim.
func (c *Consumer) Positions(to []kafka.OffsetCommit) []kafka.OffsetCommit {
	for i := range c.claims {
		if x := &c.claims[i]; x.step == claimOpen {
			to = append(to, kafka.OffsetCommit{TopicPartition: x.tp, Offset: x.offset})
		}
	}
	return to
}

// Clone is a deep copy; settings, options and messages are immutable and shared.
func (c *Consumer) Clone() client.Consumer {
	d := *c
	d.claims = slices.Clone(c.claims)
	d.workers = slices.Clone(c.workers)
	for i := range d.workers {
		d.workers[i].input = slices.Clone(d.workers[i].input)
		d.workers[i].subs = slices.Clone(d.workers[i].subs)
	}
	d.session.assigned = slices.Clone(c.session.assigned)
	d.offsets.managed = slices.Clone(c.offsets.managed)
	d.offsets.waiters = slices.Clone(c.offsets.waiters)
	d.inflight = slices.Clone(c.inflight)
	d.outran = slices.Clone(c.outran)
	return &d
}

// host is the world as a client with handlers sees it.
func host(h client.Host) client.HandlerHost { return h.(client.HandlerHost) }
