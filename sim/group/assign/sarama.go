package assign

import (
	"cmp"
	"slices"
)

// SaramaRange is sarama's range: as the Java client's, but always by member id.
func SaramaRange(topics []Topic, members []Member) []Assigned {
	g := newGroup(topics, members)
	return g.assigned(g.rangeIn(g.sortedMembers(byID)))
}

// SaramaRoundRobin is sarama's roundrobin: the partitions come in the order of
// their names as text, so that events-10 is before events-2, and go to the members
// by member id.
func SaramaRoundRobin(topics []Topic, members []Member) []Assigned {
	g := newGroup(topics, members)
	order := g.sortedMembers(byID)
	byName := make([]int, len(g.partitions))
	for p := range byName {
		byName[p] = p
	}
	slices.SortStableFunc(byName, func(a, b int) int {
		return cmp.Compare(g.partitions[a].String(), g.partitions[b].String())
	})
	owned := make([][]int, len(g.members))
	turn := 0
	for _, p := range byName {
		for !g.subscribed[order[turn]][g.topicOf[p]] {
			turn = (turn + 1) % len(order)
		}
		owned[order[turn]] = append(owned[order[turn]], p)
		turn = (turn + 1) % len(order)
	}
	return g.assigned(owned)
}

// SaramaSticky is sarama's sticky: the general algorithm for equal subscriptions
// too, with its own order of who gives up a partition first. Where the library
// goes by the order of a Go map, which is chance, this goes by topic and number.
func SaramaSticky(topics []Topic, members []Member) []Assigned {
	if len(members) == 0 {
		return nil
	}
	g := newGroup(topics, members)
	a := newGeneral(g, g.readClaims(userDataClaims))
	a.keepSubscribed()
	for m := range g.members {
		slices.Sort(a.owned[m])
		a.byLoad = append(a.byLoad, m)
	}
	slices.SortFunc(a.byLoad, a.compareLoad)
	order := a.scarceFirst()
	if g.equalSubscriptions() && slices.ContainsFunc(a.owned, func(o []int) bool { return len(o) > 0 }) {
		order = a.fromTheMostLoaded()
	}
	initializing := len(a.owned[a.byLoad[0]]) == 0
	for p := range g.partitions {
		if a.owner[p] == none {
			a.give(p, a.leastLoaded(g.topicOf[p]))
		}
	}
	fixed := func(p int) bool { return len(g.topics[g.topicOf[p]].subscribers) < 2 }
	order = slices.DeleteFunc(order, fixed)
	a.setAside(fixed)
	a.balance(nil, order, initializing)
	return g.assigned(a.owned)
}

// fromTheMostLoaded lists the owned partitions in turn: each time one of the member
// that has most left to list, of equal ones the last by member id; one that another
// member owned before comes first. Partitions without owner follow.
func (a *general) fromTheMostLoaded() []int {
	left := make([][]int, len(a.owned))
	for m := range left {
		left[m] = slices.Clone(a.owned[m])
	}
	var order []int
	for range a.partitions {
		most := 0
		for m := range left {
			if len(left[m]) > len(left[most]) || len(left[m]) == len(left[most]) && a.rank[m] > a.rank[most] {
				most = m
			}
		}
		if len(left[most]) == 0 {
			break
		}
		i := max(0, slices.IndexFunc(left[most], func(p int) bool { return a.previous[p].member != none }))
		order = append(order, left[most][i])
		left[most] = slices.Delete(left[most], i, i+1)
	}
	for p := range a.partitions {
		if a.owner[p] == none {
			order = append(order, p)
		}
	}
	return order
}
