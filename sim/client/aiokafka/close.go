package aiokafka

import (
	"ksim/sim/client"
	"ksim/sim/clock"
)

// turnFinal is the end of the coordination task and of GroupCoordinator.close: the
// last auto-commit, then LeaveGroup of a dynamic member. The listener is not
// called. A join that is on its way is waited for before.
func (c *Consumer) turnFinal(h client.Host, now clock.Time) bool {
	if c.hasAssignment && c.s.autoCommit {
		if !c.lastAutoCommit(h, now) {
			return false
		}
		if err := c.endCommit(byTask); err != nil {
			c.logf(h, "ERROR", "Failed to commit on finallization: %s", err.Text)
		}
	}
	c.stopHeartbeat(h)
	if c.leave(h) {
		c.task.enter(stepLeave)
		return false
	}
	c.resetGeneration()
	c.task.enter(stepDone)
	return false
}

// finish ends stop() when the coordination task has ended: nothing is left to do.
func (c *Consumer) finish(h client.Host) {
	if !c.closing || c.task.step != stepDone {
		return
	}
	c.closing = false
	for _, t := range []client.TimerID{timerCoordination, timerHeartbeat, timerCommit, timerFetch, timerMetadata, timerRefresh} {
		h.Cancel(t)
	}
	c.inflight = nil
	h.Closed()
}
