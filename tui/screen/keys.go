package screen

import "ksim/tui/model"

// binding is one thing that a key does.
type binding struct {
	keys []string // as a key is called: a character, or space, enter, left, ctrl-d, …
	help string
	do   func(*State)
}

// section is bindings that belong together.
type section struct {
	title    string
	bindings []binding
}

// keyTable is all keys of the normal mode: what they do is decided here, and the
// help is made of it.
var keyTable = []section{
	{"Time", []binding{
		{[]string{"space"}, "play, pause", (*State).togglePlay},
		{[]string{"n", "right", "l"}, "next event of interest", func(s *State) { s.forth(model.OfInterest, true) }},
		{[]string{"p", "left", "h"}, "previous event of interest", func(s *State) { s.back(model.OfInterest, true) }},
		{[]string{"."}, "next single event, requests and polls too", (*State).singleForth},
		{[]string{","}, "previous single event", (*State).singleBack},
		{[]string{"}"}, "next rebalance", func(s *State) { s.forth(model.Rebalances, false) }},
		{[]string{"{"}, "previous rebalance", func(s *State) { s.back(model.Rebalances, false) }},
		{[]string{">"}, "faster", func(s *State) { s.changeSpeed(1) }},
		{[]string{"<"}, "slower", func(s *State) { s.changeSpeed(-1) }},
		{[]string{")"}, "next chapter", func(s *State) { s.turnChapter(1) }},
		{[]string{"("}, "this chapter's beginning, previous chapter", func(s *State) { s.turnChapter(-1) }},
		{[]string{"c"}, "the chapters: go to one", (*State).showContents},
		{[]string{"g", "home"}, "to the start", func(s *State) { s.goTo(0) }},
		{[]string{"G", "end"}, "to the end", func(s *State) { s.goTo(s.end()) }},
		{[]string{"t"}, "to the time of the event that is chosen", (*State).goToPicked},
	}},
	{"Panels", []binding{
		{[]string{"tab"}, "next panel", func(s *State) { s.turnFocus(1) }},
		{[]string{"backtab"}, "previous panel", func(s *State) { s.turnFocus(-1) }},
		{[]string{"1"}, "members", focusOn(membersPanel)},
		{[]string{"2"}, "groups, brokers and queues", focusOn(groupsPanel)},
		{[]string{"3"}, "partitions", focusOn(partitionsPanel)},
		{[]string{"4"}, "lag", focusOn(lagPanel)},
		{[]string{"5"}, "buffers", focusOn(buffersPanel)},
		{[]string{"6"}, "events", focusOn(eventsPanel)},
		{[]string{"7"}, "why", focusOn(whyPanel)},
		{[]string{"8"}, "narration", focusOn(narrationPanel)},
		{[]string{"z"}, "this panel large, and back", (*State).toggleZoom},
		{[]string{"j", "down"}, "down: choose the next line", func(s *State) { s.choose(1) }},
		{[]string{"k", "up"}, "up: choose the line before", func(s *State) { s.choose(-1) }},
		{[]string{"ctrl-d", "pgdn"}, "down by ten", func(s *State) { s.choose(10) }},
		{[]string{"ctrl-u", "pgup"}, "up by ten", func(s *State) { s.choose(-10) }},
		{[]string{"]"}, "next group", func(s *State) { s.turnGroup(1) }},
		{[]string{"["}, "previous group", func(s *State) { s.turnGroup(-1) }},
	}},
	{"Why and what if", []binding{
		{[]string{"enter"}, "why: the causes; again: follow the one that is chosen", (*State).why},
		{[]string{"/"}, "search: show and step through what has these words", func(s *State) { s.prompt(searching) }},
		{[]string{"f"}, "all events, without log lines, trouble only", (*State).turnShown},
		{[]string{":"}, "command", func(s *State) { s.prompt(commanding) }},
		{[]string{"b"}, "the next branch: the run of the file, its forks", func(s *State) { s.turnRun(1) }},
	}},
	{"Others", []binding{
		{[]string{"?"}, "this help", func(s *State) { s.mode = helping }},
		{[]string{"esc"}, "back", (*State).escape},
		{[]string{"ctrl-l"}, "draw everything anew", func(s *State) { s.redraw = true }},
		{[]string{"ctrl-z"}, "leave for the shell; `fg` comes back", func(s *State) { s.suspend = true }},
		{[]string{"q", "ctrl-c"}, "quit", func(s *State) { s.quit = true }},
	}},
}

func focusOn(p panel) func(*State) { return func(s *State) { s.setFocus(p) } }

// byKey is the table by key.
var byKey map[string]func(*State)

func init() {
	byKey = map[string]func(*State){}
	for _, section := range keyTable {
		for _, b := range section.bindings {
			for _, k := range b.keys {
				byKey[k] = b.do
			}
		}
	}
}

// Key takes in one key.
func (s *State) Key(key string) {
	if key == "ctrl-c" {
		s.quit, s.left = true, true
		return
	}
	if s.seeking != nil {
		s.seeking, s.message = nil, ""
	}
	switch s.mode {
	case commanding, searching, answering:
		s.edit(key)
	case helping, comparing, scoring:
		s.overlayKey(key)
	case contents:
		s.contentsKey(key)
	default:
		if s.asked != nil && s.questionKey(key) {
			return
		}
		if do := byKey[key]; do != nil {
			s.message, s.wrong = "", false
			do(s)
			return
		}
		s.complain("%s does nothing here: ? shows the keys", key)
	}
}

// overlayKey is a key while help or a comparison is shown.
func (s *State) overlayKey(key string) {
	switch key {
	case "j", "down":
		s.overlayRow++
	case "k", "up":
		s.overlayRow = max(s.overlayRow-1, 0)
	case "ctrl-d", "pgdn", "space":
		s.overlayRow += 10
	case "ctrl-u", "pgup":
		s.overlayRow = max(s.overlayRow-10, 0)
	case "b":
		s.turnRun(1)
	case "ctrl-z":
		s.suspend = true
	default:
		s.mode, s.overlayRow = normal, 0
	}
}
