package expect

import (
	"fmt"
	"math"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// holds tells whether a figure keeps to its limits.
func holds(b scenario.Bound, n int64) bool {
	return (b.Exactly == nil || n == *b.Exactly) && (b.AtLeast == nil || n >= *b.AtLeast) && (b.AtMost == nil || n <= *b.AtMost)
}

// most is the largest figure that a bound allows.
func most(b scenario.Bound) int64 {
	m := int64(math.MaxInt64)
	if b.Exactly != nil {
		m = *b.Exactly
	}
	if b.AtMost != nil {
		m = min(m, *b.AtMost)
	}
	return m
}

func describeBound(b scenario.Bound) string {
	s := ""
	for _, limit := range []struct {
		words string
		n     *int64
	}{{"exactly", b.Exactly}, {"at least", b.AtLeast}, {"at most", b.AtMost}} {
		if limit.n == nil {
			continue
		}
		if s != "" {
			s += " and "
		}
		s += fmt.Sprintf("%s %d", limit.words, *limit.n)
	}
	return s
}

// judgeFigure compares a figure sampled at one instant with its bound.
func judgeFigure(e *scenario.Expectation, run *Run) Verdict {
	at := sampled(e.At, run.End)
	name, n := figure(e, run, at)
	return Verdict{
		OK:   holds(e.Bound, n),
		Want: fmt.Sprintf("%s at %s: %s", name, min(e.At, run.End), describeBound(e.Bound)),
		Got:  fmt.Sprint(n),
		Near: lastBefore(run, e.Group, e.Member, at),
		At:   at - at%clock.Millisecond,
	}
}

// figure asks for the figure of an expectation and says what it counts.
func figure(e *scenario.Expectation, run *Run, at clock.Time) (name string, n int64) {
	of := ""
	if e.Group != "" {
		of = " of " + e.Group
	}
	if e.Member != "" {
		of = " of " + e.Member
	}
	switch e.Kind {
	case scenario.ExpectLost:
		return "records lost" + of, run.Figures.Lost(e.Group, at)
	case scenario.ExpectRepeated:
		return "records repeated" + of, run.Figures.Repeated(e.Group, e.Member, at)
	case scenario.ExpectProcessed:
		return "records processed" + of, run.Figures.Processed(e.Group, e.Member, at)
	}
	records, bytes := run.Figures.Buffer(e.Group, e.Member, e.Buffer, at)
	if e.Bytes {
		return "bytes in the buffer (" + e.Buffer + ")" + of, bytes
	}
	return "records in the buffer (" + e.Buffer + ")" + of, records
}

// judgeLag compares the lag with its bound, at one instant or at each full
// second of a window, which must have one.
func judgeLag(e *scenario.Expectation, run *Run) Verdict {
	of := e.Group
	if e.Partition.Topic != "" {
		of += " in " + e.Partition.String()
	}
	if e.Member != "" {
		of += " with " + e.Member
	}
	when := "at " + min(e.At, run.End).String()
	if e.HasWindow {
		when = "at each full second " + describeWindow(e.Window, run.End)
	}
	v := Verdict{Want: "lag of " + of + " " + when + ": " + describeBound(e.Bound)}
	instants := lagInstants(e, run.End)
	if len(instants) == 0 {
		v.Got, v.At = "the window has no full second of the run", e.Window.From
		return v
	}
	failed, owned := 0, newOwned(e, run)
	for _, at := range instants {
		n := int64(0)
		if e.Member == "" {
			n = run.Figures.Lag(e.Group, e.Partition, at)
		}
		for _, tp := range owned.at(at) {
			n += run.Figures.Lag(e.Group, tp, at)
		}
		if failed == 0 {
			v.At = at - at%clock.Millisecond
			v.Got = fmt.Sprintf("%d at %s", n, v.At)
			v.Near = lastBefore(run, e.Group, e.Member, at)
		}
		if !holds(e.Bound, n) {
			failed++
		}
	}
	v.OK = failed == 0
	if failed > 1 {
		v.Got += fmt.Sprintf(", the first of %d seconds", failed)
	}
	return v
}

// lastBefore is the last thing that happened to the group (or the member) up to
// an instant, samples, logs and detail apart.
func lastBefore(run *Run, group, member string, at clock.Time) []uint64 {
	in := within(run.Events, scenario.Window{To: at})
	for i := len(in) - 1; i >= 0; i-- {
		e := &in[i]
		if e.Type.Detail() || e.Type == trace.Offsets || e.Type == trace.Log || e.Type == trace.Processed {
			continue
		}
		if (group == "" || e.Group == group) && (member == "" || e.Member == member) {
			return []uint64{e.Seq}
		}
	}
	return nil
}
