package assign

import (
	"cmp"
	"slices"
)

// general is the assignment when subscriptions differ: begin with what everyone
// owns, hand out the rest, then move partitions until it is balanced
// (AbstractStickyAssignor.GeneralAssignmentBuilder).
type general struct {
	*group
	owned    [][]int
	owner    []int   // by partition, or none
	previous []claim // by partition: who owned it in a generation before the latest
	rank     []int   // by member: its place by member id
	capacity []int   // by member: the number of partitions that it subscribes
	byLoad   []int   // members taking part: by partitions owned, then member id
	moves    moves
	gap      int // what a member must have less than another to be worth a look
}

// claim is a member's ownership of a partition in some generation.
type claim struct {
	member     int // or none
	generation int32
}

func newGeneral(g *group, c *claims) *general {
	a := &general{
		group:    g,
		owned:    c.owned,
		owner:    make([]int, len(g.partitions)),
		previous: g.previousOwners(c),
		rank:     make([]int, len(g.members)),
		capacity: make([]int, len(g.members)),
		moves:    newSetMoves(),
		gap:      2,
	}
	for i, m := range g.sortedMembers(byID) {
		a.rank[m] = i
	}
	for p, t := range g.topicOf {
		a.owner[p] = none
		for _, m := range g.topics[t].subscribers {
			a.capacity[m]++
		}
	}
	return a
}

// assignGeneral needs two members at least: one alone has equal subscriptions.
func (g *group) assignGeneral(c *claims) [][]int {
	a := newGeneral(g, c)
	revoked := a.keepSubscribed()
	for m := range g.members {
		a.byLoad = append(a.byLoad, m)
	}
	slices.SortFunc(a.byLoad, a.compareLoad)

	a.handOut(a.scarceFirst(), revoked)
	return a.owned
}

// handOut gives away what nobody owns, in the order of the list of all partitions,
// and balances the whole.
func (a *general) handOut(all []int, revoked bool) {
	unassigned := slices.DeleteFunc(slices.Clone(all), func(p int) bool { return a.owner[p] != none })
	initializing := len(a.owned[a.byLoad[len(a.byLoad)-1]]) == 0
	for _, p := range unassigned {
		a.give(p, a.leastLoaded(a.topicOf[p]))
	}

	// What only one member can own, and who has only that, cannot be balanced.
	fixed := func(p int) bool { return len(a.topics[a.topicOf[p]].subscribers) < 2 }
	all = slices.DeleteFunc(all, fixed)
	unassigned = slices.DeleteFunc(unassigned, fixed)
	a.setAside(fixed)
	if revoked {
		unassigned = nil // only where nothing is revoked are the new ones tried alone first
	}
	a.balance(unassigned, all, initializing)
}

// setAside excludes the members that have all they could have, none of which can
// go to another.
func (a *general) setAside(fixed func(p int) bool) {
	for m := range a.members {
		if len(a.owned[m]) < a.capacity[m] || slices.ContainsFunc(a.owned[m], func(p int) bool { return !fixed(p) }) {
			continue
		}
		a.leaveOrder(m)
		// They may have owned what they no longer subscribe. There Java throws a
		// NullPointerException; here they do not get it back.
		for p := range a.previous {
			if a.previous[p].member == m {
				a.previous[p].member = none
			}
		}
	}
}

// previousOwners remembers, of the members that are behind the latest generation,
// who owned each partition last.
func (g *group) previousOwners(c *claims) []claim {
	latest := int32(-1)
	for _, generation := range c.generation {
		latest = max(latest, generation)
	}
	previous := make([]claim, len(g.partitions))
	for p := range previous {
		previous[p].member = none
	}
	for m, generation := range c.generation {
		if generation >= latest {
			continue
		}
		for _, p := range c.reported[m] {
			if previous[p].member == none || generation > previous[p].generation {
				previous[p] = claim{m, generation}
			}
		}
	}
	return previous
}

// keepSubscribed takes from the members what they no longer subscribe, and tells
// whether there was anything.
func (a *general) keepSubscribed() (revoked bool) {
	for m := range a.owned {
		before := len(a.owned[m])
		a.owned[m] = slices.DeleteFunc(a.owned[m], func(p int) bool { return !a.subscribed[m][a.topicOf[p]] })
		revoked = revoked || len(a.owned[m]) < before
		for _, p := range a.owned[m] {
			a.owner[p] = m
		}
	}
	return revoked
}

// scarceFirst lists all partitions, those of the topics with the fewest
// subscribers first, then by topic and number.
func (a *general) scarceFirst() []int {
	all := make([]int, len(a.partitions))
	for p := range all {
		all[p] = p
	}
	slices.SortStableFunc(all, func(x, y int) int {
		return cmp.Compare(len(a.topics[a.topicOf[x]].subscribers), len(a.topics[a.topicOf[y]].subscribers))
	})
	return all
}

func (a *general) compareLoad(x, y int) int {
	return cmp.Or(cmp.Compare(len(a.owned[x]), len(a.owned[y])), cmp.Compare(a.rank[x], a.rank[y]))
}

// leastLoaded is the first subscriber of a topic in byLoad.
func (a *general) leastLoaded(topic int) int {
	i := slices.IndexFunc(a.byLoad, func(m int) bool { return a.subscribed[m][topic] })
	return a.byLoad[i]
}

// give hands a partition to a member, taking it from its owner if it has one. It
// is the only door to owned, owner and byLoad once they are set up.
func (a *general) give(p, to int) {
	from := a.owner[p]
	a.leaveOrder(to)
	if from != none {
		a.leaveOrder(from)
		a.owned[from] = without(a.owned[from], p)
		a.enterOrder(from)
	}
	a.owned[to] = append(a.owned[to], p)
	a.owner[p] = to
	a.enterOrder(to)
}

func (a *general) leaveOrder(m int) {
	i, _ := slices.BinarySearchFunc(a.byLoad, m, a.compareLoad)
	a.byLoad = slices.Delete(a.byLoad, i, i+1)
}

func (a *general) enterOrder(m int) {
	i, _ := slices.BinarySearchFunc(a.byLoad, m, a.compareLoad)
	a.byLoad = slices.Insert(a.byLoad, i, m)
}
