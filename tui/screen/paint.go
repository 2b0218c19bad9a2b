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

// Show shows the state at an instant; a question that comes there is left open.
func (s *State) Show(at clock.Time) {
	s.goTo(at)
	s.askNow()
}
