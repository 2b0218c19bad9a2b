package expect

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"ksim/sim/trace"
)

// chainLength is how many causes a report follows back before it cuts.
const chainLength = 8

// Report is what there is to say of one verdict.
type Report struct {
	OK     bool
	Source string // the expectation as the file has it
	File   string
	Line   int // of the file; 0: it comes from --set

	Want, Got string
	Chain     []trace.Event // the nearest event and its causes, back from it
	Whole     bool          // the chain goes back to the scenario, and is not cut
	Open      string        // the command that opens the moment
	Why       string        // the command that explains the nearest event; "" when there is none
}

// Report says what there is to say of a verdict.
func (v *Verdict) Report(run Run) Report {
	r := Report{OK: v.OK, Source: v.Expectation.Source, File: run.Scenario.File, Line: v.Expectation.Pos.Line, Want: v.Want, Got: v.Got}
	if x := v.nearest(&run); x != nil {
		r.Chain, r.Whole = Chain(run.Events, x.Seq, chainLength)
	}
	r.Open = Command("run", run.Scenario.File, run.Args, v.until(run)...)
	if len(r.Chain) > 0 && !r.Chain[0].Type.Detail() {
		r.Why = Command("explain", run.Scenario.File, run.Args, "--seq", strconv.FormatUint(r.Chain[0].Seq, 10))
	}
	return r
}

// nearest is the event nearest to what was expected; nil when there is none.
func (v *Verdict) nearest(run *Run) *trace.Event {
	if len(v.Near) == 0 {
		return nil
	}
	return find(run.Events, v.Near[0])
}

// until is the flag that ends a run at the verdict's moment; no run ends where it
// begins.
func (v *Verdict) until(run Run) []string {
	if at := min(v.At, run.End); at > 0 {
		return []string{"--until", at.String() + "s"}
	}
	return nil
}

// Text prints a verdict for people, as wide as that (0: no line is broken).
func (v *Verdict) Text(run Run, width int) string {
	r := v.Report(run)
	return r.Text(width)
}

// Text prints a report for people: one line when the expectation holds; else what
// was expected and what was found, the nearest event, its causes, and the commands
// that open that moment and explain it. A command is one line however long.
func (r *Report) Text(width int) string {
	if r.OK {
		return "ok    " + r.Source + "\n"
	}
	var b strings.Builder
	put := func(first, next, text string) {
		for _, line := range Wrap(text, width-len([]rune(first))) {
			b.WriteString(first + line + "\n")
			first = next
		}
	}
	put("FAIL  ", "      ", r.Source)
	const indent = "        "
	if r.Line > 0 {
		fmt.Fprintf(&b, "  at    %s:%d\n", r.File, r.Line)
	}
	put("  want  ", indent, r.Want)
	put("  got   ", indent, r.Got)
	for i := range r.Chain {
		if i == 0 {
			put("  near  ", indent, Line(&r.Chain[i]))
		} else {
			put(indent+"← ", indent+"  ", Line(&r.Chain[i]))
		}
	}
	switch {
	case len(r.Chain) > 0 && r.Whole:
		b.WriteString(indent + "← the scenario\n")
	case len(r.Chain) > 0:
		b.WriteString(indent + "← …\n")
	}
	if r.Open != "" {
		fmt.Fprintf(&b, "  open  %s\n", r.Open)
	}
	if r.Why != "" {
		fmt.Fprintf(&b, "  why   %s\n", r.Why)
	}
	return b.String()
}

// Wrap breaks a text between words into lines of at most that width; 0 or less
// breaks nothing.
func Wrap(text string, width int) []string {
	rest := []rune(text)
	if width <= 0 {
		return []string{text}
	}
	width = max(width, 20)
	var lines []string
	for len(rest) > width {
		at := width
		for at > width/2 && rest[at] != ' ' {
			at--
		}
		if rest[at] != ' ' {
			at = width
		}
		lines = append(lines, strings.TrimRight(string(rest[:at]), " "))
		rest = []rune(strings.TrimLeft(string(rest[at:]), " "))
	}
	return append(lines, string(rest))
}

// Chain gives the event with that number and its causes, back from it, at most so
// many of them; whole tells whether it reaches the scenario, which has no cause.
func Chain(events []trace.Event, seq uint64, most int) (chain []trace.Event, whole bool) {
	for e := find(events, seq); e != nil; e = find(events, e.Cause) {
		if len(chain) > most {
			return chain, false
		}
		chain = append(chain, *e)
	}
	return chain, true
}

// find gives the event with that number; nil when there is none.
func find(events []trace.Event, seq uint64) *trace.Event {
	i := sort.Search(len(events), func(i int) bool { return events[i].Seq >= seq })
	if i == len(events) || events[i].Seq != seq {
		return nil
	}
	return &events[i]
}

// Line prints an event on one line: when, its number, what, who, and the fields
// that say why; a long text is cut.
func Line(e *trace.Event) string {
	s := []string{e.At.String(), fmt.Sprintf("#%d", e.Seq), string(e.Type)}
	for _, word := range []string{e.Message, e.Group, e.Member, e.What, e.Reason, e.Error} {
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
	if e.Receives > 0 {
		s = append(s, fmt.Sprintf("receives %d", e.Receives))
	}
	if e.Text != "" {
		s = append(s, fmt.Sprintf("%q", cut(e.Text)))
	}
	return strings.Join(s, "  ")
}

// mostText is how much of an event's text stands in its line.
const mostText = 100

// cut shortens a text to what tells it from others.
func cut(text string) string {
	if r := []rune(text); len(r) > mostText {
		return strings.TrimRight(string(r[:mostText-1]), " ") + "…"
	}
	return text
}
