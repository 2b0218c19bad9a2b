package screen

import (
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
	if story := strings.TrimSpace(model.Unfold(r.Scenario().Story)); len(lines) == 0 && story != "" {
		for _, t := range wrap(story, w-2) {
			lines = append(lines, say(plain, t))
		}
	}
	if len(lines) == 0 {
		return []line{say(faint, "This scenario says nothing.")}
	}
	s.rows[narrationPanel] = max(min(s.rows[narrationPanel], len(lines)-h), 0)
	return lines[s.rows[narrationPanel]:]
}

// saidLines is one thing that is said, with its time.
func saidLines(x *model.Said, k look, w int) []line {
	var lines []line
	head := right(model.ClockText(x.At), 10) + " ▎ "
	add := func(text string, k look) {
		for _, t := range wrap(text, w-13) {
			lines = append(lines, line{{head, faint}, {t, k}})
			head = strings.Repeat(" ", 10) + " ▎ "
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
