package chart

import (
	"strings"

	"ksim/sim/clock"
)

// Plot is one chart: a curve over an axis of time, and below it lanes of what
// happened when.
type Plot struct {
	Series   Series
	From, To clock.Time // the axis of time; From < To
	Top      int64      // what the vertical axis reaches at least
	Lanes    []Lane
	Width    int // columns in all, at least 20 more than the widest lane's name
	PerTick  int // rows from one label of the vertical axis to the next, 1 or more
	ASCII    bool
}

// Lane is a row below the axis: marks at instants, bars over spans.
type Lane struct {
	Name  string
	Mark  string // one column
	At    []clock.Time
	Spans []Span
}

// Span is a stretch of time.
type Span struct{ From, To clock.Time }

// pen is the characters of the frame.
type pen struct{ vertical, tick, origin, line, label, bar string }

var (
	boxPen   = pen{"│", "┤", "┼", "─", "┴", "━"}
	asciiPen = pen{"|", "+", "+", "-", "+", "="}
)

// Lines draws the chart: the curve's rows, the axis, its labels, the lanes.
// No line ends in spaces.
func (p *Plot) Lines() []string {
	y := newYAxis(max(p.Top, p.Series.Peak().Value))
	gutter := p.gutter(y)
	columns := max(p.Width-gutter-2, 1)
	pen := boxPen
	if p.ASCII {
		pen = asciiPen
	}

	rows := p.curve(y, columns)
	lines := make([]string, 0, len(rows)+2+len(p.Lanes))
	for i, row := range rows {
		label, edge := "", pen.vertical
		if up := len(rows) - i; up%p.PerTick == 0 {
			label, edge = Short(y.step*int64(up/p.PerTick)), pen.tick
		}
		lines = append(lines, pad(label, gutter)+" "+edge+row)
	}
	axis, labels := p.timeAxis(columns, pen)
	lines = append(lines, pad("0", gutter)+" "+pen.origin+axis, pad("", gutter+2)+labels)
	for _, l := range p.Lanes {
		lines = append(lines, pad(l.Name, gutter)+"  "+p.lane(&l, columns, pen))
	}
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines
}

// gutter is the width of what stands left of the axis.
func (p *Plot) gutter(y yAxis) int {
	wide := 5
	for i := 1; i <= y.ticks; i++ {
		wide = max(wide, len(Short(y.step*int64(i))))
	}
	for _, l := range p.Lanes {
		wide = max(wide, len([]rune(l.Name)))
	}
	return wide
}

// curve draws the rows above the axis, the top one first.
func (p *Plot) curve(y yAxis, columns int) []string {
	c := newCanvas(columns, y.ticks*p.PerTick, p.ASCII)
	for x := range c.dotsX {
		low, high, ok := p.Series.extent(p.at(x, c.dotsX), p.at(x+1, c.dotsX))
		if !ok {
			continue
		}
		dots := int64(c.dotsY)
		c.upright(x, int(scale(low, dots, y.top())), int(scale(high, dots, y.top())))
	}
	return c.rows()
}

// at is the instant at which the n-th of all columns begins.
func (p *Plot) at(n, all int) clock.Time {
	return p.From + clock.Time(scale(int64(p.To-p.From), int64(n), int64(all)))
}

// column is where an instant lies.
func (p *Plot) column(t clock.Time, columns int) int {
	t = min(max(t, p.From), p.To)
	return min(int(int64(t-p.From)*int64(columns)/int64(p.To-p.From)), columns-1)
}

// timeAxis draws the axis and the labels below it, each label beginning below
// its tick; the last one is moved to the left, or left out, if there is no room.
func (p *Plot) timeAxis(columns int, pen pen) (axis, labels string) {
	line, text := repeat(pen.line, columns), repeat(" ", columns)
	step := TimeStep(p.To-p.From, columns)
	for t := p.From; t <= p.To; t += step {
		x, label := p.column(t, columns), Clock(t)
		if t > p.From {
			line[x] = pen.label
		}
		x = max(min(x, columns-len(label)), 0)
		if x > 0 && text[x-1] != " " || len(label) > columns {
			continue
		}
		for i := range len(label) {
			text[x+i] = label[i : i+1]
		}
	}
	return strings.Join(line, ""), strings.Join(text, "")
}

// lane draws a lane's bars and, over them, its marks.
func (p *Plot) lane(l *Lane, columns int, pen pen) string {
	row := repeat(" ", columns)
	for _, s := range l.Spans {
		for x := p.column(s.From, columns); x <= p.column(s.To, columns); x++ {
			row[x] = pen.bar
		}
	}
	for _, t := range l.At {
		row[p.column(t, columns)] = l.Mark
	}
	return strings.Join(row, "")
}

func repeat(s string, n int) []string {
	r := make([]string, n)
	for i := range r {
		r[i] = s
	}
	return r
}

// pad sets text flush right.
func pad(s string, width int) string {
	return strings.Repeat(" ", max(width-len([]rune(s)), 0)) + s
}
