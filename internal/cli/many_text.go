package cli

import (
	"fmt"
	"io"
	"strings"

	"ksim/internal/figures"
	"ksim/sim/clock"
	"ksim/sim/expect"
	"ksim/tui/chart"
)

// mostBars is how many bars a histogram has at most.
const mostBars = 12

// finest is the finest width of a bar of times: that a time is another one by less
// is of no interest.
const finest = int64(clock.Millisecond)

// writeText prints, for each group, a table of the distributions, and histograms of
// those that are worth one and not one value.
func (m *manySeeds) writeText(out io.Writer, width int, ascii bool) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s   seeds %d to %d\n", m.scenario.Name, m.seeds.from, m.seeds.to)
	for g := range m.scenario.Groups {
		m.table(&b, g)
		for i := range figures.Names {
			m.histogram(&b, g, i, width, ascii)
		}
	}
	if m.alike() {
		b.WriteString("\nEvery seed comes to the same figures: nothing in this scenario is drawn that they depend on.\n")
	}
	m.expectations(&b)
	_, err := io.WriteString(out, b.String())
	return err
}

// alike tells whether no figure of any group differs between seeds.
func (m *manySeeds) alike() bool {
	for g := range m.scenario.Groups {
		for i := range figures.Names {
			if d := m.distribution(g, i); !d.Constant() {
				return false
			}
		}
	}
	return len(m.runs) > 1
}

// percentiles are the columns of the table.
var percentiles = []struct {
	name    string
	percent int
}{{"min", 0}, {"p50", 50}, {"p95", 95}, {"p99", 99}, {"max", 100}}

// table prints the distributions of a group, a line a figure.
func (m *manySeeds) table(b *strings.Builder, g int) {
	fmt.Fprintf(b, "\n%-18s %10s", fitted(m.scenario.Groups[g].ID, 18), "runs")
	for _, p := range percentiles {
		fmt.Fprintf(b, "%10s", p.name)
	}
	b.WriteByte('\n')
	for i, name := range figures.Names {
		d := m.distribution(g, i)
		fmt.Fprintf(b, "%-18s %10s", name.Title, chart.Number(int64(d.Count())))
		for _, p := range percentiles {
			fmt.Fprintf(b, "%10s", figureText(name, d.Percentile(p.percent)))
		}
		b.WriteByte('\n')
	}
}

// fitted cuts a text to that many columns.
func fitted(s string, columns int) string {
	if r := []rune(s); len(r) > columns {
		return string(r[:columns-1]) + "…"
	}
	return s
}

// figureText prints a figure's value.
func figureText(name figures.Name, v int64) string {
	switch {
	case name.Time && v == figures.None:
		return "–"
	case name.Time:
		return clock.Time((v + finest - 1) / finest * finest).String() // as in the text of a run
	}
	return chart.Number(v)
}

// histogram draws the distribution of a figure: a bar a range of values.
func (m *manySeeds) histogram(b *strings.Builder, g, figure, width int, ascii bool) {
	name := figures.Names[figure]
	d := m.distribution(g, figure)
	if d.Constant() || !name.Drawn {
		return
	}
	unit := int64(1)
	if name.Time {
		unit = finest
	}
	bins := d.Bins(mostBars, unit)
	labels, most, wide := make([]string, len(bins)), 0, 0
	for i, x := range bins {
		labels[i] = figureText(name, x.From)
		if x.To > x.From {
			labels[i] += " …"
		}
		most, wide = max(most, x.Runs), max(wide, len([]rune(labels[i])))
	}
	fmt.Fprintf(b, "\n%s: %s\n", m.scenario.Groups[g].ID, name.Title)
	if width == 0 {
		width = 120
	}
	room := min(width, 100) - wide - 12
	for i, x := range bins {
		fmt.Fprintf(b, "  %*s %s %s\n", wide, labels[i], bar(x.Runs, most, room, ascii), chart.Number(int64(x.Runs)))
	}
}

// bar draws a bar of n, as wide as room for the most, in eighths of a column; what
// is not nothing is seen.
func bar(n, most, room int, ascii bool) string {
	eighths := n * room * 8 / most
	if n > 0 && eighths == 0 {
		eighths = 1
	}
	if ascii {
		return "|" + strings.Repeat("#", (eighths+7)/8)
	}
	s := "│" + strings.Repeat("█", eighths/8)
	if rest := eighths % 8; rest > 0 {
		s += string([]rune("▏▎▍▌▋▊▉")[rest-1])
	}
	return s
}

// expectations says in how many runs all that the file expects holds, and opens the
// first in which something does not.
func (m *manySeeds) expectations(b *strings.Builder) {
	if m.runs[0].judged == 0 {
		return
	}
	n, first := m.failed()
	fmt.Fprintf(b, "\nall that is expected holds in %s of %s runs\n", chart.Number(int64(len(m.runs)-n)), chart.Number(int64(len(m.runs))))
	if n > 0 {
		fmt.Fprintf(b, "the first in which something does not:  %s\n", expect.Command("run", m.scenario.File, strings.TrimSpace(m.args+fmt.Sprintf(" --seed %d", first))))
	}
}
