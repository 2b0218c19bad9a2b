// Package kafkapython is kafka.KafkaConsumer of kafka-python 2.0 to 3.0 as one
// event-driven state machine.
//
// Two threads share the work. The application's is in poll(), commit() or
// close() and waits there for what the other does (poll.go, prepare.go,
// close.go). The IO thread runs everything that goes over the network, whatever
// the application is busy with: heartbeats and the poll deadline (heartbeat.go),
// the join task (join.go), commits (commit.go), positions (positions.go), fetches
// (fetch.go), the coordinator (coordinator.go), metadata (metadata.go). In 2.x the
// sockets are served by poll() and by the heartbeat thread instead, which comes to
// the same within a heartbeat. What differs between versions is in dialect.go,
// the words of every line in texts.go. Comments name kafka-python's functions.
package kafkapython

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
	timerApp       client.TimerID = iota // what the application's thread waits for, at the latest
	timerHeartbeat                       // the heartbeat loop wakes
	timerMetadata                        // metadata_max_age_ms is over
)

// Consumer is one KafkaConsumer object.
type Consumer struct {
	s *settings      // immutable
	d dialect        // immutable
	o client.Options // immutable

	app       application
	listening listening
	membership
	beat     heartbeat
	auto     autoCommit
	sync     syncCommit
	metadata metadata
	reach    client.Reach
	parts    []part  // the assignment, in the fetcher's order
	buffer   []chunk // fetched and not returned yet, in the order of arrival
	arrived  bool    // a fetch or a reset has ended since the application began to wait

	coordinator int32      // its broker, 0 when unknown
	lookupAt    clock.Time // when the coordinator may be asked for again,
	offsetsAt   clock.Time // and the committed offsets
	inflight    []request
}

// request is a request without an answer yet.
type request struct {
	id         kafka.RequestID
	api        api
	broker     int32
	offsets    []kafka.OffsetCommit
	partitions []kafka.TopicPartition
	purpose    commitPurpose
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
func New(cfg config.Set, o client.Options) *Consumer {
	return newConsumer(readSettings(cfg, o.Version, o.Broker), o)
}

func newConsumer(s *settings, o client.Options) *Consumer {
	return &Consumer{s: s, d: dialectOf(o.Version), o: o, membership: membership{generation: noGeneration, rejoinNeeded: true}}
}

// Subscribe is the constructor and subscribe(topics, listener).
func (c *Consumer) Subscribe(h client.Host, now clock.Time) {
	c.auto.due = now + c.s.autoCommitInterval
	c.warnOfHeartbeat(h)
	c.requestMetadata(h, now)
}

// Poll is poll(timeout_ms).
func (c *Consumer) Poll(h client.Host, now clock.Time, timeout clock.Duration, _ int64) {
	c.app = application{call: callPoll, end: now + timeout}
	c.runPoll(h, now)
}

// Commit is commit(), or commit(offsets).
func (c *Consumer) Commit(h client.Host, now clock.Time, offsets []kafka.OffsetCommit) {
	if offsets == nil {
		offsets = c.consumed()
	}
	c.app = application{call: callCommit}
	c.beginSyncCommit(commitCall, offsets, now+c.s.requestTimeout)
	c.runCommit(h, now)
}

// Close is close().
func (c *Consumer) Close(h client.Host, now clock.Time) {
	c.app = application{call: callClose, end: now + c.s.requestTimeout}
	c.beginClose()
	c.runClose(h, now)
}

// Response handles an answer in the IO thread; then the application's thread goes
// on if that is what it has waited for.
func (c *Consumer) Response(h client.Host, now clock.Time, id kafka.RequestID, r kafka.Response) {
	i := slices.IndexFunc(c.inflight, func(q request) bool { return q.id == id })
	if i < 0 {
		return
	}
	q := c.inflight[i]
	c.inflight = slices.Delete(c.inflight, i, i+1)
	if r == nil {
		c.disconnected(h, now, q)
	} else {
		c.reach.Answered(q.broker)
		c.handle(h, now, q, r)
	}
	c.goOn(h, now)
}

// handle gives a response to its handler.
func (c *Consumer) handle(h client.Host, now clock.Time, q request, r kafka.Response) {
	switch r := r.(type) {
	case *kafka.MetadataResponse:
		c.metadataArrived(h, now, r)
	case *kafka.FindCoordinatorResponse:
		c.coordinatorFound(h, now, r)
	case *kafka.JoinGroupResponse:
		c.joined(h, now, r)
	case *kafka.SyncGroupResponse:
		c.synced(h, r)
	case *kafka.HeartbeatResponse:
		c.heartbeatAnswered(h, now, r)
	case *kafka.LeaveGroupResponse:
		c.left(h, now, r)
	case *kafka.OffsetCommitResponse:
		c.committed(h, now, q, r)
	case *kafka.OffsetFetchResponse:
		c.offsetsFetched(h, now, q, r)
	case *kafka.ListOffsetsResponse:
		c.offsetsListed(q, r)
	case *kafka.FetchResponse:
		c.fetched(h, now, r)
	}
}

// Timer handles a timer.
func (c *Consumer) Timer(h client.Host, now clock.Time, t client.TimerID) {
	switch t {
	case timerApp:
		c.resume(h, now)
	case timerHeartbeat:
		c.heartbeatLoop(h, now)
		c.goOn(h, now)
	case timerMetadata:
		c.requestMetadata(h, now)
	}
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

// fail raises an exception from the running poll.
func (c *Consumer) fail(h client.Host, err *client.Error) {
	c.app = application{}
	h.Cancel(timerApp)
	if err.Name == fencedName {
		h.Emit(trace.Event{Type: trace.MemberFenced})
	}
	h.Polled(client.PollResult{Err: err})
}

// Buffered is what has been fetched and not returned.
func (c *Consumer) Buffered() (records, bytes int64) {
	for _, b := range c.buffer {
		records += b.to - b.from
		bytes += (b.to - b.from) * b.size
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
	d.reach = c.reach.Clone()
	d.buffer = slices.Clone(c.buffer)
	d.inflight = slices.Clone(c.inflight)
	d.sync.offsets = slices.Clone(c.sync.offsets)
	return &d
}
