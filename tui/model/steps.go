package model

import (
	"iter"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// ahead is how many steps of the engine are run at a time while something is sought
// that has not happened yet.
const ahead = 4096

// Step is what a step through the run stops at.
type Step func(*Entry) bool

// OfInterest stops at all but lines of log.
func OfInterest(e *Entry) bool { return !e.Quiet && e.Text != "" }

// Rebalances stops where a group begins to move partitions.
func Rebalances(e *Entry) bool { return e.Type == trace.GroupRebalancing || e.Type == trace.GroupEpoch }

// Next is the number of the first entry behind seq at which a step stops; false when
// there is none to the end of the run.
func (r *Run) Next(seq uint64, stops Step) (uint64, bool) {
	for i := r.Until(seq); ; {
		for ; i < len(r.entries); i++ {
			if stops(&r.entries[i]) {
				return r.entries[i].Seq, true
			}
		}
		if _, _, ended := r.tape.Head(); ended {
			return seq, false
		}
		r.Advance(ahead)
	}
}

// Foresees tells whether Next needs no more of the run to answer.
func (r *Run) Foresees(seq uint64, stops Step) bool {
	for i := r.Until(seq); i < len(r.entries); i++ {
		if stops(&r.entries[i]) {
			return true
		}
	}
	_, _, ended := r.tape.Head()
	return ended
}

// Previous is the number of the last entry before seq at which a step stops; false
// when there is none, and then 0, the beginning.
func (r *Run) Previous(seq uint64, stops Step) (uint64, bool) {
	if seq == 0 {
		return 0, false
	}
	for i := r.Until(seq-1) - 1; i >= 0; i-- {
		if stops(&r.entries[i]) {
			return r.entries[i].Seq, true
		}
	}
	return 0, false
}

// Single is the number of the event after seq, detail too; false at the end.
func (r *Run) Single(seq uint64) (uint64, bool) {
	for {
		if _, last, ended := r.tape.Head(); seq < last || ended {
			return min(seq+1, last), seq < last
		}
		r.Advance(ahead)
	}
}

// At is the number of the last event up to an instant, 0 before the first.
func (r *Run) At(t clock.Time) uint64 {
	for {
		at, _, ended := r.tape.Head()
		if at > t || ended {
			break
		}
		r.Advance(ahead)
	}
	return r.tape.At(t)
}

// Time is when the event of that number happened; 0 for 0.
func (r *Run) Time(seq uint64) clock.Time {
	if e := r.Event(seq); e != nil {
		return e.At
	}
	return 0
}

// Event is any event up to the head of the run, detail too; nil for 0.
func (r *Run) Event(seq uint64) *trace.Event {
	if x, ok := r.Entry(seq); ok { // without running a stretch again for its detail
		return &x.Event
	}
	events := r.tape.Around(seq)
	if len(events) == 0 || seq < events[0].Seq || seq > events[len(events)-1].Seq {
		return nil
	}
	return &events[seq-events[0].Seq] // numbers have no gaps
}

// Events are all events of the run from its beginning on, detail too, in order; it is
// run to its end for that. They are not to be changed, nor kept.
func (r *Run) Events() iter.Seq[*trace.Event] {
	return func(yield func(*trace.Event) bool) {
		for r.Advance(ahead) {
		}
		_, last, _ := r.tape.Head()
		for seq := uint64(1); seq <= last; {
			events := r.tape.Around(seq)
			if len(events) == 0 {
				return
			}
			for i := int(seq - events[0].Seq); i < len(events); i++ { // numbers have no gaps
				if !yield(&events[i]) {
					return
				}
			}
			seq = events[len(events)-1].Seq + 1
		}
	}
}

// Fork is another run with this one's past up to seq, in which something is done
// after that: at the action's time, or as soon as a file can say.
func (r *Run) Fork(seq uint64, a scenario.Action) (*Run, error) {
	t, err := r.tape.Fork(seq, a)
	if err != nil {
		return nil, err
	}
	if r.original == nil {
		return of(t, r, clock.Never), nil
	}
	parted := clock.Never
	if at, _, _ := t.Head(); r.parted <= at {
		parted = r.parted
	}
	return of(t, r.original, parted), nil
}
