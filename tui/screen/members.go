package screen

import (
	"slices"
	"sort"
	"strconv"
	"strings"

	"ksim/sim"
	"ksim/sim/clock"
	"ksim/tui/chart"
	"ksim/tui/model"
)

// toneLook is how a tone looks, and its sign for those who see no colours.
func toneLook(t model.Tone) (look, string) {
	return [...]look{plain, rebalance, good, warning, trouble}[t], t.Sign()
}

// fullRows is what a member in full takes: its name and three clocks. That many are kept
// for each, so that the form does not change to and fro with who joins and who is gone.
const fullRows = 4

// groupNames is how many rows the groups' names take among their members.
func (s *State) groupNames() int {
	if n := len(s.moment().Groups); n > 1 {
		return n
	}
	return 0
}

// memberLines is the members of all groups: with their bars where there is room for
// all, else a line each.
func (s *State) memberLines(w, h int) []line {
	m := s.moment()
	full, starts := s.membersInFull(w)
	if len(full) <= h && fullRows*len(starts)+s.groupNames() <= h || len(starts) == 1 {
		at := 0
		if len(starts) > 0 {
			at = starts[min(s.rows[membersPanel], len(starts)-1)]
		}
		from, to := window(len(full), at, h)
		for i := from; i < to; i++ {
			n := sort.SearchInts(starts, i+1) // those that have begun
			s.aim(membersPanel, 1, target(n))
		}
		return s.withGroups(full[from:to], w, h)
	}
	type row struct {
		group  *model.Group
		member *model.Member // nil: the group's name
	}
	var rows []row
	for i := range m.Groups {
		g := &m.Groups[i]
		if len(m.Groups) > 1 {
			rows = append(rows, row{group: g})
		}
		for k := range g.Members {
			rows = append(rows, row{g, &g.Members[k]})
		}
	}
	s.rows[membersPanel] = min(s.rows[membersPanel], len(rows)-1)
	var detail []line
	if c := rows[s.rows[membersPanel]]; c.member != nil && h >= 10 && len(rows)+6 > h && s.focus == membersPanel {
		detail = s.memberInFull(c.member, w)
	}
	lines := []line{say(faint, fit("", nameWidth(s)+2)+" poll     session  heartbeat")}
	from, to := window(len(rows), s.rows[membersPanel], h-1-len(detail))
	s.aim(membersPanel, 1, 0)
	for i := from; i < to; i++ {
		s.aim(membersPanel, 1, target(i+1))
		if rows[i].member == nil {
			lines = append(lines, say(strong, rows[i].group.ID))
			continue
		}
		lines = append(lines, s.memberInShort(rows[i].member, w, i == s.rows[membersPanel] && s.focus == membersPanel))
	}
	return s.withGroups(append(lines, detail...), w, h)
}

// withGroups adds the groups where no other place shows them and there is room; for the
// brokers alone there mostly is, and that one is down must be seen.
func (s *State) withGroups(lines []line, w, h int) []line {
	groups, brokers := s.groupRows(), s.moment().Brokers
	switch {
	case !s.sharedState():
		return lines
	case len(lines)+1+groups <= h:
		return append(append(lines[:len(lines):len(lines)], nil), s.groupLines(w, groups)...)
	case len(brokers) > 1 && len(lines)+2 <= h:
		return append(lines[:len(lines):len(lines)], nil, brokerLine(brokers))
	}
	return lines
}

// membersInFull is all members with their bars; starts is where each begins.
func (s *State) membersInFull(w int) (lines []line, starts []int) {
	m := s.moment()
	count := 0
	for i := range m.Groups {
		count += len(m.Groups[i].Members)
	}
	if count > 24 { // more than any screen has room for
		return make([]line, 1000), make([]int, count)
	}
	for i := range m.Groups {
		g := &m.Groups[i]
		if len(m.Groups) > 1 {
			lines = append(lines, say(strong, g.ID))
		}
		for k := range g.Members {
			starts = append(starts, len(lines))
			lines = append(lines, s.memberInFull(&g.Members[k], w)...)
		}
	}
	return lines, starts
}

// memberInFull is one member: who it is and what it does, what runs against it, what
// it has.
func (s *State) memberInFull(m *model.Member, w int) []line {
	k, sign := toneLook(m.Tone)
	client := m.Scenario.Client.String()
	if !m.Scenario.ReadsKafka() {
		client = "worker"
	}
	head := line{{m.Name, strong}, {"  " + client, faint}, {"  " + sign, k}, {" " + m.State, k}}
	lines := []line{head}
	has := ""
	if len(m.Assigned) > 0 {
		has = model.PartitionsText(m.Assigned)
		if text := "  has " + has; head.width()+width(text) <= w {
			lines[0], has = head.add(plain, text), ""
		}
	}
	if m.Doing != "" {
		if room := w - lines[0].width() - 3; width(m.Doing) <= room {
			lines[0] = lines[0].add(plain, right(m.Doing, room+3))
		} else {
			lines = append(lines, say(plain, "   "+cut(m.Doing, w-3)))
		}
	}
	for i := range m.Bars {
		lines = append(lines, barLine(&m.Bars[i], w))
	}
	if has != "" {
		lines = append(lines, say(plain, "   has       "+cut(has, w-13)))
	}
	return lines
}

// barLine is a clock that runs against a limit.
func barLine(b *model.Bar, w int) line {
	text := right(seconds(b.Value, false), 6) + " / " + seconds(b.Limit, true)
	room := min(max(w-13-24, 8), 40)
	k, sign := filled, " "
	if b.Over {
		k, sign = trouble, " ✗ over"
	}
	l := say(plain, "   "+fit(b.Label, 10))
	l = append(l, bar(int64(b.Value), int64(b.Limit), room, k)...)
	return l.add(plain, " "+text).add(k, sign)
}

// eighths of a block.
var eighths = []string{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}

// bar is a value against its limit.
func bar(value, limit int64, w int, k look) line {
	part := int64(0)
	if limit > 0 {
		part = min(max(value, 0), limit) * int64(w) * 8 / limit
	}
	full := strings.Repeat("█", int(part/8)) + eighths[part%8]
	return line{{full, k}, {strings.Repeat("░", w-width(full)), faint}}
}

// memberInShort is one member in one line.
func (s *State) memberInShort(m *model.Member, w int, isChosen bool) line {
	k, sign := toneLook(m.Tone)
	l := line{{fit(m.Name, nameWidth(s)), strong}, {" " + sign, k}}
	for _, label := range []string{"poll", "session", "heartbeat"} {
		l = l.add(plain, " ")
		i := slices.IndexFunc(m.Bars, func(b model.Bar) bool { return b.Label == label })
		if i < 0 {
			l = l.add(plain, strings.Repeat(" ", 8))
			continue
		}
		over := filled
		if m.Bars[i].Over {
			over = trouble
		}
		l = append(l, bar(int64(m.Bars[i].Value), int64(m.Bars[i].Limit), 8, over)...)
	}
	text := m.State
	if len(m.Assigned) > 0 {
		text += " · " + model.PartitionsText(m.Assigned) // what a rebalance is about to move
	}
	switch {
	case m.Tone != model.Plain || m.Process != sim.Running || m.ID == "" && m.Scenario.ReadsKafka():
	case len(m.Assigned) > 0 && m.Doing != "":
		text = model.PartitionsText(m.Assigned) + " · " + m.Doing
	case len(m.Assigned) > 0:
		text = model.PartitionsText(m.Assigned)
	case m.Doing != "":
		text = m.Doing
	}
	l = l.add(plain, "  ")
	l = l.add(k, cut(text, max(w-l.width(), 0)))
	if isChosen {
		return l.fill(w, plain).all(chosen)
	}
	return l
}

// nameWidth is the width of the members' names.
func nameWidth(s *State) int {
	n := 1
	for i := range s.run().Scenario().Groups {
		for k := range s.run().Scenario().Groups[i].Members {
			n = max(n, width(s.run().Scenario().Groups[i].Members[k].Name))
		}
	}
	return min(n, 16)
}

// seconds is a duration to a tenth of a second, with its unit or without.
func seconds(d clock.Duration, unit bool) string {
	if d >= 10_000*clock.Second {
		return chart.Clock(d - d%clock.Second)
	}
	s := strconv.FormatInt(int64(d/clock.Second), 10)
	if tenth := d % clock.Second / (100 * clock.Millisecond); tenth > 0 || !unit {
		s += "." + strconv.FormatInt(int64(tenth), 10)
	}
	if unit {
		s += " s"
	}
	return s
}

// lasting is a short duration with its unit, to a tenth of a second.
func lasting(d clock.Duration) string {
	if d >= 100*clock.Millisecond {
		d -= d % (100 * clock.Millisecond)
	}
	if d >= 120*clock.Second {
		return chart.Clock(d - d%clock.Second)
	}
	if d < clock.Second {
		return strconv.FormatInt(d.Milliseconds(), 10) + " ms"
	}
	s := strconv.FormatInt(int64(d/clock.Second), 10)
	if tenth := d % clock.Second / (100 * clock.Millisecond); tenth > 0 {
		s += "." + strconv.FormatInt(int64(tenth), 10)
	}
	return s + " s"
}
