package kafkago

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
	deadline clock.Time // of its connection

	partition  kafka.TopicPartition // a reader's
	version    int64                // of the readers when it was sent
	partitions []kafka.TopicPartition
}

// api is a kind of request, by who sends it.
type api uint8

const (
	apiFindCoordinator api = iota
	apiVersions
	apiJoin
	apiBalance // Metadata for the leader's balancer
	apiSync
	apiOffsetFetch
	apiHeartbeat
	apiWatch // Metadata for the partition watcher
	apiCommit
	apiLeave

	apiLookup // Metadata for the leader of a reader's partition
	apiFirst  // ListOffsets
	apiLast
	apiFetch
)

// The versions of the protocol in which kafka-go joins and commits: too old for
// MEMBER_ID_REQUIRED and for reasons.
const (
	joinVersion   = 2
	commitVersion = 2
)

// groupTimeout is the deadline of all that is asked of the coordinator
// (ConsumerGroupConfig.Timeout); readerTimeout is that of a reader's first requests.
const (
	groupTimeout  = 5 * clock.Second
	readerTimeout = 10 * clock.Second
)

// timeout is how long an answer may take (timeoutCoordinator, reader.read).
func (c *Consumer) timeout(a api) clock.Duration {
	switch a {
	case apiJoin:
		return groupTimeout + c.s.rebalance
	case apiSync:
		return groupTimeout + c.s.session
	case apiLookup, apiFirst, apiLast:
		return readerTimeout
	case apiFetch:
		return c.s.maxWait
	}
	return groupTimeout
}

// send puts a request on the wire.
func (c *Consumer) send(h client.Host, now clock.Time, to int32, q request, r kafka.Request) {
	q.id, q.broker, q.deadline, q.version = h.Send(to, r), to, now+c.timeout(q.api), c.queue.version
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

// expireRequests fails the requests whose connection has reached its deadline.
func (c *Consumer) expireRequests(h client.Host, now clock.Time) {
	c.expiry = clock.Never
	for {
		i := slices.IndexFunc(c.inflight, func(q request) bool { return q.deadline <= now })
		if i < 0 {
			break
		}
		q := c.inflight[i]
		c.inflight = slices.Delete(c.inflight, i, i+1)
		c.settled(h, now, q, nil, c.ioTimeout(q.broker))
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
