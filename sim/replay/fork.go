package replay

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/scenario"
)

// Fork is another tape that shares this one's past up to event seq, where the
// action is done: in the next full millisecond, so that a scenario file can say
// when. This tape stays as it is.
func (t *Tape) Fork(seq uint64, a scenario.Action) (*Tape, error) {
	w := t.World(seq).Clone(nil)
	a.At = w.Now() - w.Now()%clock.Millisecond + clock.Millisecond
	if a.At > w.End() {
		return nil, fmt.Errorf("the run ends at %s: nothing can be done after that", w.End())
	}
	f := &Tape{near: segment{mark: -1}}
	f.head = w.Clone(f)
	f.scenario = f.head.Inject(a)
	shared := t.markFor(seq) + 1
	f.marks = slices.Clone(t.marks[:shared])
	f.shown = slices.Clone(t.shown[:t.Before(w.Seq())])
	f.setMark()
	return f, nil
}
