// Package java is the Java consumer with group.protocol=classic
// (org.apache.kafka.clients.consumer.internals.ClassicKafkaConsumer, 3.2 to
// 4.x) as one event-driven state machine.
//
// Two threads share one network client: the application's, which joins, commits,
// fetches and runs callbacks inside poll(), commitSync() and close(), and the
// heartbeat thread, which heartbeats, watches the poll deadline, and receives
// responses while the application is busy. One file a duty: poll.go (the
// application's thread), join.go, heartbeat.go, commit.go, positions.go,
// fetch.go, metadata.go, close.go. The words of every line are in texts.go.
package java

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
	"ksim/sim/trace"
)

// The client's timers.
const (
	timerApp       client.TimerID = iota // the application's thread wakes from its select
	timerHeartbeat                       // the heartbeat thread wakes with something to do
	timerMetadata                        // metadata is to be asked for
	timerRequests                        // request.timeout.ms is over for the oldest request
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
	pollEnd clock.Time // when the running poll's timeout is over
	// selectEnd is when the select in which the running poll waits is over.
	selectEnd clock.Time
	// seekCoordinator tells that the running poll waits for the coordinator, whatever
	// the buffer holds.
	seekCoordinator bool
	commit          commitCall // the running commitSync
	closing         closeCall  // the running close
	listening       listening  // the running call of the listener

	membership
	groupMetadata generation // of the latest completed join, for transactions
	heartbeat     heartbeat
	auto          autoCommit
	metadata      metadata
	subscriptions subscription.State // the assignment, and what has been fetched of it

	coordinator int32      // its broker, 0 when unknown
	retryAt     clock.Time // when the coordinator may be asked for, or joined, again
	reconnectAt clock.Time // when its connection may be opened again
	reconnects  bool       // the client has closed that connection itself: the next one begins with ApiVersions
	connections network.Connections
	inflight    []request
	watched     bool     // timerRequests is set
	inbox       []answer // arrived while nobody polled the network
}

// request is a request without an answer yet.
type request struct {
	id         kafka.RequestID
	api        api
	broker     int32
	node       int32      // whose connection it goes over
	deadline   clock.Time // the connection is closed if there is no answer by then
	generation generation // at the time of sending
	offsets    []kafka.OffsetCommit
	partitions []kafka.TopicPartition
	purpose    commitPurpose
	held       kafka.Request // not sent yet: the connection is being opened
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
	apiValidate
	apiFetch
	apiVersions
)

// answer is a response that waits in the socket.
type answer struct {
	id       kafka.RequestID
	response kafka.Response
	gone     int32 // instead: a broker whose connections have ended
}

// New makes a consumer that has not been started.
func New(cfg config.Set, o client.Options) *Consumer { return newConsumer(readSettings(cfg), o) }

func newConsumer(s *settings, o client.Options) *Consumer {
	s.fetch.SkipsBrokersWithBufferedData = o.Version >= kafka.V(4, 0, 0)
	s.fetch.KeepsPaused = o.Version >= kafka.V(2, 4, 0)
	w := &words.Words{Options: o, Instance: s.instance, Reset: s.reset}
	return &Consumer{
		s: s, o: o, words: w, connections: network.New(w, s.reconnectBackoff, s.reconnectBackoffMax),
		groupMetadata: noGeneration, membership: membership{generation: noGeneration, rejoinNeeded: true, needsPrepare: true},
	}
}

// Subscribe is the constructor and subscribe(topics, listener).
func (c *Consumer) Subscribe(h client.Host, now clock.Time) {
	c.tell(h, kafka.V(2, 3, 0), "Subscribed to topic(s): "+strings.Join(c.o.Topics, ", "))
	c.auto.due = now + c.s.autoCommitInterval
	c.requestMetadata(h, now)
}

// Poll is poll(timeout).
func (c *Consumer) Poll(h client.Host, now clock.Time, timeout clock.Duration, _ int64) {
	c.call, c.pollEnd = callPoll, now+timeout
	c.runPoll(h, now)
}

// Commit is commitSync(), or commitSync(offsets).
func (c *Consumer) Commit(h client.Host, now clock.Time, offsets []kafka.OffsetCommit) {
	if offsets == nil {
		offsets = c.subscriptions.Consumed()
	}
	c.call = callCommit
	c.commit = commitCall{offsets: offsets, deadline: now + c.s.apiTimeout, backoff: c.s.retryBackoff}
	c.runCommit(h, now)
	if c.drainInbox(h, now) { // also by one that has failed without a request
		c.resume(h, now)
	}
	if !c.hasThread() {
		c.heartbeatTask(h, now)
	}
}

// Close is close().
func (c *Consumer) Close(h client.Host, now clock.Time) {
	c.call = callClose
	c.closing = closeCall{deadline: now + closeTimeout}
	c.drainInbox(h, now)
	c.runClose(h, now)
}

// Response handles an answer in the thread that polls the network: the
// application's if it is in a call, else the heartbeat thread at its next wake.
func (c *Consumer) Response(h client.Host, now clock.Time, id kafka.RequestID, r kafka.Response) {
	if c.call == callNone {
		c.inbox = append(c.inbox, answer{id: id, response: r})
		c.armHeartbeat(h, now)
		return
	}
	c.handle(h, now, id, r)
	c.resume(h, now)
}

// Timer handles a timer.
func (c *Consumer) Timer(h client.Host, now clock.Time, t client.TimerID) {
	switch t {
	case timerApp:
		c.resume(h, now)
	case timerHeartbeat:
		c.wakeHeartbeat(h, now)
	case timerMetadata:
		c.metadata.wanted = true
		c.requestMetadata(h, now)
	case timerRequests:
		c.requestsDue(h, now)
	}
}

// resume lets the application's thread go on in the call that it is in.
func (c *Consumer) resume(h client.Host, now clock.Time) {
	switch c.call {
	case callPoll:
		c.resumePoll(h, now)
	case callCommit:
		c.runCommit(h, now)
	case callClose:
		c.runClose(h, now)
	}
}

// drainInbox handles the answers that have arrived while nobody polled the
// network, then what has had none in time, and tells whether there was any of it.
func (c *Consumer) drainInbox(h client.Host, now clock.Time) bool {
	if len(c.inbox) == 0 {
		return c.overdue(now) && c.expireRequests(h, now)
	}
	waiting := c.inbox
	c.inbox = nil
	for _, a := range waiting {
		if a.gone != 0 {
			c.brokerGone(h, now, a.gone)
			continue
		}
		c.handle(h, now, a.id, a.response)
	}
	c.expireRequests(h, now)
	return true
}

// handle gives a response to its handler.
func (c *Consumer) handle(h client.Host, now clock.Time, id kafka.RequestID, r kafka.Response) {
	i := slices.IndexFunc(c.inflight, func(q request) bool { return q.id == id })
	if i < 0 {
		return
	}
	q := c.inflight[i]
	c.inflight = slices.Delete(c.inflight, i, i+1)
	if r == nil {
		c.unanswered(h, now, q)
		return
	}
	c.connections.Opened(q.node)
	switch r := r.(type) {
	case *kafka.MetadataResponse:
		c.metadataArrived(h, now, r)
	case *kafka.FindCoordinatorResponse:
		c.coordinatorFound(h, now, r)
	case *kafka.JoinGroupResponse:
		c.joined(h, now, q, r)
	case *kafka.SyncGroupResponse:
		c.synced(h, now, q, r)
	case *kafka.HeartbeatResponse:
		c.heartbeatAnswered(h, now, q, r)
	case *kafka.OffsetCommitResponse:
		c.committed(h, now, q, r)
	case *kafka.OffsetFetchResponse:
		c.offsetsFetched(h, now, q, r)
	case *kafka.ListOffsetsResponse:
		c.offsetsListed(h, now, q, r)
	case *kafka.ApiVersionsResponse:
		c.connected(h)
	case *kafka.OffsetsForLeaderEpochResponse:
		c.subscriptions.Validated(q.partitions, r, now+c.s.retryBackoff)
		c.findLeaders(h, now)
	case *kafka.FetchResponse:
		c.fetched(h, now, r)
	case *kafka.LeaveGroupResponse:
		c.left(h, q, r)
	}
}

// send puts a request on the wire to a broker: over the group's own connection if it
// is for the coordinator.
func (c *Consumer) send(h client.Host, now clock.Time, broker int32, a api, r kafka.Request) *request {
	node := broker
	if a.toCoordinator() {
		node = kafka.CoordinatorNodeID(broker)
	}
	return c.sendTo(h, now, node, a, r)
}

// sendTo puts a request on the wire to a node.
func (c *Consumer) sendTo(h client.Host, now clock.Time, node int32, a api, r kafka.Request) *request {
	q := request{api: a, broker: c.connections.Connect(node), node: node, deadline: now + c.s.requestTimeout, generation: c.generation}
	if a == apiJoin { // it may wait as long as the others may (sendJoinGroupRequest)
		q.deadline = now + max(c.s.requestTimeout, c.s.maxPoll+joinTimeoutLapse)
	}
	if c.reconnects && a.toCoordinator() && a != apiVersions {
		q.held = r
		if !c.pending(apiVersions) {
			c.sendTo(h, now, node, apiVersions, &kafka.ApiVersionsRequest{})
		}
	} else {
		q.id = h.Send(q.broker, r)
	}
	c.inflight = append(c.inflight, q)
	if !c.watched {
		c.armRequests(h, now)
	}
	return &c.inflight[len(c.inflight)-1]
}

// joinTimeoutLapse is what a JoinGroup may take beyond the rebalance timeout
// (JOIN_GROUP_TIMEOUT_LAPSE).
const joinTimeoutLapse = 5 * clock.Second

// pending tells whether a request of that kind has no answer yet.
func (c *Consumer) pending(a api) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.api == a })
}

// fail throws an exception from the running poll.
func (c *Consumer) fail(h client.Host, err *client.Error) {
	c.call = callNone
	h.Cancel(timerApp)
	if err.Name == fencedException.Name {
		h.Emit(trace.Event{Type: trace.MemberFenced})
	}
	h.Polled(client.PollResult{Err: err})
}

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
	d.inflight = slices.Clone(c.inflight)
	d.inbox = slices.Clone(c.inbox)
	d.connections = c.connections.Clone()
	d.commit.offsets = slices.Clone(c.commit.offsets)
	d.auto.failed = slices.Clone(c.auto.failed)
	return &d
}
