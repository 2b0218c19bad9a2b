package model

import (
	"ksim/sim/clock"
	"ksim/tui/chart"
)

// Lanes are what stands below the lag of a group, up to an instant and the event seq:
// what went wrong, its rebalances, when its members worked and stood still.
func (r *Run) Lanes(group int, seq uint64, at clock.Time, ascii bool) []chart.Lane {
	id := r.Scenario().Groups[group].ID
	gone := chart.Lane{Name: "trouble", Mark: "✗"}
	moved := chart.Lane{Name: "rebalance", Mark: "↻"}
	if ascii {
		gone.Mark, moved.Mark = "x", "@"
	}
	for i, n := 0, r.Until(seq); i < n; i++ {
		e := &r.entries[i]
		switch {
		case e.Group != id || e.Quiet:
		case e.Tone == Trouble:
			gone.At = append(gone.At, e.At)
		case Rebalances(e):
			moved.At = append(moved.At, e.At)
		}
	}
	busy := chart.Lane{Name: "busy"}
	still := chart.Lane{Name: "still"}
	for _, x := range r.spans {
		if x.Group != id || x.From > at {
			continue
		}
		span := chart.Span{From: x.From, To: min(x.To, at)}
		if x.Kind == Work {
			busy.Spans = append(busy.Spans, span)
		} else {
			still.Spans = append(still.Spans, span)
		}
	}
	lanes := []chart.Lane{gone, moved}
	for _, l := range []chart.Lane{busy, still} {
		if len(l.Spans) > 0 {
			lanes = append(lanes, l)
		}
	}
	return lanes
}
