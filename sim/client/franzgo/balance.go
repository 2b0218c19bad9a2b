package franzgo

import (
	"cmp"
	"slices"
	"strings"

	"ksim/sim/client"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// cooperativeSticky is the one cooperative balancer.
const cooperativeSticky = "cooperative-sticky"

// subscription is what the member tells the leader for one balancer
// (JoinGroupMetadata): sticky ones what it owned last.
func (c *Consumer) subscription(balancer string) string {
	s := kafka.Subscription{Topics: slices.Sorted(slices.Values(c.o.Topics)), Generation: c.generated}
	switch balancer {
	case "sticky":
		if len(c.lastAssigned) > 0 || c.generated >= 0 {
			s.UserData = assign.EncodeUserData(c.lastAssigned, c.generated)
		}
	case cooperativeSticky:
		s.Owned = sorted(c.lastAssigned)
	}
	return kafka.EncodeSubscription(s)
}

// balance is the leader's plan.
func (c *Consumer) balance(h client.Host, r *kafka.JoinGroupResponse) []assign.Assigned {
	members := assign.Members(r.Members)
	slices.SortFunc(members, func(a, b assign.Member) int { return cmp.Compare(a.ID, b.ID) })
	for _, m := range members {
		c.info(h, "balance group member", "id", m.ID, "interests", "interested topics: ["+strings.Join(m.Topics, " ")+"], previously owned: "+partitionsText(sorted(m.Owned)))
	}
	return balancerNamed(r.Protocol)(c.metadata.counts(), members)
}

// balancerNamed is the balancer of a protocol name; range and roundrobin are
// Java's.
func balancerNamed(name string) assign.Assignor {
	switch name {
	case "range":
		return assign.Range
	case "roundrobin":
		return assign.RoundRobin
	case "sticky":
		return assign.FranzGoSticky
	default:
		return assign.FranzGoCooperativeSticky
	}
}

// sorted is a copy of partitions in order, never nil.
func sorted(tps []kafka.TopicPartition) []kafka.TopicPartition {
	out := append([]kafka.TopicPartition{}, tps...)
	slices.SortFunc(out, kafka.TopicPartition.Compare)
	return out
}
