package plain

import (
	"strings"

	"ksim/sim/clock"
)

// Advice is what an eviction suggests.
type Advice struct {
	At     clock.Time // of the first eviction that suggests it
	Times  int        // how many do
	What   string     // how the first came about, as a sentence
	Change string     // as --set takes it; "" where no value that client and broker take would help
	Why    string     // what the change brings, or why there is none
}

// Advice gives what the evictions told so far suggest, each change once.
func (t *Teller) Advice() []Advice {
	var all []Advice
	for _, g := range t.writer.world.groups {
		for _, x := range g.evictions {
			change, why := t.writer.remedy(x)
			if change == "" {
				why = x.noRemedy()
			}
			same := false
			for i := range all {
				if same = all[i].Change == change && (change != "" || strings.HasPrefix(all[i].What, x.member.conf.Name+" ")); same {
					all[i].Times++
					break
				}
			}
			if !same {
				all = append(all, Advice{At: x.at, Times: 1, What: strings.ReplaceAll(howEvicted(x), tight, " "), Change: change, Why: why})
			}
		}
	}
	return all
}

// noRemedy says why no limit would help.
func (x *eviction) noRemedy() string {
	session, _ := x.member.group.conf.SessionLimit(x.member.conf)
	switch {
	case x.own:
		return "no longer poll interval that the client takes would help: the work has to become shorter, or to leave the poll loop"
	case x.crashed:
		return "a much shorter session would be refused, or is the broker's to set (" + session + "): a crash is noticed this late"
	case x.frozen:
		return "a session that outlasts the pause would be refused, or is the broker's to set (" + session + ")"
	}
	return "no limit of its client would have kept it in the group"
}
