package plain

import (
	"cmp"
	"slices"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
)

// mark is the sign at the left of a line, for the eye that looks for something.
type mark string

const (
	markNone      mark = ""
	markEvicted   mark = "✗"
	markRebalance mark = "↻"
	markCrashed   mark = "†"
	markFrozen    mark = "‖"
	markRefused   mark = "!"
	markReturned  mark = "↺"
	markDead      mark = "↓"
	markRoutine   mark = "·"
)

// kind says which rows may become one.
type kind uint8

const (
	kindAlone     kind = iota
	kindMembers        // the same happens to several members
	kindExceeded       // a client has noticed that it was polled too late
	kindLeaving        // members leave or are dropped
	kindRebalance      // the group begins to rebalance
	kindEmpty
	kindStable
	kindAssigned
	kindRevoked
	kindLost
	kindWorkEnd
	kindRefused
	kindReturned // messages are visible again
	kindReceived
)

// Rows become one when what they tell lies no further apart: what one decision
// brings about at once, and what the members of a group do one after the other.
const (
	atOnce = 5 * clock.Millisecond
	inTurn = clock.Second
)

// row is one line about one event or several.
type row struct {
	at, until clock.Time // of its first and its latest event
	kind      kind
	mark      mark
	group     *group    // nil: of the cluster
	state     string    // what the group's column shows; "" when nothing changes
	members   []*member // whom it is about
	cell      string    // what their columns show, unless they have shares
	shares    []share
	idle      bool // nobody in the group owns anything now
	messages  []string

	// The sentence: intro, the members' names, one or many, after, tail.
	intro, one, many, after, tail string

	logs   []logLine
	says   []*scenario.Narration
	lives  []string // the members' lifelines behind this row
	closed bool     // nothing may join any more
}

// share is what a member owns after a row.
type share struct {
	member *member
	owned  []kafka.TopicPartition
}

// logLine is a line of the real software, word for word.
type logLine struct{ who, level, text string }

// join takes in the next row of the same group if both are parts of one thing.
func (r *row) join(next *row) bool {
	if r.closed || !r.merge(next, next.at-r.until) {
		return false
	}
	r.until = next.at
	r.quote(next.logs...)
	r.says = append(r.says, next.says...)
	return true
}

func (r *row) merge(next *row, apart clock.Duration) bool {
	about := len(next.members) > 0 && slices.Contains(r.members, next.members[0])
	switch {
	case r.kind == next.kind && r.joinsAlike(next) && apart <= inTurn,
		r.kind == kindStable && next.kind == kindAssigned && apart <= inTurn:
		r.members = append(r.members, next.members...)
		r.shares = append(r.shares, next.shares...)
		r.idle = next.idle
		slices.SortStableFunc(r.members, func(a, b *member) int { return a.index - b.index })
		slices.SortStableFunc(r.shares, func(a, b share) int { return a.member.index - b.member.index })
	case r.kind == kindExceeded && next.kind == kindLeaving && about && apart <= atOnce:
		at, logs, says := r.at, r.logs, r.says
		*r = *next
		r.at, r.logs, r.says = at, logs, says
	case r.kind == kindLeaving && next.kind == kindRebalance && about && apart <= atOnce:
		r.state, r.mark, r.tail = next.state, cmp.Or(r.mark, next.mark), " → rebalance"
	case r.kind == kindLeaving && next.kind == kindEmpty && apart <= atOnce:
		r.state, r.tail = next.state, " → the group is empty"
	case r.kind == kindWorkEnd && next.kind == kindRefused && about && apart <= atOnce:
		r.mark, r.cell, r.tail = next.mark, next.cell, " → its commit is refused: "+next.tail
	case r.kind == next.kind && (r.kind == kindReturned || r.kind == kindReceived) && r.after == next.after && r.members[0] == next.members[0] && apart == 0:
		r.messages = append(r.messages, next.messages...)
		r.state = next.state
	default:
		return false
	}
	return true
}

// quote adds lines, unless the row has their words already: then it takes the
// one that says how urgent it is.
func (r *row) quote(lines ...logLine) {
	for _, l := range lines {
		i := slices.IndexFunc(r.logs, func(x logLine) bool { return x.text == l.text })
		switch {
		case i < 0:
			r.logs = append(r.logs, l)
		case r.logs[i].level == "":
			r.logs[i] = l
		}
	}
}

// joinsAlike tells whether a row of the same kind says the same of others.
func (r *row) joinsAlike(next *row) bool {
	switch r.kind {
	case kindMembers, kindLeaving:
		return r.intro == next.intro && r.one == next.one && r.after == next.after && r.tail == ""
	case kindAssigned, kindRevoked, kindLost:
		return true
	}
	return false
}

// cellOf is what the row shows in a member's column; "" when it is not about
// the member.
func (r *row) cellOf(m *member, width int) string {
	for _, s := range r.shares {
		if s.member == m {
			return short(s.owned, width)
		}
	}
	if slices.Contains(r.members, m) {
		return r.cell
	}
	return ""
}

// text is the row's sentence.
func (r *row) text() string {
	switch r.kind {
	case kindStable, kindAssigned:
		intro := r.intro
		if intro != "" && len(r.shares) > 0 {
			intro += ": "
		}
		return intro + assigned(r.shares) + r.late()
	case kindRevoked:
		return r.revoked() + r.late()
	}
	if r.kind == kindReturned {
		return list(r.messages, 4) + verb(len(r.messages), " is", " are") + " visible again" + r.after
	}
	who := ""
	if len(r.members) > 0 {
		who = list(names(r.members), 6)
	}
	what := verb(len(r.members), r.one, r.many)
	if strings.HasSuffix(who, "others") && strings.HasPrefix(what, "'s ") {
		what = "'" + what[2:] // of B, C and 4 others'
	}
	return r.intro + who + what + r.received() + r.after + r.tail
}

// received names the messages of a receive.
func (r *row) received() string {
	if r.kind != kindReceived {
		return ""
	}
	return list(r.messages, 4)
}

// late says when the last member was through, if that took time.
func (r *row) late() string {
	if r.until-r.at < 100*clock.Millisecond {
		return ""
	}
	return ", the last at " + stamp(r.until)
}
