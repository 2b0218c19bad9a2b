package group

import (
	"fmt"

	"ksim/sim/kafka"
)

// subscribeStatic is the static member of a heartbeat (KIP-345). Joining makes it, or
// puts it in the place of the member that has left with −2.
func (c *Coordinator) subscribeStatic(h Host, g *consumerGroup, r *kafka.ConsumerGroupHeartbeatRequest) (*consumerMember, *refusal) {
	owner := g.staticMember(r.InstanceID)
	if r.MemberEpoch != epochJoin {
		if no := g.checkInstance(h, owner, r); no != nil {
			return nil, no
		}
		if no := c.checkEpoch(owner, r); no != nil {
			return nil, no
		}
		return owner, nil
	}
	if owner == nil {
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Static member %s with instance id %s joins the consumer group using the consumer protocol.", g.id, r.MemberID, r.InstanceID))
		return g.addStatic(r), nil
	}
	if owner.epoch != epochLeaveStatic && !owner.classic.speaks {
		// Even when it is the same member: it must leave first.
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Static member %s with instance id %s cannot join the group because the instance id is owned by member %s.", g.id, r.MemberID, r.InstanceID, owner.id))
		return nil, refuse(kafka.ErrUnreleasedInstanceID, "Static member %s with instance id %s cannot join the group because the instance id is owned by %s member.", r.MemberID, r.InstanceID, owner.id)
	}
	before := owner.id
	m := g.replaceStatic(owner, r.MemberID)
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Static member with instance id %s re-joins the consumer group using the consumer protocol. Created a new member %s to replace the existing member %s.", g.id, r.InstanceID, m.id, before))
	return m, nil
}

// addStatic makes a new static member. If a dynamic member has the id already, it
// becomes static.
func (g *consumerGroup) addStatic(r *kafka.ConsumerGroupHeartbeatRequest) *consumerMember {
	m := g.member(r.MemberID)
	if m == nil {
		return g.add(consumerMember{id: r.MemberID, instance: r.InstanceID, joining: true})
	}
	m.instance = r.InstanceID
	g.byInstance[m.instance] = m.id
	return m
}

// replaceStatic gives a static member that is away a new id: all that it had goes
// over, the timers of the old id run on without effect
// (GroupMetadataManager.replaceMember).
func (g *consumerGroup) replaceStatic(owner *consumerMember, id string) *consumerMember {
	successor := *owner
	successor.id, successor.epoch, successor.previous = id, epochJoin, 0
	successor.joining = id != owner.id
	g.remove(owner)
	return g.add(successor)
}

// checkInstance tells why a member may not speak for an instance id, if so.
func (g *consumerGroup) checkInstance(h Host, owner *consumerMember, r *kafka.ConsumerGroupHeartbeatRequest) *refusal {
	switch {
	case owner == nil:
		return refuse(kafka.ErrUnknownMemberID, "Instance id %s is unknown.", r.InstanceID)
	case owner.id != r.MemberID:
		h.Log("INFO", fencedText(g, owner, r.MemberID, r.InstanceID))
		return refuse(kafka.ErrFencedInstanceID, "Static member %s with instance id %s was fenced by member %s.", r.MemberID, r.InstanceID, owner.id)
	}
	return nil
}

// fencedText is the broker's line about a member whose instance id is another's.
func fencedText(g *consumerGroup, owner *consumerMember, memberID, instance string) string {
	return fmt.Sprintf("[GroupId %s] Static member %s with instance id %s is fenced by existing member %s.", g.id, memberID, instance, owner.id)
}
