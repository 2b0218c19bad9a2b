package expect

import (
	"fmt"
	"sort"
	"strings"

	"ksim/sim/trace"
)

// chainLength is how many causes a report follows back before it cuts.
const chainLength = 8

// Text prints a verdict for people: one line when it holds; else what was
// expected and what was found, the nearest event, its causes, and the command
// that opens that moment.
func (v *Verdict) Text(run Run) string {
	e := v.Expectation
	if v.OK {
		return "ok    " + e.Source + "\n"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "FAIL  %s\n", e.Source)
	if e.Pos.Line > 0 {
		fmt.Fprintf(&b, "  at    %s:%d\n", run.Scenario.File, e.Pos.Line)
	}
	fmt.Fprintf(&b, "  want  %s\n  got   %s\n", v.Want, v.Got)
	if x := v.nearest(&run); x != nil {
		fmt.Fprintf(&b, "  near  %s\n", line(x))
		writeCauses(&b, run.Events, x)
	}
	var until []string
	if at := min(v.At, run.End); at > 0 { // no run ends where it begins
		until = []string{"--until", at.String() + "s"}
	}
	fmt.Fprintf(&b, "  open  %s\n", Command(run.Scenario.File, run.Args, until...))
	return b.String()
}

func (v *Verdict) nearest(run *Run) *trace.Event {
	if len(v.Near) == 0 {
		return nil
	}
	return find(run.Events, v.Near[0])
}

// writeCauses follows an event back to the scenario, a cause a line.
func writeCauses(b *strings.Builder, events []trace.Event, e *trace.Event) {
	for range chainLength {
		cause := find(events, e.Cause)
		if cause == nil {
			b.WriteString("        ← the scenario\n")
			return
		}
		e = cause
		fmt.Fprintf(b, "        ← %s\n", line(e))
	}
	b.WriteString("        ← …\n")
}

// find gives the event with that number; nil when there is none.
func find(events []trace.Event, seq uint64) *trace.Event {
	i := sort.Search(len(events), func(i int) bool { return events[i].Seq >= seq })
	if i == len(events) || events[i].Seq != seq {
		return nil
	}
	return &events[i]
}

// line prints an event on one line: when, its number, what, who, and the fields
// that say why.
func line(e *trace.Event) string {
	s := []string{e.At.String(), fmt.Sprintf("#%d", e.Seq), string(e.Type)}
	for _, word := range []string{e.Group, e.Member, e.What, e.Reason, e.Error} {
		if word != "" {
			s = append(s, word)
		}
	}
	if len(e.Partitions) > 0 {
		s = append(s, describeValue(field(e, "partitions")))
	}
	if e.Records > 0 {
		s = append(s, fmt.Sprintf("records %d", e.Records))
	}
	if e.Text != "" {
		s = append(s, fmt.Sprintf("%q", e.Text))
	}
	return strings.Join(s, "  ")
}
