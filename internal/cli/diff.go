package cli

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"ksim/internal/figures"
	"ksim/internal/suite"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/tui/model"
	"ksim/tui/plain"
)

// newDiff is `ksim diff A B`.
func newDiff(e *Env) *cobra.Command {
	var set []string
	all := false
	c := &cobra.Command{
		Use:   "diff A [B]",
		Short: "show how two runs differ",
		Long: `diff runs two scenarios, or one as it is and with --set, and prints what differs
first, then side by side what happens in each, and the figures of both. Events are
matched by what happens and to whom, in their order; the time may differ. The exit
code is 0 when nothing differs, 1 when something does, 2 when a file is wrong.`,
		Example: `  ksim diff @slow-upload @slow-upload-fixed-interval
  ksim diff @slow-upload --set groups.s3-sink.config.max.poll.interval.ms=900000
  ksim diff before.yaml after.yaml --all`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 || len(args) > 2 {
				return errors.New("ksim diff: expected two scenarios, or one with --set")
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 && len(set) == 0 {
				return errors.New("ksim diff: expected a second scenario, or --set")
			}
			return e.diff(args, set, all)
		},
	}
	c.Flags().StringArrayVar(&set, "set", nil, "set a key of the second, `PATH=VALUE`; may be repeated")
	c.Flags().BoolVar(&all, "all", false, "every event, however many there are")
	c.RegisterFlagCompletionFunc("set", cobra.NoFileCompletions)
	c.ValidArgsFunction = completeScenario
	return c
}

// side is one of the two runs.
type side struct {
	name    string
	events  []model.Cause // those of interest
	outcome outcome
}

// diff is `ksim diff` with its flags read.
func (e *Env) diff(args, set []string, all bool) error {
	first, second := args[0], args[len(args)-1]
	name := second
	if len(set) > 0 {
		name += " " + suite.Arguments(nil, set)
	}
	a, err := e.load(first, nil, e.Stderr)
	if err != nil {
		return err
	}
	b, err := e.load(second, set, e.Stderr)
	if err != nil {
		return err
	}
	left, right := runSide(first, a), runSide(name, b)
	rows := align(left.events, right.events)
	if _, err := io.WriteString(e.Stdout, diffText(&left, &right, rows, e.textWidth(), all)); err != nil {
		return err
	}
	if slices.ContainsFunc(rows, row.differs) {
		return exitError{ExitFailed}
	}
	return nil
}

// runSide runs a scenario for its events of interest and its figures.
func runSide(name string, s *scenario.Scenario) side {
	x := side{name: name}
	teller, c := plain.NewTeller(s), figures.NewCollector(s)
	j := suite.Simulate(s, suite.Watch{Show: func(e *trace.Event) {
		c.Event(e)
		if text := teller.Tell(e); text != "" && e.Type != trace.Log {
			x.events = append(x.events, model.Cause{Event: *e, Text: text})
		}
	}})
	x.outcome = outcomeOf(c, j)
	return x
}

// row is an event of the left run, of the right one, or of both.
type row struct{ left, right *model.Cause }

// differs tells whether the two runs do not have the same at the same time.
func (r row) differs() bool {
	return r.left == nil || r.right == nil || r.left.At != r.right.At || r.left.Text != r.right.Text
}

// mostAligned is how many events of each run are matched at a time: the work grows
// with the square.
const mostAligned = 2000

// align matches the events of two runs.
func align(a, b []model.Cause) []row {
	var rows []row
	for len(a) > 0 && len(b) > 0 && alike(&a[0], &b[0]) { // what is the same from the start on
		rows = append(rows, row{&a[0], &b[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 || len(b) > 0 {
		n, m := min(len(a), mostAligned), min(len(b), mostAligned)
		rows = longestCommon(rows, a[:n], b[:m])
		a, b = a[n:], b[m:]
	}
	return rows
}

// longestCommon appends the rows of two stretches: the longest common sequence of
// what happens to whom, and in order of time what only one has.
func longestCommon(rows []row, a, b []model.Cause) []row {
	length := make([][]int32, len(a)+1) // of what is common from i and k on
	for i := range length {
		length[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for k := len(b) - 1; k >= 0; k-- {
			if alike(&a[i], &b[k]) {
				length[i][k] = length[i+1][k+1] + 1
			} else {
				length[i][k] = max(length[i+1][k], length[i][k+1])
			}
		}
	}
	for i, k := 0, 0; i < len(a) || k < len(b); {
		switch {
		case i < len(a) && k < len(b) && alike(&a[i], &b[k]):
			rows = append(rows, row{&a[i], &b[k]})
			i, k = i+1, k+1
		case k == len(b) || i < len(a) && (length[i+1][k] > length[i][k+1] || length[i+1][k] == length[i][k+1] && a[i].At <= b[k].At):
			rows = append(rows, row{left: &a[i]})
			i++
		default:
			rows = append(rows, row{right: &b[k]})
			k++
		}
	}
	return rows
}

// alike tells whether the same happens to the same one.
func alike(a, b *model.Cause) bool {
	return a.Type == b.Type && a.Group == b.Group && a.Member == b.Member && a.Broker == b.Broker && a.Reason == b.Reason &&
		a.Error == b.Error && a.What == b.What && slices.Equal(a.Partitions, b.Partitions)
}

// diffText prints the difference.
func diffText(left, right *side, rows []row, width int, all bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "left   %s\nright  %s\n", left.name, right.name)
	first := slices.IndexFunc(rows, row.differs)
	if first < 0 {
		b.WriteString("\nThe same happens in both at the same times.\n")
	} else {
		writeFirst(&b, rows, first, width)
		writeRows(&b, rows, first, width, all)
	}
	writeFigures(&b, left, right)
	return b.String()
}

// writeFirst says what differs first.
func writeFirst(b *strings.Builder, rows []row, first, width int) {
	r := rows[first]
	say := func(x *model.Cause) string {
		if x == nil {
			return "nothing like it"
		}
		return roundUp(x.At).String() + "  " + x.Text
	}
	b.WriteString("\nWhat differs first:\n")
	writeWrapped(b, "  left   ", "         ", say(r.left), width)
	writeWrapped(b, "  right  ", "         ", say(r.right), width)
}

// mostRows is how many rows are printed without --all.
const mostRows = 40

// writeRows prints the runs side by side from the first difference on.
func writeRows(b *strings.Builder, rows []row, first, width int, all bool) {
	column := (width - 3) / 2
	fmt.Fprintf(b, "\n%-*s   right\n", column, "left")
	if first > 0 {
		fmt.Fprintf(b, "  … %d events that are the same\n", first)
	}
	shown := rows[first:]
	if !all && len(shown) > mostRows {
		shown = shown[:mostRows]
	}
	for _, r := range shown {
		sign := "│"
		switch {
		case r.right == nil:
			sign = "<"
		case r.left == nil:
			sign = ">"
		case r.differs():
			sign = "~"
		}
		l, rr := diffCell(r.left, column), diffCell(r.right, column)
		for i := range max(len(l), len(rr)) {
			x, y := "", ""
			if i < len(l) {
				x = l[i]
			}
			if i < len(rr) {
				y = rr[i]
			}
			b.WriteString(strings.TrimRight(fmt.Sprintf("%-*s %s %s", column, x, sign, y), " ") + "\n")
		}
	}
	if left := len(rows) - first - len(shown); left > 0 {
		fmt.Fprintf(b, "  … %d more; --all prints them\n", left)
	}
}

// diffCell is an event in a column, as many lines as it needs.
func diffCell(x *model.Cause, column int) []string {
	if x == nil {
		return nil
	}
	var b strings.Builder
	writeWrapped(&b, fmt.Sprintf("%9s ", roundUp(x.At)), strings.Repeat(" ", 10), x.Text, column)
	return strings.Split(strings.TrimSuffix(b.String(), "\n"), "\n")
}

// writeFigures prints the figures of the groups that both runs have.
func writeFigures(b *strings.Builder, left, right *side) {
	for i := range left.outcome.groups {
		g := &left.outcome.groups[i]
		k := slices.IndexFunc(right.outcome.groups, func(x figures.Group) bool { return x.ID == g.ID })
		if k < 0 {
			continue
		}
		rows := [][]string{{g.ID, "left", "right", ""}}
		for n, name := range figures.Names {
			x, y := g.Value(n), right.outcome.groups[k].Value(n)
			sign := ""
			if x != y {
				sign = "~"
			}
			rows = append(rows, []string{name.Title, figureText(name, x), figureText(name, y), sign})
		}
		b.WriteByte('\n')
		writeTable(b, rows, 1)
	}
	if left.outcome.judged+right.outcome.judged == 0 {
		return
	}
	fmt.Fprintf(b, "\nexpectations that hold: %d of %d, %d of %d\n", left.outcome.held, left.outcome.judged, right.outcome.held, right.outcome.judged)
}
