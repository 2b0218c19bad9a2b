package plain

import (
	"strings"

	"ksim/sim/clock"
)

// columns is where things stand in a line:
//
//	time, mark, state of the group(s), the members' columns, what happened
//
// Each group has its own column, followed by those of its members, when there
// is room; else one column with the group's name serves all; else the members
// have no columns and stand in the sentence only.
type columns struct {
	time     int
	perGroup bool
	state    []int // widths: by group, or of the one for all
	named    bool  // the one column says the group's name
	cell     int   // width of a member's column; 0: members have none
	text     int   // where the sentence begins
	note     int   // where logs and narration begin
}

const (
	stateWidth = 13 // Preparing g123
	gap        = 2  // between columns
)

// newColumns lays out lines of a width for a run of a length.
func newColumns(w *world, duration clock.Duration, width int) columns {
	c := columns{time: max(len(stamp(duration)), 8), cell: cellWidth(w)}
	room := width - c.time - 3 - gap - sentenceWidth(width)
	cells := len(w.members) * (c.cell + gap)

	widest := 0
	for _, g := range w.groups {
		c.state = append(c.state, max(len([]rune(g.conf.ID)), stateWidth))
		widest = max(widest, len([]rune(g.conf.ID)))
	}
	c.perGroup = total(c.state)+len(c.state)*gap+cells <= room
	if !c.perGroup {
		c.named = len(w.groups) > 1
		c.state = []int{stateWidth}
		if c.named {
			c.state[0] += widest + 1
		}
		if c.state[0]+gap+cells > room {
			c.cell, cells = 0, 0
		}
	}
	c.text = c.time + 3 + total(c.state) + len(c.state)*gap + cells
	c.note = c.text
	if width-c.text < 60 {
		c.note = c.time + 3
	}
	return c
}

// sentenceWidth is the least room for what happened.
func sentenceWidth(width int) int {
	if width < 100 {
		return 36
	}
	return 48
}

// cellWidth is what the members' columns need: their names, and the numbers of
// the partitions that each gets when they are shared evenly.
func cellWidth(w *world) int {
	wide := 5 // start
	for _, m := range w.members {
		wide = max(wide, len([]rune(m.conf.Name)))
	}
	return min(wide, 12)
}

func total(widths []int) int {
	sum := 0
	for _, w := range widths {
		sum += w
	}
	return sum
}

// snapshot keeps the members' lifelines as they are behind a row.
func (c *columns) snapshot(r *row, w *world) {
	if c.cell == 0 {
		return
	}
	r.lives = make([]string, len(w.members))
	for i, m := range w.members {
		r.lives[i] = m.life()
	}
}

// life is how a member's column looks while nothing happens to it.
func (m *member) life() string {
	switch {
	case !m.running:
		return ""
	case m.frozen != clock.Never:
		return "‖"
	case m.work != nil, len(m.hand) > 0:
		return "┃"
	case len(m.owned) > 0 && !m.outside:
		return "│"
	}
	return "┊"
}

// line fills the columns left of the sentence; r is nil for the header's line.
func (c *columns) line(w *world, time, mark string, r *row, s style) []span {
	spans := []span{{fit(time, -c.time), styleTime}, {" " + fit(mark, 1) + " ", s}}
	if !c.perGroup {
		state, cell := c.stateOf(r, nil)
		spans = append(spans, span{fit(state, c.state[0]+gap), cell})
	}
	for i, g := range w.groups {
		if c.perGroup {
			state, cell := c.stateOf(r, g)
			spans = append(spans, span{fit(state, c.state[i]+gap), cell})
		}
		if c.cell == 0 {
			continue
		}
		for _, m := range g.members {
			text, cell := c.member(r, m, s)
			spans = append(spans, span{fit(text, c.cell+gap), cell})
		}
	}
	return spans
}

// stateOf is what a row shows in a group's column, nil being the one for all.
func (c *columns) stateOf(r *row, g *group) (string, style) {
	switch {
	case r == nil && g != nil:
		return g.conf.ID, styleHead
	case r == nil && c.named:
		return "group", styleHead
	case r == nil:
		return "state", styleHead
	case c.named && r.group != nil:
		return fit(r.group.conf.ID, c.state[0]-stateWidth) + r.state, stateStyle(r.state)
	case g != nil && r.group != g || r.state == "":
		return "", stylePlain
	}
	return r.state, stateStyle(r.state)
}

// member is what a row shows in a member's column: what the row says of it, or
// its lifeline.
func (c *columns) member(r *row, m *member, s style) (string, style) {
	if r == nil {
		return m.conf.Name, styleHead
	}
	if text := r.cellOf(m, c.cell); text != "" {
		return text, s
	}
	return r.lives[m.index], styleDim
}

func stateStyle(state string) style {
	switch {
	case strings.HasPrefix(state, "Stable"):
		return styleGood
	case strings.HasPrefix(state, "Empty"):
		return styleBad
	case strings.HasSuffix(state, " out"): // of a queue
		return stylePlain
	}
	return styleWarn
}

// fit cuts or fills text to a width: flush right when the width is negative.
func fit(s string, width int) string {
	n := len([]rune(s))
	if width < 0 {
		return strings.Repeat(" ", max(-width-n, 0)) + s
	}
	if n > width {
		return string([]rune(s)[:width-1]) + "~"
	}
	return s + strings.Repeat(" ", width-n)
}
