// Package clocktest holds what the queue of package clock is measured against:
// an oracle that cannot be wrong for being clever, and the workloads of the
// performance goals. It is for tests and benchmarks.
package clocktest

import (
	"container/heap"

	"ksim/sim/clock"
)

// Oracle is the contract of clock.Queue in its plainest form: one heap by
// (time, class, sequence), in which an armed timer's entry is moved at once.
type Oracle struct {
	now     clock.Time
	calls   uint64
	pending happenings
}

// OracleTimer is a timer of an Oracle.
type OracleTimer = *happening

type happening struct {
	at       clock.Time
	class    clock.Class
	sequence uint64
	event    clock.Event
	place    int // in the heap; -1 outside
}

// Now is as that of clock.Queue.
func (o *Oracle) Now() clock.Time { return o.now }

// Len is as that of clock.Queue.
func (o *Oracle) Len() int { return len(o.pending) }

// Schedule is as that of clock.Queue.
func (o *Oracle) Schedule(at clock.Time, c clock.Class, e clock.Event) {
	o.Arm(&happening{class: c, event: e, place: -1}, at)
}

// NewTimer is as that of clock.Queue.
func (o *Oracle) NewTimer(e clock.Event) OracleTimer {
	return &happening{class: clock.ClassTimer, event: e, place: -1}
}

// Arm is as that of clock.Queue.
func (o *Oracle) Arm(t OracleTimer, at clock.Time) {
	o.calls++
	t.at, t.sequence = at, o.calls
	if t.place >= 0 {
		heap.Fix(&o.pending, t.place)
	} else {
		heap.Push(&o.pending, t)
	}
}

// Cancel is as that of clock.Queue.
func (o *Oracle) Cancel(t OracleTimer) bool {
	if t.place < 0 {
		return false
	}
	heap.Remove(&o.pending, t.place)
	return true
}

// Deadline is as that of clock.Queue.
func (o *Oracle) Deadline(t OracleTimer) (clock.Time, bool) {
	if t.place < 0 {
		return 0, false
	}
	return t.at, true
}

// Next is as that of clock.Queue.
func (o *Oracle) Next(until clock.Time) (clock.Class, clock.Event, bool) {
	if len(o.pending) == 0 || o.pending[0].at > until {
		return 0, clock.Event{}, false
	}
	h := heap.Pop(&o.pending).(*happening)
	o.now = h.at
	return h.class, h.event, true
}

// AdvanceTo is as that of clock.Queue, but checks nothing.
func (o *Oracle) AdvanceTo(t clock.Time) { o.now = t }

// happenings is a heap.Interface by time, class and sequence.
type happenings []*happening

func (p happenings) Len() int { return len(p) }

func (p happenings) Less(i, j int) bool {
	a, b := p[i], p[j]
	if a.at != b.at {
		return a.at < b.at
	}
	if a.class != b.class {
		return a.class < b.class
	}
	return a.sequence < b.sequence
}

func (p happenings) Swap(i, j int) {
	p[i], p[j] = p[j], p[i]
	p[i].place, p[j].place = i, j
}

func (p *happenings) Push(x any) {
	h := x.(*happening)
	h.place = len(*p)
	*p = append(*p, h)
}

func (p *happenings) Pop() any {
	last := len(*p) - 1
	h := (*p)[last]
	(*p)[last] = nil
	h.place = -1
	*p = (*p)[:last]
	return h
}
