package kafkago

import (
	"slices"
	"strings"

	"ksim/sim/kafka"
)

// share is what a member gets.
type share struct {
	memberID   string
	partitions []kafka.TopicPartition
}

// rangeBalancer deals out each topic by itself, in contiguous blocks of its
// partitions as the brokers list them (RangeGroupBalancer). Where the number does
// not divide, it is not the first members who get one more.
func rangeBalancer(members []kafka.JoinGroupMember, topics []kafka.TopicMetadata) []share {
	return balanced(members, topics, func(i, n, members int) int {
		return ((i+1)*members - 1) / n // the member m with m·n/members ≤ i < (m+1)·n/members
	})
}

// roundRobinBalancer deals out each topic by itself, one by one
// (RoundRobinGroupBalancer).
func roundRobinBalancer(members []kafka.JoinGroupMember, topics []kafka.TopicMetadata) []share {
	return balanced(members, topics, func(i, _, members int) int { return i % members })
}

// balanced gives each member, by id, its share of each topic that it subscribes: the
// i-th of n partitions goes to the member that owner names among the subscribers.
func balanced(members []kafka.JoinGroupMember, topics []kafka.TopicMetadata, owner func(i, n, members int) int) []share {
	sorted := slices.SortedFunc(slices.Values(members), func(a, b kafka.JoinGroupMember) int { return strings.Compare(a.MemberID, b.MemberID) })
	shares := make([]share, len(sorted))
	for m := range sorted {
		shares[m].memberID = sorted[m].MemberID
	}
	for t := range topics {
		var subscribers []int
		for m := range sorted {
			if slices.Contains(kafka.DecodeSubscription(sorted[m].Metadata).Topics, topics[t].Topic) {
				subscribers = append(subscribers, m)
			}
		}
		listed := topics[t].Listed()
		for i, p := range listed {
			s := &shares[subscribers[owner(i, len(listed), len(subscribers))]]
			s.partitions = append(s.partitions, kafka.TopicPartition{Topic: topics[t].Topic, Partition: p})
		}
	}
	return shares
}
