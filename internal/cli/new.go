package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ksim/internal/template"
	"ksim/sim/diag"
	"ksim/sim/expect"
)

// newNew is `ksim new`.
func newNew(e *Env) *cobra.Command {
	var name string
	force := false
	c := &cobra.Command{
		Use:   "new [NAME|-]",
		Short: "begin a scenario file from a template",
		Long: `new writes NAME.yaml: a scenario that runs as it is, with comments that say what to
change. Without a NAME it is called like its template; - prints it. A file that is
there is not written over without --force. Without anything, new lists the
templates.`,
		Example: `  ksim new
  ksim new incident-42 --template crash
  ksim new --template scale
  ksim new - --template static | ksim run -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("ksim new: expected one name, not %d", len(args))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 0 && !c.Flags().Changed("template") {
				return listTemplates(e.Stdout, e.Width)
			}
			return e.new(append(args, name)[0], name, force)
		},
	}
	c.Flags().StringVarP(&name, "template", "t", template.Default, "the `TEMPLATE` to begin with; ksim new lists them")
	c.Flags().BoolVar(&force, "force", false, "write over a file that is there")
	c.RegisterFlagCompletionFunc("template", cobra.FixedCompletions(template.Names(), cobra.ShellCompDirectiveNoFileComp))
	c.ValidArgsFunction = cobra.NoFileCompletions
	return c
}

// listTemplates prints what there is to begin with.
func listTemplates(out io.Writer, width int) error {
	var b strings.Builder
	widest := 0
	for _, name := range template.Names() {
		widest = max(widest, len(name))
	}
	for _, name := range template.Names() {
		first := fmt.Sprintf("  %-*s  ", widest, name)
		writeWrapped(&b, first, strings.Repeat(" ", len(first)), template.Title(name), width)
	}
	fmt.Fprintf(&b, "\nksim new NAME --template %s writes NAME.yaml\n", template.Default)
	_, err := io.WriteString(out, b.String())
	return err
}

// new writes a file from a template.
func (e *Env) new(file, name string, force bool) error {
	if !slices.Contains(template.Names(), name) {
		expected, hint := diag.Expected(name, template.Names())
		return fmt.Errorf("--template %q: %s%s", name, expected, inBrackets(hint))
	}
	if file == "-" {
		_, err := io.WriteString(e.Stdout, template.Text(name, "FILE"))
		return err
	}
	if base := filepath.Base(file); file == "" || strings.Trim(base, ".") == "" || strings.HasSuffix(filepath.ToSlash(file), "/") {
		return fmt.Errorf("ksim new: %q is no name of a file: expected one such as incident-42", file)
	}
	if ext := filepath.Ext(file); ext != ".yaml" && ext != ".yml" {
		file += ".yaml"
	}
	if _, err := e.ReadFile(file); !errors.Is(err, fs.ErrNotExist) && !force {
		return fmt.Errorf("%s is there already; --force writes over it", file)
	}
	if err := e.writeWhole(file, []byte(template.Text(name, expect.Quote(file)))); err != nil {
		return err
	}
	fmt.Fprintf(e.Stdout, "wrote %s; next: %s\n", file, expect.Command("run", file, ""))
	return nil
}
