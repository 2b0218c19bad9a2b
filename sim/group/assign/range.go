package assign

import "ksim/sim/kafka/javahash"

// Range is the Java RangeAssignor: each topic in contiguous blocks to its
// subscribers, static members first by instance id, then by member id. The first
// ones get one partition more when the number does not divide.
func Range(topics []Topic, members []Member) []Assigned {
	g := newGroup(topics, members)
	return g.assigned(g.rangeIn(g.sortedMembers(byInstanceThenID)))
}

// rangeIn deals out blocks to members in the given order.
func (g *group) rangeIn(order []int) [][]int {
	owned := make([][]int, len(g.members))
	for _, t := range g.topicsInHashMapOrder() {
		topic := &g.topics[t]
		quota := int(topic.Partitions) / len(topic.subscribers)
		extra := int(topic.Partitions) % len(topic.subscribers)
		next := topic.first
		for _, m := range order {
			if !g.subscribed[m][t] {
				continue
			}
			size := quota
			if extra > 0 {
				size, extra = size+1, extra-1
			}
			for range size {
				owned[m] = append(owned[m], next)
				next++
			}
		}
	}
	return owned
}

// topicsInHashMapOrder is the order in which a member's blocks follow each other:
// the assignor collects the subscribed names in a HashSet, then puts those with
// metadata into a HashMap.
func (g *group) topicsInHashMapOrder() []int {
	var names, known javahash.Order
	for m := range g.members {
		for _, name := range g.members[m].Topics {
			names.Add(name)
		}
	}
	for name := range names.All() {
		if _, ok := g.topicNumber(name); ok {
			known.Add(name)
		}
	}
	order := make([]int, 0, len(g.topics))
	for name := range known.All() {
		t, _ := g.topicNumber(name)
		order = append(order, t)
	}
	return order
}
