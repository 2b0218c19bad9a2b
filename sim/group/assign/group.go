package assign

import (
	"cmp"
	"slices"
	"strings"

	"ksim/sim/kafka"
	"ksim/sim/kafka/javahash"
)

// group is what an assignor works on, in numbers: members by their place in the
// leader's HashMap, topics by name, partitions by (topic, partition).
type group struct {
	members    []Member
	topics     []topic // subscribed, with metadata
	partitions []kafka.TopicPartition
	topicOf    []int    // by partition
	subscribed [][]bool // by member and topic
}

// topic is a topic that some member subscribes.
type topic struct {
	Topic
	first       int   // the number of its partition 0
	subscribers []int // members, ascending
}

// none is no member.
const none = -1

func newGroup(topics []Topic, members []Member) *group {
	g := &group{members: inHashMapOrder(members)}
	wanted := make(map[string]bool)
	for _, m := range members {
		for _, name := range m.Topics {
			wanted[name] = true
		}
	}
	for _, t := range topics {
		if t.Partitions > 0 && wanted[t.Name] {
			g.addTopic(t)
		}
	}
	for m := range g.members {
		subscribed := make([]bool, len(g.topics))
		for _, name := range g.members[m].Topics {
			if t, ok := g.topicNumber(name); ok {
				subscribed[t] = true
				g.topics[t].subscribers = append(g.topics[t].subscribers, m)
			}
		}
		g.subscribed = append(g.subscribed, subscribed)
	}
	return g
}

func (g *group) addTopic(t Topic) {
	number := len(g.topics)
	g.topics = append(g.topics, topic{Topic: t, first: len(g.partitions)})
	for p := range t.Partitions {
		g.partitions = append(g.partitions, kafka.TopicPartition{Topic: t.Name, Partition: p})
		g.topicOf = append(g.topicOf, number)
	}
}

// inHashMapOrder sorts members as a HashMap by member id iterates over them.
func inHashMapOrder(members []Member) []Member {
	var order javahash.Order
	byID := make(map[string]Member, len(members))
	for _, m := range members {
		order.Add(m.ID)
		byID[m.ID] = m
	}
	sorted := make([]Member, 0, order.Len())
	for id := range order.All() {
		sorted = append(sorted, byID[id])
	}
	return sorted
}

// topicNumber finds a topic by name.
func (g *group) topicNumber(name string) (int, bool) {
	return slices.BinarySearchFunc(g.topics, name, func(t topic, name string) int { return cmp.Compare(t.Name, name) })
}

// partitionNumber finds a partition; one beyond its topic's count does not exist.
func (g *group) partitionNumber(tp kafka.TopicPartition) (int, bool) {
	t, ok := g.topicNumber(tp.Topic)
	if !ok || tp.Partition < 0 || tp.Partition >= g.topics[t].Partitions {
		return 0, false
	}
	return g.topics[t].first + int(tp.Partition), true
}

// sortedMembers gives all members by compare, equal ones in the HashMap's order.
func (g *group) sortedMembers(compare func(a, b *Member) int) []int {
	sorted := make([]int, len(g.members))
	for m := range sorted {
		sorted[m] = m
	}
	slices.SortStableFunc(sorted, func(a, b int) int { return compare(&g.members[a], &g.members[b]) })
	return sorted
}

// byInstanceThenID is MemberInfo.compareTo: static members first, by instance id,
// so that a restart does not change their place; then the others, by member id.
func byInstanceThenID(a, b *Member) int {
	switch {
	case a.InstanceID != "" && b.InstanceID != "":
		return strings.Compare(a.InstanceID, b.InstanceID)
	case a.InstanceID != "":
		return -1
	case b.InstanceID != "":
		return 1
	}
	return byID(a, b)
}

func byID(a, b *Member) int { return strings.Compare(a.ID, b.ID) }

// assigned turns partition numbers by member into the answer.
func (g *group) assigned(owned [][]int) []Assigned {
	answer := make([]Assigned, len(g.members))
	for m := range answer {
		answer[m].MemberID = g.members[m].ID
		for _, p := range owned[m] {
			answer[m].Partitions = append(answer[m].Partitions, g.partitions[p])
		}
	}
	return answer
}
