package report

import (
	"fmt"
	"io"
	"strings"

	"ksim/internal/suite"
	"ksim/sim/expect"
)

// Text writes for people: a line a scenario, then what does not hold in it.
type Text struct {
	Out     io.Writer
	Names   int // the longest name's columns
	Width   int // columns; 0 breaks no line
	Colour  bool
	Verbose bool // what holds too, and warnings
}

// The terminal's codes (ECMA-48, Select Graphic Rendition).
const (
	green  = "32"
	red    = "1;31"
	yellow = "33"
	dim    = "2"
)

// mostNames is how wide the column of names may become; what else stands in the
// line takes beside of a terminal's width.
const (
	mostNames = 72
	beside    = 24
)

// slow is from how many seconds on a scenario's time is worth a word.
const slow = 1.0

func (t *Text) paint(code, text string) string {
	if !t.Colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// column is how wide the names' column is.
func (t *Text) column() int {
	most := mostNames
	if t.Width > 0 {
		most = max(20, t.Width-beside)
	}
	return min(t.Names, most)
}

// Result writes one scenario.
func (t *Text) Result(r *suite.Result) {
	held, all := r.Count()
	mark, code, words := "ok   ", green, fmt.Sprintf("%d hold", held)
	switch r.Outcome {
	case suite.Failed:
		mark, code, words = "FAIL ", red, fmt.Sprintf("%d of %d hold", held, all)
	case suite.Wrong:
		mark, code, words = "WRONG", red, "it was not run"
	case suite.Nothing:
		mark, code, words = "--   ", yellow, "expects nothing"
	}
	if r.Updated != "" {
		words += ", wrote " + r.Updated
	}
	if r.Seconds >= slow {
		words += fmt.Sprintf(", %.1f s", r.Seconds)
	}
	fmt.Fprintf(t.Out, "%s %-*s  %s\n", t.paint(code, mark), t.column(), r.Name, words)
	if r.Outcome == suite.Wrong || t.Verbose {
		for _, line := range errorsOf(r) {
			indent := "  "
			for _, part := range expect.Wrap(line, max(0, t.Width-4)) {
				fmt.Fprintln(t.Out, indent+part)
				indent = "    "
			}
		}
	}
	for i := range r.Checks {
		if c := &r.Checks[i]; !c.OK || t.Verbose {
			text := indented("  ", c.Text(max(0, t.Width-2)))
			if !c.OK {
				text = strings.Replace(text, "FAIL", t.paint(red, "FAIL"), 1)
			}
			io.WriteString(t.Out, text)
		}
	}
}

// End writes the totals.
func (t *Text) End(all *Totals) error {
	code := green
	if all.Failed+all.Wrong > 0 {
		code = red
	}
	_, err := fmt.Fprintln(t.Out, t.paint(code, fmt.Sprintf("%s; %.2f s", all, all.Seconds)))
	return err
}
