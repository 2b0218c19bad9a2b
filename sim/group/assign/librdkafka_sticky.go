package assign

import (
	"cmp"
	"slices"

	"ksim/sim/kafka"
)

// LibrdkafkaCooperativeSticky is librdkafka's cooperative-sticky
// (rd_kafka_sticky_assignor_assign_cb). It has the Java client's general algorithm
// only, in the form of 2.4, also where all subscriptions are equal: partitions that
// nobody owns are handed out from the last to the first, and what has to move is
// taken from the most loaded in turn. What moves is then withheld, as in Java
// (rd_kafka_cooperative_protocol_adjust_assignment).
func LibrdkafkaCooperativeSticky(topics []Topic, members []Member) []Assigned {
	if len(members) == 0 {
		return nil
	}
	g := newGroup(topics, members)
	a := newLibrdkafkaSticky(g)
	revoked := a.keepSubscribed()
	all := a.candidates()
	for m := range g.members {
		a.byLoad = append(a.byLoad, m)
	}
	slices.SortFunc(a.byLoad, a.compareLoad)
	a.handOut(all, revoked)
	return withholdOwned(g.members, g.assigned(a.owned))
}

// newLibrdkafkaSticky reads what the members say they own
// (prepopulateCurrentAssignments). Of several who claim a partition the latest
// generation keeps it, and the one before is remembered; if any two of them claim
// it in one generation it is nobody's.
func newLibrdkafkaSticky(g *group) *general {
	a := newGeneral(g, &claims{owned: make([][]int, len(g.members))})
	a.moves, a.gap = newListMoves(), 1
	claimed := make([][]claim, len(g.partitions))
	for m := range g.members {
		for _, p := range g.partitionNumbers(g.members[m].Owned) {
			claimed[p] = append(claimed[p], claim{m, g.members[m].Generation})
		}
	}
	byGeneration := func(x, y claim) int { return cmp.Compare(x.generation, y.generation) }
	for p, who := range claimed {
		slices.SortStableFunc(who, byGeneration)
		n := len(who)
		if n == 0 || len(slices.CompactFunc(slices.Clone(who), func(x, y claim) bool { return x.generation == y.generation })) < n {
			continue
		}
		a.owned[who[n-1].member] = append(a.owned[who[n-1].member], p)
		if n > 1 {
			a.previous[p] = who[n-2]
		}
	}
	return a
}

// candidates lists the partitions in the order in which they are handed out or
// moved (sortPartitions). Where all subscribe the same, those that are owned come
// first, each taken from who then has the most left, one that had another owner
// before if there is any; the others follow from the last to the first.
func (a *general) candidates() []int {
	if !a.sameTopics() {
		return a.scarceFirst()
	}
	left := make([][]int, len(a.owned))
	for m, owned := range a.owned {
		left[m] = slices.Sorted(slices.Values(owned))
	}
	var list []int
	for {
		m := a.mostLeft(left)
		if len(left[m]) == 0 {
			break
		}
		i := max(0, slices.IndexFunc(left[m], func(p int) bool { return a.previous[p].member != none }))
		list = append(list, left[m][i])
		left[m] = slices.Delete(left[m], i, i+1)
	}
	fresh := len(list) == 0
	for p := len(a.partitions) - 1; p >= 0; p-- {
		if a.owner[p] == none {
			list = append(list, p)
		}
	}
	if fresh {
		slices.Sort(list)
	}
	return list
}

// mostLeft is the member with the longest list, the last by member id of several.
func (a *general) mostLeft(left [][]int) int {
	most := 0
	for m := range left {
		if cmp.Or(cmp.Compare(len(left[m]), len(left[most])), cmp.Compare(a.rank[m], a.rank[most])) > 0 {
			most = m
		}
	}
	return most
}

// sameTopics tells whether all members subscribe the same topics among those that
// there are (areSubscriptionsIdentical).
func (g *group) sameTopics() bool {
	for m := range g.subscribed {
		if !slices.Equal(g.subscribed[m], g.subscribed[0]) {
			return false
		}
	}
	return true
}

// withholdOwned takes from each member what another one still owns, and gives
// everyone back what it owns and nobody has been assigned, such as partitions of a
// topic that is gone.
func withholdOwned(members []Member, list []Assigned) []Assigned {
	owner := make(map[kafka.TopicPartition]int)
	for m := range members {
		for _, tp := range members[m].Owned {
			owner[tp] = m
		}
	}
	given := make(map[kafka.TopicPartition]bool)
	for m := range list {
		for _, tp := range list[m].Partitions {
			given[tp] = true
		}
	}
	for m := range list {
		kept := slices.DeleteFunc(list[m].Partitions, func(tp kafka.TopicPartition) bool {
			other, owned := owner[tp]
			return owned && other != m
		})
		for _, tp := range members[m].Owned {
			if !given[tp] && owner[tp] == m {
				kept = append(kept, tp)
			}
		}
		list[m].Partitions = kept
	}
	return list
}
