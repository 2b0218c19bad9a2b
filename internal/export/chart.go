package export

import (
	"fmt"
	"strings"

	"ksim/sim/clock"
	"ksim/tui/chart"
)

// The measures of a chart.
const (
	chartLeft  = 78 // labels of the vertical axis
	chartRight = 16
	chartLane  = 22
	chartTop   = 12
)

// lagChart draws the lag of a group over the whole run, with what happened below it.
// The classes are styled by whoever shows it. It gives the height too: of a group
// without topics 0.
func (x *work) lagChart(group, width, height int) (string, int) {
	series := x.run.Lag(group, x.s.Duration)
	if len(series) == 0 {
		return "", 0
	}
	var b strings.Builder
	end := max(x.s.Duration, clock.Second)
	plot := width - chartLeft - chartRight
	at := func(t clock.Time) float64 { return chartLeft + float64(plot)*float64(t)/float64(end) }
	step, ticks := chart.Scale(series.Peak().Value)
	top := step * int64(ticks)
	up := func(v int64) float64 { return chartTop + float64(height)*(1-float64(v)/float64(top)) }

	for i := range ticks + 1 {
		v := step * int64(i)
		fmt.Fprintf(&b, `<line class="grid" x1="%d" x2="%d" y1="%.1f" y2="%.1f"/><text class="axis-text" x="%d" y="%.1f" text-anchor="end">%s</text>`+"\n",
			chartLeft, width-chartRight, up(v), up(v), chartLeft-8, up(v)+5, chart.Short(v))
	}
	y := chartTop + height
	each := chart.TimeStep(end, plot/9)
	for t := clock.Time(0); t <= end; t += each {
		anchor := "middle"
		if t+each > end && at(t) > float64(width-chartRight-30) {
			anchor = "end"
		}
		fmt.Fprintf(&b, `<line class="axis" x1="%.1f" x2="%.1f" y1="%d" y2="%d"/><text class="axis-text" x="%.1f" y="%d" text-anchor="%s">%s</text>`+"\n",
			at(t), at(t), y, y+5, at(t), y+20, anchor, chart.Clock(t))
	}
	fmt.Fprintf(&b, `<line class="axis" x1="%d" x2="%d" y1="%d" y2="%d"/>`+"\n", chartLeft, width-chartRight, y, y)

	var path strings.Builder
	shown := thinned(series, plot)
	for i, p := range shown {
		sign := 'L'
		if i == 0 {
			sign = 'M'
		}
		fmt.Fprintf(&path, "%c%.1f %.1f", sign, at(p.At), up(p.Value))
	}
	first, last := shown[0], shown[len(shown)-1]
	fmt.Fprintf(&b, `<path class="below" d="%sL%.1f %dL%.1f %dZ"/><path class="curve" d="%s"/>`+"\n", path.String(), at(last.At), y, at(first.At), y, path.String())

	y += 30
	var lanes strings.Builder
	for _, l := range x.run.Lanes(group, atEnd, x.s.Duration, false) {
		fmt.Fprintf(&b, `<text class="axis-text" x="0" y="%d">%s</text>`+"\n", y+14, laneName(l.Name))
		x.chartLane(&lanes, &l, y, at)
		y += chartLane
	}
	fmt.Fprintf(&b, "<g class=\"lanes\">%s</g>\n", lanes.String())
	return b.String(), y
}

// laneName is what a lane is called where there is room for words.
func laneName(lane string) string {
	if lane == "busy" {
		return "upload"
	}
	return lane
}

// chartLane draws marks or spans.
func (x *work) chartLane(b *strings.Builder, l *chart.Lane, y int, at func(clock.Time) float64) {
	class := "rebalance"
	if l.Mark == "✗" {
		class = "trouble"
	}
	for _, s := range l.Spans {
		kind := "span"
		if l.Name == "still" {
			kind += " still"
		}
		to := min(s.To, x.s.Duration)
		fmt.Fprintf(b, `<rect class="%s" x="%.1f" y="%d" width="%.1f" height="10"/>`, kind, at(s.From), y+4, max(at(to)-at(s.From), 1.5))
	}
	was := -100.0
	for _, t := range l.At {
		if px := at(t); px-was >= 7 { // marks on each other say no more than one
			fmt.Fprintf(b, `<text class="mark %s" x="%.1f" y="%d">%s</text>`, class, px, y+15, l.Mark)
			was = px
		}
	}
	b.WriteByte('\n')
}

// thinned leaves of a series what a chart of so many units can show: in each unit the
// first, the lowest, the highest and the last.
func thinned(s chart.Series, units int) chart.Series {
	if len(s) <= 2*units {
		return s
	}
	var out chart.Series
	each := (len(s) + units - 1) / units
	for from := 0; from < len(s); from += each {
		part := s[from:min(from+each, len(s))]
		low, high := 0, 0
		for i := range part {
			if part[i].Value < part[low].Value {
				low = i
			}
			if part[i].Value > part[high].Value {
				high = i
			}
		}
		was := -1
		for _, i := range []int{0, min(low, high), max(low, high), len(part) - 1} {
			if i > was {
				out = append(out, part[i])
				was = i
			}
		}
	}
	return out
}
