package screen

import (
	"slices"
	"strings"

	"ksim/sim/trace"
	"ksim/tui/model"
)

// shownKinds is which entries the log shows.
type shownKinds uint8

const (
	allKinds shownKinds = iota
	withoutLogs
	troubleOnly
)

func (k shownKinds) name() string {
	return [...]string{"all", "without log lines", "trouble only"}[k]
}

// turnShown shows other kinds of entries.
func (s *State) turnShown() {
	s.kinds = (s.kinds + 1) % (troubleOnly + 1)
	s.tell("events: %s", s.kinds.name())
}

// passes tells whether the log shows an entry, and steps stop at it.
func (s *State) passes(e *model.Entry) bool {
	switch {
	case e.Text == "":
		return false
	case s.kinds == withoutLogs && e.Type == trace.Log,
		s.kinds == troubleOnly && e.Tone != model.Trouble && e.Tone != model.Warning:
		return false
	}
	return s.filter == "" || contains(e.Text, s.filter) || contains(e.Member, s.filter) || contains(e.Group, s.filter) || contains(string(e.Type), s.filter)
}

// contains is strings.Contains without regard to case, for what is typed in lower
// case.
func contains(text, words string) bool {
	if words == strings.ToLower(words) {
		text = strings.ToLower(text)
	}
	return strings.Contains(text, words)
}

// choose moves the choice in the panel that has the keys.
func (s *State) choose(by int) {
	switch s.focus {
	case eventsPanel:
		s.pick(by)
	case membersPanel, groupsPanel, partitionsPanel, buffersPanel, whyPanel, narrationPanel:
		s.rows[s.focus] = max(s.rows[s.focus]+by, 0)
	}
}

// pick chooses another event of the log.
func (s *State) pick(by int) {
	entries := s.run().Entries()
	at := s.run().Until(s.subject()) - 1
	step := 1
	if by < 0 {
		step, by = -1, -by
	}
	for i := at + step; i >= 0 && i < len(entries) && by > 0; i += step {
		if s.passes(&entries[i]) {
			at, by = i, by-1
		}
	}
	if at >= 0 && at < len(entries) {
		s.picked, s.trail, s.rows[whyPanel], s.playing = entries[at].Seq, nil, 0, false
	}
}

// subject is the event that Why is about: the one that is chosen, else that of the
// moment; where time has gone on since, the last one of interest.
func (s *State) subject() uint64 {
	if s.picked != 0 {
		return s.picked
	}
	if s.singly {
		return s.seq
	}
	entries := s.run().Entries()
	for i := s.run().Until(s.seq) - 1; i >= 0; i-- {
		if model.OfInterest(&entries[i]) || entries[i].Seq == s.seq {
			return entries[i].Seq
		}
	}
	return 0
}

// eventLines is the log around the moment, or around what is chosen: what has
// happened, and faint what has not yet.
func (s *State) eventLines(w, h int) []line {
	entries := s.run().Entries()
	anchor := s.run().Until(s.seq) // behind it
	if s.picked != 0 {
		anchor = s.run().Until(s.picked)
	}
	later := max(h/4, 1)
	if s.picked != 0 {
		later = h / 2
	}
	before := s.collect(anchor-1, -1, h)
	slices.Reverse(before)
	after := s.collect(anchor, +1, h)
	if s.hides() {
		after = nil // nothing of what is to come while that is the question
	}
	detail, current := s.detailLine(w), uint64(0)
	if last := s.collect(s.run().Until(s.seq)-1, -1, 1); len(detail) == 0 && len(last) > 0 {
		current = entries[last[0]].Seq
	}
	var anchorSeq target
	var now []line // the chosen entry, or that of the moment, whole
	if len(before) > 0 {
		anchorSeq = entries[before[len(before)-1]].Seq
		now = s.oneEvent(&entries[before[len(before)-1]], w, max(h/2, 1), current)
		before = before[:len(before)-1]
	}
	now = append(now, detail...)
	room := max(h-len(now), 0)
	later = min(later, len(after), room)
	past := before[max(len(before)-(room-later), 0):]
	var lines []line
	one := func(i int) {
		lines = append(lines, s.oneEvent(&entries[i], w, 1, current)...)
		s.aim(eventsPanel, 1, entries[i].Seq)
	}
	for _, i := range past {
		one(i)
	}
	lines = append(lines, now...)
	s.aim(eventsPanel, len(now), anchorSeq)
	for _, i := range after[:later] {
		one(i)
	}
	if len(lines) == 0 {
		return []line{say(faint, "Nothing here has these words: esc shows everything again.")}
	}
	return lines
}

// collect gives the entries that pass from one on, at most so many.
func (s *State) collect(from, step, most int) []int {
	entries := s.run().Entries()
	var found []int
	for i := from; i >= 0 && i < len(entries) && len(found) < most; i += step {
		if s.passes(&entries[i]) {
			found = append(found, i)
		}
	}
	return found
}

// detailLine is the event of the moment when the log has it only as detail: a
// request, a poll.
func (s *State) detailLine(w int) []line {
	if !s.singly {
		return nil
	}
	if _, shown := s.run().Entry(s.seq); shown {
		return nil
	}
	e := s.run().Event(s.seq)
	if e == nil {
		return nil
	}
	return []line{say(strong, "▶ "+right(model.ClockText(e.At), 10)+"   ").add(plain, cut(model.Words(e), w-15))}
}

// oneEvent is one entry, in at most so many lines; the arrow stands at the current
// one, the last that has happened.
func (s *State) oneEvent(e *model.Entry, w, most int, current uint64) []line {
	k, sign := toneLook(e.Tone)
	textLook := plain
	if e.Type == trace.Log {
		sign, textLook = "»", faint
		if k == plain {
			k = faint
		}
	}
	cursor, note := "  ", ""
	switch {
	case e.Seq > s.seq:
		note, k, textLook = " (not yet)", faint, faint
	case e.Seq == current:
		cursor = "▶ "
	}
	head := line{{cursor, strong}, {right(model.ClockText(e.At), 10), faint}, {" " + sign + " ", k}}
	indent := head.width()
	room := w - indent - width(note)
	text := e.Text
	if e.Type == trace.Log && most == 1 {
		text = withoutPrefix(text)
	}
	texts := wrap(text, room)
	if len(texts) > most {
		texts = append(texts[:most-1:most-1], cut(strings.Join(texts[most-1:], " "), room))
	}
	lines := make([]line, len(texts))
	for i, t := range texts {
		if i > 0 {
			head, note = say(plain, strings.Repeat(" ", indent)), ""
		}
		lines[i] = append(head, highlight(fit(t, room), s.filter, textLook)...).add(faint, note)
		if e.Seq == s.picked {
			lines[i] = lines[i].fill(w, plain).all(chosen)
		}
	}
	return lines
}

// withoutPrefix leaves out what a Java client writes before each line: it is the same
// everywhere, and takes the room of what is said. The line that is chosen has it.
func withoutPrefix(text string) string {
	who, line, ok := strings.Cut(text, " logs: [")
	if prefix, rest, closed := strings.Cut(line, "] "); ok && closed && strings.Contains(prefix, "clientId=") {
		return who + " logs: […] " + rest
	}
	return text
}

// highlight is a text in which the words that are searched stand out.
func highlight(text, words string, k look) line {
	if words == "" {
		return say(k, text)
	}
	folded := text
	if words == strings.ToLower(words) {
		folded = strings.ToLower(text)
	}
	i := strings.Index(folded, words)
	if i < 0 || len(folded) != len(text) {
		return say(k, text)
	}
	return say(k, text[:i]).add(matching, text[i:i+len(words)]).add(k, text[i+len(words):])
}
