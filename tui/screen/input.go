package screen

import (
	"slices"
	"strings"
)

// input is the line that is typed behind : or /.
type input struct {
	text    string
	before  string // the filter, until the search is done
	history []string
	place   int // in the history
}

// prompt begins a command or a search.
func (s *State) prompt(m mode) {
	s.mode, s.playing = m, false
	s.input.text, s.input.place = "", len(s.input.history)
	if m == searching {
		s.input.before, s.input.text = s.filter, s.filter
	}
}

// edit is a key while a line is typed.
func (s *State) edit(key string) {
	in := &s.input
	switch key {
	case "esc":
		if s.mode == searching {
			s.filter = in.before
		}
		s.mode = normal
		return
	case "enter":
		s.enter()
		return
	case "backspace":
		if in.text == "" {
			s.edit("esc")
			return
		}
		r := []rune(in.text)
		in.text = string(r[:len(r)-1])
	case "ctrl-u":
		in.text = ""
	case "ctrl-w":
		in.text = in.text[:strings.LastIndex(strings.TrimRight(in.text, " "), " ")+1]
	case "up", "down":
		s.recall(key)
	case "tab":
		if s.mode == commanding {
			s.completeCommand()
		}
	case "space":
		in.text += " "
	default:
		if len([]rune(key)) == 1 {
			in.text += key
		}
	}
	if s.mode == searching {
		s.filter, s.picked = in.text, 0
	}
}

// enter ends the line.
func (s *State) enter() {
	was := s.mode
	s.mode = normal
	text := strings.TrimSpace(s.input.text)
	if was == searching {
		s.filter = text
		if text != "" {
			s.tell("n and p step through what has %q; esc shows everything again", text)
			s.setFocus(eventsPanel)
		}
		return
	}
	if was == answering {
		if text != "" && s.asked != nil {
			s.predict(text)
		}
		return
	}
	if text == "" {
		return
	}
	s.input.history = append(s.input.history, text)
	s.message, s.wrong = "", false
	s.command(text)
}

// recall brings back a command that was typed before.
func (s *State) recall(key string) {
	in := &s.input
	if s.mode != commanding {
		return
	}
	if key == "up" {
		in.place = max(in.place-1, 0)
	} else {
		in.place = min(in.place+1, len(in.history))
	}
	in.text = ""
	if in.place < len(in.history) {
		in.text = in.history[in.place]
	}
}

// completeCommand completes the last word as far as it is certain, and says between
// what there is a choice.
func (s *State) completeCommand() {
	words := strings.Split(s.input.text, " ")
	last := words[len(words)-1]
	var fitting []string
	for _, c := range s.candidates(words[:len(words)-1]) {
		if strings.HasPrefix(c, last) {
			fitting = append(fitting, c)
		}
	}
	switch len(fitting) {
	case 0:
		return
	case 1:
		words[len(words)-1] = fitting[0] + " "
	default:
		common := fitting[0]
		for _, f := range fitting {
			for !strings.HasPrefix(f, common) {
				common = common[:len(common)-1]
			}
		}
		words[len(words)-1] = common
		s.tell("%s", strings.Join(fitting, "  "))
	}
	s.input.text = strings.Join(words, " ")
}

// candidates are the words that may follow others in a command.
func (s *State) candidates(before []string) []string {
	if len(before) == 0 {
		return commandNames()
	}
	c := commandNamed(before[0])
	if c == nil || len(before) != 1 {
		return nil
	}
	var names []string
	sc := s.run().Scenario()
	switch c.names {
	case members:
		for i := range sc.Groups {
			for k := range sc.Groups[i].Members {
				names = append(names, sc.Groups[i].Members[k].Name)
			}
		}
	case producers:
		for i := range sc.Producers {
			names = append(names, sc.Producers[i].Name)
		}
	case topics:
		for i := range sc.Topics {
			names = append(names, sc.Topics[i].Name)
		}
	case branches:
		for _, b := range s.runs {
			names = append(names, b.name)
		}
	}
	slices.Sort(names)
	return names
}
