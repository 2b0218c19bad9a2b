package group

import (
	"fmt"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// joinStatic is the JoinGroup of a static member (KIP-345) that has no member id
// yet: a new one, or a known one whose process has started again.
func (c *Coordinator) joinStatic(h Host, now clock.Time, g *classicGroup, id kafka.RequestID, r *kafka.JoinGroupRequest) {
	memberID := r.InstanceID + "-" + h.NewUUID()
	joins := fmt.Sprintf("Static member with groupInstanceId=%s and unknown member id joins group %s in %s state.", r.InstanceID, g.id, g.state)
	slot, known := g.byInstance[r.InstanceID]
	if !known {
		h.Log("INFO", fmt.Sprintf("%s Created a new member id %s for this member and added to the group.", joins, memberID))
		c.addMember(h, now, g, memberID, id, r)
		return
	}
	before := g.slots[slot]
	h.Log("INFO", fmt.Sprintf("%s Replacing previously mapped member %s with this groupInstanceId.", joins, before.id))
	c.replaceStatic(h, now, g, before, memberID, id, r)
}

// replaceStatic gives a static member its new id
// (GroupMetadataManager.updateStaticMemberThenRebalanceOrCompleteJoin). In a
// stable group that votes for the same protocol as before nothing else happens:
// that is what static membership is for.
func (c *Coordinator) replaceStatic(h Host, now clock.Time, g *classicGroup, before member, memberID string, id kafka.RequestID, r *kafka.JoinGroupRequest) {
	leader := g.leader
	m := g.replace(h, before.id, memberID)
	// The session of the new id begins with the old timeout; the timer of the
	// old id runs on without effect.
	armSession(h, now, g, m, m.sessionTimeout)
	g.update(m, id, r)

	why := cause{memberID: memberID, clientID: m.process, instance: r.InstanceID, client: r.Reason}
	switch g.state {
	case PreparingRebalance:
		c.maybeCompleteJoin(h, now, g)
	case CompletingRebalance:
		why.reason = ReasonStaticReplaced
		c.prepareRebalance(h, now, g, why)
	case Stable:
		if g.selectProtocol() != g.protocol {
			why.reason = ReasonProtocolChanged
			c.prepareRebalance(h, now, g, why)
			return
		}
		h.Log("INFO", "Static member which joins during Stable stage and doesn't affect the selected protocol will not trigger a rebalance.")
		c.storeReplacement(h, g, id, r, before, m, leader)
	}
}

// replace puts a new id in the place of a static member's old one
// (ClassicGroup.replaceStaticMember). Whoever still waits under the old id is
// fenced.
func (g *classicGroup) replace(h Host, oldID, newID string) *member {
	old := g.member(oldID)
	g.members.Remove(oldID)
	g.endJoin(h, old, oldID, kafka.ErrFencedInstanceID)
	if old.awaitingSync != 0 {
		refuseSync(h, old.awaitingSync, kafka.ErrFencedInstanceID)
	}
	successor := *old
	successor.id, successor.isNew, successor.awaitingSync = newID, false, 0
	leads := g.leader == oldID
	g.support(old.protocols, -1)
	g.letGo(old)
	m := g.addMember(successor)
	if leads {
		g.leader = newID
	}
	return m
}

// replacementStored is the end of the append that a replacement in a stable group
// waits for: the JoinGroup is answered, or everything is as before.
func (c *Coordinator) replacementStored(h Host, now clock.Time, g *classicGroup, w *waitingAppend, err kafka.ErrorCode) {
	m := g.member(w.memberID)
	if err != kafka.ErrNone {
		h.Log("WARN", fmt.Sprintf("Failed to persist metadata for group %s static member %s with group instance id %s due to %s. Reverting to old member id %s.",
			g.id, w.memberID, w.before.instance, err.Message(), w.before.id))
		if m == nil {
			return
		}
		waits := g.unparkJoin(m) == w.request // or a join phase has answered it
		g.revert(h, now, m, &w.before)
		if waits {
			refuseJoin(h, w.request, "", AnswerFor(err))
		}
		return
	}
	if m == nil || m.awaitingJoin != w.request {
		return
	}
	skip := w.version >= joinSkipAssignment
	if skip && m.id == g.leader && g.state == PreparingRebalance {
		return // there are no members to tell; the join phase answers
	}
	g.unparkJoin(m)
	r := &kafka.JoinGroupResponse{
		MemberID: m.id, Generation: g.generation, ProtocolType: g.protocolType, Protocol: g.protocol, Leader: w.leader,
	}
	if skip {
		r.Leader = g.leader
		if m.id == g.leader {
			r.Members, r.SkipAssignment = g.joinMembers(), true
		}
	}
	h.Reply(w.request, r)
}

// revert gives a static member its old id, protocols and timeouts back.
func (g *classicGroup) revert(h Host, now clock.Time, m, before *member) {
	g.setProtocols(m, before.protocols)
	m.sessionTimeout, m.rebalanceTimeout = before.sessionTimeout, before.rebalanceTimeout
	old := g.replace(h, m.id, before.id)
	armSession(h, now, g, old, old.sessionTimeout)
}
