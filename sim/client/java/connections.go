package java

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/client/java/network"
	"ksim/sim/clock"
)

// lost notes that the connection to a node has broken, or could not be opened.
func (c *Consumer) lost(h client.Host, now clock.Time, node int32) {
	if c.connections.Lost(h, now, node) {
		c.metadata.wanted = true
	}
}

// unanswered fails a request whose connection broke, and all that is lost with it
// (NetworkClient.handleDisconnections).
func (c *Consumer) unanswered(h client.Host, now clock.Time, q request) {
	c.connectionsLost(h, now, q.broker)
	c.lost(h, now, q.node)
	c.failed(h, now, q)
}

// failed tells who waits for a request that it has no answer.
func (c *Consumer) failed(h client.Host, now clock.Time, q request) {
	if q.api.toCoordinator() && q.broker == c.coordinator {
		c.coordinatorGone(h, now, "null")
	}
	c.disconnected(now, q)
	c.requestMetadata(h, now)
}

// Disconnected is the end of a broker's connections that nothing waits for.
func (c *Consumer) Disconnected(h client.Host, now clock.Time, broker int32) {
	if c.call == callNone {
		c.inbox = append(c.inbox, answer{gone: broker})
		c.armHeartbeat(h, now)
		return
	}
	c.brokerGone(h, now, broker)
	c.resume(h, now)
}

func (c *Consumer) brokerGone(h client.Host, now clock.Time, broker int32) {
	c.connectionsLost(h, now, broker)
	if c.coordinator == broker {
		c.coordinatorGone(h, now, "coordinator unavailable")
	}
	c.requestMetadata(h, now)
}

// connectionsLost ends the connections to a broker that are open: all at once, as
// their process has died.
func (c *Consumer) connectionsLost(h client.Host, now clock.Time, broker int32) {
	for _, node := range network.Nodes(broker) {
		if c.connections.IsOpen(node) {
			c.lost(h, now, node)
		}
		if node == broker {
			c.connections.LeastLoadedNode(now) // finds before the last one goes that no broker is left, if so
		}
	}
}

// expireRequests closes the connections on which an answer is overdue
// (NetworkClient.handleTimedOutRequests).
func (c *Consumer) expireRequests(h client.Host, now clock.Time) {
	for {
		i := slices.IndexFunc(c.inflight, func(q request) bool { return q.deadline <= now })
		if i < 0 {
			break
		}
		node := c.inflight[i].node
		for i := 0; i < len(c.inflight); {
			if c.inflight[i].node != node {
				i++
				continue
			}
			q := c.inflight[i]
			c.inflight = slices.Delete(c.inflight, i, i+1)
			c.timedOut(h, now, q)
			i = 0
		}
	}
	c.armRequests(h)
}

// timedOut fails a request whose connection the client closes itself.
func (c *Consumer) timedOut(h client.Host, now clock.Time, q request) {
	c.connections.Opened(q.node)
	c.lost(h, now, q.node)
	c.failed(h, now, q)
}

// armRequests sets the timer for the first deadline.
func (c *Consumer) armRequests(h client.Host) {
	first := clock.Never
	for i := range c.inflight {
		first = min(first, c.inflight[i].deadline)
	}
	if first != clock.Never {
		h.Arm(timerRequests, first)
	}
	c.watched = first != clock.Never
}
