package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ksim/internal/suite"
	"ksim/sim"
	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/tui/model"
	"ksim/tui/plain"
)

// runFlags are the flags of `ksim run`.
type runFlags struct {
	ui, format, out string
	until           string
	end             clock.Time // what until says; 0: nothing
	seeds           string
	jobs            int
	strict          bool
	detail          bool
	check           bool
	all             bool
	variant
	lookFlags
	width int
}

// newRun is `ksim run FILE`.
func newRun(e *Env) *cobra.Command {
	f := &runFlags{}
	c := &cobra.Command{
		Use:   "run FILE|@NAME|-",
		Short: "run a scenario and show what happens",
		Long: `run simulates a scenario from its file, from standard input (-) or, by @name,
from those that ksim brings along, and prints what happens: one line for each
event of interest, then a summary. The expectations of the file are judged and
printed; with --strict a failed one makes the exit code 1. A file or a usage
that is wrong makes it 2.

With --seeds it runs once for each seed, side by side, and prints how the figures
are distributed: the time of the first eviction, repeated and lost records, the
greatest lag. How many cores there are changes nothing of it.`,
		Example: `  ksim run @slow-upload
  ksim run @slow-upload --set groups.s3-sink.config.max.poll.interval.ms=900000
  ksim run my.yaml --seed 7 --until 5m
  ksim run my.yaml --seeds 1..1000
  ksim run my.yaml --format jsonl | jq 'select(.type == "commit.failed")'
  ksim run my.yaml --format jsonl --detail --out trace.jsonl`,
		Args: scenarioArgs(false),
		RunE: func(c *cobra.Command, args []string) error { return e.run(c, args[0], f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.ui, "ui", "auto", "how to show the run: tui, the terminal UI; plain, text; auto: the first on a terminal")
	fl.StringVar(&f.format, "format", "text", "text, or jsonl: the trace, one event a line; with --seeds also json or csv")
	fl.StringVar(&f.out, "out", "", "write to a `FILE` instead of standard output")
	f.variant.add(fl, ", such as groups.g.config.max.poll.interval.ms=900000")
	fl.StringVar(&f.seeds, "seeds", "", "run once for each seed of a `RANGE`, such as 1..1000, and print distributions")
	fl.IntVarP(&f.jobs, "jobs", "j", 0, "how many runs at a time with --seeds (default: as many as there are cores)")
	fl.StringVar(&f.until, "until", "", "end the run at this virtual `TIME`, such as 5m30s")
	fl.BoolVar(&f.strict, "strict", false, "exit with 1 when an expectation fails")
	fl.BoolVar(&f.detail, "detail", false, "jsonl: requests, responses, polls and commits too")
	fl.BoolVar(&f.check, "check", false, "check the simulator's own invariants after every event (slow)")
	fl.BoolVar(&f.all, "all", false, "text: every log line, not only those that explain a failure")
	f.lookFlags.add(fl)
	fl.IntVar(&f.width, "width", 0, "text: columns, at least 80 (default: the terminal's, else 120)")
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "jsonl", "json", "csv"}, cobra.ShellCompDirectiveNoFileComp))
	c.RegisterFlagCompletionFunc("ui", cobra.FixedCompletions([]string{"auto", "tui", "plain"}, cobra.ShellCompDirectiveNoFileComp))
	for _, name := range []string{"set", "seeds", "jobs"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.ValidArgsFunction = completeScenario
	return c
}

// validate says what is wrong with the flags, and reads those that are times.
func (f *runFlags) validate(c *cobra.Command) error {
	if !slices.Contains([]string{"auto", "tui", "plain"}, f.ui) {
		return fmt.Errorf("--ui %q: expected auto, tui or plain", f.ui)
	}
	if f.until != "" {
		var err error
		if f.end, err = untilTime(f.until); err != nil {
			return err
		}
	}
	if f.width < 0 || f.width > 0 && f.width < plain.LeastWidth {
		return fmt.Errorf("--width %d: expected at least %d columns", f.width, plain.LeastWidth)
	}
	return f.validateMany(c)
}

// validateMany says what is wrong with the flags of one run and of many.
func (f *runFlags) validateMany(c *cobra.Command) error {
	formats := []string{"text", "jsonl"}
	if f.seeds != "" {
		formats = []string{"text", "json", "csv"}
	}
	expected := strings.Join(formats[:len(formats)-1], ", ") + " or " + formats[len(formats)-1]
	switch {
	case !slices.Contains(formats, f.format) && f.seeds != "":
		return fmt.Errorf("--format %q with --seeds: expected %s", f.format, expected)
	case !slices.Contains(formats, f.format) && slices.Contains([]string{"json", "csv"}, f.format):
		return fmt.Errorf("--format %q: expected %s; %s is for --seeds", f.format, expected, f.format)
	case !slices.Contains(formats, f.format):
		return fmt.Errorf("--format %q: expected %s", f.format, expected)
	case f.seeds == "" && c.Flags().Changed("jobs"):
		return errors.New("--jobs: one run is one job; it is for --seeds")
	case f.jobs < 0:
		return fmt.Errorf("--jobs %d: expected a number of runs, at least 1", f.jobs)
	}
	if f.seeds != "" {
		for _, other := range []string{"seed", "detail", "all", "check"} {
			if c.Flags().Changed(other) {
				return fmt.Errorf("--seeds with --%s: one of them", other)
			}
		}
	}
	return nil
}

// untilTime reads --until.
func untilTime(text string) (clock.Time, error) {
	t, err := scenario.ParseDuration(text)
	if err != nil {
		return 0, fmt.Errorf("--until: %w", err)
	}
	if t == 0 {
		return 0, fmt.Errorf("--until %q: expected a time after 0s", text)
	}
	return t, nil
}

// run is `ksim run` with its flags read.
func (e *Env) run(c *cobra.Command, arg string, f *runFlags) error {
	if err := f.validate(c); err != nil {
		return err
	}
	if f.seeds != "" {
		return e.runSeeds(arg, f, f.arguments())
	}
	src, s, err := f.variant.load(e, arg)
	if err != nil {
		return err
	}
	if wants, err := e.wantsScreen(f, c); err != nil {
		return err
	} else if wants {
		shown, err := e.show(&src, s, f, f.arguments(), nil)
		if shown || f.ui == "tui" {
			return err
		}
	}
	var verdicts string
	var failed bool
	err = e.produce(f.out, func(out io.Writer) error {
		verdicts, failed = e.simulate(s, f, out, f.arguments())
		return nil
	})
	if err != nil {
		return err
	}
	if f.format == "jsonl" {
		fmt.Fprint(e.Stderr, verdicts)
	}
	if failed && f.strict {
		return exitError{ExitFailed}
	}
	return nil
}

// simulate runs the scenario and writes it in the format asked for. It gives
// the verdicts as text, which a text run has written already, and whether one
// failed.
func (e *Env) simulate(s *scenario.Scenario, f *runFlags, out io.Writer, args string) (string, bool) {
	watch := suite.Watch{Detail: f.detail, Until: f.end, Check: f.check, Args: args, Advance: func(w *sim.World) { e.advance(w, s.Name) }}
	var text *plain.Writer
	if f.format == "text" {
		watch.Queues = true
		watch.Detail = f.detail || plain.NeedsDetail(s)
		text = plain.New(out, s, plain.Options{
			Colour: e.colours(f.out, f.noColor), ASCII: f.ascii, Width: e.width(f), All: f.all, Version: versionText(), Args: args,
		})
		watch.Show = func(x *trace.Event) { text.Event(x) }
	} else {
		out.Write(trace.AppendHeader(nil, s.Name, s.Seed, versionText()))
		var line []byte
		watch.Show = func(x *trace.Event) {
			line = trace.AppendJSON(line[:0], x)
			out.Write(line)
		}
	}
	judged := suite.Simulate(s, watch)
	if text != nil {
		text.Finish(model.Summary(judged.World))
	}
	report := verdictText(judged, len(f.set) > 0, e.width(f))
	if judged.Unjudged > 0 {
		report += fmt.Sprintf("%d not judged: the run ended at %s (--until)\n", judged.Unjudged, f.until)
	}
	if text != nil {
		io.WriteString(out, report)
	}
	return report, judged.Failed()
}

// verdictText prints the verdicts: one line when all hold, else each failure. Of
// a scenario that --set has changed a line a failure is enough: that it differs
// is the point.
func verdictText(j *suite.Judged, changed bool, width int) string {
	if len(j.Verdicts) == 0 {
		return ""
	}
	var b strings.Builder
	held := 0
	for i := range j.Verdicts {
		switch v := &j.Verdicts[i]; {
		case v.OK:
			held++
		case changed:
			fmt.Fprintf(&b, "no longer  %s: %s\n", v.Expectation.Source, v.Got)
		default:
			b.WriteString(v.Text(j.Run, width))
		}
	}
	fmt.Fprintf(&b, "expectations: %d of %d hold\n", held, len(j.Verdicts))
	return b.String()
}

// colours tells whether text that goes to a file, or to standard output when that
// is "", may be coloured.
func (e *Env) colours(out string, noColor bool) bool {
	return e.StdoutTerminal && out == "" && !noColor && e.Getenv("NO_COLOR") == "" && e.Getenv("TERM") != "dumb"
}

// width is how many columns text output may take.
func (e *Env) width(f *runFlags) int {
	if f.width > 0 {
		return f.width
	}
	return e.Width
}

// completeScenario completes @names; files are completed by the shell.
func completeScenario(_ *cobra.Command, _ []string, toComplete string) ([]string, cobra.ShellCompDirective) {
	if strings.HasPrefix(toComplete, "@") {
		return atNames(), cobra.ShellCompDirectiveNoFileComp
	}
	return atNames(), cobra.ShellCompDirectiveDefault
}
