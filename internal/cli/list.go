package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

// newList is `ksim list`.
func newList(e *Env) *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Short:   "list the scenarios that ksim brings along",
		Example: "  ksim list\n  ksim run @slow-upload",
		Args:    noArgs,
		RunE: func(*cobra.Command, []string) error {
			for _, name := range sortedNames() {
				s, err := e.load("@"+name, nil, e.Stderr)
				if err != nil {
					return err
				}
				if _, err := fmt.Fprintf(e.Stdout, "@%-28s %s\n", name, s.Title); err != nil {
					return err
				}
			}
			return nil
		},
	}
}
