package expect

import (
	"fmt"
	"sort"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// within gives the events of a window, both ends included.
func within(events []trace.Event, w scenario.Window) []trace.Event {
	from := sort.Search(len(events), func(i int) bool { return events[i].At >= w.From })
	to := sort.Search(len(events), func(i int) bool { return events[i].At > w.To })
	return events[from:max(from, to)]
}

// describeWindow prints a window; the whole run when it spans it.
func describeWindow(w scenario.Window, end clock.Time) string {
	if w.From <= 0 && w.To >= end {
		return "in the whole run"
	}
	return "from " + w.From.String() + " to " + w.To.String()
}

// judgeEvent looks for one event in the window.
func judgeEvent(e *scenario.Expectation, run *Run) Verdict {
	v := Verdict{Want: "at least one " + describePattern(&e.Match) + " " + describeWindow(e.Window, run.End), At: e.Window.From}
	in := within(run.Events, e.Window)
	for i := range in {
		if Match(&e.Match, &in[i]) {
			v.OK, v.Got = true, "one at "+in[i].At.String()
			v.point(&in[i])
			return v
		}
	}
	v.missing(e, run)
	return v
}

// point makes an event the nearest one, and its time the moment to look at.
func (v *Verdict) point(e *trace.Event) { v.Near, v.At = []uint64{e.Seq}, e.At }

// missing says what comes nearest to an event that is not in its window: the
// same event at another time, else one of its type.
func (v *Verdict) missing(e *scenario.Expectation, run *Run) {
	var best *trace.Event
	matches := false
	for i := range run.Events {
		x := &run.Events[i]
		if x.Type != e.Match.Type {
			continue
		}
		m := Match(&e.Match, x)
		if best == nil || m && !matches || m == matches && distance(x.At, e.Window) < distance(best.At, e.Window) {
			best, matches = x, m
		}
	}
	switch {
	case best == nil:
		v.Got = "none: the run has no " + string(e.Match.Type)
		return
	case matches && best.At < e.Window.From:
		v.Got = "none; the nearest is " + distance(best.At, e.Window).String() + " before the window"
	case matches:
		v.Got = "none; the nearest is " + distance(best.At, e.Window).String() + " after the window"
	default:
		v.Got = "none; the nearest " + string(e.Match.Type) + " has " + differences(&e.Match, best)
	}
	v.point(best)
}

// distance is how far an instant lies outside a window.
func distance(t clock.Time, w scenario.Window) clock.Duration {
	return max(w.From-t, t-w.To, 0)
}

// judgeNever holds when no event of the window matches.
func judgeNever(e *scenario.Expectation, run *Run) Verdict {
	v := Verdict{Want: "no " + describePattern(&e.Match) + " " + describeWindow(e.Window, run.End)}
	found := matching(e, run)
	if len(found) == 0 {
		v.OK, v.Got = true, "none"
		return v
	}
	v.Got = fmt.Sprintf("%d, the first at %s", len(found), found[0].At)
	v.point(found[0])
	return v
}

// judgeCount compares the number of matches in the window with the bound. The
// nearest event is the first one too many, or the last one there is.
func judgeCount(e *scenario.Expectation, run *Run) Verdict {
	found := matching(e, run)
	n := int64(len(found))
	v := Verdict{
		Want: describeBound(e.Bound) + " " + describePattern(&e.Match) + " " + describeWindow(e.Window, run.End),
		Got:  fmt.Sprint(n),
		OK:   holds(e.Bound, n),
		At:   e.Window.From,
	}
	if n > 0 {
		v.point(found[min(n-1, most(e.Bound))])
	}
	return v
}

func matching(e *scenario.Expectation, run *Run) []*trace.Event {
	var found []*trace.Event
	in := within(run.Events, e.Window)
	for i := range in {
		if Match(&e.Match, &in[i]) {
			found = append(found, &in[i])
		}
	}
	return found
}

// judgeOrder seeks each entry after the match of the one before.
func judgeOrder(e *scenario.Expectation, run *Run) Verdict {
	names := make([]string, len(e.Order))
	for i := range e.Order {
		names[i] = describePattern(&e.Order[i])
	}
	v := Verdict{Want: strings.Join(names, ", then "), At: e.Window.From}
	in := within(run.Events, e.Window)
	next, previous := 0, "the start"
	for i := range e.Order {
		for next < len(in) && !Match(&e.Order[i], &in[next]) {
			next++
		}
		if next == len(in) {
			v.Got = "no " + names[i] + " after " + previous
			return v
		}
		v.point(&in[next])
		previous = names[i] + " at " + in[next].At.String()
		next++
	}
	v.OK, v.Got = true, "in that order"
	return v
}
