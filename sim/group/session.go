package group

import (
	"fmt"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

func sessionTimer(g *classicGroup, m *member) TimerID {
	return TimerID{Kind: TimerSession, Group: g.index, Member: m.slot}
}

func armSession(h Host, now clock.Time, g *classicGroup, m *member, timeout clock.Duration) {
	m.sessionArmed = true
	h.Arm(sessionTimer(g, m), now+timeout)
}

func cancelSession(h Host, g *classicGroup, m *member) {
	m.sessionArmed = false
	h.Cancel(sessionTimer(g, m))
}

// sessionTimerFired is the end of a session
// (GroupMetadataManager.expireClassicGroupMemberHeartbeat).
func (c *Coordinator) sessionTimerFired(h Host, now clock.Time, g *classicGroup, slot uint32) {
	m := &g.slots[slot]
	m.sessionArmed = false
	switch m.role {
	case roleGone:
		g.letGo(m)
	case rolePending:
		h.Log("INFO", fmt.Sprintf("Pending member %s in group %s has been removed after session timeout expiration.", m.id, g.id))
		g.remove(m.id)
		c.completeJoinIfAllJoined(h, now, g)
	case roleMember:
		if m.protectedFromExpiry() {
			return // and has no timer until its join phase ends
		}
		c.expireMember(h, now, g, m)
	}
}

// protectedFromExpiry tells whether the member is known to wait for the
// coordinator (ClassicGroupMember.hasSatisfiedHeartbeat).
func (m *member) protectedFromExpiry() bool {
	return !m.isNew && (m.awaitingJoin != 0 || m.awaitingSync != 0)
}

func (c *Coordinator) expireMember(h Host, now clock.Time, g *classicGroup, m *member) {
	why := cause{reason: ReasonSessionExpired, memberID: m.id, clientID: m.process}
	h.Log("INFO", fmt.Sprintf("Member %s in group %s has failed, removing it from the group.", m.id, g.id))
	evict(h, g, m, trace.ReasonSessionTimeout)
	switch g.state {
	case CompletingRebalance, Stable:
		c.prepareRebalance(h, now, g, why)
	default:
		c.completeJoinIfAllJoined(h, now, g)
	}
}

// evict is the one door through which the coordinator itself drops a member:
// its session has expired, it has not joined again, or it has not synced.
func evict(h Host, g *classicGroup, m *member, reason string) {
	h.Emit(Event{Kind: MemberRemoved, Group: g.id, MemberID: m.id, ClientID: m.process, Reason: reason})
	g.endJoin(h, m, "", kafka.ErrUnknownMemberID)
	cancelSession(h, g, m)
	g.remove(m.id)
}
