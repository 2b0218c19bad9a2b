package group

import (
	"slices"

	"ksim/sim/clock"
)

// View is a group as it is, for those who look at it.
type View struct {
	State          State
	Reason         Reason // of the last rebalance
	Generation     int32
	ProtocolType   string
	Protocol       string
	Leader         string // member id; "" when none
	NewMemberAdded bool   // the initial delay will be extended
	Members        []MemberView
	PendingJoin    []string // ids handed out (MEMBER_ID_REQUIRED), sorted
	PendingSync    []string // ids that have not sent SyncGroup, sorted
}

// MemberView is a member of a View, in the coordinator's order.
type MemberView struct {
	ID, InstanceID, ClientID         string
	AwaitingJoin, AwaitingSync, New  bool
	SessionTimeout, RebalanceTimeout clock.Duration
	Assignment                       string
}

// Group gives a view of a group, if there is one.
func (c *Coordinator) Group(id string) (View, bool) {
	g := c.lookup(id)
	if g == nil {
		return View{}, false
	}
	v := View{
		State: g.state, Reason: g.reason, Generation: g.generation,
		ProtocolType: g.protocolType, Protocol: g.protocol, Leader: g.leader, NewMemberAdded: g.newMemberAdded,
	}
	for _, slot := range g.allMembers() {
		m := &g.slots[slot]
		v.Members = append(v.Members, MemberView{
			ID: m.id, InstanceID: m.instance, ClientID: m.clientID,
			AwaitingJoin: m.awaitingJoin != 0, AwaitingSync: m.awaitingSync != 0, New: m.isNew,
			SessionTimeout: m.sessionTimeout, RebalanceTimeout: m.rebalanceTimeout, Assignment: m.assignment,
		})
	}
	for i := range g.slots {
		if g.slots[i].role == rolePending {
			v.PendingJoin = append(v.PendingJoin, g.slots[i].id)
		}
	}
	slices.Sort(v.PendingJoin)
	v.PendingSync = slices.Sorted(g.pendingSync.All())
	return v, true
}

// Assignments are what the members of a stable group are assigned.
func (v View) Assignments() []string {
	if v.State != Stable {
		return nil
	}
	var list []string
	for _, m := range v.Members {
		list = append(list, m.Assignment)
	}
	return list
}

// MemberID is the member that a timer belongs to.
func (c *Coordinator) MemberID(t TimerID) string {
	if t.Kind == TimerSession {
		return c.groups[t.Group].slots[t.Member].id
	}
	if t.Kind == TimerShareSession {
		return c.shares[t.Group].slots[t.Member].id
	}
	return c.consumers[t.Group].slots[t.Member].id
}

// GroupID is the group that a timer belongs to; "" for the retention job of all.
func (c *Coordinator) GroupID(t TimerID) string {
	switch t.Kind {
	case TimerJoin, TimerSync, TimerSession:
		return c.groups[t.Group].id
	case TimerConsumerSession, TimerConsumerRebalance, TimerConsumerJoin, TimerConsumerSync:
		return c.consumers[t.Group].id
	case TimerShareSession, TimerShareInitialized:
		return c.shares[t.Group].id
	}
	return ""
}
