// Package javashare is the Java client's KafkaShareConsumer (KIP-932,
// org.apache.kafka.clients.consumer.internals.ShareConsumerImpl, 4.1 and later) with
// implicit acknowledgement, as one event-driven state machine.
//
// Two threads as in sim/client/javaasync: the application's, which calls poll(), and
// the background thread, which heartbeats, fetches and acknowledges. There is no
// rebalance listener, nothing is given up for another member, and there are no
// positions: the brokers know what has been delivered. One file a duty: membership.go,
// heartbeat.go, acquire.go (share sessions), poll.go, close.go, metadata.go.
package javashare

import (
	"slices"
	"strings"

	"ksim/sim/client"
	"ksim/sim/client/java/network"
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
	callNone call = iota
	callPoll
	callCommit
	callClose
)

// Consumer is one KafkaShareConsumer object.
type Consumer struct {
	s     *settings      // immutable
	o     client.Options // immutable
	words *words.Words   // immutable

	call     call
	deadline clock.Time // of the running call
	closing  closeStep

	membership
	heartbeat   heartbeat
	coordinator network.Coordinator
	metadata    metadata
	acquisition
	inflight []request
}

// request is a request without an answer yet.
type request struct {
	id     kafka.RequestID
	broker int32
	api    api
}

// api is a kind of request.
type api uint8

const (
	apiMetadata api = iota
	apiFindCoordinator
	apiHeartbeat
	apiShareFetch
	apiShareAcknowledge
)

// settings is the properties that the consumer acts on (ShareConsumerConfig).
type settings struct {
	maxPoll                       clock.Duration
	retryBackoff, retryBackoffMax clock.Duration
	metadataMaxAge                clock.Duration
	apiTimeout                    clock.Duration
	maxWait                       clock.Duration
	maxBytes                      int64
	maxPollRecords                int64
}

// New makes a consumer that has not been started.
func New(cfg config.Set, o client.Options) *Consumer {
	s := &settings{
		maxPoll:        cfg.Millis("max.poll.interval.ms"),
		retryBackoff:   max(cfg.Millis("retry.backoff.ms"), clock.Millisecond),
		metadataMaxAge: cfg.Millis("metadata.max.age.ms"),
		apiTimeout:     cfg.Millis("default.api.timeout.ms"),
		maxWait:        cfg.Millis("fetch.max.wait.ms"),
		maxBytes:       cfg.Int("fetch.max.bytes"),
		maxPollRecords: cfg.Int("max.poll.records"),
	}
	s.retryBackoffMax = max(cfg.Millis("retry.backoff.max.ms"), s.retryBackoff)
	return &Consumer{s: s, o: o, words: &words.Words{Options: o, Share: true}}
}

// Subscribe is the constructor and subscribe(topics).
func (c *Consumer) Subscribe(h client.Host, now clock.Time) {
	c.memberID = words.NewMemberID(h.Rand())
	c.words.Info(h, "Subscribed to topic(s): "+strings.Join(c.o.Topics, ", "))
	c.subscribed = true
	c.heartbeat = heartbeat{due: now, pollDeadline: now + c.s.maxPoll}
	c.requestMetadata(h, now)
}

// Response gives an answer to the background thread.
func (c *Consumer) Response(h client.Host, now clock.Time, id kafka.RequestID, r kafka.Response) {
	i := slices.IndexFunc(c.inflight, func(q request) bool { return q.id == id })
	if i < 0 {
		return
	}
	q := c.inflight[i]
	c.inflight = slices.Delete(c.inflight, i, i+1)
	switch r := r.(type) {
	case *kafka.MetadataResponse:
		c.metadataArrived(h, now, r)
	case *kafka.FindCoordinatorResponse:
		c.coordinator.Found(h, now, c.words, r, c.s.retryBackoff)
	case *kafka.ShareGroupHeartbeatResponse:
		c.heartbeatAnswered(h, now, q, r)
	case *kafka.ShareFetchResponse:
		c.fetched(h, now, q, r)
	case *kafka.ShareAcknowledgeResponse:
		c.acknowledged(h, q, r)
	case nil:
		c.disconnected(h, now, q)
	}
	c.runBackground(h, now)
	c.resume(h, now)
}

// disconnected fails a request whose connection broke.
func (c *Consumer) disconnected(h client.Host, now clock.Time, q request) {
	switch q.api {
	case apiHeartbeat:
		c.heartbeatFailed(h, now, q)
	case apiFindCoordinator:
		c.coordinator.RetryAt = now + c.s.retryBackoff
	case apiMetadata:
		c.metadata.retryAt = now + c.s.retryBackoff
	default:
		c.sessionBroken(h, now, q.broker)
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
		c.runPoll(h, now)
	case callCommit:
		c.runCommit(h, now)
	case callClose:
		c.runClose(h, now)
	}
}

// maxWait is how long the background thread sleeps at most (ConsumerNetworkThread).
const maxWait = 5 * clock.Second

// runBackground is the background thread's loop: each manager sends what it has to.
func (c *Consumer) runBackground(h client.Host, now clock.Time) {
	c.findCoordinator(h, now)
	c.pollHeartbeat(h, now)
	if c.reconcile(h) {
		c.pollHeartbeat(h, now)
	}
	c.runSessions(h, now)
	at := now + maxWait
	for _, t := range []clock.Time{c.coordinator.RetryAt, c.metadata.retryAt, c.retryAt, c.heartbeat.pollDeadline, max(c.heartbeat.due, c.heartbeat.retryAt)} {
		if t > now {
			at = min(at, t)
		}
	}
	h.Arm(timerBackground, at)
}

// send puts a request on the wire.
func (c *Consumer) send(h client.Host, broker int32, a api, r kafka.Request) kafka.RequestID {
	id := h.Send(broker, r)
	c.inflight = append(c.inflight, request{id, broker, a})
	return id
}

// pending tells whether a request of that kind has no answer yet.
func (c *Consumer) pending(a api) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.api == a })
}

// Buffered is what has been acquired and not returned.
func (c *Consumer) Buffered() (records, bytes int64) {
	for _, r := range c.buffer {
		records += r.Len()
		bytes += r.Len() * r.Size
	}
	return records, bytes
}

// Positions are none: the brokers know what has been delivered.
func (c *Consumer) Positions(to []kafka.OffsetCommit) []kafka.OffsetCommit { return to }

// ShareMember is the member whose locks end with its connections.
func (c *Consumer) ShareMember() string { return c.memberID }

// Clone is a deep copy; settings and options are immutable and shared.
func (c *Consumer) Clone() client.Consumer {
	d := *c
	d.sessions = slices.Clone(c.sessions)
	d.buffer = slices.Clone(c.buffer)
	d.batch = slices.Clone(c.batch)
	d.acks = slices.Clone(c.acks)
	d.inflight = slices.Clone(c.inflight)
	return &d
}
