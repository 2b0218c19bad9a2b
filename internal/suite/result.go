package suite

import (
	"ksim/sim/clock"
	"ksim/sim/diag"
	"ksim/sim/expect"
)

// Outcome is how a scenario fared.
type Outcome uint8

// The outcomes.
const (
	Held    Outcome = iota // all that is expected holds
	Failed                 // something does not
	Wrong                  // the file could not be run
	Nothing                // it has run, and expects nothing
)

// String is the outcome in one word.
func (o Outcome) String() string {
	return [...]string{"held", "failed", "wrong", "nothing-expected"}[o]
}

// Result is what a scenario's test has shown.
type Result struct {
	Name     string // of the source
	Scenario string // its name and title; "" when the file is wrong
	Title    string
	Seed     uint64
	Duration clock.Duration // of virtual time

	Outcome  Outcome
	Findings diag.List // warnings; of a file that is wrong, errors
	Fault    string    // a fault in ksim itself; else ""
	Checks   []expect.Report
	Unjudged int    // expectations of a file that is, as it should be, refused
	Updated  string // the golden trace that was written
	Seconds  float64
}

// Count gives how many checks hold, and how many there are.
func (r *Result) Count() (held, all int) {
	for i := range r.Checks {
		if r.Checks[i].OK {
			held++
		}
	}
	return held, len(r.Checks)
}

// judge makes the outcome of the checks.
func (r *Result) judge() {
	held, all := r.Count()
	switch {
	case all == 0:
		r.Outcome = Nothing
	case held < all:
		r.Outcome = Failed
	}
}
