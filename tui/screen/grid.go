package screen

import (
	"strings"

	"github.com/rivo/uniseg"
)

// look is how a piece of text is to be taken; theme.go says what a terminal makes
// of it. Nothing is told by a look alone: the screen reads without colour.
type look uint8

const (
	plain     look = iota
	faint          // beside the point, or not yet
	strong         // the name of something
	heading        // the title of a panel
	focused        // of the panel that has the keys
	good           // comes to rest, or back
	warning        // stands still or is cut off
	trouble        // lost, refused or over
	rebalance      // a group moves partitions
	filled         // the part of a bar that has run
	saying         // the narration
	chosen         // the line that the keys act on
	matching       // what is searched
	looks
)

// span is text of one look; line is what stands in a row.
type (
	span struct {
		text string
		look look
	}
	line []span
)

// say is a line of one look.
func say(l look, text string) line { return line{{text, l}} }

// add gives the line with more behind it.
func (l line) add(k look, text string) line { return append(l, span{text, k}) }

// width is how many columns a text takes.
func width(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return uniseg.StringWidth(s)
		}
	}
	return len(s)
}

func (l line) width() (n int) {
	for _, s := range l {
		n += width(s.text)
	}
	return n
}

// all gives the line in one look.
func (l line) all(k look) line {
	out := make(line, len(l))
	for i, s := range l {
		out[i] = span{s.text, k}
	}
	return out
}

// fill gives the line with blanks up to a width.
func (l line) fill(w int, k look) line {
	if n := w - l.width(); n > 0 {
		return l.add(k, strings.Repeat(" ", n))
	}
	return l
}

// fit cuts a text to a width, with an ellipsis where something is missing, or fills
// it with blanks.
func fit(s string, w int) string {
	n := width(s)
	if n <= w {
		return s + strings.Repeat(" ", w-n)
	}
	return cut(s, w)
}

// cut gives a text of at most that width.
func cut(s string, w int) string {
	if width(s) <= w {
		return s
	}
	if w <= 0 {
		return ""
	}
	var b strings.Builder
	for used := 0; s != ""; {
		cluster, rest, n, _ := uniseg.FirstGraphemeClusterInString(s, -1)
		if used += n; used > w-1 {
			break
		}
		b.WriteString(cluster)
		s = rest
	}
	return b.String() + "…"
}

// right sets a text flush right.
func right(s string, w int) string {
	if n := width(s); n < w {
		return strings.Repeat(" ", w-n) + s
	}
	return cut(s, w)
}

// wrap breaks a text between words into lines of at most w columns.
func wrap(text string, w int) []string {
	var lines []string
	for _, paragraph := range strings.Split(text, "\n") {
		now := ""
		for _, word := range strings.Fields(paragraph) {
			switch {
			case now == "":
				now = word
			case width(now)+1+width(word) <= w:
				now += " " + word
			default:
				lines, now = append(lines, now), word
			}
			for width(now) > w && w > 0 { // a word that is longer than the line
				head := strings.TrimSuffix(cut(now, w+1), "…")
				if head == "" {
					break
				}
				lines, now = append(lines, head), now[len(head):]
			}
		}
		lines = append(lines, now)
	}
	return lines
}

// cell is one column of the screen; a wide character's second column is empty.
type cell struct {
	text string
	look look
}

// grid is a screen as cells.
type grid struct {
	w, h  int
	cells []cell
	ascii bool
}

func newGrid(w, h int, ascii bool) *grid {
	g := &grid{w: w, h: h, cells: make([]cell, w*h), ascii: ascii}
	for i := range g.cells {
		g.cells[i].text = " "
	}
	return g
}

// put writes a line from a place on, at most w columns of it.
func (g *grid) put(x, y, w int, l line) {
	if y < 0 || y >= g.h {
		return
	}
	end := min(x+w, g.w)
	for _, s := range l {
		text := s.text
		for state := -1; text != "" && x < end; {
			var cluster string
			var n int
			if c := text[0]; c < 0x80 && (len(text) == 1 || text[1] < 0x80) {
				cluster, text, n = text[:1], text[1:], 1
			} else {
				cluster, text, n, state = uniseg.FirstGraphemeClusterInString(text, state)
			}
			if cluster < " " { // no control characters: they would move the terminal's cursor
				cluster, n = " ", 1
			}
			if x+n > end {
				x = end
			}
			if n == 0 || x == end {
				continue
			}
			if g.ascii {
				cluster = inASCII(cluster, n)
			}
			g.cells[y*g.w+x] = cell{cluster, s.look}
			for i := 1; i < n; i++ {
				g.cells[y*g.w+x+i] = cell{"", s.look}
			}
			x += n
		}
	}
}

// lines writes lines below each other.
func (g *grid) lines(x, y, w, h int, lines []line) {
	for i, l := range lines {
		if i == h {
			return
		}
		g.put(x, y+i, w, l)
	}
}

// String is the grid as text, without blanks at the ends of lines.
func (g *grid) String() string {
	var b strings.Builder
	for y := range g.h {
		var row strings.Builder
		for _, c := range g.cells[y*g.w : (y+1)*g.w] {
			row.WriteString(c.text)
		}
		b.WriteString(strings.TrimRight(row.String(), " ") + "\n")
	}
	return b.String()
}

// plainSigns are the signs of the screen in ASCII, one column each.
var plainSigns = strings.NewReplacer(
	"─", "-", "━", "=", "│", "|", "┃", "|", "┬", "+", "┴", "+", "┼", "+", "├", "+", "┤", "+", "▎", "|", "╸", "=",
	"█", "#", "▉", "#", "▊", "#", "▋", "#", "▌", "#", "▍", "-", "▏", ".", "░", ".", "✗", "x", "↻", "@", "✓", "+", "▶", ">",
	"▸", ">", "⏸", "=", "●", "o", "·", "-", "…", "~", "×", "x", "→", ">", "←", "<", "»", ">", "–", "-", "♥", "v", "†", "+",
	"‖", "H", "⑂", "Y", "↑", "^", "↓", "v", "\u00a0", " ", "▁", ".", "▂", ".", "▃", "-", "▄", "=", "▅", "=", "▆", "*", "▇", "#",
	"“", "\"", "”", "\"", "‘", "'", "’", "'", "Σ", "S", "≤", "<",
)

// inASCII gives a sign that every terminal has, in as many columns.
func inASCII(cluster string, n int) string {
	if len(cluster) == 1 {
		return cluster
	}
	s := plainSigns.Replace(cluster)
	if len(s) != 1 || n != 1 {
		return strings.Repeat("?", n)
	}
	return s
}
