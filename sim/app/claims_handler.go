package app

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
)

// held is how many records the handler has begun with outside a running stretch:
// the one whose commit comes before its work.
func (x *handler) held() int64 {
	if x.state == committing && x.run.n == 0 && len(x.run.left) > 0 && x.marked > x.run.left[0].From {
		return 1
	}
	return 0
}

// untaken is how many records the handler has not begun.
func (x *handler) untaken(now clock.Time) int64 {
	return x.run.remaining() - max(x.run.begun(now), x.held())
}

// drainedAt is when no more than the watched number of records will be untaken,
// if nothing happens before.
func (x *handler) drainedAt() clock.Time {
	if x.watch < 0 || x.state != working {
		return clock.Never
	}
	k := x.run.remaining() - x.watch // the k-th record of the stretch is the one
	if k > x.run.n {
		return clock.Never
	}
	return x.run.start + clock.Duration(max(k-1, 0))*x.run.each
}

// dropRest gives up all but the first records.
func (x *handler) dropRest(h Host, keep int64) { h.GaveUp(x.run.drop(keep)) }

// settle reports the records of the running stretch that have ended by now, and
// marks them.
func (x *handler) settle(h Host, now clock.Time) {
	if x.state != working || x.run.n == 0 {
		return
	}
	ended := x.run.ended(now)
	skip, n := x.run.settled, ended-x.run.settled
	for _, r := range x.run.left {
		if n <= 0 {
			break
		}
		k := min(skip, r.Len())
		skip -= k
		if r.From += k; r.Len() == 0 {
			continue
		}
		r.To = min(r.To, r.From+n)
		n -= r.Len()
		h.Completed(r)
		x.marked = max(x.marked, r.To)
	}
	x.run.settled = ended
}

// Slow makes the next record that any handler begins take d: the running
// stretches end with the records in hand.
func (c *Claims) Slow(h Host, now clock.Time, d clock.Duration) {
	c.slow = append(c.slow, d)
	c.Cut(h, now)
}

// Cut ends every running stretch with the record in hand.
func (c *Claims) Cut(h Host, now clock.Time) {
	for i := range c.handlers {
		if x := &c.handlers[i]; x.state == working {
			x.run.cut(now)
		}
	}
	c.arm(h, now)
}

// Stop cancels the context of the sessions, and closes the consumer when the
// running one has ended.
func (c *Claims) Stop(h Host, _ clock.Time) {
	if !c.stopping {
		c.stopping, c.retry = true, 0
		h.Close()
	}
}

// Closed ends the process.
func (c *Claims) Closed(h Host, _ clock.Time) { h.Exit() }

// Committed is the end of Cleanup's commit, and with it of Cleanup: every other
// commit is a handler's.
func (c *Claims) Committed(h Host, _ clock.Time, _ *client.Error) { h.CallbackReturned() }

// Callback is Setup and Cleanup: they only watch, unless the buffer is to be
// dropped, or uploaded.
func (c *Claims) Callback(h Host, now clock.Time, kind client.Callback, partitions []kafka.TopicPartition) bool {
	if kind != client.Assigned && c.app.OnRevoke == scenario.OnRevokeFlush && c.shared.records > 0 {
		c.cleanUp(h, now)
		return false
	}
	c.shared.revoked(h, c.app, kind, partitions)
	return true
}

// Taken is of no use where there are no polls.
func (c *Claims) Taken(now clock.Time) (int64, clock.Time) { return 0, now }

// Settle reports what has been completed by now.
func (c *Claims) Settle(h Host, now clock.Time) {
	if c.collects() {
		return // records are complete when their upload is
	}
	for i := range c.handlers {
		c.handlers[i].settle(h, now)
	}
}

// Held appends what is in the handlers' hands, their channels and the buffer.
func (c *Claims) Held(to []client.Range) []client.Range {
	to = append(to, c.shared.ranges...)
	for i := range c.handlers {
		to = append(to, c.handlers[i].rest()...)
	}
	return to
}

// rest is the handler's records that have not been completed.
func (x *handler) rest() (out []client.Range) {
	skip := x.run.settled
	for _, r := range x.run.left {
		k := min(skip, r.Len())
		skip -= k
		if r.From += k; r.Len() > 0 {
			out = append(out, r)
		}
	}
	return out
}

// Buffered is what the program has in its own buffer.
func (c *Claims) Buffered() (records, bytes int64) { return c.shared.records, c.shared.bytes }

// Channels is what is in the handlers' channels.
func (c *Claims) Channels(now clock.Time) (records, bytes int64) {
	for i := range c.handlers {
		x := &c.handlers[i]
		skip := x.run.remaining() - x.untaken(now)
		for _, r := range x.run.left {
			k := min(skip, r.Len())
			skip -= k
			records += r.Len() - k
			bytes += (r.Len() - k) * r.Size
		}
	}
	return records, bytes
}

// Queued: nothing waits for a worker.
func (c *Claims) Queued() (records, bytes int64) { return 0, 0 }

// Workers: there are none beside the handlers.
func (c *Claims) Workers(Host, clock.Time) {}

// LongestGap: there are no polls.
func (c *Claims) LongestGap() clock.Duration { return 0 }

// Clone is a deep copy.
func (c *Claims) Clone() App {
	d := *c
	d.handlers = slices.Clone(c.handlers)
	for i := range d.handlers {
		d.handlers[i].run.left = slices.Clone(d.handlers[i].run.left)
	}
	d.slow = slices.Clone(c.slow)
	d.shared.ranges = slices.Clone(c.shared.ranges)
	return &d
}
