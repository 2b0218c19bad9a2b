package assign

import "ksim/sim/kafka"

// CooperativeSticky is the Java CooperativeStickyAssignor (KIP-429): it decides as
// Sticky does, from the owned partitions in the subscriptions, but gives a
// partition that another member still owns to nobody. Once that member has given
// it up, the next rebalance hands it out.
func CooperativeSticky(topics []Topic, members []Member) []Assigned {
	g := newGroup(topics, members)
	c := g.readClaims(func(m *Member) ([]kafka.TopicPartition, int32) { return m.Owned, m.Generation })
	if g.equalSubscriptions() {
		a := g.assignConstrained(c)
		g.withhold(a.owned, a.transferredTo)
		return g.assigned(a.owned)
	}
	owned := g.assignGeneral(c)
	g.withhold(owned, g.transfers(c, owned))
	return g.assigned(owned)
}

// withhold takes the partitions that change hands from their new owners.
func (g *group) withhold(owned [][]int, transferredTo []int) {
	for p, m := range transferredTo {
		if m != none {
			owned[m] = without(owned[m], p)
		}
	}
}

// transfers finds, by partition, the member that gets what another one loses
// (CooperativeStickyAssignor.computePartitionsTransferringOwnership).
func (g *group) transfers(c *claims, owned [][]int) []int {
	had := make([][]bool, len(g.members))
	gets := make([][]bool, len(g.members))
	for m := range g.members {
		had[m] = g.partitionSet(c.reported[m])
		gets[m] = g.partitionSet(owned[m])
	}
	transferredTo := make([]int, len(g.partitions))
	for p := range transferredTo {
		winner, lost := none, false
		for m := range g.members {
			if gets[m][p] && !had[m][p] {
				winner = m
			}
			lost = lost || had[m][p] && !gets[m][p]
		}
		if !lost {
			winner = none
		}
		transferredTo[p] = winner
	}
	return transferredTo
}

// partitionSet marks the listed partitions.
func (g *group) partitionSet(list []int) []bool {
	set := make([]bool, len(g.partitions))
	for _, p := range list {
		set[p] = true
	}
	return set
}
