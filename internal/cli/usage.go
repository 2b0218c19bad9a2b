package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"ksim/sim/diag"
)

// A usage that is wrong is one line in ksim's own words: what was given, what
// is expected, the nearest name. cobra alone would quote Go's parsers, spread a
// suggestion over lines, and take `completion foo` and `help foo` for right.

// ownUsage makes the commands that cobra adds by itself, and the flags of all,
// speak so.
func ownUsage(root *cobra.Command) {
	root.SetFlagErrorFunc(flagError)
	root.Args = unknownCommand
	root.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	root.DisableFlagsInUseLine = true

	for _, c := range root.Commands() {
		onlyOnce(c)
	}
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "help":
			c.Args = func(c *cobra.Command, path []string) error {
				_, err := subcommand(c.Root(), path)
				return err
			}
		case "completion":
			c.Args = unknownShell
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
			for _, shell := range c.Commands() {
				shell.Args = noArgs
			}
		}
	}
}

// subcommand follows a path of commands.
func subcommand(c *cobra.Command, path []string) (*cobra.Command, error) {
	for _, name := range path {
		next, rest, err := c.Find([]string{name})
		if err != nil || len(rest) > 0 || next == c {
			return nil, unknownCommand(c, []string{name})
		}
		c = next
	}
	return c, nil
}

// unknownCommand refuses arguments that are no command of c.
func unknownCommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	expected, hint := diag.Expected(args[0], commandNames(c))
	return fmt.Errorf("unknown command %q for %q: %s%s", args[0], c.CommandPath(), expected, inBrackets(hint))
}

// unknownShell asks for a shell that completion is made for.
func unknownShell(c *cobra.Command, args []string) error {
	shells := commandNames(c)
	if len(args) == 0 {
		return fmt.Errorf("%s: which shell? One of %s; for example: %s bash", c.CommandPath(), strings.Join(shells, ", "), c.CommandPath())
	}
	expected, hint := diag.Expected(args[0], shells)
	return fmt.Errorf("%s: there is no completion for %q: %s%s", c.CommandPath(), args[0], expected, inBrackets(hint))
}

// noArgs refuses arguments.
func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s: expected no argument, not %q", c.CommandPath(), args[0])
	}
	return nil
}

func commandNames(c *cobra.Command) []string {
	var names []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() || sub.Name() == "help" {
			names = append(names, sub.Name())
		}
	}
	return names
}

// flagError says what is wrong with a flag.
func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var lacks *pflag.ValueRequiredError
	var wrong *pflag.InvalidValueError
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf("%w%s", err, inBrackets(nearestFlag(c, unknown.GetSpecifiedName())))
	case errors.As(err, &lacks):
		_, usage := pflag.UnquoteUsage(lacks.GetFlag())
		return fmt.Errorf("--%s lacks its value: %s", lacks.GetFlag().Name, usage)
	case errors.As(err, &wrong) && errors.Is(err, errTwice):
		f := wrong.GetFlag()
		return fmt.Errorf("--%s %q: it is given already: %s", f.Name, wrong.GetValue(), f.Value)
	case errors.As(err, &wrong) && errors.Is(err, errEmpty):
		_, usage := pflag.UnquoteUsage(wrong.GetFlag())
		return fmt.Errorf("--%s has an empty value: %s", wrong.GetFlag().Name, usage)
	case errors.As(err, &wrong):
		f := wrong.GetFlag()
		return fmt.Errorf("--%s %q: expected %s", f.Name, wrong.GetValue(), flagTypes[f.Value.Type()])
	}
	return err
}

// flagTypes is what a flag takes, by the type that pflag calls it.
var flagTypes = map[string]string{
	"bool":   "true or false",
	"int":    "a whole number",
	"uint64": "a whole number from 0 to 18446744073709551615",
}

// nearestFlag is the hint at a flag's name, or at where they are listed.
func nearestFlag(c *cobra.Command, name string) string {
	var names []string
	c.Flags().VisitAll(func(f *pflag.Flag) { names = append(names, f.Name) })
	if near := diag.Nearest(name, names); near != "" {
		return fmt.Sprintf("did you mean --%s?", near)
	}
	return c.CommandPath() + " --help lists them"
}

// inBrackets puts a hint after a message.
func inBrackets(hint string) string {
	if hint == "" {
		return ""
	}
	return " (" + hint + ")"
}
