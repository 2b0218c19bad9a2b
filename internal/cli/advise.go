package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ksim/internal/figures"
	"ksim/internal/suite"
	"ksim/sim/expect"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/tui/chart"
	"ksim/tui/plain"
)

// newAdvise is `ksim advise FILE`.
func newAdvise(e *Env) *cobra.Command {
	var set []string
	c := &cobra.Command{
		Use:   "advise FILE|@NAME|-",
		Short: "look for a property that would mend what goes wrong",
		Long: `advise runs a scenario, and for each eviction whose cause is a limit it looks for a
value of that limit which client and broker take and which would help. Where a poll
returned more records than fit into the limit, it takes the time of a record from the
run, and gives the number of records that keeps to 0.7 of it. It then runs the
scenario again with the change, and prints what that brings, and what it costs.`,
		Example: `  ksim advise @slow-upload
  ksim advise my.yaml --set groups.g.client=kafka-python`,
		Args: scenarioArgs(false),
		RunE: func(_ *cobra.Command, args []string) error { return e.advise(args[0], set) },
	}
	c.Flags().StringArrayVar(&set, "set", nil, "set a key first, `PATH=VALUE`; may be repeated")
	c.RegisterFlagCompletionFunc("set", cobra.NoFileCompletions)
	c.ValidArgsFunction = completeScenario
	return c
}

// advise is `ksim advise` with its flags read.
func (e *Env) advise(arg string, set []string) error {
	src, err := e.files().Read(arg)
	if err != nil {
		return err
	}
	s, err := checked(&src, set, e.Stderr)
	if err != nil {
		return err
	}
	teller, c := plain.NewTeller(s), figures.NewCollector(s)
	j := suite.Simulate(s, suite.Watch{Detail: true, Show: func(x *trace.Event) {
		c.Event(x)
		teller.Tell(x)
	}})
	before := c.End(j.World)
	var b strings.Builder
	width := e.textWidth()
	all := teller.Advice()
	for i := range all {
		if i > 0 {
			b.WriteByte('\n')
		}
		e.adviseOn(&b, &all[i], &src, set, before, width)
	}
	if len(all) == 0 {
		writeWrapped(&b, "", "", "No member is evicted in this run: there is nothing that another limit would mend."+otherwise(before), width)
	}
	for _, margin := range teller.Margins() {
		writeWrapped(&b, "", "  ", margin, width)
	}
	_, err = io.WriteString(e.Stdout, b.String())
	return err
}

// growing is from how many records on a lag at the end is worth a word.
const growing = 1000

// otherwise says what else is wrong with a run in which nobody is evicted.
func otherwise(groups []figures.Group) string {
	text := ""
	for i := range groups {
		g := &groups[i]
		if n := g.Value(figures.Lost); n > 0 {
			text += fmt.Sprintf(" But %s loses %s records: commit after the work, not before.", g.ID, chart.Number(n))
		}
		if end, peak := g.Value(figures.EndLag), g.Value(figures.PeakLag); end >= growing && end >= peak/10*9 {
			text += fmt.Sprintf(" The lag of %s grows to the end, to %s records: it processes more slowly than is produced.", g.ID, chart.Number(end))
		}
	}
	return text
}

// adviseOn prints one advice, verified by a run.
func (e *Env) adviseOn(b *strings.Builder, a *plain.Advice, src *suite.Source, set []string, before []figures.Group, width int) {
	what := a.What
	if a.Times > 1 {
		what += fmt.Sprintf(" (%d times in all)", a.Times)
	}
	writeWrapped(b, "", "", what, width)
	if a.Change == "" {
		writeWrapped(b, "  but    ", "         ", a.Why, width)
		return
	}
	change := append(append([]string(nil), set...), a.Change)
	writeWrapped(b, "  try    ", "         ", "--set "+expect.Quote(a.Change)+": "+a.Why, width)
	s, found := src.Load(change)
	if s == nil {
		refused, _ := found.FirstError()
		writeWrapped(b, "  but    ", "         ", "it is refused: "+refused.Message, width)
		return
	}
	b.WriteString(compareRuns(before, measure(s, 0).groups))
	if cost := costOf(s, a.Change); cost != "" {
		writeWrapped(b, "  costs  ", "         ", cost, width)
	}
	fmt.Fprintf(b, "  open   %s\n", expect.Command("run", s.File, suite.Arguments(nil, change)))
}

// compareRuns says what a change has brought, a line a figure that it changes.
func compareRuns(before, after []figures.Group) string {
	var b strings.Builder
	label := "brings"
	for i := range before {
		for n, name := range figures.Names {
			x, y := before[i].Value(n), after[i].Value(n)
			if x != y {
				fmt.Fprintf(&b, "  %-6s %s: %s instead of %s", label, name.Title, figureText(name, y), figureText(name, x))
				label = ""
				if len(before) > 1 {
					fmt.Fprintf(&b, " (%s)", before[i].ID)
				}
				b.WriteByte('\n')
			}
		}
	}
	if b.Len() == 0 {
		return "  brings nothing: the figures stay as they are\n"
	}
	return b.String()
}

// costOf says what a change makes worse.
func costOf(s *scenario.Scenario, change string) string {
	switch {
	case strings.Contains(change, "max.poll.records"):
		return "more polls, and a commit for fewer records; the throughput stays what it is"
	case strings.Contains(change, "max.poll.interval.ms"):
		return "a program that hangs is noticed that much later, and a rebalance may wait as long for it"
	case strings.Contains(change, "session.timeout.ms") && strings.Contains(change, "config"):
		return "the session decides two things: how soon a crash is noticed, and how long a pause may be; what helps one harms the other"
	}
	return ""
}
