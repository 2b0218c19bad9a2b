// Package ledger keeps account of every record of a group: processed, repeated,
// lost. Records are ranges of offsets, so a million of them cost what one costs.
package ledger

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/kafka"
)

// span is the offsets [from, to).
type span struct{ from, to int64 }

// account is one partition of one group.
type account struct {
	tp      kafka.TopicPartition
	first   int64  // the group's first position, -1 before it has one
	done    []span // completed at least once, sorted, apart from each other
	covered int64  // Σ of done
	passed  []span // never handed to anybody, in the order in which they were passed over
}

// Ledger is the account of one group.
type Ledger struct {
	accounts []account // in order of first use
	members  []member
}

type member struct {
	name              string
	records, repeated int64
}

// Delivered notes that poll handed out a range: where the group begins.
func (l *Ledger) Delivered(r client.Range) {
	if a := l.account(r.TopicPartition); a.first < 0 || r.From < a.first {
		a.first = r.From
	}
}

// PassedOver notes offsets that no application is ever handed, as they hold no
// record or one that was aborted: they cannot be lost.
func (l *Ledger) PassedOver(tp kafka.TopicPartition, from, to int64) {
	a := l.account(tp)
	if n := len(a.passed); n > 0 && a.passed[n-1].to == from {
		a.passed[n-1].to = to
		return
	}
	a.passed = append(a.passed, span{from, to})
}

// Completed notes that a member's handlers of a range have ended, and tells how
// many of its records had been completed before.
func (l *Ledger) Completed(name string, r client.Range) (repeated int64) {
	a := l.account(r.TopicPartition)
	added := a.add(span{r.From, r.To})
	repeated = r.Len() - added
	m := l.member(name)
	m.records += r.Len()
	m.repeated += repeated
	return repeated
}

// add merges a span into done and gives how many offsets are new.
func (a *account) add(s span) int64 {
	i, _ := slices.BinarySearchFunc(a.done, s.from, func(x span, from int64) int {
		if x.to < from {
			return -1
		}
		return 1
	})
	merged, j, old := s, i, int64(0)
	for ; j < len(a.done) && a.done[j].from <= s.to; j++ {
		old += a.done[j].to - a.done[j].from
		merged.from, merged.to = min(merged.from, a.done[j].from), max(merged.to, a.done[j].to)
	}
	a.done = slices.Replace(a.done, i, j, merged)
	added := merged.to - merged.from - old
	a.covered += added
	return added
}

// Has tells whether all records of a range have been completed.
func (l *Ledger) Has(r client.Range) bool {
	a := l.account(r.TopicPartition)
	i, _ := slices.BinarySearchFunc(a.done, r.From, func(x span, from int64) int {
		if x.to <= from {
			return -1
		}
		return 1
	})
	return i < len(a.done) && a.done[i].from <= r.From && r.To <= a.done[i].to
}

// Processed is how many completions a member has had; of all members ("") how
// many distinct records have been completed.
func (l *Ledger) Processed(name string) int64 {
	if name != "" {
		return l.member(name).records
	}
	var n int64
	for i := range l.accounts {
		n += l.accounts[i].covered
	}
	return n
}

// Repeated is how many of a member's completions were of records completed
// before.
func (l *Ledger) Repeated(name string) int64 { return l.member(name).repeated }

// Lost is how many records below a partition's committed offset, and not below
// the group's first position there, nobody has completed and no living process
// holds.
func (l *Ledger) Lost(tp kafka.TopicPartition, committed int64, held []client.Range) int64 {
	a := l.account(tp)
	if a.first < 0 || committed <= a.first {
		return 0
	}
	kept := account{done: slices.Clone(a.done)}
	for _, s := range a.passed {
		kept.add(s)
	}
	for _, r := range held {
		if r.TopicPartition == tp && r.Len() > 0 {
			kept.add(span{r.From, r.To})
		}
	}
	lost := committed - a.first
	for _, s := range kept.done {
		lost -= max(0, min(s.to, committed)-max(s.from, a.first))
	}
	return lost
}

// Clone is a deep copy.
func (l *Ledger) Clone() Ledger {
	c := Ledger{accounts: slices.Clone(l.accounts), members: slices.Clone(l.members)}
	for i := range c.accounts {
		c.accounts[i].done = slices.Clone(c.accounts[i].done)
		c.accounts[i].passed = slices.Clone(c.accounts[i].passed)
	}
	return c
}

func (l *Ledger) account(tp kafka.TopicPartition) *account {
	for i := range l.accounts {
		if l.accounts[i].tp == tp {
			return &l.accounts[i]
		}
	}
	l.accounts = append(l.accounts, account{tp: tp, first: -1})
	return &l.accounts[len(l.accounts)-1]
}

func (l *Ledger) member(name string) *member {
	for i := range l.members {
		if l.members[i].name == name {
			return &l.members[i]
		}
	}
	l.members = append(l.members, member{name: name})
	return &l.members[len(l.members)-1]
}
