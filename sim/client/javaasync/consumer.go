// Package javaasync is the Java consumer with group.protocol=consumer (KIP-848,
// org.apache.kafka.clients.consumer.internals.AsyncKafkaConsumer, 3.7 to 4.x) as
// one event-driven state machine.
//
// Two threads: the application's, which runs callbacks and returns records inside
// poll(), and the background thread (ConsumerNetworkThread), which does all that
// has to do with the network: it heartbeats, reconciles assignments, commits and
// fetches, whatever the application does. They meet in events: each poll tells the
// background thread that it has begun, and each callback waits in a queue until a
// poll runs it. One file a duty: poll.go (the application's thread),
// background.go, heartbeat.go, membership.go, reconcile.go, callbacks.go,
// commit.go, positions.go, metadata.go, connections.go, close.go. The words of errors are in
// texts.go.
package javaasync

import (
	"slices"
	"strings"

	"ksim/sim/client"
	"ksim/sim/client/java/network"
	"ksim/sim/client/java/subscription"
	"ksim/sim/client/java/words"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// The client's timers.
const (
	timerApp        client.TimerID = iota // the application's thread has waited long enough
	timerBackground                       // the background thread has something to do
	timerMetadata                         // metadata.max.age.ms is over
)

// call is the method that the application's thread is in.
type call uint8

const (
	callNone call = iota // the application is busy with its own work
	callPoll
	callCommit
	callClose
)

// Consumer is one KafkaConsumer object.
type Consumer struct {
	s     *settings      // immutable
	o     client.Options // immutable
	words *words.Words   // immutable

	call    call
	poll    pollCall  // the running poll
	closing closeCall // the running close
	running running   // the running call of the listener

	membership
	heartbeat     heartbeat
	events        []event // for the application: what its next poll runs
	commits       []commit
	auto          autoCommit
	metadata      metadata
	subscriptions subscription.State // the assignment, and what has been fetched of it

	coordinator network.Coordinator
	connections network.Connections
	offsetsAt   clock.Time // when committed offsets may be asked for again
	inflight    []request
}

// request is a request without an answer yet.
type request struct {
	id         kafka.RequestID
	api        api
	broker     int32
	node       int32 // whose connection it goes over
	ignored    bool  // a heartbeat whose answer changes nothing
	commit     int   // the number of the commit
	partitions []kafka.TopicPartition
}

// api is a kind of request.
type api uint8

const (
	apiMetadata api = iota
	apiFindCoordinator
	apiHeartbeat
	apiCommit
	apiOffsetFetch
	apiListOffsets
	apiValidate
	apiFetch
)

// New makes a consumer that has not been started.
func New(cfg config.Set, o client.Options) *Consumer { return newConsumer(readSettings(cfg), o) }

func newConsumer(s *settings, o client.Options) *Consumer {
	s.fetch.SkipsBrokersWithBufferedData = o.Version >= kafka.V(4, 0, 0)
	s.fetch.KeepsPaused = true
	w := &words.Words{Options: o, Instance: s.instance, Reset: s.reset}
	return &Consumer{
		s: s, o: o, words: w, connections: network.New(w, s.reconnectBackoff, s.reconnectBackoffMax),
		membership: membership{target: noAssignment(), current: noAssignment()},
	}
}

// Subscribe is the constructor and subscribe(topics, listener).
func (c *Consumer) Subscribe(h client.Host, now clock.Time) {
	c.memberID = words.NewMemberID(h.Rand())
	c.info(h, "Subscribed to topic(s): "+strings.Join(c.o.Topics, ", "))
	c.subscribed = true
	c.auto.due = now + c.s.autoCommitInterval
	c.heartbeat = heartbeat{due: now, pollDeadline: now + c.s.maxPoll}
	c.requestMetadata(h, now)
}

// Poll is poll(timeout).
func (c *Consumer) Poll(h client.Host, now clock.Time, timeout clock.Duration, _ int64) {
	c.call, c.poll = callPoll, pollCall{end: now + timeout}
	c.runPoll(h, now)
}

// Commit is commitSync(), or commitSync(offsets).
func (c *Consumer) Commit(h client.Host, now clock.Time, offsets []kafka.OffsetCommit) {
	if offsets == nil {
		offsets = c.subscriptions.Consumed()
	}
	if len(offsets) == 0 {
		h.Committed(nil)
		return
	}
	c.call = callCommit
	c.addCommit(commitSync, offsets, now+c.s.apiTimeout)
	c.runBackground(h, now)
}

// Close is close().
func (c *Consumer) Close(h client.Host, now clock.Time) {
	c.call, c.closing = callClose, closeCall{deadline: now + closeTimeout}
	c.runClose(h, now)
}

// Response gives an answer to the background thread.
func (c *Consumer) Response(h client.Host, now clock.Time, id kafka.RequestID, r kafka.Response) {
	i := slices.IndexFunc(c.inflight, func(q request) bool { return q.id == id })
	if i < 0 {
		return
	}
	q := c.inflight[i]
	c.inflight = slices.Delete(c.inflight, i, i+1)
	if r == nil {
		c.unanswered(h, now, q)
	} else {
		c.connections.Opened(q.node)
		c.handle(h, now, q, r)
	}
	c.runBackground(h, now)
	c.resume(h, now)
}

// handle gives a response to its manager.
func (c *Consumer) handle(h client.Host, now clock.Time, q request, r kafka.Response) {
	switch r := r.(type) {
	case *kafka.MetadataResponse:
		c.metadataArrived(h, now, r)
	case *kafka.FindCoordinatorResponse:
		c.coordinator.Found(h, now, c.words, r, c.s.retryBackoff)
	case *kafka.ConsumerGroupHeartbeatResponse:
		c.heartbeatAnswered(h, now, q, r)
	case *kafka.OffsetCommitResponse:
		c.committed(h, now, q, r)
	case *kafka.OffsetFetchResponse:
		c.offsetsFetched(h, now, q, r)
	case *kafka.ListOffsetsResponse:
		c.offsetsListed(h, now, q, r)
	case *kafka.OffsetsForLeaderEpochResponse:
		c.subscriptions.Validated(q.partitions, r, now+c.s.retryBackoff)
	case *kafka.FetchResponse:
		c.poll.woken = c.poll.woken || len(r.Partitions) > 0
		for _, tp := range c.subscriptions.Receive(r) {
			c.words.OutOfRange(h, c.subscriptions.Find(tp))
		}
	}
}

// disconnected fails a request whose connection broke.
func (c *Consumer) disconnected(h client.Host, now clock.Time, q request) {
	switch q.api {
	case apiHeartbeat:
		c.heartbeatFailed(h, now, q)
	case apiCommit:
		c.coordinator.Lost(h, now, c.words, "null")
		c.commitFailed(h, now, q, retriableCommit, true)
	case apiOffsetFetch:
		c.coordinator.Lost(h, now, c.words, "null")
		c.offsetsAt = now + c.s.retryBackoff
	case apiValidate:
		c.subscriptions.ValidateLater(q.partitions, now+c.s.retryBackoff)
	case apiListOffsets:
		for _, tp := range q.partitions {
			c.subscriptions.ResetLater(tp, now+c.s.retryBackoff)
		}
	case apiFindCoordinator:
		c.coordinator.RetryAt = now + c.s.retryBackoff
	case apiMetadata:
		c.metadata.retryAt = now + c.s.retryBackoff
	}
}

// Timer handles a timer.
func (c *Consumer) Timer(h client.Host, now clock.Time, t client.TimerID) {
	switch t {
	case timerMetadata:
		c.requestMetadata(h, now)
	case timerBackground:
		c.runBackground(h, now)
	}
	c.resume(h, now)
}

// resume lets the application's thread go on if what it waits for is there.
func (c *Consumer) resume(h client.Host, now clock.Time) {
	switch c.call {
	case callPoll:
		c.resumePoll(h, now)
	case callClose:
		c.runClose(h, now)
	}
}

// send puts a request on the wire to a broker: over the group's own connection if it
// is for the coordinator.
func (c *Consumer) send(h client.Host, broker int32, a api, r kafka.Request) *request {
	node := broker
	if a.toCoordinator() {
		node = kafka.CoordinatorNodeID(broker)
	}
	return c.sendTo(h, node, a, r)
}

// sendTo puts a request on the wire to a node.
func (c *Consumer) sendTo(h client.Host, node int32, a api, r kafka.Request) *request {
	broker := c.connections.Connect(node)
	c.inflight = append(c.inflight, request{id: h.Send(broker, r), api: a, broker: broker, node: node})
	return &c.inflight[len(c.inflight)-1]
}

// pending tells whether a request of that kind has no answer yet.
func (c *Consumer) pending(a api) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.api == a })
}

func (c *Consumer) info(h client.Host, text string) { c.words.Info(h, text) }

// Buffered is what has been fetched and not returned.
func (c *Consumer) Buffered() (records, bytes int64) { return c.subscriptions.Buffered() }

// Positions appends the position of each assigned partition that has one.
func (c *Consumer) Positions(to []kafka.OffsetCommit) []kafka.OffsetCommit {
	return append(to, c.subscriptions.Consumed()...)
}

// Clone is a deep copy; settings, options and messages are immutable and shared.
func (c *Consumer) Clone() client.Consumer {
	d := *c
	d.subscriptions = c.subscriptions.Clone()
	d.events = slices.Clone(c.events)
	d.running.left = slices.Clone(c.running.left)
	d.commits = slices.Clone(c.commits)
	d.inflight = slices.Clone(c.inflight)
	d.connections = c.connections.Clone()
	return &d
}
