package kafkajs

import (
	"slices"

	"ksim/sim/kafka"
)

// roundRobin deals out all partitions of all topics, as the brokers list them, one
// by one to the members by member id (RoundRobinAssigner.assign). It asks nobody
// what he subscribes. Members that get nothing are left out.
func roundRobin(topics []kafka.TopicMetadata, members []kafka.JoinGroupMember) []kafka.MemberAssignment {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.MemberID
	}
	slices.Sort(ids)
	dealt := make([][]kafka.TopicPartition, len(ids))
	turn := 0
	for i := range topics {
		for _, p := range topics[i].Listed() {
			dealt[turn] = append(dealt[turn], kafka.TopicPartition{Topic: topics[i].Topic, Partition: p})
			turn = (turn + 1) % len(ids)
		}
	}
	var assignments []kafka.MemberAssignment
	for i, partitions := range dealt {
		if len(partitions) > 0 {
			assignments = append(assignments, kafka.MemberAssignment{MemberID: ids[i], Assignment: kafka.EncodeAssignment(partitions)})
		}
	}
	return assignments
}
