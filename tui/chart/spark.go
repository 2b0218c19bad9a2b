package chart

import (
	"strings"

	"ksim/sim/clock"
)

var (
	blocks     = []string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
	asciiSteps = []string{" ", ".", ":", "-", "=", "+", "*", "#", "@"}
)

// Spark draws a series in one row of the given width: in each column the
// highest figure of its time, in eighths of top. 0 is blank.
func Spark(s Series, from, to clock.Time, width int, top int64, ascii bool) string {
	steps := blocks
	if ascii {
		steps = asciiSteps
	}
	p := Plot{From: from, To: to}
	var b strings.Builder
	for x := range width {
		_, high, ok := s.extent(p.at(x, width), p.at(x+1, width))
		level := int64(0)
		if ok && high > 0 {
			level = min(max(scale(high, 8, max(top, 1)), 1), 8)
		}
		b.WriteString(steps[level])
	}
	return b.String()
}
