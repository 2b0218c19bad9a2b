package screen

import (
	"github.com/gdamore/tcell/v2"

	"ksim/sim/clock"
)

// Paint draws the state onto a screen, of which nothing is changed but its cells.
func (s *State) Paint(on tcell.Screen) {
	v := newView(s)
	v.Draw(on)
}

// Simulated runs the engine to the end of the run, as it else does while time passes.
func (s *State) Simulated() {
	for s.ahead {
		s.ahead = s.run().Advance(aheadAtOnce)
	}
}

// Show shows the state at an instant; a question that comes there is left open.
func (s *State) Show(at clock.Time) {
	s.goTo(at)
	s.askNow()
}
