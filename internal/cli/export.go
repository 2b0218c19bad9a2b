package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"ksim/internal/export"
	"ksim/sim/diag"
	"ksim/tui/model"
)

// exportFlags are the flags of `ksim export`.
type exportFlags struct {
	to, out string
	until   string
	start   string
	variant
}

// newExport is `ksim export FILE`.
func newExport(e *Env) *cobra.Command {
	f := &exportFlags{}
	c := &cobra.Command{
		Use:   "export FILE|@NAME|-",
		Short: "take a run away: a page, a picture, a recording, metrics",
		Long: "export simulates a scenario and writes what can be taken away of it:\n\n" + formatsHelp() + `
Without --to the ending of --out says which; without both it is html. Without
--out, markdown, mermaid, csv and openmetrics go to standard output; the others go
there too when it is no terminal, and else to a file named after the scenario.`,
		Example: `  ksim export @slow-upload
  ksim export my.yaml --out lesson.html
  ksim export my.yaml --to svg --until 9m -o incident.svg
  ksim export my.yaml --to mermaid | pbcopy
  ksim export my.yaml --start 2026-11-01T09:00:00Z -o lag.om && promtool tsdb create-blocks-from openmetrics lag.om data`,
		Args: scenarioArgs(false),
		RunE: func(_ *cobra.Command, args []string) error { return e.export(args[0], f) },
	}
	fl := c.Flags()
	names, anyOf := formatNames()
	fl.StringVar(&f.to, "to", "", "the format: "+anyOf+" (default: html)")
	fl.StringVarP(&f.out, "out", "o", "", "write to a `FILE`; - is standard output")
	f.variant.add(fl, "")
	fl.StringVar(&f.until, "until", "", "end the run at this virtual `TIME`, such as 5m30s")
	fl.StringVar(&f.start, "start", "", "openmetrics: the `DATE` at which the run begins, such as 2026-11-01T09:00:00Z (default: 1970)")
	c.RegisterFlagCompletionFunc("to", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	for _, name := range []string{"set", "seed", "until", "start"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.ValidArgsFunction = completeScenario
	return c
}

// formatNames are the names of the formats, and the same in words.
func formatNames() (names []string, anyOf string) {
	for _, x := range export.Formats {
		names = append(names, x.Name)
	}
	last := len(names) - 1
	return names, strings.Join(names[:last], ", ") + " or " + names[last]
}

// formatsHelp is a line for each format.
func formatsHelp() string {
	var b strings.Builder
	for _, f := range export.Formats {
		fmt.Fprintf(&b, "  %-12s %s\n", f.Name, f.Title)
	}
	return b.String()
}

// format is what is asked for.
func (f *exportFlags) format() (*export.Format, error) {
	names, expected := formatNames()
	switch {
	case f.to != "":
		if x, ok := export.ByName(f.to); ok {
			return x, nil
		}
		hint := ""
		if near := diag.Nearest(f.to, names); near != "" {
			hint = " (did you mean " + near + "?)"
		}
		return nil, fmt.Errorf("--to %q: expected %s%s", f.to, expected, hint)
	case f.out != "" && f.out != "-":
		if x, ok := export.ByFile(f.out); ok {
			return x, nil
		}
		return nil, fmt.Errorf("--out %q: its ending is that of no format; --to says which: %s", f.out, expected)
	}
	return &export.Formats[0], nil
}

// export is `ksim export` with its flags read.
func (e *Env) export(arg string, f *exportFlags) error {
	format, err := f.format()
	if err != nil {
		return err
	}
	o := export.Options{Version: versionText()}
	if o.Epoch, err = f.epoch(format); err != nil {
		return err
	}
	_, s, err := f.variant.load(e, arg)
	if err != nil {
		return err
	}
	if f.until != "" {
		end, err := untilTime(f.until)
		if err != nil {
			return err
		}
		s.Duration = min(s.Duration, end)
	}
	out := f.out
	switch {
	case out == "-":
		out = ""
	case out == "" && format.ToFile && e.StdoutTerminal:
		out = filepath.Base(s.Name) + format.Extensions[0]
	}
	bar := e.progress("export of " + s.Name)
	r := model.New(s)
	for r.Advance(lookEvery) {
		at, _, _ := r.Head()
		bar.draw(int(int64(at) * 500 / int64(s.Duration)))
	}
	o.Progress = func(done int) { bar.draw(500 + done/2) }
	err = e.produce(out, func(w io.Writer) error { return export.Write(w, format, r, o) })
	bar.end()
	if err == nil && out != "" {
		fmt.Fprintln(e.Stderr, "wrote", out)
	}
	return err
}

// exportRun is `:export` of the terminal UI.
func (e *Env) exportRun(r *model.Run, name, file string, replace bool) error {
	format, err := (&exportFlags{to: name}).format()
	if err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "--to "))
	}
	if err := e.free(file, replace, ":export! "+name); err != nil {
		return err
	}
	return e.produce(file, func(w io.Writer) error { return export.Write(w, format, r, export.Options{Version: versionText()}) })
}

// epoch is what --start says, in seconds since 1970.
func (f *exportFlags) epoch(format *export.Format) (int64, error) {
	if f.start == "" {
		return 0, nil
	}
	if format.Name != "openmetrics" {
		return 0, fmt.Errorf("--start with --to %s: only openmetrics knows dates", format.Name)
	}
	t, err := time.Parse(time.RFC3339, f.start)
	if err != nil {
		return 0, fmt.Errorf("--start %q: expected a date such as 2026-11-01T09:00:00Z", f.start)
	}
	return t.Unix(), nil
}
