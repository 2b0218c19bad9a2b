package assign

import (
	"cmp"
	"slices"

	"ksim/sim/kafka"
)

// FranzGoSticky is franz-go's sticky: its own algorithm (pkg/kgo/internal/sticky),
// which hands what nobody owns to the least loaded by a heap, and takes the last
// partitions of the most loaded for the least loaded, level by level.
func FranzGoSticky(topics []Topic, members []Member) []Assigned {
	f := newFranzGo(topics, members, userDataClaims)
	return f.assigned(f.balanced())
}

// FranzGoCooperativeSticky is franz-go's cooperative-sticky: the same, by the owned
// partitions of the subscriptions; what another member has yet to give up is
// withheld (BalancePlan.AdjustCooperative).
func FranzGoCooperativeSticky(topics []Topic, members []Member) []Assigned {
	f := newFranzGo(topics, members, ownedClaims)
	owned := f.balanced()
	f.adjust(owned)
	return f.assigned(owned)
}

// franzGo is one balance: members by their place in order, as the library sorts
// them.
type franzGo struct {
	*group
	order      []int       // members: static ones by instance id, then by member id
	claims     []ownership // by partition: who says that it owns it
	reported   [][]int     // by member
	generation []int32     // by member
	plan       [][]int     // by member
}

// ownership is the two latest claims of a partition, none where there is none.
type ownership struct {
	owner, stale                     int
	ownerGeneration, staleGeneration int32
}

// ownedClaims reads what a member owns from its subscription; one that has not
// been in a generation owns nothing.
func ownedClaims(m *Member) ([]kafka.TopicPartition, int32) {
	if m.Generation < 0 {
		return userDataClaims(m)
	}
	return m.Owned, m.Generation
}

func newFranzGo(topics []Topic, members []Member, memberData func(*Member) ([]kafka.TopicPartition, int32)) *franzGo {
	g := newGroup(topics, members)
	f := &franzGo{group: g, order: g.sortedMembers(byInstanceThenID), claims: make([]ownership, len(g.partitions)),
		reported: make([][]int, len(g.members)), generation: make([]int32, len(g.members)), plan: make([][]int, len(g.members))}
	for p := range f.claims {
		f.claims[p] = ownership{none, none, -1, -1}
	}
	for _, m := range f.order {
		partitions, generation := memberData(&g.members[m])
		f.generation[m] = max(generation, 0)
		f.reported[m] = g.partitionNumbers(partitions)
		for _, p := range f.reported[m] {
			f.claim(p, m, f.generation[m])
		}
	}
	return f
}

// claim keeps the two latest claims of a partition.
func (f *franzGo) claim(p, m int, generation int32) {
	switch c := &f.claims[p]; {
	case generation > c.ownerGeneration:
		c.stale, c.staleGeneration = c.owner, c.ownerGeneration
		c.owner, c.ownerGeneration = m, generation
	case generation > c.staleGeneration:
		c.stale, c.staleGeneration = m, generation
	}
}

// balanced is the plan, by member (sticky.Balance).
func (f *franzGo) balanced() [][]int {
	if len(f.members) == 0 || len(f.partitions) == 0 {
		return f.plan
	}
	if !f.equalSubscriptions() {
		// There the library searches a graph for what to steal; the result is as
		// balanced as that of Java's general algorithm.
		return f.assignGeneral(f.readClaims(func(m *Member) ([]kafka.TopicPartition, int32) { return m.Owned, m.Generation }))
	}
	for p := range f.claims {
		if m := f.claims[p].owner; m != none && f.subscribed[m][f.topicOf[p]] {
			f.plan[m] = append(f.plan[m], p)
		}
	}
	f.giveBack()
	f.fill()
	f.level()
	for m := range f.plan {
		slices.Sort(f.plan[m])
	}
	return f.plan
}

// giveBack lets members that claim by an older generation have their partitions
// again, from owners that have at least two more (tryRestickyStales).
func (f *franzGo) giveBack() {
	for p := range f.claims {
		c := &f.claims[p]
		if c.stale == none || len(f.plan[c.stale])+1 >= len(f.plan[c.owner]) {
			continue
		}
		f.plan[c.owner] = without(f.plan[c.owner], p)
		f.plan[c.stale] = append(f.plan[c.stale], p)
	}
}

// fill hands what nobody owns to the least loaded member, by a heap that only
// sifts down (membersByPartitions).
func (f *franzGo) fill() {
	owned := make([]bool, len(f.partitions))
	for m := range f.plan {
		for _, p := range f.plan[m] {
			owned[p] = true
		}
	}
	heap := slices.Clone(f.order)
	for i := len(heap)/2 - 1; i >= 0; i-- {
		f.down(heap, i)
	}
	for p := range f.partitions {
		if !owned[p] {
			f.plan[heap[0]] = append(f.plan[heap[0]], p)
			f.down(heap, 0)
		}
	}
}

// down lets a member sink below those that have fewer partitions, the left one of
// two equal ones.
func (f *franzGo) down(heap []int, node int) {
	for {
		child := 2*node + 1
		if child >= len(heap) {
			return
		}
		if right := child + 1; right < len(heap) && len(f.plan[heap[right]]) < len(f.plan[heap[child]]) {
			child = right
		}
		if len(f.plan[heap[node]]) <= len(f.plan[heap[child]]) {
			return
		}
		heap[node], heap[child] = heap[child], heap[node]
		node = child
	}
}

// level takes from those who have most, one each, for those who have least, until
// nobody has two more than another. The partitions with the highest numbers go
// first.
func (f *franzGo) level() {
	levels := map[int][]int{} // members by the number of their partitions; looked up, never iterated
	least, most := len(f.plan[f.order[0]]), 0
	for _, m := range f.order {
		n := len(f.plan[m])
		least, most = min(least, n), max(most, n)
		levels[n] = append(levels[n], m)
		slices.SortFunc(f.plan[m], f.byNumber)
	}
	for most > least+1 {
		n := min(len(levels[least]), len(levels[most]))
		up, down := levels[least][:n:n], levels[most][:n:n]
		for i := range n {
			from, to := down[i], up[i]
			last := len(f.plan[from]) - 1
			f.plan[to] = append(f.plan[to], f.plan[from][last])
			f.plan[from] = f.plan[from][:last]
		}
		levels[least], levels[most] = levels[least][n:], levels[most][n:]
		levels[least+1] = append(levels[least+1], up...)
		levels[most-1] = append(levels[most-1], down...)
		for len(levels[least]) == 0 {
			least++
		}
		for len(levels[most]) == 0 {
			most--
		}
	}
}

// byNumber orders partitions by number, then by topic.
func (f *franzGo) byNumber(a, b int) int {
	return cmp.Or(cmp.Compare(f.partitions[a].Partition, f.partitions[b].Partition), cmp.Compare(a, b))
}

// adjust takes from the plan what a member is to get that another one owns and is
// to give up. A claim by an older generation than another's is no ownership.
func (f *franzGo) adjust(plan [][]int) {
	latest := make([]int32, len(f.partitions))
	had := make([][]bool, len(f.members))
	revoked := make([]bool, len(f.partitions))
	for m := range f.members {
		had[m] = f.partitionSet(f.reported[m])
		gets := f.partitionSet(plan[m])
		for _, p := range f.reported[m] {
			latest[p] = max(latest[p], f.generation[m])
			revoked[p] = revoked[p] || !gets[p]
		}
	}
	for m := range plan {
		plan[m] = slices.DeleteFunc(plan[m], func(p int) bool {
			owns := had[m][p] && f.generation[m] >= latest[p]
			return !owns && revoked[p]
		})
	}
}
