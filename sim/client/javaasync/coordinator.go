package javaasync

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// coordinator is CoordinatorRequestManager: it looks for the group's coordinator
// from the start, and again whenever it has been lost.
type coordinator struct {
	broker  int32      // 0 when unknown
	retryAt clock.Time // when it may be looked for again
}

// findCoordinator sends FindCoordinator when the coordinator is unknown.
func (c *Consumer) findCoordinator(h client.Host, now clock.Time) {
	if c.coordinator.broker == 0 && c.metadata.version > 0 && now >= c.coordinator.retryAt && !c.pending(apiFindCoordinator) {
		node, ok := c.connections.LeastLoadedNode(now)
		if !ok { // it waits for a node that may be tried
			c.coordinator.retryAt = c.connections.NextNode(now)
			return
		}
		c.sendTo(h, node, apiFindCoordinator, &kafka.FindCoordinatorRequest{Group: c.o.Group})
	}
}

// reachable tells whether a request to the coordinator would go out now: its node may
// be tried (NetworkClientDelegate.doSend keeps it back until then).
func (c *Consumer) reachable(now clock.Time) bool {
	return c.coordinator.broker != 0 && !c.connections.Unavailable(kafka.CoordinatorNodeID(c.coordinator.broker), now)
}

// coordinatorFound takes the answer.
func (c *Consumer) coordinatorFound(h client.Host, now clock.Time, r *kafka.FindCoordinatorResponse) {
	if r.Err != kafka.ErrNone {
		c.coordinator.retryAt = now + c.s.retryBackoff
		return
	}
	c.coordinator.broker = r.Broker
	c.words.CoordinatorFound(h, r.Broker)
}

// coordinatorLost forgets the coordinator (markCoordinatorUnknown).
func (c *Consumer) coordinatorLost(h client.Host, now clock.Time, cause string) {
	if c.coordinator.broker == 0 {
		return
	}
	c.words.CoordinatorLost(h, c.coordinator.broker, cause)
	c.coordinator = coordinator{retryAt: now}
}
