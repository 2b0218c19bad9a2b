package model

import (
	"slices"
	"strings"

	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// Question is a question to the audience, asked before what it is about happens.
type Question struct {
	Said
	Choices []string // what the audience chooses from; none: it says so in its own words
	Derived bool     // the choices are not the file's but ksim's own: what comes next
	Answer  string   // the right one; "" when nobody knows but the presenter

	Happens   *Entry // what happens then; nil: nothing of interest any more
	Explained *Said  // and what is said of it
}

// mostDerived is how many choices ksim makes of its own.
const mostDerived = 4

// NothingNext is the choice that none of the others comes next.
const NothingNext = "none of these"

// Question is what a moment asks. Where the file gives neither choices nor an answer,
// and what it says next is of an event, it asks what comes next, and the choices are what
// may happen there.
func (r *Run) Question(x *Said) *Question {
	q := &Question{Said: *x, Choices: x.Choices, Answer: x.Answer}
	q.Happens, q.Explained = r.answerTo(x)
	if ofAnEvent := q.Explained == nil || q.Explained.On != ""; len(q.Choices) == 0 && q.Answer == "" && ofAnEvent {
		q.Derived = true
		q.Choices, q.Answer = r.guesses(q.Happens)
	}
	return q
}

// answerTo is what happens after a question, and what is said of it: the next thing
// that is said, with its event; before what is said at a time, or without any, the next
// event of interest.
func (r *Run) answerTo(x *Said) (*Entry, *Said) {
	var next *Entry
	if seq, ok := r.Next(x.Seq, OfInterest); ok {
		next, _ = r.Entry(seq)
	}
	r.sayAfter(x)
	for i := r.SaidUntil(x.Seq, x.At); i < len(r.said); i++ {
		switch said := &r.said[i]; {
		case strings.TrimSpace(said.Say) == "" || said.Elsewhere:
		case said.On != "":
			e, _ := r.Entry(said.Seq)
			return e, said
		case next != nil && next.At <= said.At:
			return next, said
		default:
			return nil, said
		}
	}
	return next, nil
}

// sayAfter runs on until something more is said than a question, or to the end.
func (r *Run) sayAfter(x *Said) {
	for {
		for i := r.SaidUntil(x.Seq, x.At); i < len(r.said); i++ {
			if strings.TrimSpace(r.said[i].Say) != "" && !r.said[i].Elsewhere {
				return
			}
		}
		if !r.Advance(ahead) {
			return
		}
	}
}

// foreseen is what is said of a type of event.
type foreseen struct {
	of   trace.Type
	says string // % is the member or the group
}

// guessed is the types of events that an audience can foresee, in the order in which
// choices stand.
var guessed = []foreseen{
	{trace.MemberLeft, "% leaves the group by itself"},
	{trace.MemberRemoved, "the coordinator drops %"},
	{trace.CommitFailed, "a commit of % is refused"},
	{trace.WorkFinished, "% gets done with its work"},
	{trace.PollExceeded, "% is told that it polled too late"},
	{trace.PartitionsLost, "% learns that it has lost its partitions"},
	{trace.GroupRebalancing, "the group % rebalances"},
	{trace.PartitionsAssigned, "% gets partitions"},
	{trace.PartitionsRevoked, "% gives partitions up"},
	{trace.GroupStabilized, "the group % comes to rest"},
	{trace.WorkStarted, "% begins a long piece of work"},
	{trace.MemberCrashed, "% crashes"},
	{trace.MemberStopped, "% stops"},
	{trace.MemberStarted, "% starts"},
	{trace.MemberFrozen, "% stands still"},
	{trace.MemberThawed, "% goes on"},
	{trace.MemberFenced, "% is fenced"},
	{trace.BrokerFailed, "a broker dies"},
	{trace.BrokerFenced, "a broker is fenced"},
	{trace.BrokerReturned, "a broker comes back"},
}

// guess is what is said of an event that may happen; "" of those that nobody foresees.
func guess(e *Entry) string {
	i := slices.IndexFunc(guessed, func(g foreseen) bool { return g.of == e.Type })
	if i < 0 {
		return ""
	}
	who := e.Member
	if e.Type == trace.GroupRebalancing || e.Type == trace.GroupStabilized {
		who = e.Group
	}
	return strings.ReplaceAll(guessed[i].says, "%", who)
}

// guesses are choices for what comes next: what does, and likely mistakes, namely the
// same of another member of the group, and other things of the same one.
func (r *Run) guesses(next *Entry) (choices []string, right string) {
	right = NothingNext
	group, member := "", ""
	if next != nil {
		group, member = next.Group, next.Member
		if says := guess(next); says != "" {
			right = says
		}
	}
	g := groupNamed(r.Scenario(), group)
	if g == nil || len(g.Members) == 0 || !g.Members[0].ReadsKafka() { // workers of a queue have no group
		return nil, ""
	}
	if member == "" {
		member = g.Members[0].Name
	}
	others := []string{member}
	for i := range g.Members {
		if name := g.Members[i].Name; name != member && len(others) < 2 {
			others = append(others, name)
		}
	}
	choices = []string{}
	add := func(of trace.Type, who string) {
		e := Entry{Event: trace.Event{Type: of, Group: group, Member: who}}
		if says := guess(&e); says != "" && !slices.Contains(choices, says) && len(choices) < mostDerived {
			choices = append(choices, says)
		}
	}
	if next != nil && right != NothingNext {
		add(next.Type, next.Member)
		if next.Member != "" && len(others) > 1 {
			add(next.Type, others[1])
		}
	}
	for _, of := range []trace.Type{trace.MemberLeft, trace.MemberRemoved, trace.CommitFailed, trace.GroupRebalancing} {
		add(of, member)
	}
	slices.SortFunc(choices, func(a, b string) int { return strings.Compare(scrambled(a), scrambled(b)) })
	return append(choices, NothingNext), right
}

// scrambled is a text from its end on: choices in an order that says nothing of which
// is right, and is always the same.
func scrambled(s string) string {
	b := []byte(s)
	slices.Reverse(b)
	return string(b)
}

// groupNamed finds a group, the first where there is none of that name.
func groupNamed(s *scenario.Scenario, id string) *scenario.Group {
	for i := range s.Groups {
		if s.Groups[i].ID == id {
			return &s.Groups[i]
		}
	}
	if len(s.Groups) > 0 {
		return &s.Groups[0]
	}
	return nil
}

// Fits tells whether what was typed is the answer: without regard to case, to signs
// and to further words.
func (q *Question) Fits(typed string) bool {
	got, want := plainText(typed), plainText(q.Answer)
	return want != "" && strings.Contains(" "+got+" ", " "+want+" ")
}

// plainText is the words and numbers of a text: "The client, 36,000" is "the client
// 36000".
func plainText(text string) string {
	var words []string
	for _, w := range strings.Fields(strings.ToLower(text)) {
		w = strings.Map(func(c rune) rune {
			if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c > 0x7f || c == '.' {
				return c
			}
			return -1
		}, w)
		if w = strings.Trim(w, "."); w != "" && w != "the" {
			words = append(words, w)
		}
	}
	return strings.Join(words, " ")
}
