package assign

import (
	"cmp"
	"slices"
)

// constrained is the assignment when all members may own everything, so that each
// one's number of partitions is known beforehand: minQuota, or maxQuota for some
// (AbstractStickyAssignor.ConstrainedAssignmentBuilder).
type constrained struct {
	*group
	minQuota, maxQuota int
	mayExceed          int // members that may still go beyond minQuota

	owned         [][]int
	under         []int // members below minQuota
	turn          int   // whose turn it is of them
	exact         []int // members at minQuota that may get one more
	revokedFrom   []int // by partition: the member that could not keep it, or none
	transferredTo []int // by partition: who gets it from another member, or none
}

func (g *group) assignConstrained(c *claims) *constrained {
	a := &constrained{
		group:         g,
		minQuota:      len(g.partitions) / max(1, len(g.members)),
		mayExceed:     len(g.partitions) % max(1, len(g.members)),
		owned:         make([][]int, len(g.members)),
		revokedFrom:   make([]int, len(g.partitions)),
		transferredTo: make([]int, len(g.partitions)),
	}
	a.maxQuota = a.minQuota + min(1, a.mayExceed)
	for p := range g.partitions {
		a.revokedFrom[p], a.transferredTo[p] = none, none
	}
	kept := make([]bool, len(g.partitions))
	for m := range g.members {
		a.keep(m, c)
		for _, p := range a.owned[m] {
			kept[p] = true
		}
	}
	slices.SortFunc(a.under, a.byID)
	slices.SortFunc(a.exact, a.byID)
	a.handOut(kept, c.contested)
	return a
}

func (a *constrained) byID(x, y int) int { return byID(&a.members[x], &a.members[y]) }

// keep leaves a member what its quota allows of what it owned, lowest partition
// numbers first.
func (a *constrained) keep(m int, c *claims) {
	owned := slices.DeleteFunc(slices.Clone(c.owned[m]), func(p int) bool { return c.contested[p] })
	slices.SortFunc(owned, func(x, y int) int {
		return cmp.Or(cmp.Compare(a.partitions[x].Partition, a.partitions[y].Partition), cmp.Compare(x, y))
	})
	size := len(owned)
	switch {
	case size < a.minQuota:
		a.under = append(a.under, m)
	case size >= a.maxQuota && a.mayExceed > 0:
		size = a.maxQuota
		a.mayExceed--
		if a.mayExceed == 0 {
			a.exact = nil
		}
	default:
		size = a.minQuota
		if a.mayExceed > 0 {
			a.exact = append(a.exact, m)
		}
	}
	a.owned[m] = owned[:size:size]
	for _, p := range owned[size:] {
		a.revokedFrom[p] = m
	}
}

// handOut gives the partitions that nobody keeps to the members below their quota
// in turn, then one each to those that may go beyond it.
func (a *constrained) handOut(kept, contested []bool) {
	for p := range a.partitions {
		if kept[p] {
			continue
		}
		m := a.next()
		a.owned[m] = append(a.owned[m], p)
		if from := a.revokedFrom[p]; contested[p] || from != none && from != m {
			a.transferredTo[p] = m
		}
	}
}

// next chooses who gets one partition more.
func (a *constrained) next() int {
	if len(a.under) == 0 {
		m := a.exact[0]
		a.exact = a.exact[1:]
		return m
	}
	a.turn %= len(a.under)
	m := a.under[a.turn]
	if len(a.owned[m])+1 < a.minQuota {
		a.turn++
		return m
	}
	a.under = slices.Delete(a.under, a.turn, a.turn+1)
	a.exact = append(a.exact, m)
	return m
}
