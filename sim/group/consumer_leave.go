package group

import (
	"fmt"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// consumerLeave is a heartbeat that leaves (GroupMetadataManager.consumerGroupLeave):
// with −1 the member is gone; with −2 a static member is away, and its partitions wait
// for it until its session, which began with its last heartbeat, is over.
func (c *Coordinator) consumerLeave(h Host, now clock.Time, r *kafka.ConsumerGroupHeartbeatRequest) (*kafka.ConsumerGroupHeartbeatResponse, *refusal) {
	g := c.consumer(r.Group)
	if g == nil {
		if c.lookup(r.Group) != nil || c.share(r.Group) != nil {
			return nil, refuse(kafka.ErrGroupIDNotFound, "Group %s is not a consumer group.", r.Group)
		}
		return nil, refuse(kafka.ErrGroupIDNotFound, "Group %s not found.", r.Group)
	}
	response := &kafka.ConsumerGroupHeartbeatResponse{MemberID: r.MemberID, MemberEpoch: r.MemberEpoch}
	m := g.member(r.MemberID)
	left := fmt.Sprintf("[GroupId %s] Member %s left the consumer group.", g.id, r.MemberID)
	if r.InstanceID != "" {
		m = g.staticMember(r.InstanceID)
		if no := g.checkInstance(h, m, r); no != nil {
			return nil, no
		}
		if r.MemberEpoch == epochLeaveStatic {
			c.leaveForAWhile(h, g, m)
			return response, nil
		}
		left = fmt.Sprintf("[GroupId %s] Static member %s with instance id %s left the consumer group.", g.id, m.id, m.instance)
	}
	if m == nil {
		return nil, unknownMember(r.MemberID, g.id)
	}
	h.Log("INFO", left)
	h.Emit(Event{Kind: MemberLeft, Group: g.id, MemberID: m.id, ClientID: m.clientID})
	c.fence(h, now, g, m, trace.ReasonMemberLeft)
	return response, nil
}

// leaveForAWhile marks a static member as away. What it has it keeps, so no epoch
// begins; what it had yet to give up is free.
func (c *Coordinator) leaveForAWhile(h Host, g *consumerGroup, m *consumerMember) {
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Static member %s with instance id %s temporarily left the consumer group.", g.id, m.id, m.instance))
	g.release(m.revoking)
	m.epoch, m.revoking = epochLeaveStatic, nil
	m.assigned = append([]heldPartition(nil), m.assigned...)
	for i := range m.assigned {
		m.assigned[i].epoch = 0
	}
	g.put(m, m.assignor)
	g.write(h)
}

// fence is the way out for one member: it has left, or the coordinator has dropped it.
func (c *Coordinator) fence(h Host, now clock.Time, g *consumerGroup, m *consumerMember, reason string) {
	c.fenceAll(h, now, g, []*consumerMember{m}, reason)
}

// fenceAll is the one door out of the group. The members' partitions are free at once,
// and a new epoch begins; or the group becomes a classic one, when nobody is left who
// speaks the consumer protocol. Then their timers run on without effect.
func (c *Coordinator) fenceAll(h Host, now clock.Time, g *consumerGroup, members []*consumerMember, reason string) {
	why := epochCause{reason, members[0].id, members[0].clientID}
	if c.downgrades(h, g, members) {
		c.downgradeFor(h, now, g, members, why)
		return
	}
	for _, m := range members {
		cancelConsumerSession(h, g, m)
		cancelRevocation(h, g, m)
		cancelClassicJoin(h, g, m)
		cancelClassicSync(h, g, m)
		g.remove(m)
	}
	c.bumpEpoch(h, &g.modernGroup, why)
	g.write(h)
}
