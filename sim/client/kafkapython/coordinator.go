package kafkapython

import (
	"fmt"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// coordinatorReady is ensure_coordinator_ready: false while the application's
// thread waits for the coordinator.
func (c *Consumer) coordinatorReady(h client.Host, now, deadline clock.Time) bool {
	switch {
	case c.coordinator != 0:
		return true
	case c.metadata.version == 0: // the constructor has not found a broker yet
		c.block(h, now, waitTime, min(deadline, now+clock.Millisecond))
	case now < c.lookupAt:
		c.block(h, now, waitTime, min(deadline, c.lookupAt))
	case !c.lookupCoordinator(h, now):
		c.block(h, now, waitTime, min(deadline, c.lookupAt))
	default:
		c.block(h, now, waitCoordinator, deadline)
	}
	return false
}

// lookupCoordinator sends FindCoordinator, unless one is on its way; false when no
// broker may be tried before lookupAt.
func (c *Consumer) lookupCoordinator(h client.Host, now clock.Time) bool {
	if c.pending(apiFindCoordinator) {
		return true
	}
	broker, ok := c.reach.Pick(len(c.o.Nodes), now)
	if !ok {
		c.lookupAt = c.reach.NextTry()
		return false
	}
	c.send(h, broker, apiFindCoordinator, &kafka.FindCoordinatorRequest{Group: c.o.Group})
	return true
}

// coordinatorFound is _handle_find_coordinator_response. All deadlines of the
// heartbeat loop begin anew, that of the poll too.
func (c *Consumer) coordinatorFound(h client.Host, now clock.Time, r *kafka.FindCoordinatorResponse) {
	if r.Err != kafka.ErrNone {
		c.lookupAt = now + c.s.retryBackoff
		c.resumeHeartbeatLoop(h, now)
		return
	}
	c.coordinator = r.Broker
	c.logf(h, "INFO", "Discovered coordinator %s for group %s", c.coordinatorText(), c.o.Group)
	c.beat.reset(now)
	c.resumeHeartbeatLoop(h, now)
}

// coordinatorDead forgets the coordinator.
func (c *Consumer) coordinatorDead(h client.Host, cause string) {
	if c.coordinator == 0 {
		return
	}
	c.logf(h, "WARNING", "Marking the coordinator dead (node %s) for group %s: %s.", c.coordinatorText(), c.o.Group, cause)
	c.coordinator = 0
}

// coordinatorText is the node id of the coordinator's own connection.
func (c *Consumer) coordinatorText() string { return fmt.Sprintf("coordinator-%d", c.coordinator) }

// disconnected fails a request whose connection has broken. Who leads is asked anew
// (_conn_state_change, request_update).
func (c *Consumer) disconnected(h client.Host, now clock.Time, q request) {
	c.reach.Lost(q.broker, now, c.s.reconnect, c.s.reconnectMax)
	const cause = "KafkaConnectionError"
	switch q.api {
	case apiFindCoordinator:
		c.lookupAt = now + c.s.retryBackoff
		c.resumeHeartbeatLoop(h, now)
	case apiJoin, apiSync:
		c.coordinatorDead(h, "Node Disconnected")
		c.joinEnded(joinLater, nil)
	case apiHeartbeat:
		c.requestFailed(h, "HeartbeatRequest", cause)
		c.beat.failed = true
		c.resumeHeartbeatLoop(h, now)
	case apiLeave:
		c.logf(h, "ERROR", "LeaveGroup request failed: %s", cause)
		c.leaveEnded(h, now)
	case apiCommit:
		c.requestFailed(h, "OffsetCommitRequest", cause)
		c.commitEnded(now, q, nil, true)
	case apiOffsetFetch:
		c.requestFailed(h, "OffsetFetchRequest", cause)
		c.offsetsAt = now + c.s.retryBackoff
	case apiListOffsets:
		c.resetFailed(now, q)
	case apiFetch:
		c.arrived = true
	}
	c.requestMetadata(h, now)
}

// requestFailed is _failed_request.
func (c *Consumer) requestFailed(h client.Host, request, cause string) {
	c.logf(h, "ERROR", "Error sending %s to node %s [%s]", request, c.coordinatorText(), cause)
	c.coordinatorDead(h, cause)
}
