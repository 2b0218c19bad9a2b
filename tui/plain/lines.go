package plain

import (
	"strings"

	"ksim/sim/scenario"
)

// writeRow writes a row, and below it the log lines and the narration that
// belong to it.
func (p *Writer) writeRow(r *row) {
	p.marks[r.mark] = true
	style, time := r.mark.style(), stamp(r.at)
	if r.mark == markRoutine {
		time = ""
	}
	if text := r.text(); text != "" {
		left := p.columns.line(&p.world, time, string(r.mark), r, style)
		p.put(r, left, p.columns.text, "", "", text, style)
		time = ""
	}
	for _, l := range r.logs {
		if !p.logs.shows(l) {
			p.routine.lines++
			continue
		}
		p.put(r, p.beside(r, time, p.columns.note), p.columns.note, "» ", "  ", l.words(), styleDim)
		time = ""
	}
	for _, n := range r.says {
		p.say(r, n, time)
		time = ""
	}
}

// say writes narration: what is said, then what is asked. Notes are for the
// terminal UI.
func (p *Writer) say(r *row, n *scenario.Narration, time string) {
	column := p.columns.note
	if say := strings.TrimSpace(n.Say); say != "" {
		p.put(r, p.beside(r, time, column), column, "▎ ", "▎ ", say, styleSay)
		time = ""
	}
	if ask := strings.TrimSpace(n.Ask); ask != "" {
		p.put(r, p.beside(r, time, column), column, "▎ ? ", "▎   ", ask, styleSay)
	}
}

// put writes text from a column on, as many lines as it needs: the first one
// with what stands left of it, each with its sign.
func (p *Writer) put(r *row, left []span, column int, first, next, text string, s style) {
	for _, l := range p.page.wrap(text, p.o.Width-column-len([]rune(first))) {
		p.page.line(append(left, span{first + l, s})...)
		left, first = p.beside(r, "", column), next
	}
}

// beside is what stands left of a line that goes on in a column: the lifelines,
// unless the column begins below them.
func (p *Writer) beside(r *row, time string, column int) []span {
	if column == p.columns.text {
		return p.columns.line(&p.world, time, "", &row{lives: r.lives}, stylePlain)
	}
	return []span{{fit(time, -p.columns.time), styleTime}, {strings.Repeat(" ", column-p.columns.time), stylePlain}}
}

// style is how a row with that mark looks.
func (m mark) style() style {
	switch m {
	case markEvicted, markCrashed, markRefused, markDead:
		return styleBad
	case markRebalance, markFrozen, markReturned:
		return styleWarn
	case markRoutine:
		return styleDim
	}
	return stylePlain
}

// words is the line with who says it, and how urgently.
func (l logLine) words() string {
	if l.level == "" {
		return l.who + ": " + l.text
	}
	return l.who + " " + l.level + " " + l.text
}
