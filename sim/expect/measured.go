package expect

import (
	"fmt"
	"strings"

	"ksim/sim/scenario"
)

// Measured says in a few words what a run showed for an expectation that holds:
// the figure or the time itself, not its limits.
func (v *Verdict) Measured(run Run) string {
	e := v.Expectation
	switch e.Kind {
	case scenario.ExpectEvent:
		return happened(&e.Match) + " at " + v.At.String() + v.words(&run)
	case scenario.ExpectNever:
		return "no " + happened(&e.Match) + during(e, &run)
	case scenario.ExpectCount:
		return v.Got + " × " + happened(&e.Match) + during(e, &run)
	case scenario.ExpectOrder:
		return v.Want
	case scenario.ExpectOwner:
		return e.Partition.String() + " at " + v.At.String() + ": " + v.Got
	case scenario.ExpectStable:
		return "stable from " + v.At.String() + " on"
	case scenario.ExpectRefused:
		return "refused: " + v.Got
	case scenario.ExpectLag:
		of := e.Group
		if e.Partition.Topic != "" {
			of = e.Partition.String()
		}
		return "lag of " + of + ": " + v.Got
	}
	name, n := figure(e, &run, sampled(e.At, run.End))
	return fmt.Sprintf("%s at %s: %d", name, min(e.At, run.End), n)
}

// happened names an event by its type and the values of its fields.
func happened(p *scenario.Pattern) string {
	words := []string{"`" + string(p.Type) + "`"}
	for _, f := range p.Fields {
		value := describeValue(f.Value)
		if f.Name != "group" && f.Name != "member" && f.Name != "reason" && f.Name != "error" {
			value = f.Name + " " + value
		}
		words = append(words, value)
	}
	return strings.Join(words, " ")
}

// words are the text of the event that was found, where the expectation asks
// for a part of it.
func (v *Verdict) words(run *Run) string {
	if x := v.nearest(run); x != nil && v.Expectation.Match.Text != "" {
		return ": “" + x.Text + "”"
	}
	return ""
}

// during is the window of an expectation that does not span the whole run.
func during(e *scenario.Expectation, run *Run) string {
	if e.Window.From <= 0 && e.Window.To >= run.End {
		return ""
	}
	return " " + describeWindow(e.Window, run.End)
}
