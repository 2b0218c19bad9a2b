package cli

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"

	"ksim/sim/diag"
)

// exitError ends a command with a code after its message has been printed.
type exitError struct{ code int }

// Error is for whoever prints it: the command line does not.
func (e exitError) Error() string { return fmt.Sprintf("exit %d", e.code) }

// Main runs the command line and gives the exit code. No panic leaves it.
func Main(e *Env) (code int) {
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(e.Stderr, "ksim: a fault in ksim itself: %v\nPlease report it with the scenario and this version: %s\n", r, versionText())
			if e.Getenv("KSIM_TRACEBACK") != "" {
				e.Stderr.Write(debug.Stack())
			}
			code = ExitWrong
		}
	}()
	root := newRoot(e)
	root.SetArgs(e.Args)
	root.SetIn(e.Stdin)
	root.SetOut(e.Stdout)
	root.SetErr(e.Stderr)
	err := root.Execute()
	var exit exitError
	switch {
	case err == nil:
		return ExitHolds
	case errors.As(err, &exit):
		return exit.code
	}
	fmt.Fprintln(e.Stderr, "ksim:", err)
	return ExitWrong
}

func newRoot(e *Env) *cobra.Command {
	root := &cobra.Command{
		Use:   "ksim",
		Short: "simulate Kafka consumer groups, to the event",
		Long: `ksim replays on a virtual clock what a Kafka consumer group does: heartbeats,
poll deadlines, rebalances, commits and lag, as the real broker and the real
client libraries do it. A scenario file says what happens; ksim shows what
follows.

On a terminal, ksim without a command shows the scenarios that it brings along,
by subject, and opens the one that is chosen.`,
		Example: `  ksim run @slow-upload                 a six-minute upload in a five-minute poll loop
  ksim run my.yaml --format jsonl       the trace, one event a line
  ksim test .                           does every scenario show what it says?
  ksim explain my.yaml                  why does that happen?
  ksim new incident --template crash    a scenario to begin with
  ksim check my.yaml                    is the file right?
  ksim list                             the scenarios that ksim brings along`,
		Version:       versionText(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("ksim {{.Version}}\n")
	root.AddCommand(newRun(e), newTest(e), newExplain(e), newPresent(e), newExport(e), newDiff(e), newSweep(e), newAdvise(e), newNew(e), newCheck(e), newList(e), newClients(e), newSeeds(e), newVersion(e))
	ownUsage(root)
	e.pickByDefault(root)
	return root
}

// scenarioArgs is the check of a command's arguments: exactly one scenario, or at
// least one.
func scenarioArgs(many bool) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return fmt.Errorf("%s: which scenario? A file, @NAME or -; for example: %s @slow-upload", c.CommandPath(), c.CommandPath())
		}
		if len(args) > 1 && !many {
			return fmt.Errorf("%s: one scenario at a time, not %d; `ksim check` takes several", c.CommandPath(), len(args))
		}
		return nil
	}
}

// newVersion is `ksim version`.
func newVersion(e *Env) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "print the version", Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(e.Stdout, "ksim", versionText())
			return err
		},
	}
}

// printFindings writes what is wrong with a file.
func printFindings(w io.Writer, found diag.List) {
	for _, d := range found {
		fmt.Fprintln(w, d)
	}
}

// wallClock is a stopwatch for the progress bar.
func wallClock() func() float64 {
	start := time.Now()
	return func() float64 { return time.Since(start).Seconds() }
}
