package screen

import (
	"fmt"
	"strings"

	"ksim/sim/diag"
	"ksim/sim/scenario"
)

// command is what can be typed behind a colon.
type command struct {
	name  string
	usage string // what follows the name
	help  string
	least int // words that must follow
	most  int
	names namesOf // what its first word is one of
	// entry is the timeline's words for it; "" of a command that does nothing to the run.
	entry string
	do    func(s *State, words []string)
}

// namesOf is where the names of an argument come from.
type namesOf uint8

const (
	nothing namesOf = iota
	members
	producers
	topics
	branches
)

// commands is all of them. Those with an entry are done to the run, as the timeline of
// a file would: %1 and %2 stand for their words.
var commands []command

func init() {
	commands = []command{
		{"goto", "TIME", "show the state at a time: :goto 7m31s", 1, 1, nothing, "", (*State).gotoCommand},
		{"crash", "MEMBER", "kill -9: no LeaveGroup", 1, 1, members, "crash: %1", nil},
		{"stop", "MEMBER", "close it gracefully", 1, 1, members, "stop: %1", nil},
		{"start", "MEMBER", "start it, again", 1, 1, members, "start: %1", nil},
		{"freeze", "MEMBER TIME", "its process stands still, heartbeats too", 2, 2, members, "freeze: %1, for: %2", nil},
		{"slow", "MEMBER TIME", "the next record that it takes needs so long", 2, 2, members, "slow: {%1: %2}", nil},
		{"isolate", "MEMBER TIME", "its packets are dropped both ways", 2, 2, members, "isolate: %1, for: %2", nil},
		{"fail-broker", "BROKER TIME", "a broker is down", 2, 2, nothing, "fail-broker: %1, for: %2", nil},
		{"rate", "PRODUCER RATE", "a producer's new rate: :rate web 0/s", 2, 2, producers, "rate: {%1: %2}", nil},
		{"add-partitions", "TOPIC TOTAL", "a topic's new number of partitions", 2, 2, topics, "add-partitions: {%1: %2}", nil},
		{"fork", "NAME", "name this fork, or the one to come", 1, 1, nothing, "", (*State).forkCommand},
		{"forks", "", "the forks side by side", 0, 0, nothing, "", (*State).forksCommand},
		{"switch", "NAME", "show another fork, or the file's run", 1, 1, branches, "", (*State).switchCommand},
		{"drop", "NAME", "forget a fork", 1, 1, branches, "", (*State).dropCommand},
		{"save", "FILE", "write the scenario with what has been done; :save! replaces a file", 1, 1, nothing, "", (*State).saveCommand},
		{"save!", "FILE", "", 1, 1, nothing, "", (*State).replaceCommand},
		{"export", "FORMAT FILE", "write it as html, svg, cast, …; :export! replaces a file", 2, 2, nothing, "", (*State).exportCommand},
		{"export!", "FORMAT FILE", "", 2, 2, nothing, "", (*State).exportOverCommand},
		{"score", "", "what was asked, and how many predictions were right", 0, 0, nothing, "", func(s *State, _ []string) { s.mode, s.overlayRow = scoring, 0 }},
		{"chapters", "", "the chapters: go to one", 0, 0, nothing, "", func(s *State, _ []string) { s.showContents() }},
		{"help", "", "the keys and commands", 0, 0, nothing, "", func(s *State, _ []string) { s.mode = helping }},
		{"q", "", "quit", 0, 0, nothing, "", func(s *State, _ []string) { s.quit = true }},
		{"quit", "", "", 0, 0, nothing, "", func(s *State, _ []string) { s.quit = true }},
	}
}

func commandNames() []string {
	var names []string
	for i := range commands {
		if commands[i].help != "" {
			names = append(names, commands[i].name)
		}
	}
	return names
}

func commandNamed(name string) *command {
	for i := range commands {
		if commands[i].name == name {
			return &commands[i]
		}
	}
	return nil
}

// command does what was typed.
func (s *State) command(text string) {
	words := strings.Fields(text)
	c := commandNamed(words[0])
	if _, err := scenario.ParseDuration(words[0]); c == nil && err == nil && len(words) == 1 {
		s.gotoCommand(words) // as on a page, where a time is all that can be typed
		return
	}
	if c == nil {
		hint := "? shows them all"
		if near := diag.Nearest(words[0], commandNames()); near != "" {
			hint = "did you mean :" + near + "?"
		}
		s.complain("no command %q (%s)", words[0], hint)
		return
	}
	words = words[1:]
	if len(words) < c.least || len(words) > c.most {
		s.complain("expected :%s", strings.TrimSpace(c.name+" "+c.usage))
		return
	}
	if c.entry == "" {
		c.do(s, words)
		return
	}
	s.act(c, words)
}

func (s *State) gotoCommand(words []string) {
	t, err := scenario.ParseDuration(words[0])
	if err != nil {
		s.complain(":goto: %v", err)
		return
	}
	if t > s.end() {
		s.tell("the run ends at %s", scenario.FormatDuration(s.end()))
	}
	s.goTo(t)
}

// entryText is the timeline's entry for a command at a time, as a file has it.
func entryText(c *command, words []string, at string) string {
	text := c.entry
	for i, w := range words {
		text = strings.ReplaceAll(text, fmt.Sprintf("%%%d", i+1), quoted(w))
	}
	return "{at: " + at + ", " + text + "}"
}

// quoted is a word as YAML has it inside of braces.
func quoted(word string) string {
	for _, c := range word {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.ContainsRune("._-/", c):
		default:
			return "'" + strings.ReplaceAll(word, "'", "''") + "'"
		}
	}
	if strings.HasPrefix(word, "-") {
		return "'" + word + "'"
	}
	return word
}
