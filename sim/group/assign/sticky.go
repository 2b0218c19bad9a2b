package assign

import (
	"slices"

	"ksim/sim/kafka"
)

// Sticky is the Java StickyAssignor: as balanced as the subscriptions allow, then
// with as few moves as it finds. It goes by what the members' user data says they
// owned.
func Sticky(topics []Topic, members []Member) []Assigned {
	g := newGroup(topics, members)
	c := g.readClaims(userDataClaims)
	if g.equalSubscriptions() {
		return g.assigned(g.assignConstrained(c).owned)
	}
	return g.assigned(g.assignGeneral(c))
}

// userDataClaims reads what a member owned from its user data.
func userDataClaims(m *Member) ([]kafka.TopicPartition, int32) { return DecodeUserData(m.UserData) }

// claims is what the members say they own, once contradictions are settled
// (AbstractStickyAssignor.allSubscriptionsEqual).
type claims struct {
	owned      [][]int // by member, as reported
	contested  []bool  // by partition: claimed twice in one generation, so nobody's
	reported   [][]int // by member, contradictions included
	generation []int32 // by member; -1 none
}

// readClaims asks every member, in HashMap order, for what it owns and since which
// generation. A partition that two members claim is kept by the later generation.
func (g *group) readClaims(memberData func(*Member) ([]kafka.TopicPartition, int32)) *claims {
	c := &claims{contested: make([]bool, len(g.partitions))}
	claimant := make([]int, len(g.partitions))
	for p := range claimant {
		claimant[p] = none
	}
	c.owned = make([][]int, len(g.members))
	for m := range g.members {
		partitions, generation := memberData(&g.members[m])
		c.generation = append(c.generation, generation)
		c.reported = append(c.reported, g.partitionNumbers(partitions))
		for _, p := range c.reported[m] {
			// Java compares with the generation of the other's subscription, which
			// a member that has been thrown out has lost, not with the one in its
			// user data, which it keeps.
			switch other := claimant[p]; {
			case other == none:
				c.owned[m] = append(c.owned[m], p)
				claimant[p] = m
			case generation == g.members[other].Generation:
				c.contested[p] = true
				c.owned[other] = without(c.owned[other], p)
				claimant[p] = m
			case generation > g.members[other].Generation:
				c.owned[other] = without(c.owned[other], p)
				c.owned[m] = append(c.owned[m], p)
				claimant[p] = m
			}
		}
	}
	return c
}

func (g *group) partitionNumbers(partitions []kafka.TopicPartition) []int {
	numbers := make([]int, 0, len(partitions))
	for _, tp := range partitions {
		if p, ok := g.partitionNumber(tp); ok {
			numbers = append(numbers, p)
		}
	}
	return numbers
}

// without removes p in place, keeping the order.
func without(list []int, p int) []int {
	if i := slices.Index(list, p); i >= 0 {
		return slices.Delete(list, i, i+1)
	}
	return list
}

// equalSubscriptions tells whether all members subscribe the same names, topics
// without metadata included. As in Java those that come before the first name are
// taken to do so too, and may then get what they do not subscribe.
func (g *group) equalSubscriptions() bool {
	var first []string
	for m := range g.members {
		names := g.members[m].Topics
		if len(first) == 0 {
			first = names
			continue
		}
		if len(names) != len(first) {
			return false
		}
		for _, name := range names {
			if !slices.Contains(first, name) {
				return false
			}
		}
	}
	return true
}
