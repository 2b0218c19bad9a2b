package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"ksim/internal/suite"
	"ksim/sim/clock"
	"ksim/sim/expect"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/tui/plain"
)

// explainFlags are the flags of `ksim explain`.
type explainFlags struct {
	at   string
	seq  uint64
	seed uint64
	set  []string

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
event is the last of interest up to --at, or that of a number (seq in the trace, #
in what a failed expectation prints). Without either it is the first in which
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
			return e.explain(c, args[0], f)
		},
	}
	fl := c.Flags()
	fl.StringVar(&f.at, "at", "", "the last event of interest up to this virtual `TIME`, such as 7m30s")
	fl.Uint64Var(&f.seq, "seq", 0, "the event of this `NUMBER`")
	fl.Uint64Var(&f.seed, "seed", 0, "seed of every random draw (default: the scenario's)")
	fl.StringArrayVar(&f.set, "set", nil, "set a key, `PATH=VALUE`; may be repeated")
	for _, name := range []string{"at", "seq", "seed", "set"} {
		c.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions)
	}
	c.ValidArgsFunction = completeScenario
	return c
}

// told is an event with its sentence.
type told struct {
	trace.Event
	text string
}

// tellAll runs a scenario and gives its events, samples apart, with their
// sentences.
func tellAll(s *scenario.Scenario) []told {
	teller := plain.NewTeller(s)
	var all []told
	suite.Simulate(s, suite.Watch{Show: func(e *trace.Event) {
		text := teller.Tell(e)
		if e.Type != trace.Offsets && e.Type != trace.Processed {
			all = append(all, told{*e, text})
		}
	}})
	return all
}

// explain is `ksim explain` with its flags read.
func (e *Env) explain(c *cobra.Command, arg string, f *explainFlags) error {
	s, err := e.load(arg, f.set, e.Stderr)
	if err != nil {
		return err
	}
	args := setArguments(f.set)
	if c.Flags().Changed("seed") {
		s.Seed = f.seed
		args = strings.TrimSpace(fmt.Sprintf("--seed %d %s", f.seed, args))
	}
	all := tellAll(s)
	i, err := pick(all, f)
	if err != nil {
		return err
	}
	_, err = io.WriteString(e.Stdout, explanation(s, all, i, args, e.textWidth()))
	return err
}

// setArguments is what must follow `ksim run FILE` to make the same changes.
func setArguments(set []string) string {
	var a []string
	for _, s := range set {
		a = append(a, "--set "+expect.Quote(s))
	}
	return strings.Join(a, " ")
}

// pick gives the index of the event that is asked for.
func pick(all []told, f *explainFlags) (int, error) {
	best := -1
	for i := range all {
		x := &all[i]
		switch {
		case f.seq > 0:
			if x.Seq == f.seq {
				return i, nil
			}
		case f.time < clock.Never:
			if x.At < f.time+clock.Millisecond && x.Type != trace.Log && x.text != "" {
				best = i
			}
		case trouble(x.Type):
			return i, nil
		case x.Type == trace.GroupRebalancing || x.Type == trace.GroupEpoch:
			best = i
		}
	}
	switch {
	case f.seq > 0:
		return 0, fmt.Errorf("--seq %d: the run shows no event of that number (it may be one of --detail)", f.seq)
	case best < 0 && f.time < clock.Never:
		return 0, fmt.Errorf("--at %s: nothing of interest has happened up to then", f.at)
	case best < 0:
		return 0, errors.New("nothing goes wrong in this run, and no group rebalances; --at or --seq says what to explain")
	}
	return best, nil
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
func explanation(s *scenario.Scenario, all []told, i int, args string, width int) string {
	var b strings.Builder
	x := &all[i]
	entry := func(sign string, x *told) {
		first := fmt.Sprintf("%s %9s  #%-6d ", sign, roundUp(x.At), x.Seq)
		writeWrapped(&b, first, strings.Repeat(" ", len([]rune(first))), sentence(x), width)
	}
	entry("▶", x)
	fmt.Fprintf(&b, "  %s of %s\n", x.Type, s.Name)

	b.WriteString("\nWhy, from the scenario on:\n")
	chain := causesOf(all, i)
	for _, cause := range chain {
		entry(" ", cause)
	}
	entry("▶", x)
	if rule := ruleOf(s, &x.Event); rule != nil {
		b.WriteString("\nWhat rules it:\n")
		rule.write(&b, width)
	}
	if effects := effectsOf(all, i); len(effects) > 0 {
		b.WriteString("\nWhat follows from it:\n")
		for n, y := range effects {
			if n == mostEffects {
				fmt.Fprintf(&b, "  … and %d more\n", len(effects)-n)
				break
			}
			entry(" ", y)
		}
	}
	if x.At > 0 {
		fmt.Fprintf(&b, "\nopen  %s\n", expect.Command("run", s.File, args, "--until", roundUp(x.At).String()+"s"))
	}
	return b.String()
}

// roundUp gives the next full millisecond, at which a run that ends has seen t.
func roundUp(t clock.Time) clock.Time {
	return (t + clock.Millisecond - clock.Microsecond) / clock.Millisecond * clock.Millisecond
}

// sentence is an event's sentence, or its type and fields.
func sentence(x *told) string {
	if x.text != "" {
		return x.text
	}
	return string(x.Type) + " " + x.Member
}

// causesOf are an event's causes, the first first.
func causesOf(all []told, i int) []*told {
	bySeq := map[uint64]int{}
	for k := range all {
		bySeq[all[k].Seq] = k
	}
	var chain []*told
	for seq := all[i].Cause; seq != 0; {
		k, ok := bySeq[seq]
		if !ok {
			break
		}
		chain = append([]*told{&all[k]}, chain...)
		seq = all[k].Cause
	}
	return chain
}

// effectsOf are the events of which an event is the cause, log lines apart.
func effectsOf(all []told, i int) []*told {
	var effects []*told
	for k := i + 1; k < len(all); k++ {
		if all[k].Cause == all[i].Seq && all[k].Type != trace.Log && all[k].text != "" {
			effects = append(effects, &all[k])
		}
	}
	return effects
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
