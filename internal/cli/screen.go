package cli

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ksim/internal/suite"
	"ksim/sim/diag"
	"ksim/sim/scenario"
	"ksim/tui/screen"
)

// wantsScreen tells whether a run opens the terminal UI: when that is asked for, or
// when a person watches and has asked for nothing that only text has.
func (e *Env) wantsScreen(f *runFlags, c *cobra.Command) (bool, error) {
	onlyText := ""
	for _, flag := range []string{"format", "out", "strict", "detail", "check", "all", "width", "seeds"} {
		if c.Flags().Changed(flag) {
			onlyText = flag
		}
	}
	switch {
	case f.ui == "plain":
		return false, nil
	case f.ui == "tui" && onlyText != "":
		return false, fmt.Errorf("--ui tui with --%s: that is for text", onlyText)
	case f.ui == "tui" && !e.StdoutTerminal:
		return false, errors.New("--ui tui: standard output is no terminal; --ui plain prints text")
	case f.ui == "tui":
		return true, nil
	}
	return onlyText == "" && e.screenFits(), nil
}

// lookFlags are the flags of everything that fills a terminal.
type lookFlags struct {
	noColor, ascii, noMouse bool
	light                   bool
}

func (f *lookFlags) add(fl *pflag.FlagSet) {
	fl.BoolVar(&f.noColor, "no-color", false, "no colour (also: NO_COLOR)")
	fl.BoolVar(&f.ascii, "ascii", false, "nothing but ASCII")
	fl.BoolVar(&f.light, "light", false, "screen: colours for a light background (default: what COLORFGBG says, else dark)")
	fl.BoolVar(&f.noMouse, "no-mouse", false, "screen: leave the mouse to the terminal")
}

// show opens the terminal UI. It tells whether that was possible. Beat, which may be
// nil, is called now and then with what is shown.
func (e *Env) show(src *suite.Source, s *scenario.Scenario, f *runFlags, changed string, beat func(*screen.State)) (bool, error) {
	state := e.newState(src, s, f, changed)
	var call func()
	if beat != nil {
		call = func() { beat(state) }
	}
	return e.fill(state, &f.lookFlags, call)
}

// fill shows a scene on the terminal until it is left. It tells whether that was
// possible.
func (e *Env) fill(scene screen.Scene, f *lookFlags, beat func()) (bool, error) {
	terminal, err := e.Screen()
	if err != nil {
		return false, fmt.Errorf("--ui tui: this terminal cannot be used: %w", err)
	}
	debug.SetGCPercent(100) // a run is kept with copies of its world: memory counts more than a quarter of the time
	end := make(chan struct{})
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP)
	defer func() {
		signal.Stop(signals)
		close(signals) // nobody waits for one any more
	}()
	go func() {
		if _, ok := <-signals; ok {
			close(end)
		}
	}()
	return true, screen.Show(scene, screen.Terminal{Screen: terminal, Suspend: e.Suspend, End: end, Mouse: !f.noMouse, Beat: beat})
}

// newState is the screen of a scenario.
func (e *Env) newState(src *suite.Source, s *scenario.Scenario, f *runFlags, changed string) *screen.State {
	prepare := func(x *scenario.Scenario) {
		x.Seed = s.Seed
		if f.end > 0 {
			x.Duration = min(x.Duration, f.end)
		}
	}
	prepare(s)
	return screen.NewState(s, screen.Options{
		Source: src.Text,
		Load: func(text []byte) (*scenario.Scenario, diag.List) {
			copied := *src
			copied.Text = text
			x, found := copied.Load(f.set)
			if x != nil {
				prepare(x)
			}
			return x, found
		},
		Save:   func(x screen.Saved) (string, error) { return e.saveFork(src, s, f.set, changed, x) },
		Export: e.exportRun,
		Theme:  e.theme(&f.lookFlags), ASCII: e.onlyASCII(&f.lookFlags),
	})
}

// theme is which colours the screen uses.
func (e *Env) theme(f *lookFlags) screen.Theme {
	switch {
	case !e.colours("", f.noColor):
		return screen.Mono
	case f.light || lightBackground(e.Getenv("COLORFGBG")):
		return screen.Light
	}
	return screen.Dark
}

// lightBackground reads what some terminals say of their colours, foreground;background
// by their numbers: white is 7 and 15.
func lightBackground(colours string) bool {
	background := colours[strings.LastIndexByte(colours, ';')+1:]
	return background == "7" || background == "15"
}

// onlyASCII tells whether the terminal may show nothing but ASCII.
func (e *Env) onlyASCII(f *lookFlags) bool { return f.ascii || !unicodeLocale(e.Getenv) }

// saveFork writes a branch of a run as a scenario file of its own.
func (e *Env) saveFork(src *suite.Source, s *scenario.Scenario, set []string, changed string, x screen.Saved) (string, error) {
	f := suite.Fork{Set: set, Seed: s.Seed, Args: changed, Entries: x.Entries, Done: x.Done, From: x.From, Unsaid: x.Unsaid}
	text, unmet, unsaid := src.Text, 0, 0
	if len(x.Entries) > 0 || changed != "" {
		var err error
		if text, unmet, unsaid, err = src.Fork(f); err != nil {
			return "", err
		}
	}
	return f.Message(x.File, unmet, unsaid), e.writeNew(x.File, text, x.Replace)
}

// writeNew writes a file whole; without replace it refuses to when there is one.
func (e *Env) writeNew(name string, text []byte, replace bool) error {
	if err := e.free(name, replace, ":save!"); err != nil {
		return err
	}
	return e.writeWhole(name, text)
}

// free tells whether a file may be written: without replace there must be none. The
// command is what replaces it.
func (e *Env) free(name string, replace bool, command string) error {
	if _, err := e.ReadFile(name); err == nil && !replace {
		return fmt.Errorf("%s exists; %s %s replaces it", name, command, name)
	}
	return nil
}

// unicodeLocale tells whether the terminal's characters are Unicode's, as far as the
// environment says.
func unicodeLocale(getenv func(string) string) bool {
	for _, key := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := getenv(key); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf") || v != "c" && v != "posix" && !strings.Contains(v, ".")
		}
	}
	return true
}
