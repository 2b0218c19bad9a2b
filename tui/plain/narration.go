package plain

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/expect"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// narration is what the scenario has to say, and has not said yet.
type narration struct {
	timed  []*scenario.Narration // by time
	events []*scenario.Narration // said at the first event that matches
}

func newNarration(s *scenario.Scenario) narration {
	n := narration{timed: s.TimedNarration()}
	for i := range s.Narration {
		if x := &s.Narration[i]; x.On != "" {
			n.events = append(n.events, x)
		}
	}
	return n
}

// until takes out what is due at an instant.
func (n *narration) until(at clock.Time) []*scenario.Narration {
	i := 0
	for i < len(n.timed) && n.timed[i].At <= at {
		i++
	}
	due := n.timed[:i]
	n.timed = n.timed[i:]
	return due
}

// on takes out what an event brings up. On paper a sentence is said once, even
// where it would come up again: the reader still has it.
func (n *narration) on(e *trace.Event) []*scenario.Narration {
	var due []*scenario.Narration
	n.events = slices.DeleteFunc(n.events, func(x *scenario.Narration) bool {
		matches := expect.Match(x.About(), e)
		if matches {
			due = append(due, x)
		}
		return matches
	})
	return due
}
