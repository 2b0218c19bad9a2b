package group

import (
	"fmt"

	"ksim/sim/clock"
	"ksim/sim/trace"
)

func consumerTimer(kind TimerKind, g *consumerGroup, m *consumerMember) TimerID {
	return TimerID{Kind: kind, Group: g.index, Member: m.slot}
}

// armConsumerSession begins a member's session anew, with each heartbeat that is
// accepted.
func armConsumerSession(h Host, now clock.Time, g *consumerGroup, m *consumerMember, timeout clock.Duration) {
	m.sessionArmed = true
	h.Arm(consumerTimer(TimerConsumerSession, g, m), now+timeout)
}

func cancelConsumerSession(h Host, g *consumerGroup, m *consumerMember) {
	m.sessionArmed = false
	h.Cancel(consumerTimer(TimerConsumerSession, g, m))
}

// armRevocation gives a member its rebalance timeout to give up partitions.
func armRevocation(h Host, now clock.Time, g *consumerGroup, m *consumerMember) {
	m.revoke = revocation{true, m.epoch, m.rebalanceTimeout}
	h.Arm(consumerTimer(TimerConsumerRebalance, g, m), now+m.rebalanceTimeout)
}

func cancelRevocation(h Host, g *consumerGroup, m *consumerMember) {
	if m.revoke.armed {
		m.revoke.armed = false
		h.Cancel(consumerTimer(TimerConsumerRebalance, g, m))
	}
}

// armClassicJoin gives a member of the classic protocol its rebalance timeout to join
// again, from the first time on that it is told to.
func armClassicJoin(h Host, now clock.Time, g *consumerGroup, m *consumerMember) {
	if !m.joinArmed {
		m.joinArmed = true
		h.Arm(consumerTimer(TimerConsumerJoin, g, m), now+m.rebalanceTimeout)
	}
}

func cancelClassicJoin(h Host, g *consumerGroup, m *consumerMember) {
	if m.joinArmed {
		m.joinArmed = false
		h.Cancel(consumerTimer(TimerConsumerJoin, g, m))
	}
}

// armClassicSync gives a member that has joined as long to fetch its assignment.
func armClassicSync(h Host, now clock.Time, g *consumerGroup, m *consumerMember, timeout clock.Duration) {
	m.syncArmed = true
	h.Arm(consumerTimer(TimerConsumerSync, g, m), now+timeout)
}

func cancelClassicSync(h Host, g *consumerGroup, m *consumerMember) {
	if m.syncArmed {
		m.syncArmed = false
		h.Cancel(consumerTimer(TimerConsumerSync, g, m))
	}
}

// consumerSessionFired is the end of a member's session
// (scheduleConsumerGroupSessionTimeout).
func (c *Coordinator) consumerSessionFired(h Host, now clock.Time, g *consumerGroup, slot uint32) {
	m := &g.slots[slot]
	m.sessionArmed = false
	c.expireConsumer(h, now, g, m, "the member session expired", trace.ReasonSessionTimeout)
}

// classicJoinFired is the end of the time in which a member of the classic protocol
// had to join again (scheduleConsumerGroupJoinTimeoutIfAbsent).
func (c *Coordinator) classicJoinFired(h Host, now clock.Time, g *consumerGroup, slot uint32) {
	m := &g.slots[slot]
	m.joinArmed = false
	c.expireConsumer(h, now, g, m, "the classic member failed to join within the rebalance timeout", trace.ReasonRebalanceTimeout)
}

// classicSyncFired is the same for its SyncGroup (scheduleConsumerGroupSyncTimeout).
func (c *Coordinator) classicSyncFired(h Host, now clock.Time, g *consumerGroup, slot uint32) {
	m := &g.slots[slot]
	m.syncArmed = false
	c.expireConsumer(h, now, g, m, "the member failed to sync within timeout", trace.ReasonSyncTimeout)
}

// expireConsumer drops a member whose time is up. A timer of one that has gone
// already has no effect.
func (c *Coordinator) expireConsumer(h Host, now clock.Time, g *consumerGroup, m *consumerMember, why, reason string) {
	if m.role == roleGone {
		g.letGo(m)
		return
	}
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Member %s fenced from the group because %s.", g.id, m.id, why))
	h.Emit(Event{Kind: MemberRemoved, Group: g.id, MemberID: m.id, ClientID: m.clientID, Reason: reason})
	c.fence(h, now, g, m, reason)
}

// revocationFired is the end of the time in which a member had to give up partitions
// (scheduleConsumerGroupRebalanceTimeout). One that has got to another epoch since has
// nothing to fear.
func (c *Coordinator) revocationFired(h Host, now clock.Time, g *consumerGroup, slot uint32) {
	m := &g.slots[slot]
	was := m.revoke
	m.revoke.armed = false
	switch {
	case m.role == roleGone:
		g.letGo(m)
	case m.epoch != was.epoch:
		h.Log("DEBUG", fmt.Sprintf("[GroupId %s] Ignoring rebalance timeout for %s because the member left the epoch %d.", g.id, m.id, was.epoch))
	default:
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Member %s fenced from the group because it failed to transition from epoch %d within %dms.", g.id, m.id, was.epoch, was.timeout.Milliseconds()))
		h.Emit(Event{Kind: MemberRemoved, Group: g.id, MemberID: m.id, ClientID: m.clientID, Reason: trace.ReasonRevokeTimeout})
		c.fence(h, now, g, m, trace.ReasonRevokeTimeout)
	}
}
