package screen

import (
	"ksim/tui/model"
)

// chapters are those that may be known: while a question is open, none behind it.
func (s *State) chapters() []model.Chapter {
	all := s.run().Chapters()
	if s.hides() {
		for i := range all {
			if !all[i].Before(s.seq, s.at) {
				return all[:i]
			}
		}
	}
	return all
}

// chapter is the index of the one that the moment is in.
func (s *State) chapter(all []model.Chapter) int {
	now := 0
	for i := range all {
		if all[i].Before(s.seq, s.at) {
			now = i
		}
	}
	return now
}

// turnChapter goes to the next chapter, or to the beginning of this one, and from there
// to the one before.
func (s *State) turnChapter(by int) {
	s.playing = false
	later := func() bool {
		all := s.run().Chapters()
		_, _, ended := s.run().Head()
		return ended || s.chapter(all) < len(all)-1
	}
	if by > 0 && !s.reaches(later, func() { s.turnChapter(by) }) {
		return
	}
	all := s.run().Chapters()
	i := s.chapter(all)
	if by > 0 || all[i].Seq == s.seq && all[i].At == s.at {
		i += by
	}
	switch {
	case i < 0:
		s.tell("this is the beginning")
	case i == len(all):
		s.tell("this is the last chapter")
	default:
		s.openChapter(&all[i])
	}
}

func (s *State) openChapter(c *model.Chapter) {
	s.moveTo(c.Seq, c.At)
	s.askNow()
	s.tell("%s", c.Title)
}

// showContents opens the list of chapters, at the present one.
func (s *State) showContents() {
	s.mode, s.playing = contents, false
	s.chosenChapter = s.chapter(s.chapters())
}

// contentsKey is a key while the chapters are listed.
func (s *State) contentsKey(key string) {
	all := s.chapters()
	switch key {
	case "j", "down":
		s.chosenChapter++
	case "k", "up":
		s.chosenChapter--
	case "ctrl-d", "pgdn":
		s.chosenChapter += 10
	case "ctrl-u", "pgup":
		s.chosenChapter -= 10
	case "g", "home":
		s.chosenChapter = 0
	case "G", "end":
		s.chosenChapter = len(all) - 1
	case "enter", "space":
		s.mode = normal
		s.openChapter(&all[min(s.chosenChapter, len(all)-1)])
		return
	case "ctrl-z":
		s.suspend = true
	default:
		s.mode = normal
	}
	s.chosenChapter = min(max(s.chosenChapter, 0), len(all)-1)
}

// contentsLines is the chapters with their times.
func (s *State) contentsLines(w int) []line {
	all := s.chapters()
	now := s.chapter(all)
	s.overlayRow = max(s.chosenChapter-max(s.h-8, 1)/2, 0)
	var lines []line
	for i := range all {
		cursor := "  "
		if i == now {
			cursor = "▶ "
		}
		l := line{{cursor, strong}, {right(model.ClockText(all[i].At), 10) + "  ", faint}, {cut(all[i].Title, w-16), plain}}
		if i == s.chosenChapter {
			l = l.fill(w-4, plain).all(chosen)
		}
		lines = append(lines, l)
	}
	if _, _, ended := s.run().Head(); !ended {
		lines = append(lines, say(faint, "  … the run is still simulated on"))
	}
	return lines
}
