package model

import (
	"bytes"
	"slices"
	"sort"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/expect"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// Said is something that the scenario says to its audience, when its time has come.
type Said struct {
	*scenario.Narration
	At  clock.Time
	Seq uint64 // the event it is about, or the last before its time
	// Elsewhere tells that it was written of the original run, and is said in a fork at
	// an event that is not the same there: it may not be true here.
	Elsewhere bool
}

// Heard tells whether the audience hears it: notes are the presenter's.
func (s *Said) Heard() bool { return strings.TrimSpace(s.Say+s.Ask) != "" }

// Asks tells whether it asks the audience something: not in a fork about what is
// otherwise there.
func (s *Said) Asks() bool { return strings.TrimSpace(s.Ask) != "" && !s.Elsewhere }

// sayUntil says what is due before an instant: in a fork only up to its first
// difference.
func (r *Run) sayUntil(at clock.Time) {
	for len(r.timed) > 0 && r.timed[0].At < at {
		n := r.timed[0]
		r.timed = r.timed[1:]
		if n.At < r.parted {
			r.said = append(r.said, Said{Narration: n, At: n.At, Seq: r.At(n.At)})
		}
	}
}

// compare looks whether the event of that index is the first of a fork that the
// original run does not have.
func (r *Run) compare(index int, e *trace.Event) {
	if r.original == nil || r.parted != clock.Never || index < r.shared {
		return
	}
	for index >= len(r.original.tape.Shown()) {
		if !r.original.Advance(ahead) {
			break
		}
	}
	at := e.At
	if there := r.original.tape.Shown(); index < len(there) {
		if same(e, &there[index]) {
			return
		}
		at = min(at, there[index].At)
	}
	r.parted = at
}

// same tells whether two events say the same, whatever their numbers: those count
// requests and polls too.
func same(a, b *trace.Event) bool {
	x, y := *a, *b
	x.Seq, y.Seq, x.Cause, y.Cause = 0, 0, 0, 0 // Shown is in no trace
	return x.At == y.At && x.Type == y.Type && bytes.Equal(trace.AppendJSON(nil, &x), trace.AppendJSON(nil, &y))
}

// Parted is when the first thing happens in a fork that does not in the original run;
// Never as long as none has, and in the original.
func (r *Run) Parted() clock.Time { return r.parted }

// saidThere tells whether the original run says something at the same instant, of an
// event with the same sentence.
func (r *Run) saidThere(n *scenario.Narration, at clock.Time, text string) bool {
	r.original.At(at) // runs it so far
	for i := range r.original.said {
		if x := &r.original.said[i]; x.Narration == n {
			there, shown := r.original.Entry(x.Seq)
			return x.At == at && shown && there.Text == text
		}
	}
	return false
}

// Unsaid tells of each entry of the narration, by its place in the file, whether the
// run as far as it has been run does not say it, or says it of something else.
func (r *Run) Unsaid() []bool {
	all := r.Scenario().Narration
	unsaid := make([]bool, len(all))
	for i := range all {
		unsaid[i] = !slices.ContainsFunc(r.said, func(x Said) bool { return x.Narration == &all[i] && !x.Elsewhere })
	}
	return unsaid
}

// sayOn says what an event brings up: a sentence is said once, at the first event
// that it is about.
func (r *Run) sayOn(e *trace.Event, text string) {
	for i := range r.Scenario().Narration {
		n := &r.Scenario().Narration[i]
		if n.On != e.Type || slices.ContainsFunc(r.said, func(x Said) bool { return x.Narration == n }) {
			continue
		}
		if expect.Match(n.About(), e) {
			r.said = append(r.said, Said{n, e.At, e.Seq, r.parted != clock.Never && !r.saidThere(n, e.At, text)})
		}
	}
}

// Said is what has been said in the run so far, in order; not to be changed.
func (r *Run) Said() []Said { return r.said }

// SaidUntil gives how much of it has been said when the event seq has happened and
// the clock shows at.
func (r *Run) SaidUntil(seq uint64, at clock.Time) int {
	return sort.Search(len(r.said), func(i int) bool { return !r.said[i].before(seq, at) })
}

// before tells whether a moment is behind what is said, or the same.
func (s *Said) before(seq uint64, at clock.Time) bool {
	return s.Seq < seq || s.Seq == seq && s.At <= at
}
