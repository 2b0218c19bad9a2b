package group

import (
	"fmt"
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
	if g.epoch <= g.targetEpoch {
		return
	}
	if interval := c.times[g.id].AssignmentInterval; interval > 0 && g.targetAt != never && now < g.targetAt+interval {
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
	g.targetEpoch, g.targetAt = g.epoch, now
	g.unwritten = true
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Computed a new target assignment for epoch %d with '%s' assignor in 0ms.", g.id, g.epoch, assignor))
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

// bumpEpoch is the only way to a new epoch of the group. Why and by whom is for the
// trace.
func (c *Coordinator) bumpEpoch(h Host, g *consumerGroup, why epochCause) {
	g.settle()
	g.topicsHash = c.topics.hash(g.subscribed())
	g.epoch++
	g.unwritten = true
	h.Emit(Event{Kind: EpochBumped, Group: g.id, Epoch: g.epoch, MemberID: why.memberID, ClientID: why.clientID, Reason: why.reason})
	if c.cfg.Version < kafka.V(4, 1, 0) {
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Bumped group epoch to %d.", g.id, g.epoch))
		return
	}
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Bumped group epoch to %d with metadata hash %d.", g.id, g.epoch, int64(g.topicsHash)))
}

// epochCause is why the group's epoch grows.
type epochCause struct{ reason, memberID, clientID string }

// topicsChanged tells whether the topics that the group subscribes are not those of
// its epoch any more.
func (c *Coordinator) topicsChanged(g *consumerGroup) bool {
	return c.topics.hash(g.subscribed()) != g.topicsHash
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
