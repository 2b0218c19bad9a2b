// Package expect judges the expectations of a scenario file over a recorded
// run. It knows what was recorded and nothing else: the events, and the few
// figures that are not in events, which the engine samples at the instants
// that Samples names.
package expect

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// Figures answers what events do not say, at instants that Samples has named.
// A group or member "" stands for all of them, a zero partition for all of the
// group's.
type Figures interface {
	Lag(group string, tp kafka.TopicPartition, at clock.Time) int64
	Processed(group, member string, at clock.Time) int64
	Repeated(group, member string, at clock.Time) int64
	Lost(group string, at clock.Time) int64
	Buffer(group, member, of string, at clock.Time) (records, bytes int64)
}

// Run is what was recorded.
type Run struct {
	Scenario *scenario.Scenario
	Events   []trace.Event // all of them, detail too, in order
	Figures  Figures
	End      clock.Time // when the run ended
	Args     string     // what must follow `ksim run FILE` to repeat it, such as `--seed 7`
}

// Verdict is the answer to one expectation.
type Verdict struct {
	OK          bool
	Expectation *scenario.Expectation
	Want, Got   string     // in words
	Near        []uint64   // Seq of the events nearest to what was expected, the nearest first
	At          clock.Time // the moment to look at: of the nearest event, or of the figure
}

// Samples names the instants, ascending, at which the engine must be ready to
// answer Figures. End is when the run ends.
func Samples(e []scenario.Expectation, end clock.Time) []clock.Time {
	var at []clock.Time
	for i := range e {
		switch e[i].Kind {
		case scenario.ExpectLag:
			at = append(at, lagInstants(&e[i], end)...)
		case scenario.ExpectLost, scenario.ExpectRepeated, scenario.ExpectProcessed, scenario.ExpectBuffer:
			at = append(at, sampled(e[i].At, end))
		}
	}
	slices.Sort(at)
	return slices.Compact(at)
}

// Within leaves out what a run that ends before the scenario's duration cannot
// answer: all that looks at a time after its end.
func Within(e []scenario.Expectation, duration, end clock.Time) []scenario.Expectation {
	if end >= duration {
		return e
	}
	return slices.DeleteFunc(slices.Clone(e), func(x scenario.Expectation) bool {
		switch x.Kind {
		case scenario.ExpectEvent, scenario.ExpectNever, scenario.ExpectCount, scenario.ExpectOrder, scenario.ExpectStable:
			return x.Window.To > end
		}
		return x.At > end || x.HasWindow && x.Window.To > end
	})
}

// NeedsDetail tells whether an expectation speaks of detail events, which a run
// must then record.
func NeedsDetail(e []scenario.Expectation) bool { return speakOf(e, trace.Type.Detail) }

// Keeps tells which types of detail a run must keep to be judged: those that an
// expectation names and, if it names one of a queue, the lives of the messages, so that
// a report can follow their causes.
func Keeps(e []scenario.Expectation) func(trace.Type) bool {
	ofQueue := speakOf(e, trace.Type.OfQueue)
	return func(t trace.Type) bool {
		return ofQueue && t.OfQueue() && t != trace.QueueDepth || speakOf(e, func(named trace.Type) bool { return named == t })
	}
}

// NeedsOffsets tells whether an expectation speaks of the `offsets` events of
// each second: no other verdict looks at them.
func NeedsOffsets(e []scenario.Expectation) bool {
	return speakOf(e, func(t trace.Type) bool { return t == trace.Offsets })
}

// speakOf tells whether an expectation names a type of event.
func speakOf(e []scenario.Expectation, of func(trace.Type) bool) bool {
	named := func(p scenario.Pattern) bool { return of(p.Type) }
	return slices.ContainsFunc(e, func(x scenario.Expectation) bool {
		return named(x.Match) || slices.ContainsFunc(x.Order, named)
	})
}

// sampled is the instant at which `at` is looked at: after everything of its
// millisecond, and not after the end.
func sampled(at, end clock.Time) clock.Time {
	return min(at-at%clock.Millisecond+clock.Millisecond-clock.Microsecond, end)
}

// lagInstants is where a lag is looked at: at each full second of `between`,
// counted from 1 s as in the `offsets` events, or at `at`.
func lagInstants(e *scenario.Expectation, end clock.Time) []clock.Time {
	if !e.HasWindow {
		return []clock.Time{sampled(e.At, end)}
	}
	var at []clock.Time
	first := max((e.Window.From+clock.Second-clock.Microsecond)/clock.Second, 1)
	for s := first; s*clock.Second <= min(e.Window.To, end); s++ {
		at = append(at, sampled(s*clock.Second, end))
	}
	return at
}

// Judge answers each expectation, in order.
func Judge(e []scenario.Expectation, run Run) []Verdict {
	v := make([]Verdict, len(e))
	for i := range e {
		v[i] = judge(&e[i], &run)
		v[i].Expectation = &e[i]
	}
	return v
}

func judge(e *scenario.Expectation, run *Run) Verdict {
	if e.At > run.End && e.At < run.Scenario.Duration {
		return Verdict{Want: "to look at " + e.At.String(), Got: "the run ends at " + run.End.String() + ", before that time", At: run.End}
	}
	switch e.Kind {
	case scenario.ExpectEvent:
		return judgeEvent(e, run)
	case scenario.ExpectNever:
		return judgeNever(e, run)
	case scenario.ExpectCount:
		return judgeCount(e, run)
	case scenario.ExpectOrder:
		return judgeOrder(e, run)
	case scenario.ExpectLag:
		return judgeLag(e, run)
	case scenario.ExpectOwner:
		return judgeOwner(e, run)
	case scenario.ExpectStable:
		return judgeStable(e, run)
	case scenario.ExpectRefused:
		return Verdict{Want: "the file is refused: " + e.Refused, Got: "the file is accepted and runs"}
	}
	return judgeFigure(e, run)
}
