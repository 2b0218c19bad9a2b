package plain

import (
	"strings"

	"ksim/sim/clock"
	"ksim/tui/chart"
)

// summary writes what remains to be said at the end: what the signs mean, the
// lag, the members, what happened, what to try next.
func (p *Writer) summary(s *Summary) {
	story := p.story(s)
	if story != nil {
		p.legend()
		p.charts(s)
		p.depths(s.End)
		p.table(s)
	} else {
		story = []string{"Nothing happened: no member joined a group."}
	}
	p.page.line()
	for _, sentence := range story {
		p.paragraph(sentence, styleHead)
	}
	p.try()
}

// legend explains the signs that were written.
func (p *Writer) legend() {
	var s []string
	for _, x := range []struct {
		mark  mark
		means string
	}{
		{markEvicted, "evicted"}, {markRebalance, "rebalance begins"}, {markCrashed, "crash"},
		{markFrozen, "frozen"}, {markRefused, "refused"}, {markReturned, "visible again"}, {markDead, "dead-lettered"},
	} {
		if p.marks[x.mark] {
			s = append(s, string(x.mark)+tight+x.means)
		}
	}
	if p.columns.cell > 0 {
		s = append(s, p.lifelines()...)
	}
	if len(s) > 0 {
		p.page.line()
		p.paragraph(strings.Join(s, " · "), styleDim)
	}
}

// lifelines explains the members' columns.
func (p *Writer) lifelines() []string {
	workers := 0
	for _, m := range p.world.members {
		if m.worker() {
			workers++
		}
	}
	switch workers {
	case 0:
		return []string{"│ has partitions", "┃ busy, no poll()", "┊ waits or is outside"}
	case len(p.world.members):
		return []string{"┃ has a message", "┊ waits for one"}
	}
	return []string{"│ has partitions", "┃ busy, no poll(), or has a message", "┊ waits or is outside"}
}

// mostCharts is how many groups have a chart of their own, the first ones whose
// lag counts. The others have a row.
const mostCharts = 3

// charts draws the lag of each group over time. A lag of less than a twentieth
// of the largest one would be noise in a chart.
func (p *Writer) charts(s *Summary) {
	var drawn, listed []*group
	largest := int64(0)
	for _, g := range p.world.groups {
		largest = max(largest, g.lag.Peak().Value)
	}
	for _, g := range p.world.groups {
		switch peak := g.lag.Peak().Value; {
		case len(g.lag) == 0:
		case peak > 0 && peak >= largest/20 && len(drawn) < mostCharts:
			drawn = append(drawn, g)
		default:
			listed = append(listed, g)
		}
	}
	for _, g := range drawn {
		p.page.line()
		p.chart(g, s.End, 3-min(len(drawn), 2))
	}
	if len(listed) > 0 {
		p.page.line()
		p.sparks(listed, s.End)
	}
}

// chart draws the lag of one group, and below it what happened to it when.
func (p *Writer) chart(g *group, end clock.Time, perTick int) {
	p.plot("lag of "+g.conf.ID+", records", g.lag, p.lanes(g, end), end, perTick)
}

// plot draws a series over time, with what it comes to and what happened when.
func (p *Writer) plot(title string, series chart.Series, lanes []chart.Lane, end clock.Time, perTick int) {
	facts := lagFacts(series, end)
	if room := p.o.Width - len([]rune(title)) - len([]rune(facts)); room >= 2 {
		p.page.line(span{title, styleHead}, span{strings.Repeat(" ", room) + facts, stylePlain})
	} else {
		p.page.line(span{title, styleHead})
		p.paragraph(facts, stylePlain)
	}
	plot := chart.Plot{Series: series, To: end, Lanes: lanes, Width: p.o.Width, PerTick: perTick, ASCII: p.o.ASCII}
	for _, l := range plot.Lines() {
		p.page.line(span{l, stylePlain})
	}
}

// lagFacts says how high the lag was when, where it ended, and how fast it rose.
func lagFacts(lag chart.Series, end clock.Time) string {
	peak, last := lag.Peak(), lag.Last()
	if peak.Value == 0 {
		return "0 at each full second"
	}
	s := []string{"peak " + chart.Number(peak.Value) + " at " + rounded(peak.At, end)}
	if last != peak {
		s = append(s, "at the end "+chart.Number(last.Value))
	}
	var steepest *chart.Rise
	rises := lag.Rises()
	for i := range rises {
		if r := &rises[i]; steepest == nil || r.To.Value-r.From.Value > steepest.To.Value-steepest.From.Value {
			steepest = r
		}
	}
	if steepest != nil {
		rise := steepest.Slope() + " from " + rounded(steepest.From.At, end)
		if steepest.To.At < end-clock.Second {
			rise += " to " + rounded(steepest.To.At, end)
		}
		s = append(s, rise)
	}
	return strings.Join(s, " · ")
}

// rounded prints an instant of a sample, to the second in all but short runs.
func rounded(t, end clock.Time) string {
	if end >= 10*clock.Second {
		t = (t + clock.Second/2) / clock.Second * clock.Second
	}
	return chart.Clock(t)
}

// lanes is what happened to a group, for below its chart.
func (p *Writer) lanes(g *group, end clock.Time) []chart.Lane {
	evicted := chart.Lane{Name: "evicted", Mark: string(markEvicted)}
	for _, x := range g.evictions {
		evicted.At = append(evicted.At, x.at)
	}
	rebalance := chart.Lane{Name: "rebalance", Mark: string(markRebalance), At: g.rebalances}
	work, frozen := chart.Lane{Name: "upload"}, chart.Lane{Name: "frozen"}
	for _, m := range g.members {
		for _, w := range m.works {
			work.Spans = append(work.Spans, chart.Span{From: w.since, To: w.until})
		}
		for _, w := range m.underWay() {
			work.Spans = append(work.Spans, chart.Span{From: w.since, To: end})
		}
		frozen.Spans = append(frozen.Spans, m.standing...)
		if m.frozen != clock.Never {
			frozen.Spans = append(frozen.Spans, chart.Span{From: m.frozen, To: end})
		}
	}
	if slow := p.onlySlow(g); slow {
		work.Name = "slow"
	}
	var lanes []chart.Lane
	for _, l := range []chart.Lane{evicted, rebalance, work, frozen} {
		if len(l.At)+len(l.Spans) > 0 {
			if p.o.ASCII {
				l.Mark = p.page.plainer(l.Mark)
			}
			lanes = append(lanes, l)
		}
	}
	return lanes
}

// onlySlow tells that the group's work was slow records, not uploads.
func (p *Writer) onlySlow(g *group) bool {
	for _, m := range g.members {
		for _, w := range m.works {
			if w.what != "slow" {
				return false
			}
		}
		for _, w := range m.underWay() {
			if w.what != "slow" {
				return false
			}
		}
	}
	return true
}

// sparks draws a row for each of some groups.
func (p *Writer) sparks(groups []*group, end clock.Time) {
	const width = 40
	wide := len("lag, records")
	for _, g := range groups {
		wide = max(wide, len([]rune(g.conf.ID)))
	}
	p.page.line(span{fit("lag, records", wide+2) + fit("0s", width-len(chart.Clock(end))) + chart.Clock(end) + "  each row to its own peak", styleHead})
	for _, g := range groups {
		row := fit(g.conf.ID, wide+2) + chart.Spark(g.lag, 0, end, width, g.lag.Peak().Value, p.o.ASCII) + "  "
		facts := p.page.wrap(lagFacts(g.lag, end), p.o.Width-wide-width-4)
		for _, l := range facts {
			p.page.line(span{row + l, stylePlain})
			row = strings.Repeat(" ", wide+width+4)
		}
	}
}
