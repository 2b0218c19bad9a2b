package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ksim/sim/clock"
	"ksim/sim/expect"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/tui/model"
)

// explainFlags are the flags of `ksim explain`.
type explainFlags struct {
	at  string
	seq uint64
	variant

	time clock.Time
}

// newExplain is `ksim explain FILE`.
func newExplain(e *Env) *cobra.Command {
	f := &explainFlags{time: clock.Never}
	c := &cobra.Command{
		Use:   "explain FILE|@NAME|-",
		Short: "say why something happens in a scenario",
		Long: `explain follows an event back to the scenario: its chain of causes, in sentences,
the property that rules it with its value, and what follows from it at once. The
event is the one of interest nearest to --at, or that of a number (seq in the trace,
# in what a failed expectation prints). Without either it is the first in which
something goes wrong.`,
		Example: `  ksim explain @slow-upload
  ksim explain @slow-upload --at 8m30s
  ksim explain my.yaml --seq 812`,
		Args: scenarioArgs(false),
		RunE: func(c *cobra.Command, args []string) error {
			if f.at != "" && c.Flags().Changed("seq") {
				return errors.New("--at with --seq: one of them")
			}
			if f.at != "" {
				t, err := scenario.ParseDuration(f.at)
				if err != nil {
					return fmt.Errorf("--at: %w", err)
				}
				f.time = t
			}
			return e.explain(args[0], f)
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.at, "at", "", "the event of interest nearest to this virtual `TIME`, such as 7m30s")
	fl.Uint64Var(&f.seq, "seq", 0, "the event of this `NUMBER`")
	f.variant.add(fl, "")
	for _, name := range []string{"at", "seq", "seed", "set"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.ValidArgsFunction = completeScenario
	return c
}

// explain is `ksim explain` with its flags read.
func (e *Env) explain(arg string, f *explainFlags) error {
	_, s, err := f.variant.load(e, arg)
	if err != nil {
		return err
	}
	if f.at != "" && f.time > s.Duration {
		return fmt.Errorf("--at %s: the run ends at %s", f.at, scenario.FormatDuration(s.Duration))
	}
	r := model.New(s)
	for r.Advance(lookEvery) {
	}
	seq, err := pick(r.Entries(), f)
	if err != nil {
		return err
	}
	why := r.Why(seq)
	text := explanation(s, why, f.arguments(), e.textWidth())
	if at := why.Chain[len(why.Chain)-1].At; f.at != "" && at/clock.Millisecond != f.time/clock.Millisecond {
		text = fmt.Sprintf("The event of interest nearest to %s is at %s:\n\n%s", f.at, roundUp(at), text)
	} else if f.at == "" && f.seq == 0 && !trouble(why.Chain[len(why.Chain)-1].Type) {
		text = "Nothing goes wrong in this run. Its last rebalance:\n\n" + text
	}
	_, err = io.WriteString(e.Stdout, text)
	return err
}

// pick gives the number of the event that is asked for.
func pick(all []model.Entry, f *explainFlags) (uint64, error) {
	if f.time < clock.Never {
		return nearest(all, f)
	}
	best := uint64(0)
	for i := range all {
		x := &all[i]
		switch {
		case f.seq > 0:
			if x.Seq == f.seq {
				return x.Seq, nil
			}
		case trouble(x.Type):
			return x.Seq, nil
		case model.Rebalances(x):
			best = x.Seq
		}
	}
	switch {
	case f.seq > 0:
		return 0, fmt.Errorf("--seq %d: the run shows no event of that number (it may be one of --detail)", f.seq)
	case best == 0:
		return 0, errors.New("nothing goes wrong in this run, and no group rebalances; --at or --seq says what to explain")
	}
	return best, nil
}

// nearest gives the event of interest nearest to an instant, the later of two that are
// as near; of those of one millisecond the one in which something goes wrong, else the
// last.
func nearest(all []model.Entry, f *explainFlags) (uint64, error) {
	var best *model.Entry
	away := func(x *model.Entry) clock.Duration {
		d := x.At/clock.Millisecond - f.time/clock.Millisecond
		return max(d, -d)
	}
	for i := range all {
		x := &all[i]
		if !model.OfInterest(x) {
			continue
		}
		same := best != nil && x.At/clock.Millisecond == best.At/clock.Millisecond
		if best == nil || away(x) <= away(best) && !(same && trouble(best.Type)) {
			best = x
		}
	}
	if best == nil {
		return 0, fmt.Errorf("--at %s: nothing of interest happens in this run", f.at)
	}
	return best.Seq, nil
}

// trouble tells whether something has gone wrong.
func trouble(t trace.Type) bool {
	switch t {
	case trace.MemberRemoved, trace.MemberFenced, trace.PollExceeded, trace.CommitFailed, trace.PollFailed, trace.PartitionsLost,
		trace.RecordsTruncated, trace.RecordsExpired:
		return true
	}
	return false
}

// mostEffects is how many of an event's effects are named.
const mostEffects = 6

// explanation is the text: the event, its causes from the first on, what rules it,
// what follows.
func explanation(s *scenario.Scenario, why model.Why, args string, width int) string {
	var b strings.Builder
	x := &why.Chain[len(why.Chain)-1]
	entry := func(sign string, x *model.Cause) {
		first := fmt.Sprintf("%s %9s  #%-6d ", sign, roundUp(x.At), x.Seq)
		writeWrapped(&b, first, strings.Repeat(" ", len([]rune(first))), x.Text, width)
	}
	entry("▶", x)
	fmt.Fprintf(&b, "  %s of %s\n", x.Type, s.Name)

	b.WriteString("\nWhy, from the scenario on:\n")
	for i := range why.Chain[:len(why.Chain)-1] {
		entry(" ", &why.Chain[i])
	}
	entry("▶", x)
	if why.Rule != nil {
		b.WriteString("\nWhat rules it:\n")
		writeRule(&b, why.Rule, width)
	}
	if len(why.Effects) > 0 {
		b.WriteString("\nWhat follows from it:\n")
		for n := range why.Effects {
			if n == mostEffects {
				fmt.Fprintf(&b, "  … and %d more\n", len(why.Effects)-n)
				break
			}
			entry(" ", &why.Effects[n])
		}
	}
	if x.At > 0 {
		fmt.Fprintf(&b, "\nopen  %s\n", expect.Command("run", s.File, args, "--until", roundUp(x.At).String()+"s"))
	}
	if (x.Type == trace.PollExceeded || x.Type == trace.MemberRemoved) && !strings.Contains(args, "--seed") { // which advise does not take
		fmt.Fprintf(&b, "mend  %s\n", expect.Command("advise", s.File, args))
	}
	return b.String()
}

// writeRule prints the property with its value, where that comes from, and what it
// means.
func writeRule(b *strings.Builder, r *model.Rule, width int) {
	writeWrapped(b, "  ", "    ", r.Name(), width)
	if r.Row.Meaning != "" {
		writeWrapped(b, "    ", "    ", r.Row.Meaning, width)
	}
	if r.Document != "" {
		fmt.Fprintf(b, "    %s\n", r.Document)
	}
}

// roundUp gives the next full millisecond, at which a run that ends has seen t.
func roundUp(t clock.Time) clock.Time {
	return (t + clock.Millisecond - clock.Microsecond) / clock.Millisecond * clock.Millisecond
}

// textWidth is how many columns a text takes that is read as prose.
func (e *Env) textWidth() int {
	if e.Width == 0 {
		return 120
	}
	return min(max(e.Width, 40), 120)
}

// writeWrapped writes a text broken between words, behind what its first line and
// the others begin with.
func writeWrapped(b *strings.Builder, first, next, text string, width int) {
	for _, line := range expect.Wrap(text, width-len([]rune(first))) {
		b.WriteString(strings.TrimRight(first+line, " ") + "\n")
		first = next
	}
}
