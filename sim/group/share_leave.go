package group

import (
	"fmt"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// ShareTimes are the times of a share group: the broker's, or those that an operator
// has set for the group (GroupConfig).
type ShareTimes struct {
	Session            clock.Duration // share.session.timeout.ms
	Heartbeat          clock.Duration // share.heartbeat.interval.ms
	AssignmentInterval clock.Duration // share.assignment.interval.ms; 0 before 4.3
}

// ConfigureShareGroup tells the times of a share group. Each needs them before its
// first heartbeat.
func (c *Coordinator) ConfigureShareGroup(id string, t ShareTimes) { c.shareTimes[id] = t }

// shareLeave is a heartbeat that leaves (GroupMetadataManager.shareGroupLeave).
func (c *Coordinator) shareLeave(h Host, g *shareGroup, r *kafka.ShareGroupHeartbeatRequest) (*kafka.ShareGroupHeartbeatResponse, *refusal) {
	m := g.member(r.MemberID)
	if m == nil {
		return nil, unknownMember(r.MemberID, g.id)
	}
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Member %s left the share group.", g.id, m.id))
	h.Emit(Event{Kind: MemberLeft, Group: g.id, MemberID: m.id, ClientID: m.clientID})
	c.fenceShare(h, g, m, trace.ReasonMemberLeft)
	return &kafka.ShareGroupHeartbeatResponse{MemberID: r.MemberID, MemberEpoch: r.MemberEpoch}, nil
}

// shareSessionFired is the end of a member's session.
func (c *Coordinator) shareSessionFired(h Host, g *shareGroup, slot uint32) {
	m := &g.slots[slot]
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Member %s fenced from the group because the member session expired.", g.id, m.id))
	h.Emit(Event{Kind: MemberRemoved, Group: g.id, MemberID: m.id, ClientID: m.clientID, Reason: trace.ReasonSessionTimeout})
	c.fenceShare(h, g, m, trace.ReasonSessionTimeout)
}

// fenceShare is the one door out of a share group. Records that the member has acquired
// are none of the coordinator's business: they come back when their lock is over, or
// with the end of the member's session at the partition's leader.
func (c *Coordinator) fenceShare(h Host, g *shareGroup, m *shareMember, reason string) {
	why := epochCause{reason, m.id, m.clientID}
	h.Cancel(g.session(m))
	g.remove(m)
	c.bumpEpoch(h, &g.modernGroup, why)
	g.write(h)
}

func (g *shareGroup) session(m *shareMember) TimerID {
	return TimerID{Kind: TimerShareSession, Group: g.index, Member: m.slot}
}

// armShareSession begins a member's session anew, with each heartbeat that is accepted.
func armShareSession(h Host, now clock.Time, g *shareGroup, m *shareMember, timeout clock.Duration) {
	h.Arm(g.session(m), now+timeout)
}
