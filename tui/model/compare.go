package model

import (
	"ksim/internal/figures"
	"ksim/sim"
	"ksim/sim/clock"
	"ksim/tui/plain"
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

// Summary is what only the world knows at the end of its run.
func Summary(w *sim.World) plain.Summary {
	last := w.FinalSample()
	sum := plain.Summary{End: w.End()}
	look := w.Look()
	for _, g := range last.Groups {
		sum.Lost = append(sum.Lost, g.Lost)
		for _, m := range g.Members {
			f := w.Member(m.Name)
			sum.Members = append(sum.Members, plain.MemberFigures{
				Records: m.Processed, Repeated: m.Repeated, Polls: f.Polls, LongestGap: f.LongestGap, Commits: f.Commits,
				InGroup: look.Members[len(sum.Members)].ID != "",
			})
		}
	}
	return sum
}

// Summary is what the run comes to at its end, to which it is run.
func (r *Run) Summary() plain.Summary {
	for r.Advance(ahead) {
	}
	_, last, _ := r.tape.Head()
	return Summary(r.tape.World(last).Clone(nil))
}
