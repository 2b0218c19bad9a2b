package sarama

import (
	"cmp"
	"slices"

	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// subscription is what the member tells the leader for one strategy.
func (c *Consumer) subscription(strategy string) string {
	s := kafka.Subscription{Topics: slices.Sorted(slices.Values(c.o.Topics)), Generation: -1}
	if strategy == "sticky" {
		s.UserData = c.userData
	}
	return kafka.EncodeSubscription(s)
}

// partitionCounts is the topics with their numbers of partitions, by name.
func (c *Consumer) partitionCounts() []assign.Topic {
	var out []assign.Topic
	for _, t := range c.topics {
		out = append(out, assign.Topic{Name: t.Topic, Partitions: int32(len(t.Leaders))})
	}
	slices.SortFunc(out, func(a, b assign.Topic) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// strategyNamed is the strategy of a protocol name.
func strategyNamed(name string) assign.Assignor {
	switch name {
	case "roundrobin":
		return assign.SaramaRoundRobin
	case "sticky":
		return assign.SaramaSticky
	default:
		return assign.SaramaRange
	}
}

// balance is the leader's plan (BalanceStrategy.Plan).
func balance(strategy string, topics []assign.Topic, members []kafka.JoinGroupMember) []kafka.MemberAssignment {
	var out []kafka.MemberAssignment
	for _, a := range strategyNamed(strategy)(topics, assign.Members(members)) {
		out = append(out, kafka.MemberAssignment{MemberID: a.MemberID, Assignment: kafka.EncodeAssignment(a.Partitions)})
	}
	return out
}

// received is the claims of an assignment, sorted; sticky remembers them.
func (c *Consumer) received(assignment string) []kafka.TopicPartition {
	claims := kafka.DecodeAssignment(assignment)
	slices.SortFunc(claims, kafka.TopicPartition.Compare)
	c.userData = ""
	if c.session.strategy == "sticky" {
		c.userData = assign.EncodeUserData(claims, c.session.generation)
	}
	return claims
}
