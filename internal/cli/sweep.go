package cli

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"ksim/internal/figures"
	"ksim/sim/scenario"
)

// mostSweeps is how many combinations of values one sweep runs at most.
const mostSweeps = 1000

// newSweep is `ksim sweep FILE`.
func newSweep(e *Env) *cobra.Command {
	var set []string
	format, jobs := "text", 0
	c := &cobra.Command{
		Use:   "sweep FILE|@NAME|-",
		Short: "run a scenario with several values of a key, and compare",
		Long: `sweep runs a scenario once for each value of --set, and prints a line of figures
for each: evictions, rebalances, repeated and lost records, lag, and how many of
the expectations hold. With several --set it runs every combination. A comma
within brackets, braces or quotes does not separate. A value that the file does not
take is said to be refused, and makes the exit code 2.`,
		Example: `  ksim sweep @slow-upload --set groups.s3-sink.config.max.poll.interval.ms=300000,600000,900000
  ksim sweep my.yaml --set groups.g.members=1,2,4,8 --set groups.g.client=java,sarama
  ksim sweep my.yaml --set cluster.latency=1ms,20ms,200ms --format csv`,
		Args: scenarioArgs(false),
		RunE: func(_ *cobra.Command, args []string) error {
			if !slices.Contains([]string{"text", "csv"}, format) {
				return fmt.Errorf("--format %q: expected text or csv", format)
			}
			return e.sweep(args[0], set, format, jobs)
		},
	}
	fl := c.Flags()
	fl.StringArrayVar(&set, "set", nil, "a key and its values, `PATH=VALUE,VALUE,…`; may be repeated")
	fl.StringVar(&format, "format", "text", "text or csv")
	fl.IntVarP(&jobs, "jobs", "j", 0, "how many runs at a time (default: as many as there are cores)")
	c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"text", "csv"}, cobra.ShellCompDirectiveNoFileComp))
	for _, name := range []string{"set", "jobs"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.ValidArgsFunction = completeScenario
	return c
}

// swept is one combination of values, and what its run came to.
type swept struct {
	values   []string // of the keys that have several
	scenario *scenario.Scenario
	refused  string // why there is no scenario
	outcome  outcome
}

// sweep is `ksim sweep` with its flags read.
func (e *Env) sweep(arg string, set []string, format string, jobs int) error {
	keys, sets, values, err := combinations(set)
	if err != nil {
		return err
	}
	src, err := e.files().Read(arg)
	if err != nil {
		return err
	}
	all := make([]swept, len(sets))
	for i := range sets {
		s, found := src.Load(sets[i])
		refused, _ := found.FirstError()
		all[i] = swept{values: values[i], scenario: s, refused: refused.Message}
	}
	if slices.IndexFunc(all, func(x swept) bool { return x.scenario != nil }) < 0 {
		return fmt.Errorf("no value is taken: %s", all[0].refused)
	}
	e.many("ksim sweep", len(all), jobs, func(i int) outcome {
		if all[i].scenario == nil {
			return outcome{}
		}
		return measure(all[i].scenario, 0)
	}, func(i int, o outcome) { all[i].outcome = o })
	if format == "csv" {
		err = sweepCSV(e.Stdout, keys, all)
	} else {
		_, err = io.WriteString(e.Stdout, sweepText(src.Name, keys, all, e.Width))
	}
	if err == nil && slices.ContainsFunc(all, func(x swept) bool { return x.scenario == nil }) {
		return exitError{ExitWrong}
	}
	return err
}

// combinations gives every combination of the values of --set: the overrides of
// each, and its values of the keys that have several.
func combinations(set []string) (keys []string, sets, values [][]string, err error) {
	sets, values = [][]string{nil}, [][]string{nil}
	for _, s := range set {
		key, list, ok := strings.Cut(s, "=")
		if !ok {
			return nil, nil, nil, fmt.Errorf("--set %q: expected a key and its values, such as groups.g.members=1,2,4", s)
		}
		several := splitValues(list)
		if len(several) > 1 {
			keys = append(keys, key)
		}
		var nextSets, nextValues [][]string
		for i := range sets {
			for _, v := range several {
				nextSets = append(nextSets, append(slices.Clone(sets[i]), key+"="+v))
				if len(several) > 1 {
					nextValues = append(nextValues, append(slices.Clone(values[i]), v))
				} else {
					nextValues = append(nextValues, values[i])
				}
			}
		}
		if sets, values = nextSets, nextValues; len(sets) > mostSweeps {
			return nil, nil, nil, fmt.Errorf("--set makes more than %d combinations", mostSweeps)
		}
	}
	if len(keys) == 0 {
		return nil, nil, nil, errors.New("ksim sweep: --set with several values says what to compare, such as --set groups.g.members=1,2,4")
	}
	return keys, sets, values, nil
}

// splitValues splits at commas that stand outside brackets, braces and quotes.
func splitValues(list string) []string {
	var values []string
	depth, start := 0, 0
	quote := rune(0)
	for i, r := range list {
		switch {
		case quote != 0:
			if r == quote {
				quote = 0
			}
		case r == '"' || r == '\'':
			quote = r
		case r == '[' || r == '{':
			depth++
		case r == ']' || r == '}':
			depth--
		case r == ',' && depth == 0:
			values = append(values, list[start:i])
			start = i + 1
		}
	}
	return append(values, list[start:])
}

// sweepText prints a table for each group, a line a combination.
func sweepText(file string, keys []string, all []swept, width int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s with\n", file)
	for i, k := range keys {
		fmt.Fprintf(&b, "  %s%s\n", k, map[bool]string{true: ",", false: ""}[i+1 < len(keys)])
	}
	first := all[slices.IndexFunc(all, func(x swept) bool { return x.scenario != nil })]
	for g := range first.scenario.Groups {
		rows := [][]string{append(lastParts(keys), sweepHeads...)}
		for i := range all {
			rows = append(rows, all[i].row(g))
		}
		fmt.Fprintf(&b, "\n%s\n", first.scenario.Groups[g].ID)
		for _, spare := range []string{"processed", "end lag"} {
			if width > 0 && tableWidth(rows) > width {
				rows = without(rows, spare)
			}
		}
		writeTable(&b, rows, len(keys))
	}
	writeRefusals(&b, all)
	return b.String()
}

// sweepHeads are the heads of the figures: "evicted" is when the first one was, and
// "times" how many there were.
var sweepHeads = []string{"evicted", "times", "rebal.", "processed", "repeated", "lost", "peak lag", "end lag", "holds"}

// writeRefusals says once why values were refused.
func writeRefusals(b *strings.Builder, all []swept) {
	var said []string
	for i := range all {
		if why := all[i].refused; why != "" && !slices.Contains(said, why) {
			said = append(said, why)
			fmt.Fprintf(b, "\nrefused, %s: %s\n", strings.Join(all[i].values, " with "), why)
		}
	}
}

// without takes out a column.
func without(rows [][]string, head string) [][]string {
	column := slices.Index(rows[0], head)
	out := make([][]string, len(rows))
	for i, row := range rows {
		out[i] = row
		if len(row) == len(rows[0]) {
			out[i] = slices.Delete(slices.Clone(row), column, column+1)
		}
	}
	return out
}

// tableWidth is how many columns a table takes.
func tableWidth(rows [][]string) int {
	sum := 0
	for _, w := range columnWidths(rows) {
		sum += 2 + w
	}
	return sum
}

// lastParts are the ends of keys, as the heads of columns; one alone stands above
// the table.
func lastParts(keys []string) []string {
	if len(keys) == 1 {
		return []string{"value"}
	}
	var parts []string
	for _, k := range keys {
		if _, property, ok := strings.Cut(k, ".config."); ok {
			parts = append(parts, property)
			continue
		}
		parts = append(parts, k[strings.LastIndexByte(k, '.')+1:])
	}
	return parts
}

// row is a combination's line for one group.
func (x *swept) row(g int) []string {
	row := slices.Clone(x.values)
	if x.scenario == nil {
		return append(row, "refused")
	}
	if g >= len(x.outcome.groups) {
		return append(row, "no such group")
	}
	for i, name := range figures.Names {
		row = append(row, figureText(name, x.outcome.groups[g].Value(i)))
	}
	return append(row, fmt.Sprintf("%d/%d", x.outcome.held, x.outcome.judged))
}

// writeTable prints rows in columns as wide as they need: the first so many to the
// left, the others to the right.
func writeTable(b *strings.Builder, rows [][]string, left int) {
	widths := columnWidths(rows)
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			switch {
			case i < left || len(row) < len(rows[0]) && i == len(row)-1:
				line += fmt.Sprintf("  %-*s", widths[i], cell)
			default:
				line += fmt.Sprintf("  %*s", widths[i], cell)
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

// columnWidths is how wide the columns of a table are.
func columnWidths(rows [][]string) []int {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if len(row) < len(rows[0]) && i == len(row)-1 {
				break // a word in place of figures
			}
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	return widths
}

// sweepCSV writes a line a combination and group.
func sweepCSV(out io.Writer, keys []string, all []swept) error {
	w := csv.NewWriter(out)
	head := append(slices.Clone(keys), "group")
	for _, name := range figures.Names {
		head = append(head, column(name))
	}
	w.Write(append(head, "expectations", "expectations-held", "refused"))
	for i := range all {
		x := &all[i]
		if x.scenario == nil {
			line := make([]string, len(head)+3)
			copy(line, x.values)
			line[len(line)-1] = x.refused
			w.Write(line)
		}
		for g := range x.outcome.groups {
			line := append(slices.Clone(x.values), x.outcome.groups[g].ID)
			for k, name := range figures.Names {
				line = append(line, number(name, x.outcome.groups[g].Value(k)))
			}
			w.Write(append(line, strconv.Itoa(x.outcome.judged), strconv.Itoa(x.outcome.held), ""))
		}
	}
	w.Flush()
	return w.Error()
}
