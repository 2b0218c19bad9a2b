package app

import (
	"ksim/sim/client"
	"ksim/sim/clock"
)

// fanOut is a sequential loop that turns each record into tasks, sends them to a
// queue one by one, and commits: at least once, for a crash between the first task
// and the commit sends those tasks again.
type fanOut struct {
	sequential
	sending bool
	sent    int64 // tasks of the record in hand
}

// Timer ends the work on a record, whose tasks are then sent.
func (f *fanOut) Timer(h Host, now clock.Time) {
	if f.run.n == 0 || f.run.fate != processed {
		f.sequential.Timer(h, now)
		return
	}
	f.sending, f.sent = true, 0
	f.enqueue(h)
}

// enqueue sends the next task.
func (f *fanOut) enqueue(h Host) {
	h.Enqueue(first(f.run.left), f.sent, h.Draw(&f.app.Enqueue))
}

// Enqueued goes on with the next task. After the last one the record is done.
func (f *fanOut) Enqueued(h Host, now clock.Time, _ client.Range, _ *client.Error) {
	if f.sent++; f.sent < f.app.Tasks {
		f.enqueue(h)
		return
	}
	f.sending = false
	f.sequential.Timer(h, now)
}

// Slow makes the next record that begins take d.
func (f *fanOut) Slow(_ Host, _ clock.Time, d clock.Duration) { f.slow = append(f.slow, d) }

// Cut lets the record in hand be the last of a one-by-one result.
func (f *fanOut) Cut(h Host, now clock.Time) {
	if !f.sending {
		f.sequential.Cut(h, now)
	} else if f.run.oneByOne {
		f.dropRest(h, 1)
	}
}

// Stop asks the loop to end, after the record in hand or the batch.
func (f *fanOut) Stop(h Host, now clock.Time) {
	if !f.sending {
		f.sequential.Stop(h, now)
		return
	}
	f.stopping, f.drained = true, now+f.app.Shutdown.Drain
	if f.run.oneByOne {
		f.Cut(h, now)
	}
}

// Settle has nothing to report: a record is done when its tasks are sent.
func (f *fanOut) Settle(Host, clock.Time) {}

// Clone is a deep copy.
func (f *fanOut) Clone() App {
	c := *f
	c.loop = f.clone()
	return &c
}
