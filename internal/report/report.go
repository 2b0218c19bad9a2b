// Package report writes the results of `ksim test`: as text for people, as TAP, as
// JSON, and as a JUnit file.
package report

import (
	"fmt"
	"strings"

	"ksim/internal/suite"
)

// Totals are the figures of a whole suite.
type Totals struct {
	Held, Failed, Wrong, Nothing, NotRun int // scenarios
	ChecksHeld, Checks                   int // expectations, golden traces and proofs
	Seconds                              float64
}

// Add counts a result.
func (t *Totals) Add(r *suite.Result) {
	switch r.Outcome {
	case suite.Held:
		t.Held++
	case suite.Failed:
		t.Failed++
	case suite.Wrong:
		t.Wrong++
	case suite.Nothing:
		t.Nothing++
	}
	held, all := r.Count()
	t.ChecksHeld, t.Checks = t.ChecksHeld+held, t.Checks+all
}

// Scenarios is how many there are, run or not.
func (t *Totals) Scenarios() int { return t.Held + t.Failed + t.Wrong + t.Nothing + t.NotRun }

// String is the totals as a sentence.
func (t *Totals) String() string {
	var parts []string
	part := func(n int, one, many string) {
		if n == 1 {
			parts = append(parts, "1 "+one)
		} else if n > 1 {
			parts = append(parts, fmt.Sprintf("%d %s", n, many))
		}
	}
	part(t.Held, "holds", "hold")
	part(t.Failed, "fails", "fail")
	part(t.Wrong, "is wrong", "are wrong")
	part(t.Nothing, "expects nothing", "expect nothing")
	part(t.NotRun, "was not run", "were not run")
	return fmt.Sprintf("%s: %s; %d of %d expectations hold", counted(t.Scenarios(), "scenario"), strings.Join(parts, ", "), t.ChecksHeld, t.Checks)
}

func counted(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// Reporter writes results as they come, in order.
type Reporter interface {
	Result(*suite.Result)
	End(*Totals) error
}

// indented puts a text some columns to the right.
func indented(by, text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(by + line)
	}
	return b.String()
}

// errorsOf are the lines that say why a file could not be run.
func errorsOf(r *suite.Result) []string {
	var lines []string
	if r.Fault != "" {
		lines = append(lines, "a fault in ksim itself: "+r.Fault)
	}
	for _, d := range r.Findings {
		lines = append(lines, d.String())
	}
	return lines
}
