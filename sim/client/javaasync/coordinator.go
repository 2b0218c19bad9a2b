package javaasync

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// findCoordinator sends FindCoordinator when the coordinator is unknown.
func (c *Consumer) findCoordinator(h client.Host, now clock.Time) {
	if c.coordinator.Wanted(now) && c.metadata.version > 0 && !c.pending(apiFindCoordinator) {
		node, ok := c.connections.LeastLoadedNode(now)
		if !ok { // it waits for a node that may be tried
			c.coordinator.RetryAt = c.connections.NextNode(now)
			return
		}
		c.sendTo(h, node, apiFindCoordinator, &kafka.FindCoordinatorRequest{Group: c.o.Group})
	}
}

// reachable tells whether a request to the coordinator would go out now: its node may
// be tried (NetworkClientDelegate.doSend keeps it back until then).
func (c *Consumer) reachable(now clock.Time) bool {
	return c.coordinator.Broker != 0 && !c.connections.Unavailable(kafka.CoordinatorNodeID(c.coordinator.Broker), now)
}
