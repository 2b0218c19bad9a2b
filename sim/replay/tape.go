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
	forked   *mark         // of a fork: where it begins
	shown    []trace.Event // all but detail, in order
	steps    int           // of the engine since the last mark

	near   segment // the stretch looked at last, with its detail
	cursor *sim.World
	before uint64 // the cursor's Seq before its last step
}

// mark is a copy of the world at a point of the tape.
type mark struct {
	world *sim.World
	seq   uint64 // of the last event before it
}

// segment is all events from one mark to the next.
type segment struct {
	mark   int // index; −1 for none
	to     uint64
	events []trace.Event
}

// New is the tape of a scenario, at its beginning.
func New(s *scenario.Scenario) *Tape {
	t := &Tape{scenario: s, near: segment{mark: -1}}
	t.head = sim.New(s, sim.Options{Sink: t, At: sampled(s.Duration)})
	t.setMark()
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

func (t *Tape) setMark() {
	t.marks = append(t.marks, mark{t.head.Clone(nil), t.head.Seq()})
	t.steps = 0
}

// Advance runs the head on by at most n steps of the engine; false when the run
// has come to its end.
func (t *Tape) Advance(n int) bool {
	for range n {
		if t.ended {
			return false
		}
		if t.steps == copyEvery {
			t.setMark()
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

// markFor is the last mark at or before an event.
func (t *Tape) markFor(seq uint64) int {
	return sort.Search(len(t.marks), func(i int) bool { return t.marks[i].seq >= seq && i > 0 }) - 1
}

// Around gives all events of the stretch in which seq lies, detail too, in order.
// It is not to be changed, and good until the next call.
func (t *Tape) Around(seq uint64) []trace.Event {
	i := t.markFor(seq)
	end := t.head.Seq()
	if i+1 < len(t.marks) {
		end = t.marks[i+1].seq
	}
	if t.near.mark == i && t.near.to == end {
		return t.near.events
	}
	t.near = segment{mark: i, to: end}
	w := t.marks[i].world.Clone((*collector)(&t.near))
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
	i := t.markFor(seq)
	if t.cursor == nil || seq <= t.before || t.cursor.Seq() < t.marks[i].seq {
		t.cursor = t.marks[i].world.Clone(deaf{})
		t.before = t.marks[i].seq
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

// deaf is a sink that listens to nothing.
type deaf struct{}

// Event drops an event.
func (deaf) Event(*trace.Event) {}
