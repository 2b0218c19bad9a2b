package group

import (
	"maps"
	"slices"

	"ksim/sim/kafka/javahash"
)

// preferredAssignors counts which of the broker's assignors the members ask for
// (ConsumerGroup.serverAssignors).
type preferredAssignors struct {
	order   javahash.Timeline
	members map[string]int
}

func (p *preferredAssignors) change(assignor string, by int) {
	if assignor == "" {
		return
	}
	if p.members == nil {
		p.members = map[string]int{}
	}
	p.members[assignor] += by
	if p.members[assignor] > 0 {
		p.order.Add(assignor)
	} else {
		p.order.Remove(assignor)
	}
}

// favourite is what most members ask for, "" when nobody asks. One member's wish is
// changing from was to is. Among equals it is the first of a HashMap, which Kafka
// fills in its own map's order before it takes out the old wish and puts in the new
// one: a name that comes new into it comes first, as both of Kafka's names share a
// bucket (ConsumerGroup.computePreferredServerAssignor).
func (p *preferredAssignors) favourite(was, is string) string {
	names := slices.Collect(p.order.All())
	members := maps.Clone(p.members)
	if was != "" {
		if members[was]--; members[was] == 0 {
			names = slices.DeleteFunc(names, func(n string) bool { return n == was })
		}
	}
	if is != "" {
		if members == nil {
			members = map[string]int{}
		}
		if members[is]++; members[is] == 1 {
			names = slices.Insert(names, 0, is)
		}
	}
	best := ""
	for _, name := range names {
		if best == "" || members[name] > members[best] {
			best = name
		}
	}
	return best
}

func (p *preferredAssignors) clone() preferredAssignors {
	return preferredAssignors{p.order.Clone(), maps.Clone(p.members)}
}
