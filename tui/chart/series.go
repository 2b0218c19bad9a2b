// Package chart draws figures over virtual time with characters: lines of
// braille dots (or of plain ASCII) over an axis with round numbers. Series in,
// lines of text out; it knows nothing of terminals and of what the figures mean.
package chart

import (
	"sort"

	"ksim/sim/clock"
)

// Point is a figure (≥ 0) at an instant.
type Point struct {
	At    clock.Time
	Value int64
}

// Series is points in ascending order of time. Between two of them the figure
// is taken to change evenly.
type Series []Point

// Peak is the largest figure, the first of equal ones; the zero Point when the
// series is empty.
func (s Series) Peak() Point {
	var peak Point
	for i, p := range s {
		if i == 0 || p.Value > peak.Value {
			peak = p
		}
	}
	return peak
}

// Last is the last point; the zero Point when the series is empty.
func (s Series) Last() Point {
	if len(s) == 0 {
		return Point{}
	}
	return s[len(s)-1]
}

// value gives the figure at t, which must lie within the series.
func (s Series) value(t clock.Time) int64 {
	i := sort.Search(len(s), func(i int) bool { return s[i].At >= t })
	if i == 0 || s[i].At == t {
		return s[i].Value
	}
	return between(s[i-1], s[i], t)
}

// between is the figure at t on the straight line from a to b.
func between(a, b Point, t clock.Time) int64 {
	if b.Value < a.Value {
		return a.Value - scale(a.Value-b.Value, int64(t-a.At), int64(b.At-a.At))
	}
	return a.Value + scale(b.Value-a.Value, int64(t-a.At), int64(b.At-a.At))
}

// extent gives the lowest and highest figure from one instant to another; ok is
// false when the series has nothing there.
func (s Series) extent(from, to clock.Time) (low, high int64, ok bool) {
	if len(s) == 0 || to < s[0].At || from > s.Last().At {
		return 0, 0, false
	}
	from, to = max(from, s[0].At), min(to, s.Last().At)
	a, b := s.value(from), s.value(to)
	low, high = min(a, b), max(a, b)
	for i := sort.Search(len(s), func(i int) bool { return s[i].At > from }); i < len(s) && s[i].At < to; i++ {
		low, high = min(low, s[i].Value), max(high, s[i].Value)
	}
	return low, high, true
}

// Rise is a stretch in which a series climbs about evenly.
type Rise struct{ From, To Point }

// Slope prints the climb per second, or in the shortest unit in which it is at
// least one: +1,000/s, +1.0/h, +0.25/h, two digits at least. A climb that is
// slower still is printed as it is: +3 in 1d16h.
func (r Rise) Slope() string {
	climb, took := r.To.Value-r.From.Value, r.To.At-r.From.At
	for _, u := range []struct {
		size clock.Duration
		name string
	}{{clock.Second, "/s"}, {clock.Minute, "/min"}, {clock.Hour, "/h"}} {
		switch tenths := scale(climb, int64(10*u.size), int64(took)); {
		case tenths >= 100:
			return "+" + Number((tenths+5)/10) + u.name
		case tenths >= 10:
			return "+" + Number(tenths/10) + "." + Number(tenths%10) + u.name
		}
	}
	if hundredths := scale(climb, int64(100*clock.Hour), int64(took)); hundredths >= 10 {
		return "+0." + Number(hundredths) + "/h"
	}
	return "+" + Number(climb) + " in " + Clock((took+clock.Second/2)/clock.Second*clock.Second)
}

// Rises finds the stretches that climb by a tenth of the peak or more, leaving
// out what deviates from a straight line by less than a twentieth of it. A
// single unit more or less is a step, not a slope, and no deviation.
func (s Series) Rises() []Rise {
	peak := s.Peak().Value
	if peak == 0 {
		return nil
	}
	var rises []Rise
	corners := s.corners(nil, 0, len(s)-1, max(peak/20, 1))
	from := s[0]
	for _, i := range corners {
		to := s[i]
		if climb := to.Value - from.Value; climb > 1 && climb >= peak/10 {
			rises = append(rises, Rise{from, to})
		}
		from = to
	}
	return rises
}

// corners appends the points after `from`, up to and including `to`, at which
// the series leaves the straight line by more than the tolerance (the method of
// Douglas and Peucker).
func (s Series) corners(c []int, from, to int, tolerance int64) []int {
	far, at := tolerance, -1
	for i := from + 1; i < to; i++ {
		d := s[i].Value - between(s[from], s[to], s[i].At)
		if d = max(d, -d); d > far {
			far, at = d, i
		}
	}
	if at < 0 {
		return append(c, to)
	}
	return s.corners(s.corners(c, from, at, tolerance), at, to, tolerance)
}
