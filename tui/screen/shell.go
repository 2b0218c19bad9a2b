package screen

import (
	"strings"
	"time"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"
)

// frameTime is how long a frame stands at least while a run is played: no terminal,
// least of all one at the far end of ssh, needs more than thirty a second.
const frameTime = time.Second / 30

// aheadTime is how much of a frame's time goes into what is ahead: the rest is for keys.
const aheadTime = frameTime * 2 / 3

// Terminal is what the screen needs of the world outside.
type Terminal struct {
	Screen tcell.Screen
	// Suspend gives the terminal back to the shell that ksim was started from until
	// it is called to the front again; nil where there is no such thing.
	Suspend func()
	// End ends the screen from outside; it may be nil.
	End <-chan struct{}
}

// ready is a screen whose errors have been seen to: tview passes them over.
type ready struct{ tcell.Screen }

// Init does nothing: it has been done.
func (ready) Init() error { return nil }

// Show runs the screen on a terminal until it is left. Whatever happens, a panic too,
// the terminal is as it was before.
func Show(s *State, t Terminal) error {
	if err := t.Screen.Init(); err != nil {
		return err
	}
	app := tview.NewApplication().SetScreen(ready{t.Screen})
	v := newView(s)
	v.after = func() {
		switch {
		case s.quit:
			app.Stop()
		case s.redraw:
			s.redraw = false
			t.Screen.Sync()
		case s.suspend:
			s.suspend = false
			if t.Suspend == nil {
				s.complain("ctrl-z does nothing on this system")
				return
			}
			app.Suspend(t.Suspend)
		}
	}
	done := make(chan struct{})
	go beat(app, v, t.End, done)
	defer close(done)
	return app.SetRoot(v, true).Run()
}

// beat lets time pass, and has the screen drawn when that changes anything.
func beat(app *tview.Application, v *view, end <-chan struct{}, done chan struct{}) {
	ticker := time.NewTicker(frameTime)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-done:
			return
		case <-end: // in its turn: before Run has begun, Stop would make it open another screen
			app.QueueUpdate(app.Stop)
			return
		case <-ticker.C:
		}
		changed := false
		app.QueueUpdate(func() {
			now := time.Now()
			passed := min(now.Sub(last), time.Second) // after ctrl-z the run does not jump
			last = now
			changed = v.state.Busy() && v.state.Tick(passed.Microseconds())
			for time.Since(now) < aheadTime && v.state.Simulate() {
			}
		})
		if changed {
			app.Draw()
		}
	}
}

// view is the State as a widget that fills the screen.
type view struct {
	*tview.Box
	state *State
	theme *theme
	after func() // each key
}

func newView(s *State) *view {
	return &view{Box: tview.NewBox(), state: s, theme: newTheme(s.o.Colour), after: func() {}}
}

// Draw draws a frame, cell by cell; tcell sends the terminal those that differ.
func (v *view) Draw(screen tcell.Screen) {
	w, h := screen.Size()
	v.state.Resize(w, h)
	g := v.state.frame()
	for y := range h {
		for x := range w {
			c := &g.cells[y*w+x]
			if c.text == "" {
				continue
			}
			r := []rune(c.text)
			screen.SetContent(x, y, r[0], r[1:], v.theme[c.look])
		}
	}
}

// InputHandler hands keys to the State.
func (v *view) InputHandler() func(*tcell.EventKey, func(tview.Primitive)) {
	return func(e *tcell.EventKey, _ func(tview.Primitive)) {
		if name := keyName(e); name != "" {
			v.state.Key(name)
		}
		v.after()
	}
}

// namedKeys are the keys that the key table has by name.
var namedKeys = map[tcell.Key]string{
	tcell.KeyEnter: "enter", tcell.KeyEscape: "esc", tcell.KeyTab: "tab", tcell.KeyBacktab: "backtab",
	tcell.KeyLeft: "left", tcell.KeyRight: "right", tcell.KeyUp: "up", tcell.KeyDown: "down",
	tcell.KeyHome: "home", tcell.KeyEnd: "end", tcell.KeyPgUp: "pgup", tcell.KeyPgDn: "pgdn",
	tcell.KeyBackspace: "backspace", tcell.KeyBackspace2: "backspace",
}

// keyName is what the key table calls a key; "" of one that it cannot name.
func keyName(e *tcell.EventKey) string {
	if name := namedKeys[e.Key()]; name != "" {
		return name
	}
	switch {
	case e.Key() == tcell.KeyRune && e.Rune() == ' ':
		return "space"
	case e.Key() == tcell.KeyRune:
		return string(e.Rune())
	case e.Key() >= tcell.KeyCtrlA && e.Key() <= tcell.KeyCtrlZ:
		return strings.ToLower("ctrl-" + string(rune('a'+e.Key()-tcell.KeyCtrlA)))
	}
	return ""
}
