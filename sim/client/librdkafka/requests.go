package librdkafka

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

	version    int                    // of the assignment when it was sent
	leading    bool                   // metadata for the assignor, not for the subscription
	partitions []kafka.TopicPartition // whose offsets it asks for
	commit     commit
	void       []kafka.TopicPartition // a Fetch: paused since, what it brings of them is void
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
	apiMemberHeartbeat // ConsumerGroupHeartbeat
	apiMemberLeave     // the same, with the epoch that leaves
)

// leaveTimeout is how long a LeaveGroup may take (rd_kafka_LeaveGroupRequest).
const leaveTimeout = 5 * clock.Second

// timeout is how long an answer may take (rd_kafka_JoinGroupRequest and others).
func (c *Consumer) timeout(a api) clock.Duration {
	switch a {
	case apiJoin:
		return c.rebalanceTimeout() + 3*clock.Second
	case apiSync:
		return c.s.session + 3*clock.Second
	case apiHeartbeat, apiMemberHeartbeat, apiMemberLeave:
		return c.s.session
	case apiLeave:
		return leaveTimeout
	case apiFetch:
		return c.s.socketTimeout + c.s.fetchWait
	}
	return c.s.socketTimeout
}

// send puts a request on the wire.
func (c *Consumer) send(h client.Host, now clock.Time, to int32, q request, r kafka.Request) {
	q.id, q.broker, q.deadline, q.version = h.Send(to, r), to, now+c.timeout(q.api), c.assignment.version
	c.inflight = append(c.inflight, q)
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

// pending tells whether a request of that kind has no answer yet.
func (c *Consumer) pending(a api) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.api == a })
}

// overdue tells whether an answer is.
func (c *Consumer) overdue(now clock.Time) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.deadline <= now })
}

// expireRequests closes the connections on which an answer is overdue
// (rd_kafka_broker_timeout_scan, socket.max.fails = 1).
func (c *Consumer) expireRequests(h client.Host, now clock.Time) {
	for {
		i := slices.IndexFunc(c.inflight, func(q request) bool { return q.deadline <= now })
		if i < 0 {
			return
		}
		q, overdue := c.inflight[i], 0
		for _, other := range c.inflight {
			if other.broker == q.broker && other.deadline <= now {
				overdue++
			}
		}
		c.logTimedOut(q, overdue)
		c.connectionLost(h, now, q.broker)
	}
}

// connectionLost fails all requests that wait for a broker (rd_kafka_broker_fail).
func (c *Consumer) connectionLost(h client.Host, now clock.Time, broker int32) {
	c.brokerDown(now, broker)
	var failed []request
	c.inflight = slices.DeleteFunc(c.inflight, func(other request) bool {
		if other.broker == broker {
			failed = append(failed, other)
			return true
		}
		return false
	})
	if c.coordinator.broker == broker {
		c.coordinator.broker, c.coordinator.next = 0, now
	}
	for _, q := range failed {
		c.failed(h, now, q)
	}
}

// failed is what each request's handler does with _TRANSPORT.
func (c *Consumer) failed(h client.Host, now clock.Time, q request) {
	g := &c.group
	switch q.api {
	case apiMetadata:
		if g.join == waitMetadata {
			c.rejoin(h, now, whyTransport)
		}
	case apiFindCoordinator:
		c.coordinator.asking = false
	case apiJoin:
		c.joined(h, now, &kafka.JoinGroupResponse{Err: errTransport})
	case apiSync:
		c.synced(h, now, &kafka.SyncGroupResponse{Err: errTransport})
	case apiHeartbeat:
		c.heartbeatAnswered(h, now, errTransport)
	case apiLeave:
		g.waitLeave = false
	case apiMemberHeartbeat:
		c.memberAnswered(h, now, &kafka.ConsumerGroupHeartbeatResponse{Err: errTransport})
	case apiMemberLeave:
		c.memberLeft()
	case apiCommit:
		c.commitAnswered(h, now, q.commit, errTransport)
	case apiOffsetFetch:
		c.offsetsFetched(h, now, q, &kafka.OffsetFetchResponse{Err: errTransport})
	case apiListOffsets:
		c.askLater(q, now+c.s.retryBackoff)
	case apiFetch:
		c.fetchFailed(h, now, q)
	}
}

// armRequests sets the timer for the first deadline. It is left where it is when
// that one has moved on: it then fires for nothing and is set anew.
func (c *Consumer) armRequests(h client.Host) {
	first := clock.Never
	for i := range c.inflight {
		first = min(first, c.inflight[i].deadline)
	}
	if first < c.timers[timerRequests] {
		c.set(h, timerRequests, first)
	}
}
