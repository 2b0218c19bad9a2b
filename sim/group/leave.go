package group

import (
	"fmt"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Leave is LeaveGroup (GroupMetadataManager.classicGroupLeaveToClassicGroup): a
// batch, answered entry by entry, which causes one rebalance at most.
func (c *Coordinator) Leave(h Host, now clock.Time, id kafka.RequestID, r *kafka.LeaveGroupRequest) {
	if err := c.unavailable(); err != kafka.ErrNone {
		h.Reply(id, &kafka.LeaveGroupResponse{Err: err})
		return
	}
	if g := c.consumer(r.Group); g != nil {
		c.leaveConsumer(h, now, g, id, r)
		return
	}
	g := c.lookup(r.Group)
	response := &kafka.LeaveGroupResponse{}
	why := cause{reason: ReasonMembersLeft}
	for _, m := range r.Members {
		err := kafka.ErrUnknownMemberID
		if g != nil {
			err = c.leave(h, g, m, &why)
		}
		if err == kafka.ErrNone {
			why.members = append(why.members, m.MemberID)
		}
		response.Members = append(response.Members, kafka.LeftMember{MemberID: m.MemberID, InstanceID: m.InstanceID, Err: err})
	}
	if len(why.members) > 0 {
		switch g.state {
		case CompletingRebalance, Stable:
			c.prepareRebalance(h, now, g, why)
		case PreparingRebalance:
			c.maybeCompleteJoin(h, now, g)
		}
	}
	h.Reply(id, response)
}

// leave is one entry of the batch. Without a member id it means the static member
// with the instance id, which is how an administrator removes one.
func (c *Coordinator) leave(h Host, g *classicGroup, l kafka.LeavingMember, why *cause) kafka.ErrorCode {
	leaving := l.MemberID
	if leaving == "" {
		slot, ok := g.byInstance[l.InstanceID]
		if !ok {
			return kafka.ErrUnknownMemberID
		}
		leaving = g.slots[slot].id
	}
	role := "Member"
	if g.pending(leaving) {
		role = "Pending member"
	} else if err := g.validate(h, leaving, l.InstanceID, "leave-group"); err != kafka.ErrNone {
		return err
	}
	m := g.find(leaving)
	if why.memberID == "" {
		why.memberID, why.clientID = m.id, m.process
	}
	reason := clientReason(l.Reason)
	if m.role == roleMember {
		h.Emit(Event{Kind: MemberLeft, Group: g.id, MemberID: m.id, ClientID: m.process, Reason: reason})
	}
	h.Log("INFO", fmt.Sprintf("[Group %s] %s %s has left group through explicit `LeaveGroup` request; client reason: %s", g.id, role, leaving, reason))
	g.endJoin(h, m, "", kafka.ErrUnknownMemberID)
	// A parked SyncGroup of the member is never answered, as in Kafka.
	cancelSession(h, g, m)
	g.remove(leaving)
	return kafka.ErrNone
}
