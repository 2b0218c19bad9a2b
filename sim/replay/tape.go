// Package replay makes a run something that can be gone through in both
// directions. A Tape runs a world forward once, keeps what it said and, now and
// then, a copy of it. Going back is running a copy forward again up to the event
// that is wanted: the engine is deterministic, so nothing differs.
package replay

import (
	"sort"

	"ksim/sim"
	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// copyEvery is how many steps of the engine lie between two copies: few enough to
// run again while a key is pressed, many enough that the copies of a long run fit
// into memory.
const copyEvery = 8192

// Tape is a run that has been run up to some point, its head, and can be looked at
// anywhere before. It is for one goroutine.
type Tape struct {
	scenario *scenario.Scenario
	head     *sim.World
	ended    bool
	marks    []mark
	most     int           // marks at most
	spacing  int           // how many steps lie between two marks: more in a long run
	forked   *mark         // of a fork: where it begins
	shown    []trace.Event // all but detail, in order
	steps    int           // of the engine since the last mark

	fine   []mark  // in a wide gap between two marks, the one looked at last: the first is the mark before it
	near   segment // the stretch looked at last, with its detail
	cursor *sim.World
	before uint64 // the cursor's Seq before its last step
}

// mark is a copy of the world at a point of the tape.
type mark struct {
	world *sim.World
	seq   uint64 // of the last event before it
	fixed bool   // a run begins here, or a fork: what was done there is in no world before it
}

// segment is all events from one mark to the next.
type segment struct {
	from, to uint64
	events   []trace.Event
}

// New is the tape of a scenario, at its beginning.
func New(s *scenario.Scenario) *Tape {
	t := &Tape{scenario: s, most: mostMarks(s), spacing: copyEvery}
	t.head = sim.New(s, sim.Options{Sink: t, At: sampled(s.Duration)})
	t.setMark(true)
	return t
}

// mostSamples is how many samples are taken in a run: as many as a curve over all of
// it has columns.
const mostSamples = 300

// sampled is the instants at which samples are taken, full seconds of a long run.
func sampled(end clock.Time) []clock.Time {
	step := max(end/mostSamples, clock.Millisecond)
	if step > clock.Second {
		step += clock.Second - 1
		step -= step % clock.Second
	}
	var at []clock.Time
	for t := step; t <= end; t += step {
		at = append(at, t)
	}
	return at
}

// Samples are what was sampled up to the head, over the whole run in even distances.
func (t *Tape) Samples() sim.Samples { return t.head.Samples() }

// Event takes in what the head says; the tape is its sink.
func (t *Tape) Event(e *trace.Event) { t.shown = append(t.shown, *e) }

// Scenario is what is run; of a fork, with what was done in it.
func (t *Tape) Scenario() *scenario.Scenario { return t.scenario }

func (t *Tape) setMark(fixed bool) {
	t.marks = append(t.marks, mark{t.head.Clone(nil), t.head.Seq(), fixed})
	t.steps = 0
	if len(t.marks) > t.most {
		t.thinOut()
	}
}

// What the copies of a run may take in all, and about how large one is, in kilobytes:
// measured with 3 and with 200 members.
const (
	copiesMemory = 128_000
	copyMemory   = 230
	memberMemory = 9
)

// mostMarks is how many copies of a scenario's world are kept at most.
func mostMarks(s *scenario.Scenario) int {
	members := 0
	for i := range s.Groups {
		members += len(s.Groups[i].Members)
	}
	return copiesMemory / (copyMemory + memberMemory*members)
}

// thinOut leaves out every second mark, and sets those to come half as often.
func (t *Tape) thinOut() {
	kept := t.marks[:0:0]
	for i := range t.marks {
		if i%2 == 0 || t.marks[i].fixed {
			kept = append(kept, t.marks[i])
		}
	}
	t.marks, t.fine = kept, nil
	t.spacing *= 2
}

// Advance runs the head on by at most n steps of the engine; false when the run
// has come to its end.
func (t *Tape) Advance(n int) bool {
	for range n {
		if t.ended {
			return false
		}
		if t.steps >= t.spacing {
			t.setMark(false)
		}
		t.steps++
		if !t.head.Step() {
			t.head.Run() // what there is to say at the end
			t.ended = true
		}
	}
	return !t.ended
}

// Head is how far the run has been run: virtual time, and the number of the last
// event. Ended tells that this is its end.
func (t *Tape) Head() (at clock.Time, seq uint64, ended bool) {
	return t.head.Now(), t.head.Seq(), t.ended
}

// Shown is what the head has said so far, without detail; not to be changed.
func (t *Tape) Shown() []trace.Event { return t.shown }

// Before gives the index in Shown behind the last event with a number up to seq.
func (t *Tape) Before(seq uint64) int {
	return sort.Search(len(t.shown), func(i int) bool { return t.shown[i].Seq > seq })
}

// markFor is the last mark before an event.
func (t *Tape) markFor(seq uint64) int { return lastBefore(t.marks, seq) }

func lastBefore(marks []mark, seq uint64) int {
	return sort.Search(len(marks), func(i int) bool { return marks[i].seq >= seq && i > 0 }) - 1
}

// nearest is the last copy before an event, and the number of the last event before
// the next one. In a wide gap copies are made, and kept until another is looked at, so
// that what is near to each other is looked at without running all of the gap again.
func (t *Tape) nearest(seq uint64) (from *mark, end uint64) {
	i := t.markFor(seq)
	from, end = &t.marks[i], t.head.Seq()
	if i+1 < len(t.marks) {
		end = t.marks[i+1].seq
	}
	if t.spacing == copyEvery {
		return from, end
	}
	if len(t.fine) == 0 || t.fine[0].world != from.world {
		t.fine = []mark{*from}
	}
	for last := t.fine[len(t.fine)-1]; last.seq < seq; last = t.fine[len(t.fine)-1] {
		w := last.world.Clone(deaf{})
		for n := 0; n < copyEvery && w.Seq() < end && w.Step(); n++ {
		}
		if w.Seq() >= end || w.Seq() == last.seq {
			break
		}
		t.fine = append(t.fine, mark{w, w.Seq(), false})
	}
	k := lastBefore(t.fine, seq)
	if k+1 < len(t.fine) {
		end = t.fine[k+1].seq
	}
	return &t.fine[k], end
}

// Around gives all events of the stretch in which seq lies, detail too, in order.
// It is not to be changed, and good until the next call.
func (t *Tape) Around(seq uint64) []trace.Event {
	from, end := t.nearest(seq)
	if t.near.events != nil && t.near.from == from.seq && t.near.to == end {
		return t.near.events
	}
	t.near = segment{from: from.seq, to: end}
	w := from.world.Clone((*collector)(&t.near))
	w.Watch(true)
	for w.Seq() < end {
		if !w.Step() {
			w.Run() // the events of the end
			break
		}
	}
	return t.near.events
}

// collector is a sink that keeps all it hears.
type collector segment

// Event takes in the next event.
func (c *collector) Event(e *trace.Event) {
	if e.Seq <= c.to {
		c.events = append(c.events, *e)
	}
}

// World is the world right after the step that said event seq; 0 is the
// beginning. It is the tape's own and only to be looked at, until the next call.
func (t *Tape) World(seq uint64) *sim.World {
	if from, _ := t.nearest(seq); t.cursor == nil || seq <= t.before || t.cursor.Seq() < from.seq {
		t.cursor = from.world.Clone(deaf{})
		t.before = from.seq
	}
	for t.cursor.Seq() < seq {
		t.before = t.cursor.Seq()
		if !t.cursor.Step() {
			t.cursor.Run() // the events of the end
			break
		}
	}
	return t.cursor
}

// At is the number of the last event up to an instant that the head has passed, detail
// too; 0 before the first.
func (t *Tape) At(at clock.Time) uint64 {
	i := sort.Search(len(t.shown), func(i int) bool { return t.shown[i].At > at })
	if i == 0 && len(t.shown) > 0 && t.shown[0].At > at || len(t.shown) == 0 {
		return t.advanceTo(t.World(0), at)
	}
	w := t.World(t.shown[i-1].Seq)
	return t.advanceTo(w, at)
}

// advanceTo runs the cursor on while what comes next is not behind an instant.
func (t *Tape) advanceTo(w *sim.World, at clock.Time) uint64 {
	for w.Seq() < t.head.Seq() {
		before := w.Seq()
		if !w.StepUntil(at) {
			if at >= w.End() && t.ended {
				t.before = before
				w.Run() // the events of the end
			}
			break
		}
		t.before = before
	}
	return w.Seq()
}

// deaf is a sink that listens to nothing.
type deaf struct{}

// Event drops an event.
func (deaf) Event(*trace.Event) {}
