package cli

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

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
	return e.StdoutTerminal && onlyText == "" && e.Getenv("TERM") != "dumb" && e.Getenv("TERM") != "", nil
}

// show opens the terminal UI. It tells whether that was possible.
func (e *Env) show(src *suite.Source, s *scenario.Scenario, f *runFlags, changed string) (bool, error) {
	terminal, err := e.Screen()
	if err != nil {
		return false, fmt.Errorf("--ui tui: this terminal cannot be used: %w", err)
	}
	prepare := func(x *scenario.Scenario) {
		x.Seed = s.Seed
		if f.end > 0 {
			x.Duration = min(x.Duration, f.end)
		}
	}
	prepare(s)
	state := screen.NewState(s, screen.Options{
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
		Colour: e.colours("", f.noColor), ASCII: f.ascii || !unicodeLocale(e.Getenv),
	})
	end := make(chan struct{})
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	go func() {
		if _, ok := <-signals; ok {
			close(end)
		}
	}()
	return true, screen.Show(state, screen.Terminal{Screen: terminal, Suspend: e.Suspend, End: end})
}

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
	if _, err := e.ReadFile(name); err == nil && !replace {
		return fmt.Errorf("%s exists; :save! %s replaces it", name, name)
	}
	return e.writeWhole(name, text)
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
