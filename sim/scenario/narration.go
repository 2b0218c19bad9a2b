package scenario

import (
	"cmp"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/diag"
	"ksim/sim/trace"
)

// Narration is said at a time, or at the first event that it is about.
type Narration struct {
	At             clock.Time // Never when On is set
	On             trace.Type // "" when At is set
	Match          []Field    // further keys of `on:` entries (member, reason, …)
	Text           string     // contained in the event's text
	Say, Ask, Note string
	Choices        []string // answers to Ask
	Answer         string   // the right one; "" when the file does not say
	Chapter        string   // begins one of this name
	Pos            diag.Pos
}

// About picks the events that bring it up, where On is set.
func (n *Narration) About() *Pattern { return &Pattern{Type: n.On, Fields: n.Match, Text: n.Text} }

// TimedNarration is what is said at a time, by time; what is said at the same instant
// in the order of the file.
func (s *Scenario) TimedNarration() []*Narration {
	var timed []*Narration
	for i := range s.Narration {
		if s.Narration[i].On == "" {
			timed = append(timed, &s.Narration[i])
		}
	}
	slices.SortStableFunc(timed, func(a, b *Narration) int { return cmp.Compare(a.At, b.At) })
	return timed
}
