package model

import (
	"ksim/internal/figures"
	"ksim/sim/clock"
)

// Figures is what the run comes to, by group in the scenario's order, if it ended at
// an instant.
func (r *Run) Figures(at clock.Time) []figures.Group {
	seq := r.At(at)
	c := figures.NewCollector(r.Scenario())
	shown := r.tape.Shown()
	for i := range shown[:r.tape.Before(seq)] {
		c.Event(&shown[i])
	}
	return c.End(r.tape.World(seq).Clone(nil))
}
