package assign

import (
	"cmp"
	"slices"
)

// mixedGroup is what the algorithm for different subscriptions works on
// (UniformHeterogeneousAssignmentBuilder).
type mixedGroup struct {
	topics      []ServerTopic
	members     []ServerMember
	subscribers [][]int   // by topic: members, ascending
	owners      [][]int   // by topic and partition: member or none
	loads       []int     // by member: partitions in its target
	drafts      []*draft  // by member
	balancer    *balancer // used again and again
}

// maxSweeps bounds the balancing (MAX_ITERATION_COUNT).
const maxSweeps = 16

func uniformHeterogeneous(topics []ServerTopic, members []ServerMember) []Target {
	targets := make([]Target, len(members))
	g := newMixedGroup(topics, members)
	order := g.topicOrder()
	if len(order) == 0 {
		return targets
	}
	for m := range members {
		g.keepSubscribed(m)
	}
	g.assignFree(order)
	g.balance(slices.DeleteFunc(order, func(t int) bool { return len(g.subscribers[t]) < 2 }))
	for m, d := range g.drafts {
		targets[m] = d.target()
	}
	return targets
}

func newMixedGroup(topics []ServerTopic, members []ServerMember) *mixedGroup {
	g := &mixedGroup{
		topics: topics, members: members,
		subscribers: make([][]int, len(topics)),
		owners:      make([][]int, len(topics)),
		loads:       make([]int, len(members)),
	}
	for m := range members {
		for _, t := range members[m].Topics {
			g.subscribers[t] = append(g.subscribers[t], m)
		}
	}
	for t := range topics {
		g.owners[t] = make([]int, topics[t].Partitions)
		for p := range g.owners[t] {
			g.owners[t][p] = none
		}
	}
	g.balancer = &balancer{loads: g.loads}
	return g
}

// topicOrder is the subscribed topics: those with the most partitions for each
// subscriber first, then those with the fewest subscribers, then by id.
func (g *mixedGroup) topicOrder() []int {
	var order []int
	for t := range g.topics {
		if len(g.subscribers[t]) > 0 {
			order = append(order, t)
		}
	}
	slices.SortFunc(order, func(a, b int) int {
		sa, sb := len(g.subscribers[a]), len(g.subscribers[b])
		return cmp.Or(
			cmp.Compare(int64(g.topics[b].Partitions)*int64(sa), int64(g.topics[a].Partitions)*int64(sb)),
			cmp.Compare(sa, sb),
			g.topics[a].ID.Compare(g.topics[b].ID))
	})
	return order
}

// keepSubscribed leaves a member what it has of the topics that it subscribes.
func (g *mixedGroup) keepSubscribed(m int) {
	d := newDraft(g.members[m].Target)
	g.drafts = append(g.drafts, d)
	for _, s := range g.members[m].Target {
		if !slices.Contains(g.members[m].Topics, s.Topic) {
			d.drop(s.Topic)
			continue
		}
		g.loads[m] += len(s.Partitions)
		for _, p := range s.Partitions {
			g.owners[s.Topic][p] = m
		}
	}
}

// assignFree gives each free partition to the least loaded subscriber.
func (g *mixedGroup) assignFree(order []int) {
	for _, t := range order {
		if !slices.Contains(g.owners[t], none) {
			continue
		}
		g.balancer.begin(g.subscribers[t])
		for p, owner := range g.owners[t] {
			if owner == none {
				g.give(t, int32(p), g.balancer.nextLeast())
			}
		}
	}
}

// balance goes over the topics until a whole round moves nothing.
func (g *mixedGroup) balance(order []int) {
	last := none // the topic in which the latest move was, or the first
	for range maxSweeps {
		for i, t := range order {
			if i == last {
				return
			}
			if moved := g.balanceTopic(t); moved || last == none {
				last = i
			}
		}
	}
}

// balanceTopic moves partitions of a topic from its most to its least loaded
// subscribers.
func (g *mixedGroup) balanceTopic(t int) (moved bool) {
	b := g.balancer
	if b.begin(g.subscribers[t]) <= 1 {
		return false
	}
	owned := make(map[int][]int32, len(g.subscribers[t])) // by member, ascending
	for p, m := range g.owners[t] {
		owned[m] = append(owned[m], int32(p))
	}
	for !b.balanced() {
		most := b.nextMost()
		for most != none && len(owned[most]) == 0 {
			b.excludeMost()
			most = b.nextMost()
		}
		if most == none {
			return moved
		}
		last := len(owned[most]) - 1
		p := owned[most][last]
		owned[most] = owned[most][:last]
		least := b.nextLeast()
		if b.balanced() {
			return moved
		}
		g.give(t, p, least)
		moved = true
	}
	return moved
}

// give puts a partition into a member's target, and out of its owner's.
func (g *mixedGroup) give(t int, p int32, to int) {
	if from := g.owners[t][p]; from != none {
		g.drafts[from].remove(t, p)
		g.loads[from]--
	}
	// Kafka makes a new set as large as it expects it to become.
	expected := (int(g.topics[t].Partitions) + len(g.subscribers[t]) - 1) / len(g.subscribers[t])
	g.drafts[to].add(t, p, expected*4/3+1)
	g.owners[t][p] = to
	g.loads[to]++
}

// balancer hands out the least and the most loaded of some members, one load level
// after the other, while their loads change (MemberAssignmentBalancer).
type balancer struct {
	loads   []int
	members []int // by load, then number, as of begin

	leastEnd  int // the members before it are on the lowest level
	leastNext int
	leastLoad int

	mostStart, mostEnd int // the members between are on the highest level
	mostNext           int
	mostLoad           int
}

// begin takes the members; the answer is how far their loads are apart.
func (b *balancer) begin(members []int) int {
	if len(members) == 0 {
		return 0
	}
	b.members = append(b.members[:0], members...)
	slices.SortFunc(b.members, func(x, y int) int {
		return cmp.Or(cmp.Compare(b.loads[x], b.loads[y]), cmp.Compare(x, y))
	})
	n := len(b.members)
	low, high := b.loads[b.members[0]], b.loads[b.members[n-1]]
	b.leastEnd, b.leastNext, b.leastLoad = 0, 0, low-1
	b.mostStart, b.mostEnd, b.mostNext, b.mostLoad = n, n, n-1, high+1
	return high - low
}

// nextLeast is the next member of the lowest level; after the last, the level rises
// by one, and who stands on it by now joins.
func (b *balancer) nextLeast() int {
	if b.leastNext >= b.leastEnd {
		b.leastLoad++
		for b.leastEnd < len(b.members) && b.loads[b.members[b.leastEnd]] == b.leastLoad {
			b.leastEnd++
		}
		b.leastNext = 0
	}
	b.leastNext++
	return b.members[b.leastNext-1]
}

// nextMost is the next member of the highest level, or none.
func (b *balancer) nextMost() int {
	if b.mostNext < b.mostStart {
		if b.mostStart == b.mostEnd && b.mostStart > 0 {
			// All above have been excluded.
			b.mostLoad = b.loads[b.members[b.mostStart-1]]
		} else {
			b.mostLoad--
		}
		for b.mostStart > 0 && b.loads[b.members[b.mostStart-1]] == b.mostLoad {
			b.mostStart--
		}
		b.mostNext = b.mostEnd - 1
	}
	if b.mostNext < 0 {
		return none
	}
	b.mostNext--
	return b.members[b.mostNext+1]
}

// excludeMost takes out the member that nextMost has just given.
func (b *balancer) excludeMost() {
	given, last := b.mostNext+1, b.mostEnd-1
	b.members[given], b.members[last] = b.members[last], b.members[given]
	b.mostEnd--
}

// balanced tells whether the levels have met.
func (b *balancer) balanced() bool { return b.mostLoad-b.leastLoad <= 1 }
