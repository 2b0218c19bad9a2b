package app

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// cleanup is a Cleanup that ends what the handlers have left behind when all have
// returned: it uploads the buffer, waits for the workers, and commits.
type cleanup struct {
	running bool
	until   clock.Time // Never: as long as it takes
	upload  clock.Time // when its own upload of the buffer is done; 0: none runs
	offsets []kafka.OffsetCommit
	commits bool // its commit runs
}

// due is when the cleanup goes on by itself.
func (c *cleanup) due() clock.Time {
	switch {
	case !c.running || c.commits:
		return clock.Never
	case c.upload != 0:
		return min(c.upload, c.until)
	}
	return c.until
}

// Callback is Setup and Cleanup. Setup is what a program waits for that waits for
// its assignment, and comes with an empty one too. Cleanup does with what is left
// as on-revoke and shutdown say.
func (c *Claims) Callback(h Host, now clock.Time, kind client.Callback, partitions []kafka.TopicPartition) bool {
	switch drains := c.stopping && c.app.Shutdown.Given; {
	case kind == client.Assigned:
		c.marks, c.unsaved = nil, false
		if c.startup != 0 {
			c.startup = 0
			c.arm(h, now)
		}
		return true
	case c.app.OnRevoke == scenario.OnRevokeFlush:
		c.cleanup = cleanup{running: true, until: clock.Never}
	case drains:
		c.cleanup = cleanup{running: true, until: c.drained}
	case c.stopping:
		c.abandon(h)
		return true
	default:
		if c.app.OnRevoke == scenario.OnRevokeDrop {
			h.GaveUp(c.pool.drop(partitions))
			c.shared.drop(h, partitions)
		}
		return true
	}
	if c.shared.records == 0 && c.pool.idle() && !c.unsaved {
		c.cleanup = cleanup{}
		return true
	}
	c.cleanOn(h, now)
	c.arm(h, now)
	return false
}

// cleanOn is the next step of a cleanup that runs.
func (c *Claims) cleanOn(h Host, now clock.Time) {
	x := &c.cleanup
	if !x.running || x.commits {
		return
	}
	if x.upload != 0 && now >= x.upload {
		c.cleaned(h)
	}
	switch {
	case now >= x.until:
		c.abandon(h)
	case x.upload != 0:
		return
	case c.shared.records > 0 && !c.app.Pool:
		h.Emit(trace.Event{Type: trace.WorkStarted, What: "upload", Records: c.shared.records})
		x.upload = max(1, now+h.Draw(&c.app.Upload))
		return
	case c.shared.records > 0 && c.pool.full():
		return
	case c.shared.records > 0:
		records := c.shared.ranges
		c.shared = shared{}
		c.give(h, now, records...)
		if c.app.CommitOn == scenario.CommitOnSubmit {
			x.offsets = after(records)
		}
		return
	case !c.pool.idle():
		return
	}
	x.commits = true
	h.Commit(x.offsets)
}

// cleaned ends Cleanup's own upload.
func (c *Claims) cleaned(h Host) {
	b := &c.shared
	c.cleanup.upload = 0
	h.Emit(trace.Event{Type: trace.WorkFinished, What: "upload", Records: b.records})
	for _, r := range b.ranges {
		h.Completed(r)
	}
	c.cleanup.offsets = after(b.ranges)
	*b = shared{ranges: b.ranges[:0]}
}

// abandon gives up what the program has and will not work on.
func (c *Claims) abandon(h Host) {
	n, _ := sizeOf(c.Held(nil))
	h.GaveUp(n)
	c.pool.clear()
	h.ArmWorkers(clock.Never)
	c.shared, c.cleanup.upload = shared{}, 0
}

// Committed is the end of Cleanup's commit, and with it of Cleanup: every other
// commit is a handler's or a worker's.
func (c *Claims) Committed(h Host, now clock.Time, _ *client.Error) {
	c.cleanup, c.unsaved = cleanup{}, false
	c.arm(h, now)
	h.CallbackReturned()
}
