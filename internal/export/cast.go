package export

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gdamore/tcell/v2"

	"ksim/sim/clock"
	"ksim/tui/model"
	"ksim/tui/screen"
)

// The recording's terminal, and its pace in milliseconds of the viewer's time: a step
// from one event of interest to the next is a few frames in which the clocks run, and
// then rest enough to read what is new.
const (
	castWidth, castHeight = 120, 36
	castFrames            = 6
	castFrame             = 80
	castRest              = 700
	castLetter            = 22 // of rest a letter that is new
	castMostRest          = 5000
)

// castStops is the most events that are stopped at: more is shown in steps of time.
const castStops = 300

// writeCast writes a recording of the terminal UI for asciinema (asciicast v2): from
// event to event, each a marker where something goes wrong, moves or is said.
func writeCast(x *work, w io.Writer) error {
	sim := tcell.NewSimulationScreen("UTF-8")
	if err := sim.Init(); err != nil {
		return err
	}
	defer sim.Fini()
	sim.SetSize(castWidth, castHeight)
	c := &cast{out: bufio.NewWriter(w), on: sim, state: screen.Of(x.run, screen.Options{Theme: screen.Dark})}
	header, err := json.Marshal(map[string]any{"version": 2, "width": castWidth, "height": castHeight, "title": x.heading(),
		"env": map[string]string{"TERM": "xterm-256color"}})
	if err != nil {
		return err
	}
	c.out.Write(append(header, '\n'))
	c.line("o", "\x1b[?25l\x1b[2J")
	c.frame()
	c.rest(len(x.s.Story))
	stops := x.castStops()
	for i, s := range stops {
		c.stop(s)
		x.Progress(400 + 600*i/len(stops))
	}
	c.line("o", "\x1b[0m\x1b[?25h")
	return c.out.Flush()
}

// castStop is a moment that is rested at.
type castStop struct {
	at     clock.Time
	marker string // "" where none is set
	text   string
}

// castStops are the events of interest and what is said, by time.
func (x *work) castStops() []castStop {
	var stops []castStop
	narration := x.told()
	say := func(before uint64) {
		for len(narration) > 0 && narration[0].Seq < before {
			n := &narration[0]
			narration = narration[1:]
			text := model.Unfold(strings.TrimSpace(n.Say + " " + n.Ask))
			stops = append(stops, castStop{n.At, shorten(text, 60), text})
		}
	}
	for _, e := range x.entries() {
		say(e.Seq)
		s := castStop{at: e.At, text: e.Text}
		if e.Tone == model.Trouble || e.Tone == model.Warning || model.Rebalances(e) {
			s.marker = shorten(model.ClockText(e.At)+" "+e.Tone.Sign()+" "+e.Text, 80)
		}
		stops = append(stops, s)
	}
	say(atEnd)
	if n := len(stops); n > castStops { // too many to be rested at: every so-and-so-many-th
		var some []castStop
		for i := range castStops {
			some = append(some, stops[i*n/castStops])
		}
		stops = some
	}
	return append(stops, castStop{at: x.s.Duration, marker: "the end"})
}

// cast writes frames of the screen as they differ.
type cast struct {
	out   *bufio.Writer
	on    tcell.SimulationScreen
	state *screen.State
	shown []tcell.SimCell
	clock int64 // the viewer's, in ms
	at    clock.Time
}

// stop goes on to a moment.
func (c *cast) stop(s castStop) {
	was := c.at
	if s.at > was {
		for i := clock.Time(1); i < castFrames; i++ {
			c.goTo(was + (s.at-was)*i/castFrames)
			c.frame()
			c.clock += castFrame
		}
	}
	c.goTo(s.at)
	if s.marker != "" {
		c.line("m", s.marker)
	}
	c.frame()
	if s.at > was || s.marker != "" {
		c.rest(len(s.text))
	}
}

func (c *cast) goTo(t clock.Time) {
	c.at = t
	c.state.Show(t)
}

// rest lets the viewer read.
func (c *cast) rest(letters int) {
	c.clock += min(castRest+castLetter*int64(letters), castMostRest)
	c.line("o", "")
}

// line writes an event of the recording.
func (c *cast) line(kind, data string) {
	text, err := json.Marshal(data)
	if err != nil { // no string fails
		return
	}
	fmt.Fprintf(c.out, "[%d.%03d, %q, %s]\n", c.clock/1000, c.clock%1000, kind, text)
}

// frame draws the state, and writes the cells that are not as they were.
func (c *cast) frame() {
	c.state.Paint(c.on)
	c.on.Show()
	cells, w, _ := c.on.GetContents()
	var b strings.Builder
	style := tcell.Style{}
	plain := false
	here := -1 // the cell at which the cursor is
	for i := range cells {
		cell := &cells[i]
		if c.shown != nil && cell.Style == c.shown[i].Style && string(cell.Runes) == string(c.shown[i].Runes) {
			continue
		}
		if here != i {
			fmt.Fprintf(&b, "\x1b[%d;%dH", i/w+1, i%w+1)
		}
		if !plain || cell.Style != style {
			b.WriteString(sgr(cell.Style))
			style, plain = cell.Style, true
		}
		if len(cell.Runes) == 0 || cell.Runes[0] == 0 {
			b.WriteByte(' ')
		} else {
			b.WriteString(string(cell.Runes))
		}
		if here = i + 1; here%w == 0 {
			here = -1
		}
	}
	if b.Len() > 0 {
		c.line("o", b.String())
	}
	c.shown = append(c.shown[:0], cells...)
	for i := range c.shown { // the screen writes into its own
		c.shown[i].Runes = append([]rune(nil), c.shown[i].Runes...)
	}
}

// sgr is the terminal's code for a style (ECMA-48, Select Graphic Rendition).
func sgr(s tcell.Style) string {
	fg, _, attrs := s.Decompose()
	code := "\x1b[0"
	for _, x := range []struct {
		attr tcell.AttrMask
		code int
	}{{tcell.AttrBold, 1}, {tcell.AttrDim, 2}, {tcell.AttrUnderline, 4}, {tcell.AttrReverse, 7}} {
		if attrs&x.attr != 0 {
			code += ";" + strconv.Itoa(x.code)
		}
	}
	if fg.IsRGB() {
		r, g, b := fg.RGB()
		code += fmt.Sprintf(";38;2;%d;%d;%d", r, g, b)
	}
	return code + "m"
}
