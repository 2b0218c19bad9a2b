// Package aiokafka is aiokafka.AIOKafkaConsumer (0.8 to 0.14) as one event-driven
// state machine.
//
// Everything runs as tasks of one event loop, and none waits for the application
// to poll: the coordination task looks for the coordinator, joins whenever the
// group rebalances, calls the listener and commits on a timer (coordination.go,
// join.go); the heartbeat task also watches that the application is not idle
// (heartbeat.go); the fetch task keeps every broker asked (fetch.go, positions.go).
// The application is in start(), getmany(), commit() or stop() (get.go, commit.go,
// close.go), or awaits something of its own. An application that blocks the loop
// itself is not modelled here. The words of every line are in texts.go. Comments
// name aiokafka's functions.
package aiokafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// The client's timers.
const (
	timerGet          client.TimerID = iota // the timeout of getmany()
	timerCoordination                       // the coordination task sleeps, or auto-commit is due
	timerHeartbeat                          // the heartbeat task sleeps
	timerCommit                             // commit() tries again
	timerFetch                              // the fetch task looks again
	timerMetadata                           // metadata_max_age_ms is over
	timerRefresh                            // committed offsets are asked for again
)

// Consumer is one AIOKafkaConsumer object.
type Consumer struct {
	s *settings      // immutable
	o client.Options // immutable

	get     get
	commits [2]commitTask // by committer
	closing bool          // stop() has been called
	raised  *client.Error // an error of a task that the application has not seen (_pending_exception)

	membership
	task     coordination
	beat     heartbeat
	auto     clock.Time // the next auto-commit is due
	metadata metadata
	reach    client.Reach
	idleFrom clock.Time // when the latest getmany() ended

	parts      []part // the assignment
	records    []fetched
	nodes      []nodeTask // fetches and position updates, one a broker
	refreshing bool       // an OffsetFetch is out
	refreshAt  clock.Time // when the next one may be sent
	fetchLate  bool       // the fetch task has been woken and has not run

	coordinator int32      // its broker, 0 when unknown
	lookupAt    clock.Time // when it may be asked for again
	inflight    []request
}

// request is a request without an answer yet.
type request struct {
	id         kafka.RequestID
	api        api
	broker     int32
	by         committer
	offsets    []kafka.OffsetCommit
	partitions []kafka.TopicPartition
	// abandoned tells that the task that has sent it is cancelled. Its answer still
	// comes first over the connection: until then the broker takes nothing else.
	abandoned bool
}

// api is a kind of request.
type api uint8

const (
	apiMetadata api = iota
	apiFindCoordinator
	apiJoin
	apiSync
	apiHeartbeat
	apiLeave
	apiCommit
	apiOffsetFetch
	apiListOffsets
	apiFetch
)

// New makes a consumer that has not been started.
func New(cfg config.Set, o client.Options) *Consumer { return newConsumer(readSettings(cfg), o) }

func newConsumer(s *settings, o client.Options) *Consumer {
	return &Consumer{s: s, o: o, membership: membership{generation: noGeneration, rejoinNeeded: true}}
}

// Subscribe is the constructor, subscribe(topics, listener), and start() as far as
// it goes without waiting.
func (c *Consumer) Subscribe(h client.Host, now clock.Time) {
	c.logf(h, "INFO", "Updating subscribed topics to: frozenset(%s)", topicsText(c.o.Topics))
	c.logf(h, "INFO", "Subscribed to topic(s): %s", topicsText(c.o.Topics))
	c.auto, c.idleFrom = now+c.s.autoCommitInterval, now
	c.requestMetadata(h, now)
}

// Poll is getmany(timeout_ms), the first time after start() has ended.
func (c *Consumer) Poll(h client.Host, now clock.Time, timeout clock.Duration, _ int64) {
	c.get = get{running: true, left: timeout}
	c.runGet(h, now)
	c.settle(h, now)
}

// Commit is commit(), or commit(offsets).
func (c *Consumer) Commit(h client.Host, now clock.Time, offsets []kafka.OffsetCommit) {
	c.beginCommit(h, now, offsets)
	c.settle(h, now)
}

// Close is stop().
func (c *Consumer) Close(h client.Host, now clock.Time) {
	c.closing = true
	c.settle(h, now)
}

// Response hands an answer to the task that waits for it.
func (c *Consumer) Response(h client.Host, now clock.Time, id kafka.RequestID, r kafka.Response) {
	i := slices.IndexFunc(c.inflight, func(q request) bool { return q.id == id })
	if i < 0 {
		return
	}
	q := c.inflight[i]
	c.inflight = slices.Delete(c.inflight, i, i+1)
	if r != nil {
		c.reach.Answered(q.broker)
	}
	switch {
	case q.abandoned:
		c.updatePositions(h, q.broker)
		c.fetchLate = true
	case r == nil:
		c.disconnected(h, now, q)
	default:
		c.handle(h, now, q, r)
	}
	c.settle(h, now)
}

// handle gives a response to its handler.
func (c *Consumer) handle(h client.Host, now clock.Time, q request, r kafka.Response) {
	switch r := r.(type) {
	case *kafka.MetadataResponse:
		c.metadataArrived(h, now, r)
	case *kafka.FindCoordinatorResponse:
		c.coordinatorFound(h, now, r)
	case *kafka.JoinGroupResponse:
		c.joined(h, r)
	case *kafka.SyncGroupResponse:
		c.synced(h, r)
	case *kafka.HeartbeatResponse:
		c.heartbeatAnswered(h, now, r.Err)
	case *kafka.LeaveGroupResponse:
		c.left(h, now)
	case *kafka.OffsetCommitResponse:
		c.commitAnswered(h, q, r)
	case *kafka.OffsetFetchResponse:
		c.offsetsFetched(h, now, q, r)
	case *kafka.ListOffsetsResponse:
		c.offsetsListed(q, r)
	case *kafka.FetchResponse:
		c.fetchAnswered(h, now, q, r)
	}
}

// Timer handles a timer.
func (c *Consumer) Timer(h client.Host, now clock.Time, t client.TimerID) {
	switch t {
	case timerGet:
		c.getTimedOut(h)
	case timerHeartbeat:
		c.heartbeatWakes(h, now)
	case timerMetadata:
		c.requestMetadata(h, now)
	case timerFetch:
		c.fetchLate = true
	}
	c.settle(h, now)
}

// settle lets every task run as far as it gets: each may have been woken by what
// another one has just done.
func (c *Consumer) settle(h client.Host, now clock.Time) {
	c.coordinate(h, now)
	if c.raised != nil && c.get.running { // abort_waiters; the next call raises it once more (check_errors)
		c.endGet(h, now, client.PollResult{Err: c.raised})
	}
	c.runCommit(h, now)
	c.fetchLoop(h, now)
	c.refreshCommitted(h, now)
	c.armCoordination(h, now)
	c.finish(h)
}

// send puts a request on the wire.
func (c *Consumer) send(h client.Host, broker int32, a api, r kafka.Request) *request {
	c.inflight = append(c.inflight, request{id: h.Send(broker, r), api: a, broker: broker})
	return &c.inflight[len(c.inflight)-1]
}

// pending tells whether a request of that kind has no answer yet.
func (c *Consumer) pending(a api) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.api == a })
}

// forget drops the requests of a kind: the task that has sent them is cancelled.
func (c *Consumer) forget(a api) {
	c.inflight = slices.DeleteFunc(c.inflight, func(q request) bool { return q.api == a })
}

// Buffered is what has been fetched and not returned.
func (c *Consumer) Buffered() (records, bytes int64) {
	for _, f := range c.records {
		records += f.to - f.from
		bytes += (f.to - f.from) * f.size
	}
	return records, bytes
}

// Positions appends the position of each assigned partition that has one.
func (c *Consumer) Positions(to []kafka.OffsetCommit) []kafka.OffsetCommit {
	return append(to, c.consumed()...)
}

// Clone is a deep copy; settings, options and messages are immutable and shared.
func (c *Consumer) Clone() client.Consumer {
	d := *c
	d.parts = slices.Clone(c.parts)
	d.records = slices.Clone(c.records)
	d.inflight = slices.Clone(c.inflight)
	d.nodes = slices.Clone(c.nodes)
	d.reach = c.reach.Clone()
	return &d
}
