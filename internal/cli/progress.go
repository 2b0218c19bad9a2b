package cli

import (
	"fmt"
	"strings"

	"ksim/sim"
)

// progressAfter is how long a run may take, in seconds, before a progress bar
// appears; lookEvery is how many events pass between two looks at the clock.
const (
	progressAfter = 1.0
	lookEvery     = 1 << 14
	barWidth      = 40
)

// progress is a bar on standard error: if a person watches and it takes long.
type progress struct {
	e        *Env
	name     string
	shown    int    // what it shows, in 1000ths; 0: nothing
	patience func() // ends what is said where there is no bar
}

func (e *Env) progress(name string) *progress {
	return &progress{e: e, name: name, patience: e.patience(name, func() string { return smaller })}
}

// draw shows how much is done, in 1000ths.
func (b *progress) draw(done int) {
	if !b.e.StderrTerminal || done == b.shown || b.e.Seconds() <= progressAfter {
		return
	}
	b.shown = done
	done = min(max(done, 0), 1000)
	fmt.Fprintf(b.e.Stderr, "\r%s  [%-*s] %3d %%", b.name, barWidth, strings.Repeat("#", barWidth*done/1000), done/10)
}

// end takes the bar away.
func (b *progress) end() {
	b.patience()
	if b.shown > 0 {
		fmt.Fprint(b.e.Stderr, "\r\x1b[K")
	}
}

// advance runs a world to its end, with a progress bar on standard error if a
// person watches and it takes long.
func (e *Env) advance(w *sim.World, name string) {
	if !e.StderrTerminal {
		defer e.patience(name, func() string { return smaller })()
		w.Run()
		return
	}
	shown := false
	for n := 1; w.Step(); n++ {
		if n%lookEvery == 0 && e.Seconds() > progressAfter {
			shown = true
			done := float64(w.Now()) / float64(w.End())
			bar := strings.Repeat("#", int(done*barWidth))
			fmt.Fprintf(e.Stderr, "\r%s  [%-*s] %3.0f %%  %s", name, barWidth, bar, 100*done, w.Now())
		}
	}
	w.Run() // nothing is left but the end
	if shown {
		fmt.Fprint(e.Stderr, "\r\x1b[K")
	}
}
