package javaasync

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// maxWait is how long the background thread sleeps at most (ConsumerNetworkThread).
const maxWait = 5 * clock.Second

// runBackground is the background thread's loop: each manager sends what it has to
// send. It runs whenever something arrives, an event of the application or an
// answer, and when a manager's time has come; only then does anybody look at the
// poll deadline.
func (c *Consumer) runBackground(h client.Host, now clock.Time) {
	for {
		c.findCoordinator(h, now)
		c.sendCommits(h, now)
		c.pollHeartbeat(h, now)
		if !c.maybeReconcile(h, now, false) {
			break
		}
	}
	if c.metadata.wanted || c.subscriptions.Leaderless() {
		c.requestMetadata(h, now)
	}
	c.armBackground(h, now)
}

// armBackground sets the thread's next wake.
func (c *Consumer) armBackground(h client.Host, now clock.Time) {
	at := now + maxWait
	if c.coordinator.Broker == 0 && c.coordinator.RetryAt > now {
		at = min(at, c.coordinator.RetryAt)
	}
	if c.coordinator.Broker != 0 && !c.state.skipsHeartbeats() && c.heartbeat.inflight == 0 {
		at = min(at, max(c.heartbeat.due, c.heartbeat.retryAt))
	}
	if c.coordinator.Broker != 0 && !c.reachable(now) {
		// what is due goes out when the node may be tried
		at = max(now, c.connections.Until(kafka.CoordinatorNodeID(c.coordinator.Broker)))
	}
	for i := range c.commits {
		k := &c.commits[i]
		at = min(at, k.deadline)
		if k.sent == 0 && c.coordinator.Broker != 0 {
			at = min(at, k.retryAt)
		}
	}
	if c.offsetsAt > now && c.positionsPending() {
		at = min(at, c.offsetsAt)
	}
	if (c.metadata.wanted || c.subscriptions.Leaderless()) && c.metadata.retryAt > now {
		at = min(at, c.metadata.retryAt)
	}
	if at <= now { // what is due waits for something else, the coordinator or an answer
		at = now + maxWait
	}
	h.Arm(timerBackground, at)
}
