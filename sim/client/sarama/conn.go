package sarama

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// request is a request without an answer yet, and who waits for it.
type request struct {
	id      kafka.RequestID
	broker  int32
	body    kafka.Request
	purpose purpose
	tp      kafka.TopicPartition // of OffsetFetch and ListOffsets
	by      client.Caller        // of a commit byProgram
}

// purpose is the goroutine that has sent a request.
type purpose uint8

const (
	byConsume   purpose = iota
	byBalance           // the leader's refresh of the metadata
	byOffsets           // the offset manager looks for its coordinator
	byTicker            // the commit of the offset manager's ticker
	byProgram           // the commit of a handler, or of a worker beside them
	byCleanup           // the commit of Cleanup
	byRelease           // the commit at a session's end
	byDispatch          // a partition's leader is looked for again
	byUpdater           // the client's own refresh of the metadata
	byHeartbeat         // the heartbeat loop
)

// send puts a request on the connection to a broker, which answers one after the
// other: behind a fetch that waits for records the others wait too.
func (c *Consumer) send(h client.Host, q request) {
	q.id = h.Send(q.broker, q.body)
	c.inflight = append(c.inflight, q)
}

// outrun tells whether a commit or heartbeat loses the lock of its broker to the
// fetch loop once more. Broker.sendAndReceive keeps the lock until the answer is
// there, and who waits for it is woken then, but the loop of a worker with one
// partition is back before; whoever has waited in vain gets the lock after the next
// fetch (the starvation mode of sync.Mutex), and the others of the queue with it.
// A loop that feeds several partitions comes too late, and one whose only partition
// is dying does not come back.
func (c *Consumer) outrun() bool {
	w := c.worker(c.coordinator)
	if w == nil || !w.busy || len(w.subs) != 1 || c.claim(w.subs[0]).dying {
		return false
	}
	for _, q := range slices.Backward(c.inflight) {
		if q.broker == c.coordinator { // the latest on the connection: the fetch, or one that waits behind it
			_, fetches := q.body.(*kafka.FetchRequest)
			return fetches
		}
	}
	return false
}

// letThrough is called when a fetch has ended and, unless the loop has stopped, the
// next one is on the wire: those that were outrun at that broker follow.
func (c *Consumer) letThrough(h client.Host, now clock.Time, broker int32) {
	for _, x := range c.takeOutrun(broker) {
		if x.why == byHeartbeat {
			c.beat(h)
		} else {
			c.commitDirty(h, now, x.why, x.by)
		}
	}
}

// takeOutrun takes those that were outrun at a broker off the list.
func (c *Consumer) takeOutrun(broker int32) (outrun []waiter) {
	c.outran = slices.DeleteFunc(c.outran, func(x waiter) bool {
		if x.broker == broker {
			outrun = append(outrun, x)
		}
		return x.broker == broker
	})
	return outrun
}

// broken closes a connection on which a request has failed: all that is on it
// fails, and each goroutine does what it does about that.
func (c *Consumer) broken(h client.Host, now clock.Time, first request) {
	failed := []request{first}
	c.inflight = slices.DeleteFunc(c.inflight, func(q request) bool {
		if q.broker == first.broker {
			failed = append(failed, q)
		}
		return q.broker == first.broker
	})
	for _, q := range failed {
		c.failed(h, now, q)
	}
	for _, x := range c.takeOutrun(first.broker) {
		if x.why == byHeartbeat {
			c.heartbeatFailed(h, now)
			continue
		}
		c.offsets.known = false
		c.flushEnded(h, now, x.why, x.by)
	}
}

// failed gives a request that got no answer to who has sent it.
func (c *Consumer) failed(h client.Host, now clock.Time, q request) {
	switch q.body.(type) {
	case *kafka.JoinGroupRequest, *kafka.SyncGroupRequest:
		c.coordinatorGone(h)
	case *kafka.MetadataRequest, *kafka.FindCoordinatorRequest:
		c.brokerGone(h, now, q)
	case *kafka.HeartbeatRequest:
		c.heartbeatFailed(h, now)
	case *kafka.OffsetCommitRequest:
		c.flushFailed(h, now, q)
	case *kafka.OffsetFetchRequest:
		c.offsets.known = false
		c.offsetsCoordinatorFailed(h, now)
	case *kafka.ListOffsetsRequest:
		c.claimFailed(h, now, c.claim(q.tp), endOfFile.Text)
	case *kafka.FetchRequest:
		c.fetchFailed(h, now, q.broker)
	case *kafka.LeaveGroupRequest:
		h.Closed()
	}
}
