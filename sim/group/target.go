package group

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
	"ksim/sim/kafka/javahash"
)

// maybeComputeTargets computes new targets for all members when the group has a newer
// epoch than theirs (GroupMetadataManager.maybeUpdateTargetAssignment). Since 4.3 it
// does so at most once in each assignment interval: until then members go on towards
// the old ones, and some later heartbeat computes. The member whose heartbeat it is
// asked for one assignor, and asks for another now.
func (c *Coordinator) maybeComputeTargets(h Host, now clock.Time, g *consumerGroup, was, is string) {
	if !g.mayCompute(now, c.times[g.id].AssignmentInterval) {
		return
	}
	name := g.preferred.favourite(was, is)
	if name == "" {
		name = c.cfg.ConsumerAssignors[0]
	}
	c.computeTargets(h, now, g, name)
}

func (c *Coordinator) computeTargets(h Host, now clock.Time, g *consumerGroup, assignor string) {
	decide, _ := assign.ServerByName(assignor)
	members := c.assignable(g)
	for i, target := range decide(c.topics.list, members, g.homogeneous) {
		if m := g.member(members[i].ID); !target.Equal(m.target) {
			m.target = target.Stored(c.topics.list)
		}
	}
	g.computed(h, now, assignor)
}

// assignable is the members as the assignor sees them, in the order of a HashMap that
// was filled from the group's own map (TargetAssignmentBuilder).
func (c *Coordinator) assignable(g *consumerGroup) (members []assign.ServerMember) {
	var order javahash.Order
	newest := ""
	for id := range g.members.All() {
		if g.member(id).joining {
			newest = id // not in the group's map yet
		} else {
			order.Add(id)
		}
	}
	if newest != "" {
		order.Add(newest)
	}
	for id := range order.All() {
		m := g.member(id)
		s := assign.ServerMember{ID: id, InstanceID: m.instance, SubscribedNames: len(m.topics), Target: m.target}
		for _, name := range m.topics {
			if n, ok := c.topics.find(name); ok {
				s.Topics = append(s.Topics, int(n))
			}
		}
		members = append(members, s)
	}
	return members
}

// named are held partitions by name, as they go to the member.
func (c *Coordinator) named(held []heldPartition) []kafka.TopicPartition {
	list := make([]kafka.TopicPartition, 0, len(held))
	for _, p := range held {
		list = append(list, c.topics.name(p.partitionID))
	}
	slices.SortFunc(list, kafka.TopicPartition.Compare)
	return list
}
