package model

import (
	"cmp"
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
}

// timedNarration is what is said at a time, by time.
func timedNarration(s *scenario.Scenario) []*scenario.Narration {
	var timed []*scenario.Narration
	for i := range s.Narration {
		if s.Narration[i].On == "" && s.Narration[i].At <= s.Duration {
			timed = append(timed, &s.Narration[i])
		}
	}
	slices.SortStableFunc(timed, func(a, b *scenario.Narration) int { return cmp.Compare(a.At, b.At) })
	return timed
}

// sayUntil says what is due before an instant.
func (r *Run) sayUntil(at clock.Time) {
	for len(r.timed) > 0 && r.timed[0].At < at {
		n := r.timed[0]
		r.timed = r.timed[1:]
		r.said = append(r.said, Said{n, n.At, r.At(n.At)})
	}
}

// sayOn says what an event brings up: a sentence is said once, at the first event
// that it is about.
func (r *Run) sayOn(e *trace.Event) {
	for i := range r.Scenario().Narration {
		n := &r.Scenario().Narration[i]
		if n.On != e.Type || slices.ContainsFunc(r.said, func(x Said) bool { return x.Narration == n }) {
			continue
		}
		if expect.Match(&scenario.Pattern{Type: n.On, Fields: n.Match, Text: n.Text}, e) {
			r.said = append(r.said, Said{n, e.At, e.Seq})
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

// Heard tells whether the audience hears it: notes are the presenter's.
func (s *Said) Heard() bool { return strings.TrimSpace(s.Say+s.Ask) != "" }
