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
	// Mouse tells whether the mouse is listened to.
	Mouse bool
	// Beat is called about thirty times a second, between keys; it may be nil.
	Beat func()
}

// Scene is what fills the terminal: a run, the list of scenarios, the presenter's notes.
type Scene interface {
	Key(name string)
	// Mouse takes in a press of the left button, or a turn of the wheel, at a place.
	Mouse(x, y int, did MouseAct)
	Resize(w, h int)
	// Busy tells whether time changes anything; Tick lets some pass, in microseconds, and
	// tells whether there is anything new to draw; Simulate works ahead by a little, and
	// tells whether there was anything to do.
	Busy() bool
	Tick(real int64) bool
	Simulate() bool

	frame() *grid
	wants() *wishes
	theme() Theme
}

// MouseAct is what is done with the mouse.
type MouseAct uint8

// What can be done with it.
const (
	Press MouseAct = iota
	WheelUp
	WheelDown
)

// wishes are what a scene wants of the terminal.
type wishes struct{ quit, suspend, redraw bool }

func (w *wishes) wants() *wishes { return w }

// ready is a screen whose errors have been seen to: tview passes them over.
type ready struct{ tcell.Screen }

// Init does nothing: it has been done.
func (ready) Init() error { return nil }

// Show runs a scene on a terminal until it is left. Whatever happens, a panic too,
// the terminal is as it was before.
func Show(s Scene, t Terminal) error {
	if err := t.Screen.Init(); err != nil {
		return err
	}
	app := tview.NewApplication().SetScreen(ready{t.Screen}).EnableMouse(t.Mouse)
	v := newView(s)
	v.after = func() {
		w := s.wants()
		switch {
		case w.quit:
			app.Stop()
		case w.redraw:
			w.redraw = false
			t.Screen.Sync()
		case w.suspend:
			w.suspend = false
			if t.Suspend != nil {
				app.Suspend(t.Suspend)
			}
		}
	}
	done := make(chan struct{})
	go beat(app, v, t, done)
	defer close(done)
	return app.SetRoot(v, true).Run()
}

// beat lets time pass, and has the screen drawn when that changes anything.
func beat(app *tview.Application, v *view, t Terminal, done chan struct{}) {
	ticker := time.NewTicker(frameTime)
	defer ticker.Stop()
	last := time.Now()
	for {
		select {
		case <-done:
			return
		case <-t.End: // in its turn: before Run has begun, Stop would make it open another screen
			app.QueueUpdate(app.Stop)
			return
		case <-ticker.C:
		}
		changed := false
		app.QueueUpdate(func() {
			now := time.Now()
			passed := min(now.Sub(last), time.Second) // after ctrl-z the run does not jump
			last = now
			changed = v.scene.Busy() && v.scene.Tick(passed.Microseconds())
			for time.Since(now) < aheadTime && v.scene.Simulate() {
			}
			if t.Beat != nil {
				t.Beat()
			}
		})
		if changed {
			app.Draw()
		}
	}
}

// view is a scene as a widget that fills the screen.
type view struct {
	*tview.Box
	scene Scene
	theme *styles
	after func() // each key
}

func newView(s Scene) *view {
	return &view{Box: tview.NewBox(), scene: s, theme: stylesOf(s.theme()), after: func() {}}
}

// Draw draws a frame, cell by cell; tcell sends the terminal those that differ.
func (v *view) Draw(screen tcell.Screen) {
	w, h := screen.Size()
	v.SetRect(0, 0, w, h)
	v.scene.Resize(w, h)
	g := v.scene.frame()
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

// InputHandler hands keys to the scene.
func (v *view) InputHandler() func(*tcell.EventKey, func(tview.Primitive)) {
	return func(e *tcell.EventKey, _ func(tview.Primitive)) {
		if name := keyName(e); name != "" {
			v.scene.Key(name)
		}
		v.after()
	}
}

// MouseHandler hands presses and turns of the wheel to the scene.
func (v *view) MouseHandler() func(tview.MouseAction, *tcell.EventMouse, func(tview.Primitive)) (bool, tview.Primitive) {
	return func(action tview.MouseAction, e *tcell.EventMouse, _ func(tview.Primitive)) (bool, tview.Primitive) {
		x, y := e.Position()
		switch action {
		case tview.MouseLeftDown:
			v.scene.Mouse(x, y, Press)
		case tview.MouseScrollUp:
			v.scene.Mouse(x, y, WheelUp)
		case tview.MouseScrollDown:
			v.scene.Mouse(x, y, WheelDown)
		default:
			return false, nil
		}
		v.after()
		return true, nil
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
