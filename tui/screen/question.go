package screen

import (
	"slices"
	"strconv"
	"strings"

	"ksim/sim/scenario"
	"ksim/tui/model"
)

// asking is the question that is open.
type asking struct {
	*model.Question
	guess     string // what the audience has said; "" nothing yet
	revealed  bool
	undecided bool // revealed, and who asked has to say whether the guess was right
}

// prediction is what the audience has said to a question, first time it was asked.
type prediction struct {
	of    *scenario.Narration
	guess string
	is    string // the right answer; "" when nobody but the presenter knows it
	right bool
}

// ask opens a question.
func (s *State) ask(x *model.Said) {
	if x.Asks() {
		s.playing = false
		s.overlayRow = 0
		s.asked = &asking{Question: s.run().Question(x)}
	}
}

// askNow opens the question that comes with the event of the moment.
func (s *State) askNow() {
	r := s.run()
	for _, x := range r.Said()[:r.SaidUntil(s.seq, s.at)] {
		if x.Seq == s.seq && x.At == s.at {
			s.ask(&x)
		}
	}
}

// hides tells whether the future is not to be seen, since it is what is asked.
func (s *State) hides() bool { return s.asked != nil && !s.asked.revealed }

// questionKey is a key while a question is open; false when it means what it means
// elsewhere.
func (s *State) questionKey(key string) bool {
	q := s.asked
	switch {
	case q.undecided && (key == "y" || key == "n"):
		s.judge(key == "y")
	case key == "esc":
		s.asked = nil
	case key == "j", key == "down":
		s.overlayRow++
	case key == "k", key == "up":
		s.overlayRow = max(s.overlayRow-1, 0)
	case q.revealed && (key == "space" || key == "enter"):
		s.asked = nil
	case key == "space", key == "enter":
		q.revealed = true
	case !q.revealed && key == "a":
		s.prompt(answering)
	case !q.revealed && len(key) == 1 && key >= "1" && int(key[0]-'1') < len(q.Choices):
		s.predict(q.Choices[key[0]-'1'])
	default:
		return false
	}
	return true
}

// predict takes what the audience says, and shows what happens.
func (s *State) predict(guess string) {
	q := s.asked
	q.guess, q.revealed, s.overlayRow = guess, true, 0
	switch i := slices.Index(q.Choices, q.Answer); {
	case q.Answer == "":
		q.undecided = true
	case guess == q.Answer || !q.Derived && q.Fits(guess):
		s.judge(true)
	case i < 0 || !slices.Contains(q.Choices, guess): // in its own words, which may mean the same
		q.undecided = true
	default:
		s.judge(false)
	}
}

// judge keeps whether the audience was right: what it said first counts.
func (s *State) judge(right bool) {
	q := s.asked
	q.undecided = false
	if s.predictionOf(q.Narration) == nil {
		s.predictions = append(s.predictions, prediction{q.Narration, q.guess, q.Answer, right})
	}
}

func (s *State) predictionOf(n *scenario.Narration) *prediction {
	for i := range s.predictions {
		if s.predictions[i].of == n {
			return &s.predictions[i]
		}
	}
	return nil
}

// score is how many questions were answered, and how many rightly.
func (s *State) score() (right, all int) {
	for _, p := range s.predictions {
		if p.right {
			right++
		}
	}
	return right, len(s.predictions)
}

// scoreMark is how it stands, for the header.
func (s *State) scoreMark() line {
	right, all := s.score()
	return line{{strconv.Itoa(right) + " of " + strconv.Itoa(all) + " right   ", saying}}
}

// showScore ends a run in which questions were answered.
func (s *State) showScore() {
	if len(s.predictions) > 0 {
		s.mode, s.overlayRow, s.asked = scoring, 0, nil
	}
}

// questionLines is the open question; once it is answered, what happens then and
// what the scenario says of it.
func (s *State) questionLines(w int) []line {
	q := s.asked
	lines := []line{nil}
	add := func(k look, text string) {
		for _, t := range wrap(model.Unfold(strings.TrimSpace(text)), w-6) {
			lines = append(lines, say(k, t))
		}
		lines = append(lines, nil)
	}
	if q.Say != "" && !q.revealed {
		add(plain, q.Say)
	}
	add(strong, "? "+q.Ask)
	if q.Derived && len(q.Choices) > 0 && !q.revealed {
		lines = append(lines, say(faint, "Which of these comes next?"))
	}
	for i, choice := range q.Choices {
		if !q.revealed || choice == q.Answer || choice == q.guess { // then only those that count
			lines = append(lines, s.choiceLine(i, choice, w-6))
		}
	}
	if !q.revealed {
		if len(q.Choices) == 0 {
			lines = append(lines, say(faint, "Decide first."))
		}
		return append(lines, nil)
	}
	if len(q.Choices) > 0 {
		lines = append(lines, nil)
	}
	if q.guess != "" && !slices.Contains(q.Choices, q.guess) {
		add(plain, "you said: "+q.guess)
	}
	if q.Answer != "" && !slices.Contains(q.Choices, q.Answer) {
		add(good, "✓ "+q.Answer)
	}
	if q.Happens != nil {
		k, sign := toneLook(q.Happens.Tone)
		add(k, strings.TrimSpace(sign+" "+model.ClockText(q.Happens.At)+"  "+q.Happens.Text))
	}
	if q.Explained != nil {
		add(saying, q.Explained.Say)
	}
	if q.Happens == nil && q.Explained == nil {
		add(plain, "Nothing of interest happens after that.")
	}
	return append(lines[:len(lines)-1], nil)
}

// choiceLine is one answer to choose; when it is known, which was right.
func (s *State) choiceLine(i int, choice string, w int) line {
	q := s.asked
	l := say(focused, "  "+strconv.Itoa(i+1)+"  ")
	text := cut(choice, w-12)
	switch {
	case !q.revealed:
		return l.add(plain, text)
	case choice == q.Answer:
		return say(good, "✓ "+strconv.Itoa(i+1)+"  ").add(good, text).add(faint, yours(choice == q.guess))
	case choice == q.guess && q.Answer != "":
		return say(trouble, "✗ "+strconv.Itoa(i+1)+"  ").add(plain, text).add(faint, yours(true))
	}
	return l.add(plain, text).add(faint, yours(choice == q.guess))
}

func yours(is bool) string {
	if is {
		return "   ← your answer"
	}
	return ""
}

// askedHint is which keys answer.
func (s *State) askedHint() line {
	l := say(plain, "")
	if n := len(s.asked.Choices); n > 0 {
		l = hint{"1–" + strconv.Itoa(n), "choose"}.line()
	}
	for _, h := range []hint{{"a", "answer in words"}, {"enter", "what happens"}, {"esc", "go on without"}} {
		l = append(l, h.line()...)
	}
	return l
}

// verdictLine is whether that was right, and how it stands, with the keys that go on.
func (s *State) verdictLine() line {
	q := s.asked
	if q.undecided {
		return say(strong, " Was that right? ").add(strong, "y").add(faint, " yes   ").add(strong, "n").add(faint, " no")
	}
	var l line
	if p := s.predictionOf(q.Narration); p != nil && q.guess != "" {
		right, all := s.score()
		if q.guess == p.guess && p.right {
			l = l.add(good, " ✓ right. ")
		} else if q.guess == p.guess {
			l = l.add(trouble, " ✗ not this time. ")
		}
		l = l.add(plain, strconv.Itoa(right)+" of "+counted(all, "prediction")+" right so far.  ")
	}
	return append(append(l, hint{"enter", "go on"}.line()...), hint{"n", "go there"}.line()...)
}

// counted is a number of things.
func counted(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// scoreLines is what was asked, what the audience said, and what was right.
func (s *State) scoreLines(w int) []line {
	if len(s.predictions) == 0 {
		return []line{nil, say(plain, "No question has been answered yet."), nil}
	}
	right, all := s.score()
	lines := []line{nil, say(strong, strconv.Itoa(right)+" of "+counted(all, "prediction")+" right"), nil}
	for _, p := range s.predictions {
		k, sign := look(good), "✓ "
		if !p.right {
			k, sign = trouble, "✗ "
		}
		for i, t := range wrap(model.Unfold(strings.TrimSpace(p.of.Ask)), w-8) {
			if i > 0 {
				sign = "  "
			}
			lines = append(lines, line{{sign, k}, {t, strong}})
		}
		lines = append(lines, say(plain, "  you said: "+cut(p.guess, w-20)))
		if !p.right && p.is != "" {
			lines = append(lines, say(plain, "  right is: "+cut(p.is, w-20)))
		}
		lines = append(lines, nil)
	}
	return lines
}
