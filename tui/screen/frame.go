package screen

import (
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/tui/chart"
	"ksim/tui/model"
)

// seen is what has been made of the moment that is shown, so that a frame makes
// nothing twice.
type seen struct {
	branch *branch
	seq    uint64
	at     clock.Time
	moment model.Moment

	whyOf      uint64
	whyEntries int
	why        model.Why
}

// moment is the state of the run now.
func (s *State) moment() *model.Moment {
	if s.seen.branch != s.branch() {
		s.seen = seen{}
	}
	if s.seen.branch == nil || s.seen.seq != s.seq || s.seen.at != s.at {
		s.seen.branch, s.seen.seq, s.seen.at = s.branch(), s.seq, s.at
		s.seen.moment = s.run().Moment(s.seq, s.at)
	}
	return &s.seen.moment
}

// frame draws the whole screen.
func (s *State) frame() *grid {
	g := newGrid(s.w, s.h, s.o.ASCII)
	if s.w < leastWidth || s.h < leastHeight {
		s.tooSmall(g)
		return g
	}
	s.header(g)
	g.lines(0, 1, s.w, 2, s.ruler(s.w))
	for _, p := range s.layout() {
		s.title(g, p)
		g.lines(p.x, p.y+1, p.w, p.h-1, s.content(p.panel, p.w, p.h-1))
	}
	switch s.mode {
	case helping:
		s.overlay(g, "Keys and commands", s.helpLines(s.w-8))
	case comparing:
		s.overlay(g, "The file's run and its forks at "+model.ClockText(s.at), s.compareLines(s.w-8))
	case scoring:
		s.overlay(g, "How well was it foreseen?", s.scoreLines(min(s.w-8, 96)))
	case contents:
		s.overlay(g, "Chapters", s.contentsLines(min(s.w-8, 96)))
	default:
		if s.asked != nil && s.mode != commanding && s.mode != searching {
			s.overlay(g, "A question", s.questionLines(min(s.w-8, 96)))
		}
	}
	s.footer(g)
	return g
}

// tooSmall says what is needed.
func (s *State) tooSmall(g *grid) {
	text := "This window has " + strconv.Itoa(s.w) + " columns and " + strconv.Itoa(s.h) + " rows. The screen needs 80 columns and 24 rows: make the window " +
		"larger or its letters smaller, or press q and run again with --ui plain."
	for i, l := range wrap(text, max(s.w, 1)) {
		g.put(0, i, s.w, say(plain, l))
	}
}

// header is the first line: what is run, and the moment.
func (s *State) header(g *grid) {
	sign := "⏸ "
	if s.playing {
		sign = "▶ "
	}
	at, last, ended := s.run().Head()
	total := chart.Number(int64(last))
	if !ended {
		total += "… " + strconv.FormatInt(int64(at)*100/int64(max(s.end(), 1)), 10) + "%"
	}
	right := line{{sign + model.ClockText(s.at), strong}, {"   " + s.speedName(), plain}}
	if _, all := s.score(); all > 0 && s.w >= 100 {
		right = append(s.scoreMark(), right...)
	}
	right = append(right, line{{"   event " + chart.Number(int64(s.seq)) + " / " + total + " ", plain}}...)
	room := s.w - right.width() - 2
	sc := s.run().Scenario()
	left := line{{" " + sc.Name, strong}}
	if len(s.runs) > 1 {
		left = left.add(rebalance, "  ⑂ "+s.branch().name)
	}
	if title := room - left.width() - 2; title > 10 {
		left = left.add(plain, "  "+cut(sc.Title, title))
	}
	g.put(0, 0, room, left)
	g.put(s.w-right.width(), 0, right.width(), right)
}

// speedName is how fast virtual time goes.
func (s *State) speedName() string {
	switch x := speeds[s.speed]; {
	case x == 0:
		return "×max"
	case x < 10:
		return "×1/" + strconv.FormatInt(10/x, 10)
	default:
		return "×" + chart.Number(x/10)
	}
}

// title is a panel's first row: its number and name, and what shares its place.
func (s *State) title(g *grid, p place) {
	var l line
	name := func(x panel) {
		k := heading
		text := s.nameOf(x, p)
		if x == p.panel {
			k = strong
			if x == s.focus {
				k = focused
				text = "▸" + text[1:]
			}
		}
		l = l.add(heading, "─").add(k, text)
	}
	if len(p.others) == 0 {
		name(p.panel)
	}
	for _, x := range p.others {
		name(x)
	}
	if n := p.w - l.width(); n > 0 {
		l = l.add(heading, strings.Repeat("─", n))
	}
	g.put(p.x, p.y, p.w, l)
}

// nameOf is a panel's number and name in the title of a place.
func (s *State) nameOf(x panel, p place) string {
	more := ""
	if x == p.panel {
		more = s.titleOf(x)
	}
	return " " + strconv.Itoa(int(x)) + " " + panelNames[x] + more + " "
}

// titleOf is what stands behind a panel's name.
func (s *State) titleOf(p panel) string {
	several := len(s.run().Scenario().Groups) > 1
	switch p {
	case partitionsPanel, lagPanel:
		if several {
			return " of " + s.groupOf().ID
		}
	case eventsPanel:
		text := ""
		if s.kinds != allKinds {
			text = ": " + s.kinds.name()
		}
		if s.filter != "" {
			text += " / " + s.filter
		}
		return text
	case whyPanel:
		if s.picked != 0 {
			return " of the chosen event"
		}
	}
	return ""
}

// content is the lines of a panel.
func (s *State) content(p panel, w, h int) []line {
	s.targets[p] = s.targets[p][:0]
	switch p {
	case membersPanel:
		return s.memberLines(w, h)
	case groupsPanel:
		return s.groupLines(w, h)
	case partitionsPanel:
		return s.partitionLines(w, h)
	case lagPanel:
		return s.lagLines(w, h)
	case buffersPanel:
		return s.bufferLines(w, h)
	case eventsPanel:
		return s.eventLines(w, h)
	case whyPanel:
		return s.whyLines(w, h)
	}
	return s.narrationLines(w, h)
}

// footer is the last line: what is typed, what was said, or the keys.
func (s *State) footer(g *grid) {
	y := s.h - 1
	switch {
	case s.mode == commanding:
		l := say(strong, ":"+s.input.text).add(chosen, " ")
		if s.message != "" {
			l = l.add(faint, "   "+s.message)
		} else if c := commandNamed(strings.TrimSpace(s.input.text)); c != nil {
			l = l.add(faint, "  "+c.usage+"   "+c.help)
		}
		g.put(0, y, s.w, l)
	case s.mode == searching:
		g.put(0, y, s.w, say(strong, "/"+s.input.text).add(chosen, " ").add(faint, "   enter keeps the search, esc drops it"))
	case s.mode == answering:
		g.put(0, y, s.w, say(strong, " your answer: "+s.input.text).add(chosen, " ").add(faint, "   enter gives it, esc does not"))
	case s.message != "" && s.wrong:
		g.put(0, y, s.w, say(trouble, " ✗ ").add(plain, cut(s.message, s.w-3)))
	case s.message != "":
		g.put(0, y, s.w, say(plain, " "+cut(s.message, s.w-1)))
	case s.mode == contents:
		g.put(0, y, s.w, say(strong, " j k").add(faint, " choose   ").add(strong, "enter").add(faint, " go there   ").add(strong, "esc").add(faint, " back"))
	case s.mode == helping || s.mode == comparing || s.mode == scoring:
		g.put(0, y, s.w, say(strong, " j k").add(faint, " more   ").add(strong, "esc").add(faint, " back"))
	case s.hides():
		g.put(0, y, s.w, s.askedHint())
	case s.asked != nil:
		g.put(0, y, s.w, s.verdictLine())
	default:
		g.put(0, y, s.w, s.keyHints())
	}
}

// hints are the keys that a newcomer needs first, the most important ones first.
var hints = []hint{
	{"space", "play"}, {"← →", "step"}, {"enter", "why"}, {"tab", "panel"}, {"{ }", "rebalance"}, {"< >", "speed"}, {"/", "search"},
	{"z", "large"}, {"c", "chapters"}, {". ,", "single"}, {"g G", "start, end"}, {"f", "filter"}, {"b", "forks"},
}

// lastHints are the keys that lead to everything else: they are always there.
var lastHints = []hint{{":", "command"}, {"?", "help"}, {"q", "quit"}}

type hint struct{ keys, does string }

func (h hint) line() line { return line{{" " + h.keys, strong}, {" " + h.does + " ", faint}} }

func (s *State) keyHints() line {
	var l, last line
	for _, h := range lastHints {
		if h.keys == "q" && s.fromList {
			h.does = "list"
		}
		last = append(last, h.line()...)
	}
	for _, h := range hints {
		if next := h.line(); l.width()+next.width()+last.width() <= s.w {
			l = append(l, next...)
		} else {
			break
		}
	}
	return append(l, last...)
}

// overlay draws lines in a box over the middle of the screen.
func (s *State) overlay(g *grid, title string, lines []line) { g.overlay(title, lines, &s.overlayRow) }

// overlay draws lines in a box over the middle, from a row on, which is changed when
// there are fewer.
func (g *grid) overlay(title string, lines []line, row *int) {
	wide := width(title) + 4
	for _, l := range lines {
		wide = max(wide, l.width())
	}
	wide = min(wide+4, g.w-2)
	high := min(len(lines), g.h-4)
	*row = min(*row, max(len(lines)-high, 0))
	x, y := (g.w-wide)/2, (g.h-high-2)/2
	edge := func(y int, text string) {
		l := say(focused, "━━").add(focused, text)
		l = l.add(focused, strings.Repeat("━", max(wide-l.width(), 0)))
		g.put(x, y, wide, l)
	}
	edge(y, " "+title+" ")
	for i := range high {
		l := append(say(focused, "┃ "), lines[*row+i]...)
		g.put(x, y+1+i, wide-1, l.fill(wide-1, plain))
		g.put(x+wide-1, y+1+i, 1, say(focused, "┃"))
	}
	bottom := ""
	if len(lines) > high {
		bottom = " j k: more "
	}
	edge(y+1+high, bottom)
}
