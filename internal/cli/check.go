package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

// newCheck is `ksim check FILE…`.
func newCheck(e *Env) *cobra.Command {
	var set []string
	c := &cobra.Command{
		Use:   "check FILE|@NAME|-...",
		Short: "say what is wrong with scenario files, and run nothing",
		Long: `check reads scenario files and prints everything that is wrong with them, one
finding a line: file:line:column, the value, what is expected, the nearest valid
name. It exits with 0 when all files are right, with 2 otherwise.`,
		Example: "  ksim check my.yaml other.yaml\n  ksim check @slow-upload --set groups.s3-sink.config.session.timeout.ms=10",
		Args:    scenarioArgs(true),
		RunE: func(_ *cobra.Command, files []string) error {
			wrong := false
			for _, f := range files {
				_, err := e.load(f, set, e.Stdout)
				switch {
				case err == nil:
					fmt.Fprintf(e.Stdout, "%s: ok\n", f)
				case errors.As(err, new(exitError)):
					wrong = true
				default:
					fmt.Fprintln(e.Stderr, "ksim:", err)
					wrong = true
				}
			}
			if wrong {
				return exitError{ExitWrong}
			}
			return nil
		},
	}
	c.Flags().StringArrayVar(&set, "set", nil, "set a key before checking, `PATH=VALUE`, such as groups.g.config.session.timeout.ms=10000; may be repeated")
	c.RegisterFlagCompletionFunc("set", cobra.NoFileCompletions)
	c.ValidArgsFunction = completeScenario
	return c
}
