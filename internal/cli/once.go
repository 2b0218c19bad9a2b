package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// errTwice is a flag that is given twice, of whose values only one could count;
// errEmpty one whose value is empty, as of a variable of the shell that is not set.
var (
	errTwice = errors.New("given twice")
	errEmpty = errors.New("empty")
)

// once is the value of a flag that may stand once.
type once struct {
	pflag.Value
	given bool
}

// Set takes the first value.
func (o *once) Set(text string) error {
	switch {
	case o.given:
		return errTwice
	case text == "":
		return errEmpty
	}
	o.given = true
	return o.Value.Set(text)
}

// onlyOnce lets the flags of a command stand once, but those that gather values, and
// those without one: -v -v is no mistake.
func onlyOnce(c *cobra.Command) {
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if t := f.Value.Type(); t != "bool" && !strings.HasSuffix(t, "Array") {
			f.Value = &once{Value: f.Value}
		}
	})
}
