package model

import (
	"slices"

	"ksim/sim/trace"
)

// Why is why an event happened.
type Why struct {
	Chain   []Cause // from the scenario on; the last is the event itself
	Rule    *Rule   // what decides when, or whether, it happens; nil when no property does
	Effects []Cause // what follows from it at once
}

// Cause is an event, of a chain or by itself, with its sentence.
type Cause struct {
	trace.Event
	Text string
}

// Why follows an event back to the scenario. Causes are the nearest events that are
// shown without detail.
func (r *Run) Why(seq uint64) Why {
	var w Why
	e := r.Event(seq)
	if e == nil {
		return w
	}
	w.Rule = r.rule(e, r.sentence(e))
	for x := r.cause(e); x != nil; x = r.cause(&x.Event) {
		w.Chain = append(w.Chain, *x)
	}
	slices.Reverse(w.Chain)
	w.Chain = append(w.Chain, Cause{*e, r.sentence(e)})
	for i := r.Until(seq); i < len(r.entries); i++ {
		if x := &r.entries[i]; x.Cause == seq && OfInterest(x) {
			w.Effects = append(w.Effects, Cause{x.Event, x.Text})
		}
	}
	return w
}

// cause is the nearest shown event that led to another; nil at the scenario. Of a
// request or a poll the world has said it: from poll to poll the chain may go back
// through all of a long run.
func (r *Run) cause(e *trace.Event) *Cause {
	seq := e.Shown
	if x, ok := r.Entry(e.Seq); ok {
		seq = x.Cause
	}
	if x, ok := r.Entry(seq); ok {
		return &Cause{x.Event, x.Text}
	}
	return nil
}

// sentence is what an event says, or its type and who it is about.
func (r *Run) sentence(e *trace.Event) string {
	if x, ok := r.Entry(e.Seq); ok && x.Text != "" {
		return x.Text
	}
	return Words(e)
}

// Words names an event that has no sentence: a request, an answer, a poll.
func Words(e *trace.Event) string {
	s := string(e.Type)
	for _, word := range []string{e.Member, e.What, e.Reason, e.Error} {
		if word != "" {
			s += " " + word
		}
	}
	return s
}

// Rule is the property that decides when, or whether, an event happens; nil when none
// does.
func (r *Run) Rule(e *trace.Event) *Rule { return r.rule(e, r.sentence(e)) }
