package screen

import (
	"slices"
	"strings"

	"ksim/tui/model"
)

// narrationLines is what the scenario has said last, newest first, and before
// anything is said its story.
func (s *State) narrationLines(w, h int) []line {
	r := s.run()
	var lines []line
	said := r.Said()[:r.SaidUntil(s.seq, s.at)]
	for i := len(said) - 1; i >= 0 && len(lines) < h+s.rows[narrationPanel]+40; i-- {
		x := &said[i]
		if !x.Heard() {
			continue
		}
		k := look(saying)
		if len(lines) > 0 {
			k = faint
		}
		if x.Elsewhere {
			k = faint
		}
		lines = append(lines, saidLines(x, k, w)...)
	}
	if story := strings.TrimSpace(model.Unmarked(model.Unfold(r.Scenario().Story))); len(lines) == 0 && story != "" {
		for _, t := range wrap(story, w-2) {
			lines = append(lines, say(plain, t))
		}
	}
	if len(lines) == 0 {
		return []line{say(faint, "This scenario says nothing.")}
	}
	s.rows[narrationPanel] = max(min(s.rows[narrationPanel], len(lines)-h), 0)
	return more(lines[s.rows[narrationPanel]:], w, h)
}

// more marks in the last row that a text goes on below it: else a sentence that ends
// there is taken for the whole.
func more(lines []line, w, h int) []line {
	const sign = " …"
	if h <= 0 || len(lines) <= h {
		return lines
	}
	if next := lines[h]; len(next) > 1 && !strings.HasPrefix(next[0].text, saidHead) {
		return lines // something else begins there
	}
	shown := slices.Clone(lines[:h])
	last := slices.Clone(shown[h-1])
	if n := len(last) - 1; n >= 0 {
		fits := wrap(last[n].text+" ", max(w-last[:n].width()-width(sign), 1)) // whole words
		last[n].text = strings.TrimRight(strings.Join(fits[:min(len(fits), 1)], ""), " ") + sign
		shown[h-1] = last
	}
	return shown
}

// saidHead is what stands before the second and further lines of what is said; before
// the first there is its time.
const saidHead = "           ▎ "

// saidLines is one thing that is said, with its time.
func saidLines(x *model.Said, k look, w int) []line {
	var lines []line
	head := right(model.ClockText(x.At), 10) + " ▎ "
	add := func(text string, k look) {
		for _, t := range wrap(text, w-13) {
			lines = append(lines, line{{head, faint}, {t, k}})
			head = saidHead
		}
	}
	if text := model.Unfold(strings.TrimSpace(x.Say)); text != "" {
		if x.Elsewhere {
			text = "(of the file's run, where this was otherwise:) " + text
		}
		add(text, k)
	}
	if x.Elsewhere {
		return lines
	}
	if text := model.Unfold(strings.TrimSpace(x.Ask)); text != "" {
		add("? "+text, k)
	}
	return lines
}
