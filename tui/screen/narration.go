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

// questionLines is the open question; once it is answered, what happens then and
// what the scenario says of it.
func (s *State) questionLines(w int) []line {
	x := s.asked
	lines := []line{nil}
	add := func(k look, text string) {
		for _, t := range wrap(model.Unfold(strings.TrimSpace(text)), w-6) {
			lines = append(lines, say(k, t))
		}
		lines = append(lines, nil)
	}
	if x.Say != "" {
		add(plain, x.Say)
	}
	add(strong, "? "+x.Ask)
	if !s.revealed {
		lines = append(lines, say(faint, "Decide first. Then: enter shows what happens, esc goes on without."))
		return append(lines, nil)
	}
	happens, explained := s.answerTo(x)
	if happens != nil {
		k, sign := toneLook(happens.Tone)
		add(k, sign+" "+model.ClockText(happens.At)+"  "+happens.Text)
	}
	if explained != nil {
		add(saying, explained.Say)
	}
	if happens == nil && explained == nil {
		add(plain, "Nothing of interest happens after that.")
	}
	lines = append(lines, say(faint, "enter goes on; n goes there"))
	return append(lines, nil)
}

// answerTo is what happens after a question, and what is said of it: the next thing
// that is said at an event, with that event; without one the next event of interest.
func (s *State) answerTo(x *model.Said) (*model.Entry, *model.Said) {
	r := s.run()
	seq, ok := r.Next(x.Seq, model.OfInterest)
	said := r.Said()
	for i := r.SaidUntil(x.Seq, x.At); i < len(said); i++ {
		if said[i].On != "" && strings.TrimSpace(said[i].Say) != "" {
			e, _ := r.Entry(said[i].Seq)
			return e, &said[i]
		}
		if said[i].Asks() {
			break
		}
	}
	if !ok {
		return nil, nil
	}
	e, _ := r.Entry(seq)
	return e, nil
}
