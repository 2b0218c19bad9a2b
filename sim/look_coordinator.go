package sim

import (
	"slices"

	"ksim/sim/group"
)

// lookAtCoordinator adds what the coordinator of group i knows of it and of its
// members.
func (w *World) lookAtCoordinator(i int, g *GroupLook, members []MemberLook) {
	s := &w.shards[w.groups[i].shard]
	switch {
	case w.groups[i].share:
		g.Protocol = Share
		if v, ok := s.coordinator.ShareGroup(g.ID); ok {
			lookAtShareGroup(&v, g, members)
		}
	default:
		g.Protocol = Classic
		if v, ok := s.coordinator.Group(g.ID); ok {
			lookAtClassicGroup(&v, g, members)
		} else if v, ok := s.coordinator.ConsumerGroup(g.ID); ok {
			g.Protocol = Consumer
			lookAtConsumerGroup(&v, g, members)
		}
	}
	for n, id := range s.timers.ids {
		at, ok := w.queue.Deadline(s.timers.handles[n])
		if !ok {
			continue
		}
		switch id.Kind {
		case group.TimerJoin, group.TimerSync, group.TimerConsumerRebalance:
			if s.coordinator.GroupID(id) == g.ID {
				g.PhaseEnds = min(g.PhaseEnds, at)
			}
		case group.TimerSession, group.TimerConsumerSession, group.TimerShareSession:
			if k := slices.IndexFunc(members, func(m MemberLook) bool { return m.ID != "" && m.ID == s.coordinator.MemberID(id) }); k >= 0 {
				members[k].SessionEnds = at
			}
		}
	}
}

// memberOf finds the process that a member of the coordinator belongs to: its
// client.id is the member's name in the scenario. A process whose predecessor is
// still in the group is the later of the two.
func memberOf(members []MemberLook, clientID string) *MemberLook {
	k := slices.IndexFunc(members, func(m MemberLook) bool { return m.Name == clientID })
	if k < 0 {
		return &MemberLook{}
	}
	return &members[k]
}

func lookAtClassicGroup(v *group.View, g *GroupLook, members []MemberLook) {
	g.State, g.Generation, g.Assignor = v.State.String(), v.Generation, v.Protocol
	for _, x := range v.Members {
		m := memberOf(members, x.ClientID)
		m.ID, m.Generation = x.ID, v.Generation
		m.Waiting = x.AwaitingJoin || x.AwaitingSync
		switch v.State {
		case group.PreparingRebalance:
			m.Awaited = !x.AwaitingJoin
		case group.CompletingRebalance:
			m.Awaited = slices.Contains(v.PendingSync, x.ID)
		default:
			m.Awaited = false
		}
		if m.Awaited {
			g.Awaited = append(g.Awaited, x.ClientID)
		}
	}
}

func lookAtConsumerGroup(v *group.ConsumerView, g *GroupLook, members []MemberLook) {
	g.State, g.Generation = v.State.String(), v.Epoch
	for i := range v.Members {
		x := &v.Members[i]
		m := memberOf(members, x.ClientID)
		m.ID, m.Generation, m.Reconciles = x.ID, x.Epoch, x.State.String()
		m.Awaited = len(x.Revoking) > 0
		if m.Awaited {
			g.Awaited = append(g.Awaited, x.ClientID)
		}
		if x.Assignor != "" {
			g.Assignor = x.Assignor
		}
	}
}

func lookAtShareGroup(v *group.ShareView, g *GroupLook, members []MemberLook) {
	g.State, g.Generation = v.State.String(), v.Epoch
	for _, x := range v.Members {
		m := memberOf(members, x.ClientID)
		m.ID, m.Generation, m.Assigned = x.ID, x.Epoch, x.Assigned
	}
}
