// Package librdkafka is the consumer of librdkafka 0.11 to 2.16, as an application
// sees it through confluent-kafka-python, in one event-driven state machine.
//
// Three kinds of thread share the work. The application's thread is in poll(),
// commit() or close(), serves the consumer queue, and runs the rebalance
// callbacks (poll.go, queue.go, close.go). The main thread runs the group:
// coordinator.go, join.go, sync.go, assignment.go, cooperative.go, heartbeat.go,
// maxpoll.go, offsets.go, metadata.go, and for group.protocol=consumer
// consumerprotocol.go and reconcile.go; mainthread.go is its loop. Broker threads
// fetch in the background whatever the application does (fetch.go, positions.go).
// The words of every line and error are in texts.go. Comments name librdkafka's
// functions.
package librdkafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// The client's timers.
const (
	timerPoll       client.TimerID = iota // the timeout of the running poll
	timerServe                            // the main thread wakes and has something to do
	timerMaxPoll                          // a tick of the 500 ms timer that may find the deadline missed
	timerAutoCommit                       // auto.commit.interval.ms
	timerMetadata                         // topic.metadata.refresh.interval.ms
	timerPositions                        // a partition's start offset is to be asked for
	timerFetch                            // a partition comes out of its fetch backoff
	timerRequests                         // a request times out
)

// Consumer is one consumer handle in one process (rd_kafka_t with its
// rd_kafka_cgrp_t).
type Consumer struct {
	s settings       // immutable
	o client.Options // immutable

	started  clock.Time // when the handle was made: its periodic timers count from here
	inflight []request
	lost     []lostBroker
	timers   [timerRequests + 1]clock.Time // Never when not set

	app    application
	queue  queue
	handed handed
	// rewinding: the next poll begins anew from what is committed.
	rewinding bool

	coordinator coordinator
	group       membership
	kip848      consumerProtocol
	beat        heartbeat
	deadline    pollDeadline
	commits     commits
	metadata    metadata
	assignment  assignment
	fetchers    []fetcher // by broker id
	paused      []kafka.TopicPartition
	logStarts   []kafka.OffsetCommit // of partitions that have been fetched from their start
}

// New makes a consumer that has not been started.
func New(cfg config.Set, o client.Options) *Consumer { return newConsumer(readSettings(cfg), o) }

func newConsumer(s settings, o client.Options) *Consumer {
	o.Topics = slices.Sorted(slices.Values(o.Topics))
	c := &Consumer{s: s, o: o, group: membership{generation: -1, ownedGeneration: -1}}
	for t := range c.timers {
		c.timers[t] = clock.Never
	}
	return c
}

// connecting is how old a handle is when its first JoinGroup leaves: it has opened
// connections to a broker and to the coordinator, and learned of both. In recordings
// that is 60 ms from rd_kafka_new to the coordinator, whatever the settings. A
// scenario's start is the end of this, and the handle's periodic timers count from
// its beginning.
const connecting = 50 * clock.Millisecond

// Subscribe is rd_kafka_new and rd_kafka_subscribe: the main thread looks for the
// coordinator and joins, without any poll.
func (c *Consumer) Subscribe(h client.Host, now clock.Time) {
	c.started = now - connecting
	c.commits.auto.phase = c.started
	c.app.lastPoll = now
	c.group.subscribed = true
	if c.s.consumerProtocol {
		c.beginConsumerProtocol(h)
	}
	c.metadata.refresh = clock.Never
	if c.s.metadataRefresh > 0 {
		c.metadata.refresh = tickFrom(c.started, c.s.metadataRefresh, now+clock.Microsecond)
	}
	c.proceed(h, now)
}

// Poll is rd_kafka_consumer_poll.
func (c *Consumer) Poll(h client.Host, now clock.Time, timeout clock.Duration, most int64) {
	c.enter(h, now)
	c.queue.unread(c.handed.records)
	c.rewind()
	if c.rewinding {
		c.assignAnew(h, now)
	}
	c.beginPoll(now, timeout, most)
	c.serveApplication(h, now)
	if c.app.call == callPoll {
		c.set(h, timerPoll, c.app.pollEnd)
	}
	c.arm(h, now)
}

// Commit is rd_kafka_commit, synchronous: of the given offsets or, when nil, of
// the stored ones.
func (c *Consumer) Commit(h client.Host, now clock.Time, offsets []kafka.OffsetCommit) {
	c.enter(h, now)
	c.app.call = callCommit
	c.commit(h, now, commit{purpose: commitManual, offsets: offsets})
	c.proceed(h, now)
}

// Close is rd_kafka_consumer_close.
func (c *Consumer) Close(h client.Host, now clock.Time) {
	c.enter(h, now)
	c.rewind()
	c.app.call = callClose
	c.terminate(h, now)
	c.proceed(h, now)
}

// Response hands an answer to the thread that waits for it: fetches to their
// broker's, everything else to the main thread. No answer (nil) means that the
// connection to the broker was lost.
func (c *Consumer) Response(h client.Host, now clock.Time, id kafka.RequestID, r kafka.Response) {
	q, ok := c.answered(id)
	if !ok {
		return
	}
	c.enter(h, now)
	if r == nil {
		c.logBroken(now, q.broker)
		c.inflight = append(c.inflight, q)
		c.connectionLost(h, now, q.broker)
		c.proceed(h, now)
		return
	}
	c.brokerUp(q.broker)
	if f, ok := r.(*kafka.FetchResponse); ok {
		c.fetched(h, now, q, f)
		c.serveApplication(h, now)
		c.arm(h, now)
		return
	}
	c.dispatch(h, now, q, r)
	c.proceed(h, now)
}

// dispatch gives a response to its handler in the main thread.
func (c *Consumer) dispatch(h client.Host, now clock.Time, q request, r kafka.Response) {
	switch r := r.(type) {
	case *kafka.MetadataResponse:
		c.metadataArrived(h, now, q, r)
	case *kafka.FindCoordinatorResponse:
		c.coordinatorFound(now, r)
	case *kafka.JoinGroupResponse:
		c.joined(h, now, r)
	case *kafka.SyncGroupResponse:
		c.synced(h, now, r)
	case *kafka.HeartbeatResponse:
		c.heartbeatAnswered(h, now, r.Err)
	case *kafka.LeaveGroupResponse:
		c.group.waitLeave = false
	case *kafka.ConsumerGroupHeartbeatResponse:
		if q.api == apiMemberLeave {
			c.memberLeft()
			return
		}
		c.memberAnswered(h, now, r)
	case *kafka.OffsetCommitResponse:
		c.commitAnswered(h, now, q.commit, firstError(r.Errs))
	case *kafka.OffsetFetchResponse:
		c.offsetsFetched(h, now, q, r)
	case *kafka.ListOffsetsResponse:
		c.offsetsListed(h, now, q, r)
	}
}

// Timer handles a timer.
func (c *Consumer) Timer(h client.Host, now clock.Time, t client.TimerID) {
	c.timers[t] = clock.Never
	c.enter(h, now)
	switch t {
	case timerPoll:
		c.pollTimedOut(h, now)
		c.arm(h, now)
		return
	case timerFetch: // a broker thread's own
		c.arm(h, now)
		return
	case timerRequests:
		if !c.overdue(now) {
			c.arm(h, now)
			return
		}
	}
	// The main loop serves the group before it runs the timers that are due.
	c.serve(h, now)
	switch t {
	case timerMaxPoll:
		c.checkMaxPoll(h, now)
	case timerAutoCommit:
		c.autoCommit(h, now)
	case timerMetadata:
		c.refreshMetadata(h, now)
	case timerPositions:
		c.startPartitions(h, now)
	case timerRequests:
		c.expireRequests(h, now)
	}
	c.proceed(h, now)
}

// enter is what every input begins with: it learns how far the application is. If
// the process was frozen, the main thread, whose timers are overdue, runs before the
// others get to what they have.
func (c *Consumer) enter(h client.Host, now clock.Time) {
	c.settle(h)
	overdue := c.timers[timerMaxPoll] < now
	if !overdue && c.timers[timerServe] >= now {
		return
	}
	c.set(h, timerServe, clock.Never)
	c.serve(h, now)
	if overdue {
		c.set(h, timerMaxPoll, clock.Never)
		c.checkMaxPoll(h, now)
	}
}

// proceed is what follows whatever wakes the main thread: it serves the group, the
// application's thread serves its queue, the broker threads fetch on.
func (c *Consumer) proceed(h client.Host, now clock.Time) {
	c.serve(h, now)
	c.serveApplication(h, now)
	c.arm(h, now)
}

// Buffered is what lies in the consumer queue, and what the application has not
// begun of the latest result, as far as is known.
func (c *Consumer) Buffered() (records, bytes int64) {
	records, bytes = c.queue.records, c.queue.bytes
	for _, r := range c.handed.records {
		records += r.Len()
		bytes += r.Len() * r.Size
	}
	return records, bytes
}

// Positions appends the next offset to be handed over of each assigned partition
// whose start is known.
func (c *Consumer) Positions(to []kafka.OffsetCommit) []kafka.OffsetCommit {
	for i := range c.assignment.parts {
		if p := &c.assignment.parts[i]; p.position >= 0 {
			to = append(to, kafka.OffsetCommit{TopicPartition: p.TopicPartition, Offset: p.position})
		}
	}
	return to
}

// Clone is a deep copy; settings, options and messages are immutable and shared.
func (c *Consumer) Clone() client.Consumer {
	d := *c
	d.inflight = slices.Clone(c.inflight)
	d.lost = slices.Clone(c.lost)
	d.queue.items = slices.Clone(c.queue.items)
	d.handed.records = slices.Clone(c.handed.records)
	d.commits.deferred = slices.Clone(c.commits.deferred)
	d.assignment.parts = slices.Clone(c.assignment.parts)
	d.logStarts = slices.Clone(c.logStarts)
	d.paused = slices.Clone(c.paused)
	d.kip848 = c.kip848.clone()
	d.fetchers = slices.Clone(c.fetchers)
	for i := range d.fetchers {
		d.fetchers[i].active = slices.Clone(d.fetchers[i].active)
	}
	return &d
}
