package screen

import (
	"strings"

	"ksim/sim/clock"
	"ksim/sim/trace"
	"ksim/tui/chart"
	"ksim/tui/model"
)

// ruler is the whole run in two rows: marks of what happens when, and the time that
// has gone by. What is not yet is faint.
func (s *State) ruler(w int) []line {
	left, columns := 1, w-2
	column := func(t clock.Time) int {
		if s.end() == 0 {
			return 0
		}
		return min(int(int64(t)*int64(columns)/int64(s.end())), columns-1)
	}
	now := column(s.at)
	signs := make([]string, columns)
	kinds := make([]look, columns)
	rank := make([]int, columns)
	mark := func(at clock.Time, sign string, k look, r int) {
		if x := column(at); r > rank[x] {
			if at > s.at {
				k = faint
			}
			signs[x], kinds[x], rank[x] = sign, k, r
		}
	}
	s.marks(mark)
	marks := say(plain, strings.Repeat(" ", left))
	for x := range columns {
		if signs[x] == "" {
			signs[x] = " "
		}
		marks = marks.add(kinds[x], signs[x])
	}
	bar := make([]rune, columns)
	for x := range bar {
		bar[x] = '─'
		if x < now {
			bar[x] = '━'
		}
	}
	step := chart.TimeStep(max(s.end(), 1), columns)
	for t := clock.Time(0); t <= s.end(); t += step {
		label := []rune(chart.Clock(t))
		x := max(min(column(t), columns-len(label)), 0)
		if now < x || now >= x+len(label) { // the present is more than a label
			copy(bar[x:], label)
		}
	}
	past := say(plain, strings.Repeat(" ", left)).add(strong, string(bar[:now])).add(focused, "●").add(faint, string(bar[now+1:]))
	return []line{marks, past}
}

// marks calls for each thing that the ruler shows, with how much it matters.
func (s *State) marks(mark func(clock.Time, string, look, int)) {
	entries := s.run().Entries()
	hidden := s.hides()
	for i := range entries {
		e := &entries[i]
		if hidden && e.At > s.at {
			break
		}
		switch {
		case e.Type == trace.Log:
		case e.Tone == model.Trouble:
			mark(e.At, "✗", trouble, 5)
		case model.Rebalances(e):
			mark(e.At, "↻", rebalance, 3)
		case e.Tone == model.Warning:
			mark(e.At, "!", warning, 4)
		}
	}
	for i := range s.run().Said() {
		x := &s.run().Said()[i]
		switch {
		case hidden && x.At > s.at:
		case x.Asks():
			mark(x.At, "?", saying, 6)
		case x.Heard():
			mark(x.At, "·", saying, 1)
		}
	}
	for _, d := range s.branch().deeds {
		mark(d.at, "⑂", rebalance, 7)
	}
}
