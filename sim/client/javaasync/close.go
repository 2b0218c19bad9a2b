package javaasync

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/clock"
)

// closeCall is where close() stands.
type closeCall struct {
	step     closeStep
	deadline clock.Time // the close timeout
}

// closeStep is a step of AsyncKafkaConsumer.close.
type closeStep uint8

const (
	closeBegins  closeStep = iota
	closeCommits           // the last auto-commit
	closeLeaves            // the answer to the heartbeat that leaves
	closeAwaits            // commits that are still out
)

// runClose goes through the steps of close(), as far as answers allow.
func (c *Consumer) runClose(h client.Host, now clock.Time) {
	k := &c.closing
	if k.step == closeBegins {
		k.step = closeCommits
		if offsets := c.subscriptions.Consumed(); c.s.autoCommit && len(offsets) > 0 {
			c.addCommit(commitClose, offsets, k.deadline)
			c.runBackground(h, now)
		}
	}
	if k.step == closeCommits {
		if slices.ContainsFunc(c.commits, func(k commit) bool { return k.purpose == commitClose }) {
			h.Arm(timerApp, k.deadline)
			return
		}
		k.step = closeLeaves
		if !c.leaveOnClose(h, now) {
			return
		}
	}
	if k.step == closeLeaves {
		if !c.leaveDone && now < k.deadline {
			h.Arm(timerApp, k.deadline)
			return
		}
		if c.leaveDone {
			c.info(h, "Completed leaving the group")
		} else {
			c.words.Log(h, "WARN", "Consumer attempted to leave the group but couldn't complete it within "+words.Millis(closeTimeout)+" ms. It will proceed to close.")
		}
		k.step = closeAwaits
	}
	if len(c.commits) > 0 && now < k.deadline {
		h.Arm(timerApp, k.deadline)
		return
	}
	h.Cancel(timerApp)
	h.Cancel(timerBackground)
	h.Cancel(timerMetadata)
	c.call = callNone
	h.Closed()
}

// leaveOnClose runs the last callback, revoked or, without an epoch, lost, and
// leaves (runRebalanceCallbacksOnClose, leaveGroupOnClose). False while the listener
// goes on.
func (c *Consumer) leaveOnClose(h client.Host, now clock.Time) bool {
	if owned := c.subscriptions.Owned(); len(owned) > 0 {
		kind := client.Revoked
		if c.commitEpoch <= 0 {
			kind = client.Lost
		}
		if !c.words.Invoke(h, kind, owned) {
			c.listen(running{})
			return false
		}
	}
	c.leaveGroup(h, now)
	return true
}

// leaveGroup leaves with the next heartbeat, if there is anything to leave.
func (c *Consumer) leaveGroup(h client.Host, now clock.Time) {
	c.leaveDone = false
	switch {
	case c.state == fenced:
		c.transition(h, unsubscribed)
		c.leaveDone = true
	case c.state.skipsHeartbeats():
		c.leaveDone = true
	case !c.state.isLeaving():
		c.transition(h, prepareLeaving)
		c.clearAssignment()
		c.startLeaving(h, false)
	}
	c.events = nil
	c.runBackground(h, now)
}
