package export

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"strings"

	"ksim/sim/clock"
	"ksim/tui/model"
	"ksim/tui/plain"
)

//go:embed svg.css
var svgStyle string

// The measures of the picture, in its own units, which a browser takes for pixels.
const (
	svgMargin   = 24
	svgTime     = 138 // the column of times
	svgLane     = 140
	svgWords    = 620 // the column of sentences
	svgLetters  = 84  // that fit into it
	svgLine     = 20
	svgChart    = 300 // the height of a chart
	svgLaneHead = 56
)

// writeSVG writes the space-time diagram, and the lag of each group below it.
func writeSVG(x *work, w io.Writer) error {
	d := x.diagram()
	out := bufio.NewWriter(w)
	width := 2*svgMargin + svgTime + len(d.lanes)*svgLane + svgWords
	body, height := x.drawDiagram(d, 90)
	var charts []string
	for i := range x.s.Groups {
		if c, high := x.lagChart(i, width-2*svgMargin, svgChart); high > 0 {
			charts = append(charts, fmt.Sprintf(`<g transform="translate(%d %d)"><text class="name" x="0" y="16">lag of %s, records</text><g transform="translate(0 26)">%s</g></g>`+"\n",
				svgMargin, height, text(x.s.Groups[i].ID), c))
			height += high + 50
		}
	}
	height += svgMargin
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(out, "<title>%s</title>\n<style>%s</style>\n", text(x.heading()), svgStyle)
	fmt.Fprintf(out, `<rect class="page" width="%d" height="%d"/>`+"\n", width, height)
	fmt.Fprintf(out, `<text class="title" x="%d" y="40">%s</text>`+"\n", svgMargin, text(x.s.Name+"   "+x.s.Title))
	fmt.Fprintf(out, `<text class="sub" x="%d" y="66">%s</text>`+"\n", svgMargin, text(strings.Join(plain.Facts(x.s, x.Version), " · ")+" · time runs down, not to scale"))
	out.WriteString(body)
	for _, c := range charts {
		out.WriteString(c)
	}
	out.WriteString("</svg>\n")
	return out.Flush()
}

// drawing is the diagram while it is drawn. The lifelines lie below the rest.
type drawing struct {
	d           *diagram
	lines, rest strings.Builder
	y           int
	since       []int  // of each lane: where its band began
	bands       []band // and what it is
	told        string // the time that was written last
}

// drawDiagram gives the diagram from a height on, and where it ends.
func (x *work) drawDiagram(d *diagram, top int) (string, int) {
	p := drawing{d: d, y: top + svgLaneHead + 16, since: make([]int, len(d.lanes)), bands: make([]band, len(d.lanes))}
	for i := range d.lanes {
		l := &d.lanes[i]
		fmt.Fprintf(&p.rest, `<rect class="head" x="%d" y="%d" width="%d" height="%d" rx="4"/><text class="name" x="%d" y="%d" text-anchor="middle">%s</text><text class="label" x="%d" y="%d" text-anchor="middle">%s</text>`+"\n",
			laneX(i)-svgLane/2+5, top, svgLane-10, svgLaneHead-8, laneX(i), top+21, text(shorten(l.name, 14)), laneX(i), top+40, text(shorten(l.kind, 18)))
		p.since[i] = top + svgLaneHead - 8
	}
	for i := range d.rows {
		p.row(&d.rows[i])
	}
	for i := range d.lanes {
		p.endBand(i)
	}
	if d.rest > 0 {
		p.words(p.y+10, "folded", []string{fmt.Sprintf("%d more are left out: --until ends the picture earlier, with room for what is before", d.rest)})
		p.y += 30
	}
	return p.lines.String() + p.rest.String(), p.y + 20
}

func laneX(lane int) int { return svgMargin + svgTime + lane*svgLane + svgLane/2 }

// row draws the next row.
func (p *drawing) row(r *row) {
	height := svgLine + 12
	switch r.kind {
	case sent:
		p.message(r, p.y+12)
	case happens:
		height = p.happens(r)
	case said:
		lines := lettersWrapped("▎ "+r.text, svgLetters-4)
		height = svgLine*len(lines) + 8
		p.time(p.y+14, r.at)
		p.words(p.y+14, "said", lines)
	case folded:
		height = 34
		for i := range p.d.lanes {
			if p.bands[i].look != absent {
				fmt.Fprintf(&p.rest, `<rect class="fold" x="%d" y="%d" width="40" height="8" transform="rotate(-8 %d %d)"/>`+"\n", laneX(i)-20, p.y+12, laneX(i), p.y+16)
			}
		}
		p.words(p.y+20, "folded", []string{"⋮ " + r.text})
	}
	turn := p.y + min(14, height/2)
	if r.kind == folded {
		turn = p.y
	}
	for i := range r.bands {
		if p.bands[i] != r.bands[i] {
			y := p.y
			p.y = turn
			p.endBand(i)
			p.y = y
			p.bands[i], p.since[i] = r.bands[i], turn
		}
	}
	p.y += height
}

// happens draws an event: a dot on its lifeline, and the sentence.
func (p *drawing) happens(r *row) int {
	sign := strings.TrimSpace(r.tone.Sign())
	most := svgLetters
	if r.tone == model.Trouble { // in bold letters, which are wider
		most = svgLetters * 9 / 10
	}
	lines := lettersWrapped(strings.TrimSpace(sign+" "+r.text), most)
	p.time(p.y+14, r.at)
	p.words(p.y+14, r.tone.String(), lines)
	if r.lane >= 0 {
		fmt.Fprintf(&p.rest, `<line class="grid" x1="%d" x2="%d" y1="%d" y2="%d"/>`, laneX(r.lane)+8, laneX(len(p.d.lanes))-svgLane/2+4, p.y+10, p.y+10)
		if sign == "" {
			fmt.Fprintf(&p.rest, `<circle class="dot" cx="%d" cy="%d" r="5"/>`+"\n", laneX(r.lane), p.y+10)
		} else {
			fmt.Fprintf(&p.rest, `<circle class="dot" cx="%d" cy="%d" r="10"/><text class="mark %s" x="%d" y="%d">%s</text>`+"\n", laneX(r.lane), p.y+10, r.tone, laneX(r.lane), p.y+15, sign)
		}
	}
	return svgLine*len(lines) + 10
}

// message draws an arrow, a little downwards, as time passes on the way.
func (p *drawing) message(r *row, y int) {
	from, to := laneX(r.lane), laneX(r.to)
	class, step := "arrow", 8
	if p.d.lanes[r.lane].member == "" {
		class += " answer"
	}
	if to < from {
		step = -8
	}
	fmt.Fprintf(&p.rest, `<line class="%s" x1="%d" y1="%d" x2="%d" y2="%d"/><path class="head-of-arrow" d="M%d %d l%d -5 l0 10 z"/>`,
		class, from+step, y-4, to-2*step, y+4, to-step, y+5, -step-step/4)
	near := (from + to) / 2
	if apart := to - from; apart >= 2*svgLane || apart <= -2*svgLane { // beside the member's own line
		near = from + svgLane/2*apart/max(apart, -apart)
		if p.d.lanes[r.lane].member == "" {
			near = to - svgLane/2*apart/max(apart, -apart)
		}
	}
	fmt.Fprintf(&p.rest, `<text class="label" x="%d" y="%d" text-anchor="middle">%s</text>`+"\n", near, y-6, text(r.text))
	p.time(y+2, r.at)
}

// time writes when a row is, unless that of the row above is the same.
func (p *drawing) time(y int, at clock.Time) {
	if model.ClockText(at) == p.told {
		return
	}
	p.told = model.ClockText(at)
	fmt.Fprintf(&p.rest, `<text class="time" x="%d" y="%d" text-anchor="end">%s</text>`, svgMargin+svgTime-58, y, model.ClockText(at))
}

func (p *drawing) words(y int, class string, lines []string) {
	for i, l := range lines {
		fmt.Fprintf(&p.rest, `<text class="%s" x="%d" y="%d">%s</text>`+"\n", class, laneX(len(p.d.lanes))-svgLane/2+10, y+i*svgLine, text(l))
	}
}

// endBand draws a lifeline's band, which ends here.
func (p *drawing) endBand(i int) {
	x, y, high := laneX(i), p.since[i], p.y-p.since[i]
	if high <= 0 {
		return
	}
	switch b := p.bands[i]; b.look {
	case outside, inside, waiting:
		class := [...]string{outside: "line-outside", inside: "line-inside", waiting: "line-waiting"}[b.look]
		fmt.Fprintf(&p.lines, `<line class="%s" x1="%d" x2="%d" y1="%d" y2="%d"/>`+"\n", class, x, x, y, p.y)
	case working, still:
		class := [...]string{working: "box-working", still: "box-still"}[b.look]
		fmt.Fprintf(&p.lines, `<rect class="%s" x="%d" y="%d" width="26" height="%d" rx="3"/>`+"\n", class, x-13, y, high)
	}
	if label := p.bands[i].label; label != "" && high >= 18 {
		fmt.Fprintf(&p.lines, `<text class="label" x="%d" y="%d" text-anchor="end">%s</text>`+"\n", x-17, y+min(high/2, 24)+4, text(shorten(label, 13)))
	}
}

// text is what XML has for a text.
func text(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0xfffe || r == 0xffff {
			return ' '
		}
		return r
	}, s)
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// lettersWrapped breaks a text between words into lines of at most so many letters.
func lettersWrapped(s string, most int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		for len([]rune(word)) > most {
			lines = append(lines, strings.TrimSpace(line+" "+string([]rune(word)[:most])))
			word, line = string([]rune(word)[most:]), ""
		}
		switch {
		case line == "":
			line = word
		case len([]rune(line))+1+len([]rune(word)) <= most:
			line += " " + word
		default:
			lines = append(lines, line)
			line = word
		}
	}
	return append(lines, line)
}
