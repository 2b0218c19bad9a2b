package screen

import (
	"slices"
	"strconv"
	"strings"

	"ksim/sim/scenario"
	"ksim/tui/model"
)

// Stage is what the presenter's notes show of this screen.
func (s *State) Stage() model.Stage {
	x := s.run().Stage(s.seq, s.at)
	if len(s.branch().deeds) > 0 {
		x.Branch = s.branch().words()
	}
	x.Playing, x.Speed = s.playing, s.speedName()
	if s.asked != nil {
		x.Question = s.asked.Prompt()
		x.Question.Open, x.Question.Guess = true, s.asked.guess
	}
	if right, all := s.score(); all > 0 {
		x.Score = strconv.Itoa(right) + " of " + counted(all, "prediction") + " right"
	}
	return x
}

// Notes is the presenter's own screen: the notes of a run that the class sees on another
// terminal, which it follows, or of one that it goes through by itself.
type Notes struct {
	wishes
	own    *State // the run, gone through by itself
	follow func() (model.Stage, bool)
	there  bool // the other terminal is, and is followed
	alone  bool // it is not to be followed
	stage  model.Stage
	waited int64 // since the other terminal was asked
	w, h   int
	row    int
}

// NewNotes is the notes of a run. Follow tells what another terminal shows of it; false
// when there is none.
func NewNotes(own *State, follow func() (model.Stage, bool)) *Notes {
	n := &Notes{own: own, follow: follow}
	n.look()
	return n
}

func (n *Notes) theme() Theme { return n.own.o.Theme }

// Resize says how large the screen is.
func (n *Notes) Resize(w, h int) { n.w, n.h = w, h }

// Busy tells whether time changes anything: the other terminal may be there.
func (n *Notes) Busy() bool { return true }

// askEach is how many microseconds lie between two looks at the other terminal.
const askEach = 150_000

// Tick lets time pass: now and then it looks at the other terminal.
func (n *Notes) Tick(real int64) bool {
	changed := n.own.Busy() && n.own.Tick(real)
	if n.waited += real; n.waited >= askEach {
		n.waited = 0
		n.look()
		return true
	}
	return changed && !n.there
}

// Simulate works ahead.
func (n *Notes) Simulate() bool { return n.own.Simulate() }

func (n *Notes) look() {
	if n.there = false; n.alone {
		return
	}
	n.stage, n.there = n.follow()
}

// notesKeys is the keys of the notes.
var notesKeys = []hint{{"j k", "scroll"}, {"f", "follow, or not"}, {"q", "quit"}}

// stepKeys are those that go through the run while no other terminal is followed.
var stepKeys = []hint{{"n p", "step"}, {") (", "chapter"}, {"}", "rebalance"}, {"g G", "start, end"}}

// Key takes in one key.
func (n *Notes) Key(key string) {
	switch key {
	case "q", "ctrl-c":
		n.quit = true
	case "ctrl-z":
		n.suspend = true
	case "ctrl-l":
		n.redraw = true
	case "f":
		n.alone = !n.alone
		n.look()
	case "j", "down":
		n.row++
	case "k", "up":
		n.row = max(n.row-1, 0)
	case "n", "p", "right", "left", "h", "l", ")", "(", "{", "}", "g", "G", "home", "end", "space", "<", ">", ".", ",":
		if n.there {
			return
		}
		n.own.Key(key)
		n.row = 0
	}
}

// Mouse scrolls.
func (n *Notes) Mouse(_, _ int, did MouseAct) {
	switch did {
	case WheelDown:
		n.row += 3
	case WheelUp:
		n.row = max(n.row-3, 0)
	}
}

// now is what is shown: the other terminal's moment, or its own.
func (n *Notes) now() model.Stage {
	if n.there {
		return n.stage
	}
	return n.own.Stage()
}

// frame draws the notes: large in words, since they are read in passing.
func (n *Notes) frame() *grid {
	g := newGrid(n.w, n.h, n.own.o.ASCII)
	x := n.now()
	sign := "⏸ "
	if x.Playing {
		sign = "▶ "
	}
	right := sign + model.ClockText(x.At) + " of " + scenario.FormatDuration(x.End) + "  " + x.Speed + " "
	g.put(0, 0, n.w, say(strong, " Notes: "+x.Scenario).add(plain, "  "+x.Title))
	g.put(max(n.w-width(right)-1, 0), 0, width(right)+1, say(strong, " "+right))
	follows := line{{" by itself: no terminal shows it by ", faint}, {"ksim present", plain}}
	switch {
	case n.there:
		follows = say(good, " ✓ follows the other terminal")
	case n.alone:
		follows = say(faint, " by itself")
	}
	if x.Branch != "" {
		follows = follows.add(rebalance, "   ⑂ "+x.Branch)
	}
	if x.Score != "" {
		follows = follows.add(good, "   "+x.Score)
	}
	g.put(0, 1, n.w, follows)
	lines := stageLines(&x, min(n.w-2, 100))
	n.row = max(min(n.row, len(lines)-(n.h-4)), 0)
	g.lines(1, 3, n.w-2, n.h-4, lines[n.row:])
	l := say(plain, "")
	hints := notesKeys
	if !n.there {
		hints = append(slices.Clone(stepKeys), notesKeys...)
	}
	for _, h := range hints {
		l = append(l, h.line()...)
	}
	g.put(0, n.h-1, n.w, l)
	return g
}

// stageLines is the notes of a moment: what to say now, the question with its answer,
// what comes.
func stageLines(x *model.Stage, w int) []line {
	p := &paper{w: w, lines: []line{say(strong, cut(x.Chapter, w))}}
	if x.Now != "" {
		p.add(plain, "▶ ", x.Now)
	}
	p.notes(x)
	if x.Question != nil {
		p.question(x.Question)
	}
	p.coming(x)
	p.said(x)
	return p.lines
}

// paper is lines of notes so wide.
type paper struct {
	w     int
	lines []line
}

func (p *paper) title(text string) {
	p.lines = append(p.lines, nil, say(heading, "── "+text+" "+strings.Repeat("─", max(p.w-width(text)-4, 0))))
}

// add adds a text, its first line behind a word or a time.
func (p *paper) add(k look, first, text string) {
	for i, t := range wrap(text, p.w-width(first)) {
		if i > 0 {
			first = strings.Repeat(" ", width(first))
		}
		p.lines = append(p.lines, line{{first, faint}, {t, k}})
	}
}

// latestNotes is how many notes stay in view.
const latestNotes = 2

// notes are the latest.
func (p *paper) notes(x *model.Stage) {
	p.title("Notes")
	count := 0
	for i := range x.Said {
		if s := &x.Said[i]; s.Note != "" && count < latestNotes {
			p.add(strong, atColumn(s), s.Note)
			count++
		}
	}
	if count == 0 {
		p.lines = append(p.lines, say(faint, "none so far"))
	}
}

// question is a question with its answer, and what happens then.
func (p *paper) question(q *model.Prompt) {
	what := "The next question, at " + model.ClockText(q.At)
	if q.Open {
		what = "The question that is open"
	}
	p.title(what)
	p.add(saying, "? ", q.Ask)
	for i, c := range q.Choices {
		sign, k := "  ", plain
		if c == q.Answer {
			sign, k = "✓ ", good
		}
		p.add(k, sign+strconv.Itoa(i+1)+"  ", c)
	}
	if q.Answer != "" && len(q.Choices) == 0 {
		p.add(good, "✓ ", q.Answer)
	}
	if q.Guess != "" {
		p.add(plain, "they say: ", q.Guess)
	}
	if q.Happens != "" {
		p.add(plain, "then  ", q.Happens)
	}
	if q.Explains != "" {
		p.add(faint, "      ", q.Explains)
	}
}

// coming is what will be said next.
func (p *paper) coming(x *model.Stage) {
	if len(x.Coming) > 0 {
		p.title("What comes")
	}
	for i := range x.Coming {
		s := &x.Coming[i]
		at := atColumn(s)
		if s.Note != "" {
			p.add(strong, at, s.Note)
			at = strings.Repeat(" ", width(at))
		}
		text := strings.TrimSpace(s.Say)
		if s.Ask != "" {
			text = strings.TrimSpace(text + " ? " + s.Ask)
		}
		if text != "" {
			p.add(plain, at, text)
		}
	}
}

// said is what has been said, the latest first.
func (p *paper) said(x *model.Stage) {
	if len(x.Said) > 0 {
		p.title("What was said")
	}
	for i := range x.Said {
		if s := &x.Said[i]; s.Say != "" || s.Ask != "" {
			p.add(faint, atColumn(s), strings.TrimSpace(s.Say+" "+s.Ask))
		}
	}
}

// atColumn is when a line is said, for a column of times.
func atColumn(l *model.Line) string { return right(model.ClockText(l.At), 10) + "  " }
