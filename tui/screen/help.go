package screen

import (
	"strings"

	"ksim/internal/figures"
	"ksim/sim/clock"
	"ksim/tui/chart"
	"ksim/tui/model"
)

// keyNames is how the help writes keys that are no characters.
var keyNames = map[string]string{
	"right": "→", "left": "←", "up": "↑", "down": "↓", "backtab": "shift-tab", "pgdn": "page down", "pgup": "page up",
}

// keysShown is keys as the help writes them.
func keysShown(keys []string) []string {
	names := make([]string, len(keys))
	for i, k := range keys {
		names[i] = k
		if n := keyNames[k]; n != "" {
			names[i] = n
		}
	}
	return names
}

// helpLines is the key table and the commands, in two columns where there is room.
func (s *State) helpLines(w int) []line {
	var sections [][]line
	for _, x := range keyTable {
		lines := []line{say(strong, x.title)}
		for _, b := range x.bindings {
			lines = append(lines, say(focused, "  "+fit(strings.Join(keysShown(b.keys), " "), 18)).add(plain, b.help))
		}
		sections = append(sections, append(lines, nil))
	}
	typed := []line{say(strong, "Commands, behind a colon")}
	for _, c := range commands {
		if c.help != "" {
			typed = append(typed, say(focused, "  "+fit(c.name+" "+c.usage, 27)).add(plain, c.help))
		}
	}
	typed = append(typed, nil, say(faint, "  What is done to the run makes a fork of it: the past stays, the future is simulated anew."))
	var all []line
	for _, x := range sections {
		all = append(all, x...)
	}
	if w < 150 {
		return append(all, typed...)
	}
	return beside(all, typed, 70)
}

// beside sets lines beside others.
func beside(left, right []line, w int) []line {
	var out []line
	for i := range max(len(left), len(right)) {
		var l line
		if i < len(left) {
			l = append(l, left[i]...)
		}
		l = l.fill(w, plain)
		if i < len(right) {
			l = append(l, right[i]...)
		}
		out = append(out, l)
	}
	return out
}

// compareLines is the figures of the chosen group in every branch, up to the moment.
func (s *State) compareLines(w int) []line {
	if len(s.run().Scenario().Groups) == 0 {
		return []line{say(plain, "There is no group to compare.")}
	}
	lines := []line{nil}
	column := max(min((w-22)/max(len(s.runs), 1), 22), 12)
	head := say(strong, fit(s.groupOf().ID, 20))
	tables := make([][]figures.Group, len(s.runs))
	for i, b := range s.runs {
		name := b.name
		k := look(strong)
		if i == s.current {
			name, k = "▸"+name, focused
		}
		head = head.add(k, right(name, column))
		tables[i] = b.run.Figures(s.at)
	}
	lines = append(lines, head)
	for n, name := range figures.Names {
		l := say(plain, fit(name.Title, 20))
		first := int64(0)
		for i := range s.runs {
			v := tables[i][s.group].Value(n)
			if i == 0 {
				first = v
			}
			k := plain
			if v != first {
				k = strong
			}
			l = l.add(k, right(figureText(v, name.Time), column))
		}
		lines = append(lines, l)
	}
	lines = append(lines, nil)
	for _, b := range s.runs[1:] {
		lines = append(lines, say(faint, cut(b.words(), w-4)))
	}
	if len(s.runs) == 1 {
		lines = append(lines, say(faint, "No fork yet: :crash A, for instance, makes one at the moment shown."))
	}
	return append(lines, nil, say(faint, "b: the next one   :switch NAME, :drop NAME, :save FILE   esc: back"))
}

func figureText(v int64, isTime bool) string {
	switch {
	case v == figures.None:
		return "–"
	case isTime:
		return model.ClockText(clock.Time(v))
	}
	return chart.Number(v)
}
