package kafkajs

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// request is a request without an answer yet.
type request struct {
	id       kafka.RequestID
	api      api
	broker   int32
	deadline clock.Time

	task       task                   // who waits for it
	purpose    purpose                // of metadata and commits
	tried      int                    // brokers that could not be reached
	thrown     *failure               // of commitThenThrow
	partitions []kafka.TopicPartition // whose offsets it asks for, or that it fetches
	offsets    []kafka.OffsetCommit   // that it commits
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

// purpose is why metadata is asked for, or offsets are committed.
type purpose uint8

const (
	metadataStart    purpose = iota // subscribe(), or the connection after a crash
	metadataExpired                 // before a fetch
	metadataStale                   // after a fetch that was refused
	metadataLeading                 // for the assigner
	metadataLearning                // a follower has got partitions that it does not know

	commitAuto      // autoCommitOffsets
	commitThenThrow // the same, because of a heartbeat's error, which goes on
	commitReset     // setDefaultOffset: a mark for an offset that is out of range
	commitManual    // consumer.commitOffsets()
)

// The versions of the protocol in which kafkajs joins and commits.
const (
	joinVersion   = 5
	commitVersion = 5
)

// Requests that may wait at the broker have that much more time: joinGroup/index.js
// and fetch/index.js, NETWORK_DELAY.
const (
	joinDelay  = 5 * clock.Second
	fetchDelay = 100 * clock.Millisecond
)

// timeout is how long an answer may take.
func (c *Consumer) timeout(a api) clock.Duration {
	switch a {
	case apiJoin:
		return max(c.s.requestTimeout, c.s.rebalance+joinDelay)
	case apiFetch:
		return max(c.s.requestTimeout, c.s.fetchWait+fetchDelay)
	}
	return c.s.requestTimeout
}

// send puts a request on the wire.
func (c *Consumer) send(h client.Host, now clock.Time, to int32, q request, r kafka.Request) {
	q.id, q.broker, q.deadline = h.Send(to, r), to, clock.Never
	if c.s.requestTimeout != clock.Never {
		q.deadline = now + c.timeout(q.api)
	}
	c.inflight = append(c.inflight, q)
	c.armRequests(h, now)
}

// answered takes the request with that id out of flight.
func (c *Consumer) answered(id kafka.RequestID) (request, bool) {
	i := slices.IndexFunc(c.inflight, func(q request) bool { return q.id == id })
	if i < 0 {
		return request{}, false
	}
	q := c.inflight[i]
	c.inflight = slices.Delete(c.inflight, i, i+1)
	return q, true
}

// expireRequests rejects the requests whose answers are overdue
// (socketRequest.js, timeoutRequest).
func (c *Consumer) expireRequests(h client.Host, now clock.Time) {
	c.expiry = clock.Never
	for {
		i := slices.IndexFunc(c.inflight, func(q request) bool { return q.deadline <= now })
		if i < 0 {
			break
		}
		q := c.inflight[i]
		c.inflight = slices.Delete(c.inflight, i, i+1)
		f := &failure{name: nameRequestTimeout, text: timedOutText(q.api), retriable: true, causeRetriable: true}
		c.settled(h, now, q, nil, f)
	}
	c.armRequests(h, now)
}

// armRequests sets the timer for the first deadline. It is left where it is when
// that one has moved on: it then fires for nothing and is set anew.
func (c *Consumer) armRequests(h client.Host, now clock.Time) {
	first := clock.Never
	for i := range c.inflight {
		first = min(first, c.inflight[i].deadline)
	}
	if first < c.expiry {
		c.expiry = first
		h.Arm(timerRequests, max(first, now))
	}
}

// disconnectAll closes all connections: nobody waits for an answer any more
// (cluster.disconnect).
func (c *Consumer) disconnectAll() {
	c.inflight = c.inflight[:0]
	c.cluster = cluster{}
}
