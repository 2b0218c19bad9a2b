package group

import (
	"maps"
	"slices"
)

// consumerGroup is a group of the consumer protocol (ConsumerGroup, KIP-848). All of
// it is written to the log with each change, so nothing is lost when the coordinator
// moves.
type consumerGroup struct {
	modernGroup

	slots      []consumerMember // by slot number
	free       []uint32
	byID       map[string]uint32 // ids in all roles
	byInstance map[string]string // member ids of static members
	preferred  preferredAssignors

	// held are the partitions that some member has or has yet to give up: nobody
	// else can be assigned them (ConsumerGroup.currentPartitionEpoch).
	held map[partitionID]string
}

// newConsumerGroup is a group that does not exist yet.
func newConsumerGroup(index uint32, id string) *consumerGroup {
	return &consumerGroup{modernGroup: newModernGroup(index, id),
		byID: map[string]uint32{}, byInstance: map[string]string{}, held: map[partitionID]string{}}
}

// discard forgets everything about the group but the timers that still run.
func (g *consumerGroup) discard() {
	left := *g
	*g = *newConsumerGroup(g.index, g.id)
	g.slots, g.free, g.byID = left.slots, left.free, left.byID
	for i := range g.slots {
		if m := &g.slots[i]; m.role != roleFree {
			g.letGo(m)
		}
	}
}

// allMembers are the slots of the members in Kafka's order, as they are now.
func (g *consumerGroup) allMembers() []uint32 {
	slots := make([]uint32, 0, g.members.Len())
	for id := range g.members.All() {
		slots = append(slots, g.byID[id])
	}
	return slots
}

func (g *consumerGroup) clone() *consumerGroup {
	c := *g
	c.modernGroup = g.modernGroup.clone()
	c.slots = slices.Clone(g.slots)
	c.free = slices.Clone(g.free)
	c.byID = maps.Clone(g.byID)
	c.byInstance = maps.Clone(g.byInstance)
	c.preferred = g.preferred.clone()
	c.held = maps.Clone(g.held)
	return &c
}
