package screen

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/gdamore/tcell/v2"
	"github.com/rivo/tview"

	"ksim/internal/suite"
	"ksim/scenarios"
	"ksim/sim/diag"
	"ksim/sim/scenario"
	"ksim/tui/model"
)

// bench is a State on tcell's simulated terminal, with files in memory.
type bench struct {
	state   *State
	screen  tcell.SimulationScreen
	view    *view
	files   map[string]string
	hall    model.Stage // what another terminal shows, for notes
	settles bool        // it is short enough to be simulated to its end before it is looked at
}

// open shows one of the library's scenarios, or a text.
func open(t testing.TB, name, text string, w, h int, colour, ascii bool) *bench {
	t.Helper()
	if text == "" {
		found := scenarios.Find(name)
		if len(found) != 1 {
			t.Fatalf("scenarios named %q: %v", name, found)
		}
		raw, err := scenarios.Files.ReadFile(found[0])
		if err != nil {
			t.Fatal(err)
		}
		text = string(raw)
	}
	load := func(src []byte) (*scenario.Scenario, diag.List) {
		return scenario.Load(name, src, scenario.Options{BaseName: name})
	}
	s, list := load([]byte(text))
	if s == nil {
		t.Fatal(list)
	}
	b := &bench{files: map[string]string{}}
	b.state = NewState(s, Options{
		Source: []byte(text), Load: load, Theme: map[bool]Theme{true: Dark, false: Mono}[colour], ASCII: ascii,
		Save: func(x Saved) (string, error) {
			if _, there := b.files[x.File]; there && !x.Replace {
				return "", fmt.Errorf("%s exists", x.File)
			}
			src := suite.Source{Name: "@" + name, Base: name, Text: []byte(text)}
			f := suite.Fork{Seed: s.Seed, Entries: x.Entries, Done: x.Done, From: x.From, Unsaid: x.Unsaid}
			saved, unmet, unsaid, err := src.Fork(f)
			b.files[x.File] = string(saved)
			return f.Message(x.File, unmet, unsaid), err
		},
	})
	b.state.o.Export = func(r *model.Run, format, file string, replace bool) error {
		if _, there := b.files[file]; there && !replace {
			return fmt.Errorf("%s exists", file)
		}
		_, seq, ended := r.Head()
		b.files[file] = fmt.Sprint(format, " ", seq, " ", ended)
		return nil
	}
	b.screen = tcell.NewSimulationScreen("UTF-8")
	if err := b.screen.Init(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.screen.Fini)
	b.screen.SetSize(w, h)
	b.settles = len(s.Groups) == 0 || len(s.Groups[0].Members) < 100
	b.show(b.state)
	return b
}

// show puts a scene on the terminal.
func (b *bench) show(s Scene) {
	b.view = newView(s)
	b.draw()
}

// draw draws what is seen after a moment, when the run has been simulated to its end.
func (b *bench) draw() {
	for b.settles && b.view.scene.Simulate() {
	}
	b.view.Draw(b.screen)
	b.screen.Show()
}

// mouse presses the left button, or turns the wheel, at a place.
func (b *bench) mouse(action tview.MouseAction, x, y int) {
	b.view.MouseHandler()(action, tcell.NewEventMouse(x, y, tcell.ButtonNone, 0), nil)
	b.draw()
}

// press gives the terminal's keys to the view, as they are typed.
func (b *bench) press(keys ...string) {
	for _, k := range keys {
		b.view.InputHandler()(event(k), nil)
	}
	b.draw()
}

// event is the terminal's word for a key.
func event(key string) *tcell.EventKey {
	if key == "space" {
		return tcell.NewEventKey(tcell.KeyRune, ' ', 0)
	}
	for k, name := range namedKeys {
		if name == key && k != tcell.KeyBackspace {
			return tcell.NewEventKey(k, 0, 0)
		}
	}
	if letter, ok := strings.CutPrefix(key, "ctrl-"); ok {
		return tcell.NewEventKey(tcell.KeyCtrlA+tcell.Key(letter[0]-'a'), 0, tcell.ModCtrl)
	}
	return tcell.NewEventKey(tcell.KeyRune, []rune(key)[0], 0)
}

// typed is a text as keys.
func typed(text string) []string {
	var keys []string
	for _, r := range text {
		if r == ' ' {
			keys = append(keys, "space")
			continue
		}
		keys = append(keys, string(r))
	}
	return keys
}

// text is what the terminal shows.
func (b *bench) text() string {
	cells, w, h := b.screen.GetContents()
	var s strings.Builder
	for y := range h {
		row := ""
		for x := range w {
			row += string(cells[y*w+x].Runes)
		}
		s.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	return s.String()
}

// styles is which styles the terminal shows, with the first words in each.
func (b *bench) styles() string {
	cells, w, _ := b.screen.GetContents()
	var order []tcell.Style
	words := map[tcell.Style]string{}
	for i, c := range cells {
		if _, known := words[c.Style]; !known {
			order = append(order, c.Style)
		}
		if len(words[c.Style]) < 24 && (i%w == 0 || cells[i-1].Style == c.Style || words[c.Style] == "") {
			words[c.Style] += string(c.Runes)
		}
	}
	var s strings.Builder
	for _, style := range order {
		fg, bg, attributes := style.Decompose()
		names := ""
		for _, a := range []struct {
			mask tcell.AttrMask
			name string
		}{{tcell.AttrBold, " bold"}, {tcell.AttrDim, " dim"}, {tcell.AttrUnderline, " underlined"}, {tcell.AttrReverse, " reverse"}} {
			if attributes&a.mask != 0 {
				names += a.name
			}
		}
		fmt.Fprintf(&s, "%s on %s%s: %s\n", colourName(fg), colourName(bg), names, strings.TrimSpace(words[style]))
	}
	return s.String()
}

func colourName(c tcell.Color) string {
	if c == tcell.ColorDefault {
		return "default"
	}
	return "#" + strconv.FormatInt(int64(c.Hex()), 16)
}
