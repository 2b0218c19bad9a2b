package cli

import (
	"bytes"
	"fmt"

	"github.com/spf13/cobra"
)

// newCheck is `ksim check FILE…`.
func newCheck(e *Env) *cobra.Command {
	var set []string
	c := &cobra.Command{
		Use:   "check PATH|@NAME|-...",
		Short: "say what is wrong with scenario files, and run nothing",
		Long: `check reads scenario files and prints everything that is wrong with them, one
finding a line: file:line:column, the value, what is expected, the nearest valid
name. Of a folder it reads all below it: files *.yaml that have the key ksim. It
exits with 0 when all files are right, with 2 otherwise.`,
		Example: "  ksim check my.yaml other.yaml\n  ksim check scenarios\n  ksim check @slow-upload --set groups.s3-sink.config.session.timeout.ms=10",
		Args:    scenarioArgs(true),
		RunE:    func(_ *cobra.Command, args []string) error { return e.check(args, set) },
	}
	c.Flags().StringArrayVar(&set, "set", nil, "set a key before checking, `PATH=VALUE`, such as groups.g.config.session.timeout.ms=10000; may be repeated")
	c.RegisterFlagCompletionFunc("set", cobra.NoFileCompletions)
	c.ValidArgsFunction = completeScenario
	return c
}

// check checks what each argument names, also when one before it cannot be read.
func (e *Env) check(args, set []string) error {
	wrong := false
	for _, arg := range args {
		sources, err := e.files().Find([]string{arg})
		if err != nil {
			fmt.Fprintln(e.Stderr, "ksim:", err)
			wrong = true
			continue
		}
		for i := range sources {
			var says bytes.Buffer
			if _, err := checked(&sources[i], set, &says); err != nil {
				wrong = true
			} else {
				fmt.Fprintf(&says, "%s: ok\n", sources[i].Name)
			}
			if _, err := e.Stdout.Write(says.Bytes()); err != nil {
				return err
			}
		}
	}
	if wrong {
		return exitError{ExitWrong}
	}
	return nil
}
