package model

import (
	"strings"

	"ksim/sim/clock"
)

// Stage is what a presenter needs to know of a moment of a run: on a terminal of his
// own, of the run that the class sees on another.
type Stage struct {
	Scenario, Title string
	Branch          string // what has been done, in a fork; "" in the run of the file
	At, End         clock.Time
	Event, Events   uint64
	Playing         bool
	Speed           string

	Chapter  string // in which the moment lies
	Now      string // what happened last
	Said     []Line // the latest first: what was said, with its notes
	Coming   []Line // what will be said next
	Question *Prompt
	Score    string // "" before the first answer
}

// Line is something that is said, or happens, at a time.
type Line struct {
	At             clock.Time
	Say, Ask, Note string
}

// Prompt is a question with its answer: the one that is open, else the next one.
type Prompt struct {
	At       clock.Time
	Open     bool
	Ask      string
	Choices  []string
	Answer   string
	Happens  string // what happens then
	Explains string // and what is said of it
	Guess    string // what the class has said
}

// most of what has been said and will be, in a Stage.
const (
	stageSaid   = 6
	stageComing = 4
)

// Stage is what a presenter needs to know of a moment, as far as the run has been run.
func (r *Run) Stage(seq uint64, at clock.Time) Stage {
	s := Stage{Scenario: r.Scenario().Name, Title: r.Scenario().Title, At: at, End: r.Scenario().Duration, Event: seq}
	_, s.Events, _ = r.Head()
	n := r.SaidUntil(seq, at)
	for i := n - 1; i >= 0 && len(s.Said) < stageSaid; i-- {
		s.Said = append(s.Said, r.said[i].line())
	}
	for i := n; i < len(r.said) && len(s.Coming) < stageComing; i++ {
		s.Coming = append(s.Coming, r.said[i].line())
	}
	for i := n; i < len(r.said); i++ {
		if r.said[i].Asks() && r.Foresees(r.said[i].Seq, OfInterest) {
			s.Question = r.Question(&r.said[i]).Prompt()
			break
		}
	}
	for _, c := range r.Chapters() {
		if c.Before(seq, at) {
			s.Chapter = c.Title
		}
	}
	for i := r.Until(seq) - 1; i >= 0; i-- {
		if OfInterest(&r.entries[i]) {
			s.Now = ClockText(r.entries[i].At) + "  " + r.entries[i].Text
			break
		}
	}
	return s
}

func (s *Said) line() Line {
	l := Line{At: s.At, Say: Unfold(strings.TrimSpace(s.Say)), Ask: Unfold(strings.TrimSpace(s.Ask)), Note: Unfold(strings.TrimSpace(s.Note))}
	if s.Elsewhere {
		l.Say, l.Ask = "(of the file's run:) "+l.Say, ""
	}
	return l
}

// Prompt is the question as the presenter sees it.
func (q *Question) Prompt() *Prompt {
	p := &Prompt{At: q.At, Ask: Unfold(strings.TrimSpace(q.Ask)), Choices: q.Choices, Answer: q.Answer}
	if q.Happens != nil {
		p.Happens = ClockText(q.Happens.At) + "  " + q.Happens.Text
	}
	if q.Explained != nil {
		p.Explains = Unfold(strings.TrimSpace(q.Explained.Say))
	}
	return p
}
