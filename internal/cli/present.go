package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ksim/sim/scenario"
	"ksim/tui/model"
	"ksim/tui/screen"
)

// newPresent is `ksim present FILE`.
func newPresent(e *Env) *cobra.Command {
	f := &runFlags{ui: "tui"}
	notes := false
	c := &cobra.Command{
		Use:   "present FILE|@NAME",
		Short: "show a scenario to a class, with notes on a second terminal",
		Long: `present opens the screen of ksim run for a class. With --notes, on a second
terminal of the same user and machine, it shows the presenter's notes: what the
narration's note says, the next question with its answer, and what comes. The notes
follow the first terminal, forks too; as long as there is none they can be gone
through by themselves.

The first terminal writes what it shows into a file in $XDG_RUNTIME_DIR/ksim, or
where there is no such folder in ksim-UID in the folder for temporary files; the
second one reads it. It is removed at the end.

Where standard output is no terminal, --notes prints the notes of the whole run.`,
		Example: `  ksim present @slow-upload              on the projector
  ksim present @slow-upload --notes      on the presenter's own terminal
  ksim present @slow-upload --notes | less`,
		Args: scenarioArgs(false),
		RunE: func(_ *cobra.Command, args []string) error { return e.present(args[0], f, notes) },
	}
	fl := c.Flags()
	fl.BoolVar(&notes, "notes", false, "the presenter's notes, for the second terminal")
	f.variant.add(fl, "")
	f.lookFlags.add(fl)
	for _, name := range []string{"seed", "set"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.ValidArgsFunction = completeScenario
	return c
}

// present is `ksim present` with its flags read.
func (e *Env) present(arg string, f *runFlags, notes bool) error {
	src, s, err := f.variant.load(e, arg)
	if err != nil {
		return err
	}
	if notes && !e.StdoutTerminal {
		_, err := io.WriteString(e.Stdout, printedNotes(s, e.textWidth()))
		return err
	}
	if !e.screenFits() {
		return errors.New("present: standard output is no terminal; `ksim present FILE --notes` prints the notes, `ksim run FILE` the run")
	}
	file := stageFile(e.Getenv, arg)
	if notes {
		own := e.newState(&src, s, f, f.arguments())
		_, err := e.fill(screen.NewNotes(own, func() (model.Stage, bool) { return readStage(file, time.Now()) }), &f.lookFlags, nil)
		return err
	}
	w := stageWriter{file: file}
	defer w.end()
	if err := w.begin(); err != nil {
		return fmt.Errorf("present: %w", err)
	}
	_, err = e.show(&src, s, f, f.arguments(), func(x *screen.State) { w.write(x, time.Now()) })
	return err
}

// stageFile is where a screen says what it shows of a scenario.
func stageFile(getenv func(string) string, arg string) string {
	if !strings.HasPrefix(arg, "@") {
		if whole, err := filepath.Abs(arg); err == nil {
			arg = whole
		}
	}
	folder := getenv("XDG_RUNTIME_DIR")
	if folder != "" {
		folder = filepath.Join(folder, "ksim")
	} else {
		folder = filepath.Join(os.TempDir(), "ksim-"+strconv.Itoa(os.Getuid()))
	}
	sum := sha256.Sum256([]byte(arg))
	return filepath.Join(folder, "present-"+hex.EncodeToString(sum[:6])+".json")
}

// How often a screen says what it shows at most, how often it says it even where nothing
// has changed, and after which time of silence it is taken to be gone.
const (
	stageAtMost  = 100 * time.Millisecond
	stageAtLeast = 2 * time.Second
	stageGone    = 6 * time.Second
)

// stageWriter says what a screen shows. What cannot be written is not shown elsewhere,
// and disturbs nobody.
type stageWriter struct {
	file    string
	last    string
	written time.Time
}

// begin makes the folder, for nobody else's eyes. Among everybody's temporary files
// somebody else may have made one of that name, to read or lead away what is written.
func (w *stageWriter) begin() error {
	folder := filepath.Dir(w.file)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	about, err := os.Lstat(folder)
	if err == nil && (!about.IsDir() || runtime.GOOS != "windows" && about.Mode().Perm()&0o077 != 0) {
		return fmt.Errorf("%s is no folder of yours alone: remove it, or set XDG_RUNTIME_DIR", folder)
	}
	return err
}

func (w *stageWriter) write(s *screen.State, now time.Time) {
	if now.Sub(w.written) < stageAtMost {
		return
	}
	text, err := json.Marshal(s.Stage())
	if err != nil || string(text) == w.last && now.Sub(w.written) < stageAtLeast {
		return
	}
	w.last, w.written = string(text), now
	next := w.file + ".next"
	if os.WriteFile(next, text, 0o600) == nil {
		_ = os.Rename(next, w.file)
	}
}

func (w *stageWriter) end() { _ = os.Remove(w.file) }

// readStage is what another terminal shows; false when none does, or not any more.
func readStage(file string, now time.Time) (model.Stage, bool) {
	var x model.Stage
	about, err := os.Stat(file)
	if err != nil || now.Sub(about.ModTime()) > stageGone {
		return x, false
	}
	text, err := os.ReadFile(file)
	return x, err == nil && json.Unmarshal(text, &x) == nil
}

// printedNotes is the notes of a whole run, to be read on paper.
func printedNotes(s *scenario.Scenario, width int) string {
	r := model.New(s)
	for r.Advance(lookEvery) {
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n", s.Name, s.Title)
	said := r.Said()
	for i := range said {
		x := &said[i]
		b.WriteByte('\n')
		entry := func(first, text string) {
			if text = model.Unfold(strings.TrimSpace(text)); text != "" {
				writeWrapped(&b, first, strings.Repeat(" ", len([]rune(first))), text, width)
			}
		}
		fmt.Fprintf(&b, "%9s", model.ClockText(x.At))
		if x.Chapter != "" {
			fmt.Fprintf(&b, "  # %s", x.Chapter)
		}
		b.WriteByte('\n')
		entry("  note  ", x.Note)
		entry("  say   ", x.Say)
		if !x.Asks() {
			continue
		}
		entry("  ask   ", x.Ask)
		p := r.Question(x).Prompt()
		for _, c := range p.Choices {
			sign := "  "
			if c == p.Answer {
				sign = "* "
			}
			entry("        "+sign, c)
		}
		if len(p.Choices) == 0 {
			entry("        * ", p.Answer)
		}
		entry("  then  ", p.Happens)
	}
	return b.String()
}
