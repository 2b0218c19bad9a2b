package plain

import (
	"bufio"
	"io"
	"strings"

	"ksim/sim/expect"
)

// style is what a piece of text means; colour shows it again, never alone.
type style uint8

const (
	stylePlain style = iota
	styleHead        // titles and names of columns
	styleTime
	styleDim  // routine, logs
	styleGood // stable
	styleWarn // rebalancing
	styleBad  // evicted, crashed, refused
	styleSay  // narration
)

// sgr is the terminal's code for each style (ECMA-48, Select Graphic Rendition).
var sgr = [...]string{stylePlain: "", styleHead: "1", styleTime: "36", styleDim: "2", styleGood: "32", styleWarn: "33", styleBad: "1;31", styleSay: "35"}

// span is a piece of a line.
type span struct {
	text  string
	style style
}

// page writes lines.
type page struct {
	out    *bufio.Writer
	colour bool
	ascii  bool
}

func newPage(w io.Writer, o Options) page {
	return page{out: bufio.NewWriter(w), colour: o.Colour, ascii: o.ASCII}
}

// flush hands on what is buffered and gives the first error of the writer.
func (p *page) flush() error { return p.out.Flush() }

// line writes one line, without the spaces at its end. A line that cannot be
// written is not an error here: the buffer keeps the error for flush.
func (p *page) line(spans ...span) {
	last := len(spans) - 1
	for last >= 0 && strings.TrimRight(spans[last].text, " ") == "" {
		last--
	}
	for i, s := range spans[:last+1] {
		text := strings.ReplaceAll(p.plainer(s.text), tight, " ")
		if i == last {
			text = strings.TrimRight(text, " ")
		}
		if code := sgr[s.style]; p.colour && code != "" && strings.TrimSpace(text) != "" {
			text = "\x1b[" + code + "m" + text + "\x1b[0m"
		}
		p.out.WriteString(text)
	}
	p.out.WriteByte('\n')
}

// wrap breaks text into lines of at most that width, between words where there
// is one.
func (p *page) wrap(text string, width int) []string {
	width = max(width, 20)
	var lines []string
	for paragraph := range strings.SplitSeq(flowing(p.plainer(text)), "\n") {
		lines = append(lines, expect.Wrap(paragraph, width)...)
	}
	return lines
}

// flowing joins the lines of a paragraph, as Markdown does: a new one begins
// after an empty line and at an item of a list.
func flowing(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch before := b.String(); {
		case line == "":
			if before != "" && !strings.HasSuffix(before, "\n") {
				b.WriteString("\n\n")
			}
		case strings.HasPrefix(line, "- ") && before != "" && !strings.HasSuffix(before, "\n"):
			b.WriteString("\n")
		case before != "" && !strings.HasSuffix(before, "\n"):
			b.WriteString(" ")
		}
		b.WriteString(line)
	}
	return strings.TrimSpace(b.String())
}

// asciiFor is what stands for the characters of this package's own making.
var asciiFor = strings.NewReplacer(
	"♥ ", "", "→", "->", "←", "<-", "…", "...", "·", "-", "–", "-", "×", "x",
	"✗", "x", "↻", "R", "↺", "r", "↓", "v", "†", "+", "‖", "=", "│", "|", "┃", "#", "┊", ":", "»", ">", "▎", "|", "─", "-", "“", `"`, "”", `"`,
)

// plainer gives the text in ASCII if that is asked for: what has no likeness is
// a question mark.
func (p *page) plainer(s string) string {
	if !p.ascii {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r > '~' && string(r) != tight {
			return '?'
		}
		return r
	}, asciiFor.Replace(s))
}
