package screen

import "ksim/sim/clock"

// target is what a press on a line of a panel means: of the events and of Why the number
// of an event, of the others the row after next that it chooses; 0 is nothing.
type target = uint64

// aim notes what a press on the next so many lines of a panel means.
func (s *State) aim(p panel, lines int, t target) {
	for range lines {
		s.targets[p] = append(s.targets[p], t)
	}
}

// Mouse takes in a press or a turn of the wheel. Everything that it does keys do too.
func (s *State) Mouse(x, y int, did MouseAct) {
	if s.w < leastWidth || s.h < leastHeight {
		return
	}
	s.message, s.wrong = "", false
	by := map[MouseAct]int{WheelUp: -3, WheelDown: 3}[did]
	switch {
	case s.mode == contents && by != 0:
		s.chosenChapter = min(max(s.chosenChapter+by/3, 0), len(s.chapters())-1)
	case s.mode == helping || s.mode == comparing || s.mode == scoring || s.asked != nil && s.mode == normal:
		s.overlayRow = max(s.overlayRow+by, 0)
		if did == Press && s.mode != normal {
			s.mode, s.overlayRow = normal, 0
		}
	case s.mode != normal:
	case y < above:
		s.pressRuler(x, y, did)
	default:
		for _, p := range s.layout() {
			if x >= p.x && x < p.x+p.w && y >= p.y && y < p.y+p.h {
				s.mouseIn(p, x-p.x, y-p.y, did, by)
				return
			}
		}
	}
}

// pressRuler goes to the time at a place of the ruler; the wheel steps.
func (s *State) pressRuler(x, y int, did MouseAct) {
	switch columns := s.w - 2; {
	case did == WheelUp:
		s.Key("p")
	case did == WheelDown:
		s.Key("n")
	case y == 0:
		s.togglePlay()
	case columns > 1:
		s.goTo(s.end() * clock.Time(min(max(x-1, 0), columns-1)) / clock.Time(columns-1))
	}
}

// mouseIn is the mouse in a panel: its title gives it the keys, a line is chosen, the
// wheel goes through it.
func (s *State) mouseIn(p place, x, y int, did MouseAct, by int) {
	if did == Press && y == 0 {
		s.setFocus(s.titleAt(p, x))
		return
	}
	s.setFocus(p.panel)
	if by != 0 {
		s.choose(by)
		return
	}
	s.content(p.panel, p.w, p.h-1)
	if y-1 >= len(s.targets[p.panel]) {
		return
	}
	switch t := s.targets[p.panel][y-1]; {
	case t == 0:
	case p.panel == eventsPanel && s.picked == t: // a second press asks why
		s.setFocus(whyPanel)
	case p.panel == eventsPanel:
		s.picked, s.trail, s.rows[whyPanel], s.playing = t, nil, 0, false
	case p.panel == whyPanel && t != s.subject():
		s.trail = append(s.trail, s.subject())
		s.picked, s.rows[whyPanel] = t, 0
	case p.panel != whyPanel:
		s.rows[p.panel] = int(t) - 1
	}
}

// titleAt is the panel whose name stands at a column of a title.
func (s *State) titleAt(p place, x int) panel {
	at := 0
	for _, o := range p.others {
		at += 1 + width(s.nameOf(o, p))
		if x < at {
			return o
		}
	}
	return p.panel
}
