package cli

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ksim/internal/report"
	"ksim/internal/suite"
)

// testFlags are the flags of `ksim test`.
type testFlags struct {
	run      string
	shuffle  string
	failFast bool
	update   bool
	watch    bool
	prove    bool
	verbose  bool
	noColor  bool
	junit    string
	format   string
	jobs     int
	set      []string

	only *regexp.Regexp
}

// newTest is `ksim test PATH…`.
func newTest(e *Env) *cobra.Command {
	f := &testFlags{}
	c := &cobra.Command{
		Use:   "test PATH|@NAME|-...",
		Short: "run scenarios side by side and check what they expect",
		Long: `test runs scenarios and checks their expectations (the key expect). A PATH is a
file, or a folder with all below it: files *.yaml that have the key ksim. @NAME is
one of those that ksim brings along, @... all of them, @FOLDER/... a folder's.

The exit code is 0 when all that is expected holds, 1 when an expectation fails,
2 when a file or the usage is wrong. A file without expectations is run, and said
to expect nothing. A file that expects to be refused holds when it is.

A golden trace is what a run printed once and must print again: FILE.golden.jsonl
(or FILE.golden.jsonl.gz, where that is there) beside FILE.yaml. It is compared
where it exists, the version of ksim apart; --update writes those of the scenarios
tested, and is refused where the environment has CI set.`,
		Example: `  ksim test scenarios
  ksim test my.yaml @slow-upload --verbose
  ksim test . --run 'crash|freeze' --fail-fast
  ksim test . --junit results.xml          for a CI server
  ksim test . --watch                      again after each change
  ksim test . --shuffle                    in another order; --shuffle=7 in the same again
  ksim test my.yaml --update               write my.golden.jsonl
  ksim test . --prove                      each twice, with another GOMAXPROCS: the same bytes?`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New("ksim test: which scenarios? Files, folders, @NAME or -; for example: ksim test scenarios")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return e.test(args, f) },
	}
	fl := c.Flags()
	fl.StringVar(&f.run, "run", "", "only scenarios whose file matches this `REGEX`")
	fl.StringVar(&f.shuffle, "shuffle", "off", "in a random order: on, off, or the `SEED` of an earlier one")
	fl.Lookup("shuffle").NoOptDefVal = "on"
	fl.BoolVar(&f.failFast, "fail-fast", false, "stop after the first scenario that fails")
	fl.BoolVar(&f.update, "update", false, "write the golden traces instead of comparing them")
	fl.BoolVar(&f.watch, "watch", false, "run again whenever a file changes, until Ctrl-C")
	fl.BoolVar(&f.prove, "prove", false, "run each scenario twice, with another GOMAXPROCS, and compare every byte")
	fl.BoolVarP(&f.verbose, "verbose", "v", false, "text: what holds too, and warnings")
	fl.BoolVar(&f.noColor, "no-color", false, "text: no colour (also: NO_COLOR)")
	fl.StringVar(&f.junit, "junit", "", "write the results to a `FILE` in JUnit's XML too")
	fl.StringVar(&f.format, "format", "text", "text, json or tap")
	fl.IntVarP(&f.jobs, "jobs", "j", 0, "how many scenarios run at a time (default: as many as there are cores)")
	fl.StringArrayVar(&f.set, "set", nil, "set a key of every scenario, `PATH=VALUE`; may be repeated")
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "json", "tap"}, cobra.ShellCompDirectiveNoFileComp))
	for _, name := range []string{"run", "shuffle", "jobs", "set"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.ValidArgsFunction = completeScenario
	return c
}

// validate says what is wrong with the flags.
func (f *testFlags) validate(e *Env, args []string) error {
	var err error
	if f.only, err = regexp.Compile(f.run); err != nil {
		return fmt.Errorf("--run %q: %w", f.run, err)
	}
	if !slices.Contains([]string{"text", "json", "tap"}, f.format) {
		return fmt.Errorf("--format %q: expected text, json or tap", f.format)
	}
	if f.jobs < 0 {
		return fmt.Errorf("--jobs %d: expected a number of scenarios, at least 1", f.jobs)
	}
	switch ci := e.Getenv("CI"); {
	case f.update && ci != "" && ci != "false" && ci != "0":
		return fmt.Errorf("--update is refused here: CI=%s is set, and a CI run must not change what it compares with", ci)
	case f.update && len(f.set) > 0:
		return errors.New("--update with --set: a golden trace is of the scenario as its file has it")
	case f.update && f.prove:
		return errors.New("--update with --prove: one of them")
	case f.watch && f.format != "text":
		return fmt.Errorf("--watch with --format %s: it prints text", f.format)
	case f.watch && slices.Contains(args, "-"):
		return errors.New("--watch: standard input (-) cannot be read again")
	}
	_, err = f.seed()
	return err
}

// seed is the seed of the order; 0 when there is none. A seed that is to be
// drawn is written into the flags.
func (f *testFlags) seed() (uint64, error) {
	switch f.shuffle {
	case "off":
		return 0, nil
	case "on":
		f.shuffle = strconv.FormatUint(uint64(rand.Uint32())+1, 10)
	}
	seed, err := strconv.ParseUint(f.shuffle, 10, 64)
	if err != nil || seed == 0 {
		return 0, fmt.Errorf("--shuffle %q: expected on, off or a seed, a whole number from 1", f.shuffle)
	}
	return seed, nil
}

// test is `ksim test` with its flags read.
func (e *Env) test(args []string, f *testFlags) error {
	if err := f.validate(e, args); err != nil {
		return err
	}
	if f.watch {
		return e.testAgain(args, f)
	}
	sources, err := e.sources(args, f)
	if err != nil {
		return err
	}
	return e.testOnce(sources, f)
}

// sources finds the scenarios to be tested, in their order.
func (e *Env) sources(args []string, f *testFlags) ([]suite.Source, error) {
	sources, err := e.files().Find(args)
	if err != nil {
		return nil, err
	}
	all := len(sources)
	sources = slices.DeleteFunc(sources, func(s suite.Source) bool { return !f.only.MatchString(s.Name) })
	if len(sources) == 0 {
		return nil, fmt.Errorf("--run %q: matches none of %d scenarios", f.run, all)
	}
	if seed, _ := f.seed(); seed > 0 {
		fmt.Fprintf(e.Stderr, "ksim test: --shuffle=%d gives this order again\n", seed)
		order := rand.New(rand.NewPCG(seed, 0))
		order.Shuffle(len(sources), func(i, k int) { sources[i], sources[k] = sources[k], sources[i] })
	}
	return sources, nil
}

// testOnce runs all of them and reports.
func (e *Env) testOnce(sources []suite.Source, f *testFlags) error {
	start := e.Seconds()
	o := &suite.Options{Set: f.set, Version: versionText(), Seconds: e.Seconds, Golden: suite.Golden{Update: f.update, Write: e.writeWhole}}
	atATime := f.jobs
	if atATime == 0 {
		atATime = runtime.GOMAXPROCS(0)
	}
	if f.prove {
		defer runtime.GOMAXPROCS(e.proofs(o, sources, atATime))
	}
	reporters := e.reporters(sources, f)
	var junit *report.JUnit
	if f.junit != "" {
		junit = &report.JUnit{}
		reporters = append(reporters, junit)
	}
	totals := e.testAll(o, sources, atATime, f.failFast, reporters)
	totals.Seconds = e.Seconds() - start
	var errs []error
	for _, r := range reporters {
		errs = append(errs, r.End(&totals))
	}
	if junit != nil {
		errs = append(errs, e.writeTo(f.junit, junit))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	switch {
	case totals.Wrong > 0:
		return exitError{ExitWrong}
	case totals.Failed > 0:
		return exitError{ExitFailed}
	}
	return nil
}

// testAll runs the scenarios and hands the results to the reporters, in order.
func (e *Env) testAll(o *suite.Options, sources []suite.Source, atATime int, failFast bool, reporters []report.Reporter) report.Totals {
	progress := e.meter("ksim test", len(sources))
	defer progress.end()
	var totals report.Totals
	suite.Each(len(sources), atATime, func(i int) suite.Result {
		defer progress.one()
		return o.Test(sources, i)
	}, func(i int, r suite.Result) bool {
		totals.Add(&r)
		progress.aside(func() {
			for _, x := range reporters {
				x.Result(&r)
			}
		})
		stop := failFast && (r.Outcome == suite.Failed || r.Outcome == suite.Wrong)
		if stop {
			totals.NotRun = len(sources) - i - 1
		}
		return !stop
	})
	return totals
}

// proofs runs all once, for --prove, with one core where there are several, and
// with two where there is one. It gives the number of cores to go back to.
func (e *Env) proofs(o *suite.Options, sources []suite.Source, atATime int) (cores int) {
	cores = runtime.GOMAXPROCS(0)
	other := 1
	if cores == 1 {
		other = 2
	}
	runtime.GOMAXPROCS(other)
	progress := e.meter("ksim test --prove, first runs", len(sources))
	defer progress.end()
	o.Proofs = make([]suite.Proof, len(sources))
	suite.Each(len(sources), atATime, func(i int) suite.Proof {
		defer progress.one()
		return o.Prove(&sources[i])
	}, func(i int, p suite.Proof) bool {
		o.Proofs[i] = p
		return true
	})
	runtime.GOMAXPROCS(cores)
	return cores
}

// reporters are what writes to standard output.
func (e *Env) reporters(sources []suite.Source, f *testFlags) []report.Reporter {
	switch f.format {
	case "json":
		return []report.Reporter{&report.JSON{Out: e.Stdout, Version: versionText()}}
	case "tap":
		return []report.Reporter{&report.TAP{Out: e.Stdout, Plan: len(sources)}}
	}
	names := 0
	for i := range sources {
		names = max(names, len([]rune(sources[i].Name)))
	}
	return []report.Reporter{&report.Text{
		Out: e.Stdout, Names: names, Width: e.Width, Verbose: f.verbose, Colour: e.colours("", f.noColor),
	}}
}

// testAgain is --watch.
func (e *Env) testAgain(args []string, f *testFlags) error {
	w, err := e.Watch()
	if err != nil {
		return fmt.Errorf("--watch: %w", err)
	}
	defer w.Close()
	for {
		if e.StdoutTerminal {
			fmt.Fprint(e.Stdout, "\x1b[H\x1b[2J")
		}
		sources, err := e.sources(args, f)
		if err == nil {
			err = e.testOnce(sources, f)
		}
		if err != nil && !errors.As(err, new(exitError)) {
			fmt.Fprintln(e.Stderr, "ksim:", err)
		}
		folders, walkErr := e.files().Folders(args)
		if walkErr != nil {
			return fmt.Errorf("--watch: %w", walkErr)
		}
		fmt.Fprintf(e.Stderr, "watching %s; Ctrl-C ends\n", strings.Join(args, " "))
		changed, err := w.Next(folders)
		if err != nil {
			return fmt.Errorf("--watch: %w", err)
		}
		fmt.Fprintf(e.Stderr, "changed: %s\n", strings.Join(changed, " "))
	}
}
