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

// consumerSessionFired is the end of a member's session
// (scheduleConsumerGroupSessionTimeout).
func (c *Coordinator) consumerSessionFired(h Host, now clock.Time, g *consumerGroup, slot uint32) {
	m := &g.slots[slot]
	m.sessionArmed = false
	if m.role == roleGone {
		g.letGo(m)
		return
	}
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Member %s fenced from the group because the member session expired.", g.id, m.id))
	h.Emit(Event{Kind: MemberRemoved, Group: g.id, MemberID: m.id, ClientID: m.clientID, Reason: trace.ReasonSessionTimeout})
	c.fence(h, now, g, m, trace.ReasonSessionTimeout)
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
