package group

import (
	"slices"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// ConsumerView is a group of the consumer protocol as it is, for those who look at it.
type ConsumerView struct {
	State       ConsumerState
	Epoch       int32
	TargetEpoch int32
	TargetAt    clock.Time // when the targets were computed; before 0: never
	Members     []ConsumerMemberView
}

// ConsumerMemberView is a member of a ConsumerView, by id.
type ConsumerMemberView struct {
	ID, InstanceID, ClientID string
	Epoch, PreviousEpoch     int32
	State                    MemberState
	Classic                  bool // it speaks the classic protocol
	Topics                   []string
	Assignor                 string
	RebalanceTimeout         clock.Duration
	Assigned, Revoking       []OwnedPartition
	Target                   []kafka.TopicPartition
}

// OwnedPartition is a partition with the epoch at which its member got it.
type OwnedPartition struct {
	kafka.TopicPartition
	Epoch int32
}

// ConsumerGroup gives a view of a group of the consumer protocol, if there is one.
func (c *Coordinator) ConsumerGroup(id string) (ConsumerView, bool) {
	g := c.consumer(id)
	if g == nil {
		return ConsumerView{}, false
	}
	v := ConsumerView{State: g.state(), Epoch: g.epoch, TargetEpoch: g.targetEpoch, TargetAt: g.targetAt}
	for _, slot := range g.allMembers() {
		m := &g.slots[slot]
		w := ConsumerMemberView{
			ID: m.id, InstanceID: m.instance, ClientID: m.clientID, Epoch: m.epoch, PreviousEpoch: m.previous, State: m.state, Classic: m.classic.speaks,
			Topics: m.topics, Assignor: m.assignor, RebalanceTimeout: m.rebalanceTimeout,
			Assigned: c.owned(m.assigned), Revoking: c.owned(m.revoking),
		}
		for _, s := range m.target {
			for _, p := range s.Partitions {
				w.Target = append(w.Target, c.topics.name(partitionID{int32(s.Topic), p}))
			}
		}
		slices.SortFunc(w.Target, kafka.TopicPartition.Compare)
		v.Members = append(v.Members, w)
	}
	slices.SortFunc(v.Members, func(a, b ConsumerMemberView) int { return strings.Compare(a.ID, b.ID) })
	return v, true
}

func (c *Coordinator) owned(held []heldPartition) []OwnedPartition {
	var list []OwnedPartition
	for _, p := range held {
		list = append(list, OwnedPartition{c.topics.name(p.partitionID), p.epoch})
	}
	slices.SortFunc(list, func(a, b OwnedPartition) int { return a.Compare(b.TopicPartition) })
	return list
}
