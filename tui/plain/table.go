package plain

import (
	"cmp"
	"slices"
	"strings"

	"ksim/sim/clock"
	"ksim/tui/chart"
)

// mostRows is how many members the table shows one by one, the most telling
// ones, when there are many more.
const mostRows = 20

// table writes the figures of the members.
func (p *Writer) table(s *Summary) {
	if len(s.Members) < len(p.world.members) {
		return // an unfinished run: its figures are not known
	}
	shown := p.shown(s)
	count := p.figures(s, shown, false, []string{"member", "records", "repeated", "polls", "longest gap", "evicted", "commits"},
		func(m *member, f *MemberFigures) []string {
			return []string{m.conf.Name, chart.Number(f.Records), chart.Number(f.Repeated), chart.Number(f.Polls), gapWords(f.LongestGap),
				times(m.evictions), times(int(f.Commits))}
		})
	count += p.figures(s, shown, true, []string{"worker", "messages", "repeated", "receives", "longest gap", "deletes"},
		func(m *member, f *MemberFigures) []string {
			return []string{m.conf.Name, chart.Number(f.Records), chart.Number(f.Repeated), chart.Number(f.Polls), gapWords(f.LongestGap),
				times(int(f.Commits))}
		})
	if hidden := len(s.Members) - count; hidden > 0 {
		p.paragraph("… and "+counted(int64(hidden), "more member")+": "+p.rest(s, shown), styleDim)
	}
}

// figures writes the rows of the members with a consumer, or of the workers, and
// tells how many there are.
func (p *Writer) figures(s *Summary, shown []bool, workers bool, head []string, of func(*member, *MemberFigures) []string) int {
	rows := [][]string{head}
	if len(p.world.groups) > 1 {
		rows[0] = append([]string{"group"}, rows[0]...)
	}
	for i, m := range p.world.members {
		if !shown[i] || m.worker() != workers {
			continue
		}
		row := of(m, &s.Members[i])
		if len(p.world.groups) > 1 {
			row = append([]string{m.group.conf.ID}, row...)
		}
		rows = append(rows, row)
	}
	if len(rows) == 1 {
		return 0
	}
	p.page.line()
	names := len(rows[0]) - len(head) + 1
	apart := 3
	if p.o.Width < 100 {
		apart = 2
	}
	for i, line := range aligned(rows, names, apart) {
		style := stylePlain
		if i == 0 {
			style = styleHead
		}
		p.page.line(span{line, style})
	}
	return len(rows) - 1
}

// gapWords prints the longest time between two polls: of a program that never polls, none.
func gapWords(d clock.Duration) string {
	if d == 0 {
		return "–"
	}
	return lasting(d)
}

// times prints how often something happened; never is easier seen than 0.
func times(n int) string {
	if n == 0 {
		return "never"
	}
	return chart.Number(int64(n))
}

// shown picks the members for the table: all, or those with most evictions,
// repetitions and then the longest gaps.
func (p *Writer) shown(s *Summary) []bool {
	shown := make([]bool, len(s.Members))
	order := make([]int, len(s.Members))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(
			cmp.Compare(p.world.members[b].evictions, p.world.members[a].evictions),
			cmp.Compare(s.Members[b].Repeated, s.Members[a].Repeated),
			cmp.Compare(s.Members[b].LongestGap, s.Members[a].LongestGap),
		)
	})
	if len(order) > mostRows && !p.o.All {
		order = order[:mostRows/2]
	}
	for _, i := range order {
		shown[i] = true
	}
	return shown
}

// rest sums up the members that are not shown.
func (p *Writer) rest(s *Summary, shown []bool) string {
	var records, repeated int64
	evictions := 0
	for i, f := range s.Members {
		if !shown[i] {
			records += f.Records
			repeated += f.Repeated
			evictions += p.world.members[i].evictions
		}
	}
	return counted(records, "record") + ", " + chart.Number(repeated) + " repeated, evicted " + times(evictions)
}

// aligned sets rows as columns so far apart, the first ones flush left, figures
// flush right.
func aligned(rows [][]string, left, apart int) []string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, s := range row {
			widths[i] = max(widths[i], len([]rune(s)))
		}
	}
	lines := make([]string, len(rows))
	for n, row := range rows {
		for i, s := range row {
			if i < left {
				row[i] = fit(s, widths[i])
			} else {
				row[i] = fit(s, -widths[i])
			}
		}
		lines[n] = strings.Join(row, strings.Repeat(" ", apart))
	}
	return lines
}
