package javashare

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/clock"
	"ksim/sim/trace"
)

// closeStep is a step of ShareConsumerImpl.close.
type closeStep uint8

const (
	closeSessions closeStep = iota // the sessions end; what is not acknowledged goes back
	closeLeaves                    // the answer to the heartbeat that leaves
)

// closeTimeout is how long close() waits.
const closeTimeout = 30 * clock.Second

// Close is close(): what the latest poll has returned is not accepted but released,
// with the end of the sessions; then the member leaves.
func (c *Consumer) Close(h client.Host, now clock.Time) {
	c.call, c.deadline, c.closing = callClose, now+closeTimeout, closeSessions
	c.release, c.wanted, c.batch, c.buffer = true, false, nil, nil
	c.runBackground(h, now)
	c.runClose(h, now)
}

// runClose goes through the steps, as far as answers allow.
func (c *Consumer) runClose(h client.Host, now clock.Time) {
	if c.closing == closeSessions {
		busy := slices.ContainsFunc(c.sessions, func(s session) bool { return s.busy || !s.closed })
		if busy && now < c.deadline {
			h.Arm(timerApp, c.deadline)
			return
		}
		c.closing = closeLeaves
		c.startLeaving(h, now)
	}
	if !c.left && now < c.deadline {
		h.Arm(timerApp, c.deadline)
		return
	}
	if c.left {
		c.words.Info(h, "Completed releasing assignment and leaving group to close consumer.")
	} else {
		c.words.Log(h, "WARN", "Consumer triggered an unsubscribe event to leave the group but couldn't complete it within "+words.Millis(closeTimeout)+" ms. It will proceed to close.")
	}
	h.Cancel(timerApp)
	h.Cancel(timerBackground)
	h.Cancel(timerMetadata)
	c.call = callNone
	h.Closed()
}

// startLeaving sends the heartbeat that leaves, if there is a group to leave.
func (c *Consumer) startLeaving(h client.Host, now clock.Time) {
	if c.state.skipsHeartbeats() {
		c.left = true
		return
	}
	c.dropAll(h, trace.PartitionsRevoked)
	c.left = false
	c.heartbeat.inflight = 0
	c.leave(h)
	if c.coordinator.Broker == 0 {
		c.transition(h, unsubscribed)
		c.left = true
		return
	}
	c.runBackground(h, now)
}
