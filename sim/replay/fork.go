package replay

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/scenario"
)

// Fork is another tape that shares this one's past up to event seq, after which the
// action is done: at its time, but in the next full millisecond at the earliest, and
// in a full one, so that a scenario file can say when. This tape stays as it is.
func (t *Tape) Fork(seq uint64, a scenario.Action) (*Tape, error) {
	w := t.World(seq)
	if t.forked != nil && t.forked.seq == w.Seq() {
		w = t.forked.world // what was done there is part of the past too
	}
	w = w.Clone(nil)
	a.At = max(a.At+clock.Millisecond-1, w.Now()+clock.Millisecond)
	a.At -= a.At % clock.Millisecond
	if a.At > w.End() {
		return nil, fmt.Errorf("the run ends at %s: nothing can be done after that", w.End())
	}
	f := &Tape{most: t.most, spacing: t.spacing}
	f.head = w.Clone(f)
	f.scenario = f.head.Inject(a)
	shared := t.markFor(seq) + 1
	f.marks = slices.Clone(t.marks[:shared])
	f.shown = slices.Clone(t.shown[:t.Before(w.Seq())])
	f.setMark(true)
	f.forked = &mark{world: f.marks[len(f.marks)-1].world, seq: w.Seq()}
	return f, nil
}
