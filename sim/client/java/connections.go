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

// connected sends what has waited for the coordinator's new connection, now that
// somebody has read its first answer: a fetch over the other one may have been faster.
func (c *Consumer) connected(h client.Host) {
	c.reconnects = false
	for i := range c.inflight {
		if q := &c.inflight[i]; q.held != nil {
			q.id = h.Send(q.broker, q.held)
			q.held = nil
		}
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

// requestsDue is the first deadline of a request. Only who polls the network looks
// at it, and reads first what has arrived: in a call the application, else the
// heartbeat thread of a member. Without either it is left to the next call.
func (c *Consumer) requestsDue(h client.Host, now clock.Time) {
	if c.call == callNone && !(c.hasThread() && c.joinedGroup()) {
		c.watched = false
		return
	}
	c.drainInbox(h, now)
	c.armRequests(h, now)
	c.resume(h, now)
}

// overdue tells whether a request has had no answer in time.
func (c *Consumer) overdue(now clock.Time) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.deadline <= now })
}

// expireRequests closes the connections on which an answer is overdue, and tells
// whether there were any (NetworkClient.handleTimedOutRequests).
func (c *Consumer) expireRequests(h client.Host, now clock.Time) (any bool) {
	for {
		i := slices.IndexFunc(c.inflight, func(q request) bool { return q.deadline <= now })
		if i < 0 {
			break
		}
		any = true
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
	if any {
		c.armRequests(h, now)
	}
	return any
}

// timedOut fails a request whose connection the client closes itself.
func (c *Consumer) timedOut(h client.Host, now clock.Time, q request) {
	c.connections.Opened(q.node)
	c.lost(h, now, q.node)
	c.failed(h, now, q)
}

// armRequests sets the timer for the first deadline, which may have passed while
// nobody polled the network.
func (c *Consumer) armRequests(h client.Host, now clock.Time) {
	first := clock.Never
	for i := range c.inflight {
		first = min(first, c.inflight[i].deadline)
	}
	if first != clock.Never {
		h.Arm(timerRequests, max(first, now))
	}
	c.watched = first != clock.Never
}
