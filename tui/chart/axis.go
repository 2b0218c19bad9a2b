package chart

import (
	"strconv"

	"ksim/sim/clock"
)

// yAxis is the scale of the figures: ticks+1 labels from 0 in equal steps.
type yAxis struct {
	step  int64
	ticks int
}

// Scale is the labels of an axis that reaches a figure: so many above 0, so far apart.
func Scale(reach int64) (step int64, ticks int) {
	y := newYAxis(reach)
	return y.step, y.ticks
}

func (y yAxis) top() int64 { return y.step * int64(y.ticks) }

// newYAxis finds round steps, three or four of them, that reach the figure and
// waste least above it.
func newYAxis(reach int64) yAxis {
	if reach <= 4 {
		return yAxis{1, int(max(reach, 1))}
	}
	best := yAxis{roundUp((reach + 3) / 4), 4}
	if y := (yAxis{roundUp((reach + 2) / 3), 3}); y.top() <= best.top() {
		best = y
	}
	return best
}

// roundUp gives the next number at or above n whose digits are easy to read.
func roundUp(n int64) int64 {
	for power := int64(1); ; power *= 10 {
		for _, tenths := range []int64{10, 15, 20, 25, 30, 40, 50, 60, 80} {
			if v := tenths * power; v%10 == 0 && v/10 >= n {
				return v / 10
			}
		}
	}
}

// xSteps are the distances of time that a label may stand for.
var xSteps = []clock.Duration{
	100 * clock.Millisecond, 200 * clock.Millisecond, 500 * clock.Millisecond,
	clock.Second, 2 * clock.Second, 5 * clock.Second, 10 * clock.Second, 15 * clock.Second, 30 * clock.Second,
	clock.Minute, 2 * clock.Minute, 3 * clock.Minute, 5 * clock.Minute, 10 * clock.Minute, 15 * clock.Minute, 30 * clock.Minute,
	clock.Hour, 2 * clock.Hour, 3 * clock.Hour, 6 * clock.Hour, 12 * clock.Hour, day, 2 * day,
}

// TimeStep picks the distance between two labels: the shortest for which there is
// room, or a longer one that ends with the axis and still gives three labels.
func TimeStep(span clock.Duration, columns int) clock.Duration {
	wide := clock.Duration(len(Clock(span)) + 8)
	room := max(clock.Duration(columns)/wide, 1)
	var first clock.Duration
	for _, step := range xSteps {
		if span/step > room {
			continue
		}
		if first == 0 {
			first = step
		}
		if span%step == 0 && span/step >= 3 {
			return step
		}
	}
	if first > 0 {
		return first
	}
	return clock.Duration(roundUp(int64(span/room/day)+1)) * day
}

const day = 24 * clock.Hour

// Clock prints a time as axes and sentences want it: the units that are not
// zero, largest first, as in 3m, 7m30s, 1h30m, 45s, 200ms, 10d.
func Clock(t clock.Time) string {
	if t == 0 {
		return "0s"
	}
	s := ""
	for _, u := range []struct {
		size clock.Duration
		name string
	}{{day, "d"}, {clock.Hour, "h"}, {clock.Minute, "m"}, {clock.Second, "s"}, {clock.Millisecond, "ms"}} {
		if n := t / u.size; n > 0 {
			s += strconv.FormatInt(int64(n), 10) + u.name
			t %= u.size
		}
	}
	return s
}
