package aiokafka

import (
	"ksim/sim/client"
	"ksim/sim/clock"
)

// get is the running getmany(), before the first one the rest of start().
type get struct {
	running bool
	started bool           // start() is over: the call counts as activity
	awaits  bool           // it waits for records, else for an assignment
	left    clock.Duration // of its timeout
	from    clock.Time     // when it last looked at the records
}

// runGet is the loop of Fetcher.fetched_records. While the group rebalances it
// waits for the new assignment, past its timeout if need be.
func (c *Consumer) runGet(h client.Host, now clock.Time) {
	g := &c.get
	if c.raised != nil {
		c.raise(h, now)
		return
	}
	if !g.started && !c.hasAssignment {
		return // start() waits for an assignment, without a timeout
	}
	g.started = true
	if c.reassigning {
		g.awaits = false
		h.Cancel(timerGet)
		return
	}
	g.from = now
	out := c.drain()
	if c.raised != nil {
		c.raise(h, now)
		return
	}
	if len(out) > 0 || g.left == 0 {
		c.endGet(h, now, client.PollResult{Records: out})
		return
	}
	g.awaits = true
	h.Arm(timerGet, now+g.left)
}

// recordsArrived wakes the getmany() that waits for records.
func (c *Consumer) recordsArrived(h client.Host, now clock.Time) {
	if g := &c.get; g.running && g.awaits {
		g.left = max(0, g.left-(now-g.from))
		c.runGet(h, now)
	}
}

// assignmentArrived wakes the getmany() that waits for an assignment.
func (c *Consumer) assignmentArrived(h client.Host, now clock.Time) {
	if g := &c.get; g.running && !g.awaits {
		c.runGet(h, now)
	}
}

// getTimedOut ends a getmany() that has waited for records in vain.
func (c *Consumer) getTimedOut(h client.Host) {
	if g := &c.get; g.running && g.awaits {
		c.endGet(h, g.from+g.left, client.PollResult{})
	}
}

// raise raises an error of a task in getmany() or start().
func (c *Consumer) raise(h client.Host, now clock.Time) {
	err := c.raised
	c.raised = nil
	c.endGet(h, now, client.PollResult{Err: err})
}

// endGet returns from getmany(): from here on the application is idle.
func (c *Consumer) endGet(h client.Host, now clock.Time, r client.PollResult) {
	c.get = get{}
	c.idleFrom = now
	h.Cancel(timerGet)
	h.Polled(r)
}
