package assign

import (
	"cmp"
	"slices"

	"ksim/sim/kafka"
)

// Topic is a topic with its number of partitions. A topic that is missing, or
// that has none, is a topic without metadata: nobody gets anything of it.
type Topic struct {
	Name       string
	Partitions int32
}

// Counts is the topics of a client's metadata with their numbers of partitions, by
// name.
func Counts(topics []kafka.TopicMetadata) []Topic {
	counts := make([]Topic, 0, len(topics))
	for _, t := range topics {
		counts = append(counts, Topic{t.Topic, int32(len(t.Leaders))})
	}
	slices.SortFunc(counts, func(a, b Topic) int { return cmp.Compare(a.Name, b.Name) })
	return counts
}

// Member is a member as the leader knows it. Topics must be distinct.
type Member struct {
	ID         string
	InstanceID string // "" when dynamic
	kafka.Subscription
}

// Members reads the members of a JoinGroup response.
func Members(joined []kafka.JoinGroupMember) []Member {
	members := make([]Member, len(joined))
	for i, m := range joined {
		members[i] = Member{m.MemberID, m.InstanceID, kafka.DecodeSubscription(m.Metadata)}
	}
	return members
}

// Assigned is what one member gets, in the assignor's order.
type Assigned struct {
	MemberID   string
	Partitions []kafka.TopicPartition
}

// Assignor decides who gets what. Topics are sorted by name; members come in the
// order in which the leader got them. The answer has one entry for each member,
// in the order of the HashMap by member id into which the Java leader puts them.
type Assignor func(topics []Topic, members []Member) []Assigned

// ByName finds the Java client's assignor with that protocol name: range,
// roundrobin, sticky or cooperative-sticky.
func ByName(name string) (Assignor, bool) {
	switch name {
	case "range":
		return Range, true
	case "roundrobin":
		return RoundRobin, true
	case "sticky":
		return Sticky, true
	case "cooperative-sticky":
		return CooperativeSticky, true
	}
	return nil, false
}
