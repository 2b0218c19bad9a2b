package screen

import (
	"testing"

	"github.com/gdamore/tcell/v2"
)

// leaving counts how often a terminal is given back.
type leaving struct {
	tcell.SimulationScreen
	left int
}

// Fini gives the terminal back.
func (l *leaving) Fini() {
	l.left++
	l.SimulationScreen.Fini()
}

// TestPanicRestoresTerminal shows that the terminal is given back before a fault of
// ksim's own goes on its way.
func TestPanicRestoresTerminal(t *testing.T) {
	b := open(t, "slow-upload", "", 80, 24, false, false)
	b.state.runs = nil // a fault: there is nothing to draw
	screen := &leaving{SimulationScreen: tcell.NewSimulationScreen("UTF-8")}
	defer func() {
		if recover() == nil {
			t.Error("the fault has vanished")
		}
		if screen.left == 0 {
			t.Error("the terminal was not given back")
		}
	}()
	_ = Show(b.state, Terminal{Screen: screen})
}

// TestEnd shows that a signal from outside ends the screen, and the terminal is given back.
func TestEnd(t *testing.T) {
	b := open(t, "slow-upload", "", 80, 24, false, false)
	screen := &leaving{SimulationScreen: tcell.NewSimulationScreen("UTF-8")}
	b.state.Key("n")
	end := make(chan struct{})
	close(end) // as SIGTERM does
	if err := Show(b.state, Terminal{Screen: screen, End: end}); err != nil || screen.left == 0 {
		t.Errorf("left %d times, %v", screen.left, err)
	}
}
