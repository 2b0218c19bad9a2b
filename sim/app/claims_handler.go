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

// dropRest gives up all but the first records of a handler.
func (c *Claims) dropRest(h Host, x *handler, keep int64) {
	c.marks.giveBack(x.run.left, keep)
	h.GaveUp(x.run.drop(keep))
}

// wake ends what a handler waits for with its context in view: a place in the pool,
// the next try of a record.
func (c *Claims) wake(x *handler) {
	switch x.state {
	case putting:
		c.senders = slices.DeleteFunc(c.senders, func(tp kafka.TopicPartition) bool { return tp == x.tp })
		c.shared.running = false
	case sleeping:
	default:
		return
	}
	x.state, x.run.n = receiving, 0
}

// settle reports the records of the running stretch that have ended by now, and
// marks them.
func (x *handler) settle(h Host, now clock.Time) {
	if x.state != working {
		return
	}
	x.run.settle(now, func(r client.Range) {
		h.Completed(r)
		x.marked = max(x.marked, r.To)
	})
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
// running one has ended, where it is to leave.
func (c *Claims) Stop(h Host, now clock.Time) {
	switch {
	case c.stopping:
		return
	case c.app.Shutdown.Given && !c.app.Shutdown.Leave:
		h.(ClaimHost).CancelSession()
	default:
		h.Close()
	}
	c.stopping, c.retry, c.startup, c.drained = true, 0, 0, now+c.app.Shutdown.Drain
	c.arm(h, now)
}

// Closed ends the process.
func (c *Claims) Closed(h Host, _ clock.Time) { h.Exit() }

// Taken is of no use where there are no polls.
func (c *Claims) Taken(now clock.Time) (int64, clock.Time) { return 0, now }

// Settle reports what has been completed by now.
func (c *Claims) Settle(h Host, now clock.Time) {
	if !c.settles() {
		return
	}
	for i := range c.handlers {
		c.handlers[i].settle(h, now)
	}
}

// Held appends what is in the handlers' hands, their channels and the buffer.
func (c *Claims) Held(to []client.Range) []client.Range {
	to = c.pool.held(append(to, c.shared.ranges...))
	for i := range c.handlers {
		to = c.handlers[i].rest(to)
	}
	return to
}

// rest appends the handler's records that have not been completed.
func (x *handler) rest(to []client.Range) []client.Range {
	to = append(append(to, x.txn.done...), x.txn.passed...)
	return slices.AppendSeq(to, x.run.beyond(x.run.settled))
}

// settles tells whether a record is complete when a handler has worked on it: not
// where an upload, a worker or its tasks are still to come.
func (c *Claims) settles() bool {
	return c.app.Model == scenario.Sequential || c.app.Model == scenario.Router
}

// Buffered is what the program has in its own buffer, in its pool, and in the hands
// of handlers that wait for a place there.
func (c *Claims) Buffered() (records, bytes int64) {
	records, bytes = sizeOf(c.pool.held(nil))
	for i := range c.handlers {
		if x := &c.handlers[i]; x.state == putting && x.run.n > 0 {
			records, bytes = records+x.run.n, bytes+x.run.n*x.run.left[0].Size
		}
	}
	return records + c.shared.records, bytes + c.shared.bytes
}

// Channels is what is in the handlers' channels.
func (c *Claims) Channels(now clock.Time) (records, bytes int64) {
	for i := range c.handlers {
		x := &c.handlers[i]
		for r := range x.run.beyond(x.run.remaining() - x.untaken(now)) {
			records += r.Len()
			bytes += r.Len() * r.Size
		}
	}
	return records, bytes
}

// Queued is what waits for a worker.
func (c *Claims) Queued() (records, bytes int64) { return c.pool.queued() }

// LongestGap: there are no polls.
func (c *Claims) LongestGap() clock.Duration { return 0 }

// Clone is a deep copy.
func (c *Claims) Clone() App {
	d := *c
	d.handlers, d.byName = slices.Clone(c.handlers), slices.Clone(c.byName)
	for i := range d.handlers {
		x := &d.handlers[i]
		x.run.left = slices.Clone(x.run.left)
		x.txn.done, x.txn.passed = slices.Clone(x.txn.done), slices.Clone(x.txn.passed)
	}
	d.slow = slices.Clone(c.slow)
	d.shared.ranges = slices.Clone(c.shared.ranges)
	d.producing.queue = slices.Clone(c.producing.queue)
	d.pool, d.senders, d.marks = c.pool.clone(), slices.Clone(c.senders), slices.Clone(c.marks)
	return &d
}
