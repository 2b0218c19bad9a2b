package plain

import (
	"fmt"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/trace"
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
				all = append(all, Advice{At: x.at, Times: 1, What: strings.ReplaceAll(howEvicted(x), tight, " "), Change: change, Why: strings.ReplaceAll(why, tight, " ")})
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
	case x.reason == trace.ReasonRebalanceTimeout:
		return "a rebalance waits for a member as long as its max.poll.interval.ms: a longer one would have made all others wait for this one"
	case x.frozen:
		return "a session that outlasts the pause would be refused, or is the broker's to set (" + session + ")"
	}
	return "no limit of its client would have kept it in the group"
}

// Margins says, of each group in which nobody was evicted, how much of its limit a
// whole poll takes, where that is a tenth or more.
func (t *Teller) Margins() []string {
	var all []string
	for _, g := range t.writer.world.groups {
		var of product
		for _, m := range g.members {
			if p, ok := m.product(); ok && (of.limit == 0 || p.share() > of.share()) {
				of = p
			}
		}
		if len(g.evictions) > 0 || of.limit == 0 || of.share() < 100 {
			continue
		}
		text := fmt.Sprintf("%s polls %s; %s are allowed.", g.conf.ID, of.words(), limitWords(of.property, of.limit))
		if of.records > of.safe() {
			text += " A slow record or a pause can end that: fewer would be safer."
		}
		all = append(all, strings.ReplaceAll(text+" Up to "+counted(of.safe(), "record")+" do: "+of.fits()+".", tight, " "))
	}
	return all
}
