package suite

import (
	"fmt"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/scenario"
)

// Fork is what makes another scenario of a source: what has been done to its run.
type Fork struct {
	Set     []string // --set, in their order
	Seed    uint64   // of the run
	Args    string   // both as the command line has them, for the story
	Entries []string // of the timeline, as a file has them behind the dash
	Done    string   // the same in words: crash A at 5m, freeze B 10s at 6m
	From    clock.Time
	// Unsaid tells of each entry of the narration whether it is not true of the fork.
	Unsaid []bool
}

// Fork is the text of a scenario of its own: the source's with what has been done in
// its timeline, with a title and a story that say so, and of its expectations and its
// narration only what holds. It gives how many of each are left out.
func (s *Source) Fork(f Fork) (text []byte, unmet, unsaid int, err error) {
	if len(f.Set) == 0 {
		text, err = s.forked(f, s.Text)
	}
	if err != nil || len(f.Set) > 0 { // the text cannot be added to, or must have what --set says
		if text, err = scenario.Written(s.Name, s.Text, s.options(f.Set)); err == nil {
			text, err = s.forked(f, text)
		}
	}
	if err != nil {
		return nil, 0, 0, err
	}
	copied := *s
	copied.Text = text
	loaded, found := copied.Load(nil)
	if loaded == nil {
		return nil, 0, 0, fmt.Errorf("what would be written is not right: %v", found[0].Message)
	}
	drop := make([]bool, len(loaded.Expect))
	for i, v := range Simulate(loaded, Watch{}).Verdicts {
		if drop[i] = !v.OK; drop[i] {
			unmet++
		}
	}
	if text, err = scenario.DropEntries(text, "expect", drop); err != nil {
		if text, err = scenario.Written(s.Name, text, scenario.Options{}); err == nil {
			text, err = scenario.DropEntries(text, "expect", drop)
		}
	}
	for _, x := range f.Unsaid {
		if x {
			unsaid++
		}
	}
	return text, unmet, unsaid, err
}

// forked is a text with all of the fork but its expectations.
func (s *Source) forked(f Fork, text []byte) ([]byte, error) {
	if len(f.Entries) > 0 {
		var err error
		if text, err = scenario.AppendTimeline(text, f.Entries); err != nil {
			return nil, err
		}
		if text, err = scenario.DropEntries(text, "narration", f.Unsaid); err != nil {
			return nil, err
		}
	}
	plain := *s
	plain.Text = text
	loaded, found := plain.Load(nil)
	if loaded == nil {
		return nil, fmt.Errorf("%s", found[0].Message)
	}
	title, story := s.forkStory(f, loaded)
	for _, change := range []struct{ key, value string }{{"story", story}, {"title", title}, {"name", ""}} {
		var err error
		if text, err = scenario.ReplaceKey(text, change.key, change.value); err != nil {
			return nil, err
		}
	}
	if loaded.Seed != f.Seed {
		return scenario.ReplaceKey(text, "seed", fmt.Sprint(f.Seed))
	}
	return text, nil
}

// forkStory is what a fork says of itself.
func (s *Source) forkStory(f Fork, original *scenario.Scenario) (title, story string) {
	title = "A fork of " + original.Name
	story = "This is a fork of " + s.Name
	if original.Title != "" {
		story += " (" + original.Title + ")"
	}
	if f.Args != "" {
		story += ", run with " + f.Args
		title += " with " + f.Args
	}
	if f.Done != "" {
		title += ": " + f.Done
		story += ". Done to it from the keyboard: " + f.Done + ".\n\nUp to " + scenario.FormatDuration(f.From) +
			" it is the same run. Of the expectations and the narration only what holds in the fork is kept"
	}
	return title, story + "."
}

// Message says what has been written, for who has asked for it.
func (f *Fork) Message(file string, unmet, unsaid int) string {
	parts := []string{file + " is written"}
	if n := len(f.Entries); n > 0 {
		parts = append(parts, counted(n, "entry", "entries")+" more in the timeline")
	}
	if f.Args != "" {
		parts = append(parts, "with "+f.Args)
	}
	if unmet > 0 {
		parts = append(parts, "without "+counted(unmet, "expectation that does", "expectations that do")+" not hold")
	}
	if unsaid > 0 {
		parts = append(parts, "without "+counted(unsaid, "sentence", "sentences")+" of the narration")
	}
	return strings.Join(parts, ", ")
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n) + " " + many
}
