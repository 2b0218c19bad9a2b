package screen

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/diag"
	"ksim/sim/scenario"
	"ksim/tui/model"
)

// branch is a run: the file's own, or a fork of it.
type branch struct {
	name  string
	run   *model.Run
	deeds []deed // that make it another than the file's
}

// deed is something done to the run from the keyboard.
type deed struct {
	at    clock.Time
	seq   uint64 // the event after which it was done
	words string // as it was typed
	entry string // as a timeline has it
}

// act does something to the run at the moment shown, in a fork of it. What it means,
// and whether it is right, is what the loader says of the scenario with the entry.
func (s *State) act(c *command, words []string) {
	b := s.branch()
	seq, at := s.seq, (s.at+clock.Millisecond-1)/clock.Millisecond*clock.Millisecond
	at = max(at, b.run.Time(seq)/clock.Millisecond*clock.Millisecond+clock.Millisecond)
	if seq == 0 {
		at = max(at, clock.Millisecond)
	}
	if at > s.end() {
		s.complain("the run ends at %s: nothing can be done after that", scenario.FormatDuration(s.end()))
		return
	}
	d := deed{at: at, seq: seq, words: c.name + " " + strings.Join(words, " "), entry: entryText(c, words, scenario.FormatDuration(at))}
	deeds := append(s.deedsBefore(), d)
	loaded, why := s.loadWith(deeds)
	if loaded == nil {
		s.complain(":%s: %s", c.name, why)
		return
	}
	fork, err := b.run.Fork(seq, loaded.Timeline[len(loaded.Timeline)-1])
	if err != nil {
		s.complain("%v", err)
		return
	}
	name := s.name
	if name == "" {
		name = s.forkName()
	}
	s.name = ""
	s.runs = append(s.runs, &branch{name: name, run: fork, deeds: deeds})
	s.current = len(s.runs) - 1
	s.ahead = fork.Advance(aheadAtOnce)
	s.moveTo(max(fork.At(at), seq), at)
	s.tell("%s at %s makes the fork %q; b goes back to %s, :forks compares%s", d.words, at, name, b.name, why)
}

// deedsBefore is what has been done in this branch up to the moment shown.
func (s *State) deedsBefore() []deed {
	var deeds []deed
	for _, d := range s.branch().deeds {
		if d.at <= s.at {
			deeds = append(deeds, d)
		}
	}
	return deeds
}

// loadWith loads the scenario with what has been done; nil and the loader's words when
// it is not right. A warning is in brackets.
func (s *State) loadWith(deeds []deed) (*scenario.Scenario, string) {
	text, err := s.textWith(deeds)
	if err != nil {
		return nil, err.Error()
	}
	was, before := s.o.Load(s.o.Source)
	loaded, found := s.o.Load(text)
	if loaded == nil {
		refused, _ := found.FirstError()
		return nil, refused.Words()
	}
	if was == nil || len(loaded.Timeline) != len(was.Timeline)+len(deeds) {
		return nil, "the timeline of this file cannot be added to"
	}
	if warning := newWarning(found, before); warning != "" {
		return loaded, " (" + warning + ")"
	}
	return loaded, ""
}

// textWith is the scenario's text with what has been done.
func (s *State) textWith(deeds []deed) ([]byte, error) {
	entries := make([]string, len(deeds))
	for i, d := range deeds {
		entries[i] = d.entry
	}
	return scenario.AppendTimeline(s.o.Source, entries)
}

// newWarning gives the first warning that was not there before.
func newWarning(found, before diag.List) string {
	for _, d := range found {
		if !slices.ContainsFunc(before, func(x diag.Diagnostic) bool { return x.Message == d.Message }) {
			return d.Message
		}
	}
	return ""
}

// forkName is a name that no fork has yet.
func (s *State) forkName() string {
	for n := 1; ; n++ {
		name := fmt.Sprintf("fork-%d", n)
		if s.branchNamed(name) < 0 {
			return name
		}
	}
}

func (s *State) branchNamed(name string) int {
	return slices.IndexFunc(s.runs, func(b *branch) bool { return b.name == name })
}

// forkCommand names the fork that is shown, or the one that the next deed makes.
func (s *State) forkCommand(words []string) {
	switch name := words[0]; {
	case s.branchNamed(name) >= 0:
		s.complain("there is a fork %q already", name)
	case s.current > 0:
		s.tell("%s is called %s now", s.branch().name, name)
		s.branch().name = name
	default:
		s.name = name
		s.tell("what is done next makes the fork %q", name)
	}
}

// turnRun shows the next branch, at the same time.
func (s *State) turnRun(by int) {
	if len(s.runs) == 1 {
		s.tell("there is no fork yet: :crash A, for instance, makes one")
		return
	}
	s.showRun((s.current + by + len(s.runs)) % len(s.runs))
}

func (s *State) showRun(i int) {
	at := s.at
	s.current, s.playing = i, false
	s.ahead = s.run().Advance(aheadAtOnce)
	s.goTo(at)
	s.tell("this is %s", s.branch().words())
}

// words says what a branch is.
func (b *branch) words() string {
	if len(b.deeds) == 0 {
		return "the run of the file"
	}
	return b.name + ": " + b.done()
}

// done is what has been done in a branch, in words.
func (b *branch) done() string {
	var done []string
	for _, d := range b.deeds {
		done = append(done, d.words+" at "+scenario.FormatDuration(d.at))
	}
	return strings.Join(done, ", ")
}

func (s *State) switchCommand(words []string) {
	i := s.branchNamed(words[0])
	if i < 0 && (words[0] == "file" || words[0] == "the") {
		i = 0
	}
	if i < 0 {
		s.complain("no fork %q (:forks shows them)", words[0])
		return
	}
	s.showRun(i)
}

func (s *State) dropCommand(words []string) {
	i := s.branchNamed(words[0])
	if i <= 0 {
		s.complain("no fork %q (:forks shows them)", words[0])
		return
	}
	s.runs = slices.Delete(s.runs, i, i+1)
	switch {
	case s.current == i:
		s.showRun(0)
	case s.current > i:
		s.current--
	}
	s.seen = seen{}
	s.tell("%s is forgotten", words[0])
}

func (s *State) forksCommand([]string) { s.mode, s.overlayRow = comparing, 0 }

func (s *State) saveCommand(words []string)    { s.save(words[0], false) }
func (s *State) replaceCommand(words []string) { s.save(words[0], true) }

// save writes the scenario with what has been done in this branch. What of its
// narration is true is known at the end of the run.
func (s *State) save(name string, replace bool) {
	b := s.branch()
	saved := Saved{File: name, Replace: replace, Unsaid: make([]bool, len(b.run.Scenario().Narration))}
	if len(b.deeds) > 0 {
		ended := func() bool { _, _, ended := b.run.Head(); return ended }
		if !s.reaches(ended, func() { s.save(name, replace) }) {
			return
		}
		saved.Done, saved.From, saved.Unsaid = b.done(), b.deeds[0].at, b.run.Unsaid()
	}
	for _, d := range b.deeds {
		saved.Entries = append(saved.Entries, d.entry)
	}
	message, err := s.o.Save(saved)
	if err != nil {
		s.complain(":save: %v", err)
		return
	}
	s.tell("%s", message)
}

func (s *State) exportCommand(words []string)     { s.export(words[0], words[1], false) }
func (s *State) exportOverCommand(words []string) { s.export(words[0], words[1], true) }

// export writes the run of this branch as something to take away.
func (s *State) export(format, file string, replace bool) {
	r := s.run()
	ended := func() bool { _, _, ended := r.Head(); return ended }
	if !s.reaches(ended, func() { s.export(format, file, replace) }) {
		return
	}
	if err := s.o.Export(r, format, file, replace); err != nil {
		s.complain(":export: %v", err)
		return
	}
	s.tell("wrote %s: %s of %s", file, format, s.branch().name)
}
