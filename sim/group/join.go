package group

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Join is JoinGroup (GroupMetadataManager.classicGroupJoin). The answer comes at
// once, or when the join phase ends, or never, if the member sends another.
func (c *Coordinator) Join(h Host, now clock.Time, id kafka.RequestID, r *kafka.JoinGroupRequest) {
	if r.Group == "" {
		refuseJoin(h, id, "", kafka.ErrInvalidGroupID)
		return
	}
	if r.SessionTimeout < c.cfg.MinSessionTimeout || r.SessionTimeout > c.cfg.MaxSessionTimeout {
		refuseJoin(h, id, r.MemberID, kafka.ErrInvalidSessionTimeout)
		return
	}
	if err := c.unavailable(); err != kafka.ErrNone {
		refuseJoin(h, id, r.MemberID, err)
		return
	}
	if g := c.lookup(r.Group); g != nil {
		c.joinGroup(h, now, g, id, r)
		return
	}
	if c.share(r.Group) != nil {
		refuseJoin(h, id, r.MemberID, kafka.ErrInconsistentGroupProtocol)
		return
	}
	if g := c.consumer(r.Group); g != nil && g.members.Len() > 0 {
		c.joinConsumer(h, now, g, id, r)
		return
	} else if g != nil {
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Converted the empty consumer group to a classic group.", g.id))
		g.discard()
	}
	if r.MemberID != "" { // only a new member creates a group
		refuseJoin(h, id, r.MemberID, kafka.ErrUnknownMemberID)
		return
	}
	g := c.create(r.Group, now)
	c.joinGroup(h, now, g, id, r)
	c.storeCreated(h, g, id)
}

func (c *Coordinator) joinGroup(h Host, now clock.Time, g *classicGroup, id kafka.RequestID, r *kafka.JoinGroupRequest) {
	switch {
	case !c.accepts(g, r.MemberID):
		// A member that came back too late leaves its place, not its timer.
		g.remove(r.MemberID)
		refuseJoin(h, id, "", kafka.ErrGroupMaxSizeReached)
	case !g.supports(r):
		refuseJoin(h, id, r.MemberID, kafka.ErrInconsistentGroupProtocol)
	case r.MemberID == "":
		c.joinNew(h, now, g, id, r)
	case g.pending(r.MemberID):
		c.joinPending(h, now, g, id, r)
	default:
		c.rejoin(h, now, g, id, r)
	}
}

// accepts tells whether group.max.size leaves room. While a rebalance collects
// members those count that have come back, so the last to rejoin are turned away
// (GroupMetadataManager.acceptJoiningMember).
func (c *Coordinator) accepts(g *classicGroup, memberID string) bool {
	m := g.member(memberID)
	switch g.state {
	case PreparingRebalance:
		return m != nil && m.awaitingJoin != 0 || int64(g.awaitingJoin) < c.cfg.MaxSize
	case CompletingRebalance, Stable:
		return m != nil || int64(g.members.Len()) < c.cfg.MaxSize
	}
	return true
}

// supports tells whether the request fits the group: its protocol type, and at
// least one protocol that all members support (ClassicGroup.supportsProtocols).
func (g *classicGroup) supports(r *kafka.JoinGroupRequest) bool {
	if g.state == Empty {
		return r.ProtocolType != "" && len(r.Protocols) > 0
	}
	return r.ProtocolType == g.protocolType && slices.ContainsFunc(r.Protocols, func(p kafka.GroupProtocol) bool {
		return g.supporters(p.Name) == g.members.Len()
	})
}

// joinNew gives a newcomer its member id.
func (c *Coordinator) joinNew(h Host, now clock.Time, g *classicGroup, id kafka.RequestID, r *kafka.JoinGroupRequest) {
	if r.InstanceID != "" {
		c.joinStatic(h, now, g, id, r)
		return
	}
	memberID := r.ClientID + "-" + h.NewUUID()
	if min(r.APIVersion, joinVersion(c.cfg.Version)) < joinKnownID {
		h.Log("INFO", fmt.Sprintf("Dynamic member with unknown member id joins group %s in state %s. Created a new member id %s and added the member to the group.", g.id, g.state, memberID))
		c.addMember(h, now, g, memberID, id, r)
		return
	}
	h.Log("INFO", fmt.Sprintf("Dynamic member with unknown member id joins group %s in %s state. Created a new member id %s and requesting the member to rejoin with this id.", g.id, g.state, memberID))
	m := g.addPending(memberID, r.ClientID)
	armSession(h, now, g, m, r.SessionTimeout)
	refuseJoin(h, id, memberID, kafka.ErrMemberIDRequired)
}

// joinPending adds a member that comes back with the id it was given.
func (c *Coordinator) joinPending(h Host, now clock.Time, g *classicGroup, id kafka.RequestID, r *kafka.JoinGroupRequest) {
	if r.InstanceID != "" {
		// Static members are never pending: Kafka throws IllegalStateException.
		refuseJoin(h, id, "", kafka.ErrUnknownServerError)
		return
	}
	h.Log("INFO", fmt.Sprintf("Pending dynamic member with id %s joins group %s in %s state. Adding to the group now.", r.MemberID, g.id, g.state))
	c.addMember(h, now, g, r.MemberID, id, r)
}

// addMember takes a new member in and rebalances
// (GroupMetadataManager.addMemberThenRebalanceOrCompleteJoin).
func (c *Coordinator) addMember(h Host, now clock.Time, g *classicGroup, memberID string, id kafka.RequestID, r *kafka.JoinGroupRequest) {
	if g.state == PreparingRebalance && g.previous == Empty {
		g.newMemberAdded = true
	}
	if g.members.Len() == 0 {
		g.protocolType = r.ProtocolType
	}
	m := g.addMember(member{
		id: memberID, instance: r.InstanceID, clientID: r.ClientID, process: r.ClientID, isNew: true,
		sessionTimeout: r.SessionTimeout, rebalanceTimeout: r.RebalanceTimeout,
		protocols: r.Protocols, awaitingJoin: id,
	})
	armSession(h, now, g, m, newMemberJoinTimeout)
	c.rebalanceOrCompleteJoin(h, now, g, cause{reason: ReasonMemberAdded,
		memberID: memberID, clientID: r.ClientID, instance: r.InstanceID, client: r.Reason})
}

// rejoin is a JoinGroup of a member that the group knows
// (GroupMetadataManager.classicGroupJoinExistingMember).
func (c *Coordinator) rejoin(h Host, now clock.Time, g *classicGroup, id kafka.RequestID, r *kafka.JoinGroupRequest) {
	if err := g.validate(h, r.MemberID, r.InstanceID, "join-group"); err != kafka.ErrNone {
		refuseJoin(h, id, r.MemberID, err)
		return
	}
	m := g.member(r.MemberID)
	same := slices.Equal(m.protocols, r.Protocols)
	switch {
	case g.state == PreparingRebalance:
		g.update(m, id, r)
		c.maybeCompleteJoin(h, now, g)
	case g.state == CompletingRebalance && same, g.state == Stable && same && g.leader != m.id:
		// The answer was lost: it is given again.
		g.answerJoin(h, m, id)
	case g.state == Stable && g.leader == m.id:
		// A leader rejoins to assign anew, whatever its metadata say.
		g.update(m, id, r)
		c.prepareRebalance(h, now, g, cause{reason: ReasonLeaderRejoined, state: g.state,
			memberID: m.id, clientID: m.process, client: r.Reason})
	default:
		g.update(m, id, r)
		c.prepareRebalance(h, now, g, cause{reason: ReasonMetadataChanged, state: g.state,
			memberID: m.id, clientID: m.process, client: r.Reason})
	}
}

// answerJoin answers with the current generation; the leader gets the members.
func (g *classicGroup) answerJoin(h Host, m *member, id kafka.RequestID) {
	r := &kafka.JoinGroupResponse{
		MemberID: m.id, Generation: g.generation,
		ProtocolType: g.protocolType, Protocol: g.protocol, Leader: g.leader,
	}
	if m.id == g.leader {
		r.Members = g.joinMembers()
	}
	h.Reply(id, r)
}

// joinMembers is what the leader is told of the members.
func (g *classicGroup) joinMembers() []kafka.JoinGroupMember {
	list := make([]kafka.JoinGroupMember, 0, g.members.Len())
	for _, slot := range g.allMembers() {
		m := &g.slots[slot]
		list = append(list, kafka.JoinGroupMember{MemberID: m.id, InstanceID: m.instance, Metadata: m.metadata(g.protocol)})
	}
	return list
}

// endJoin answers the parked JoinGroup of a member with an error, if it has one
// (ClassicGroup.completeJoinFuture).
func (g *classicGroup) endJoin(h Host, m *member, memberID string, err kafka.ErrorCode) {
	if id := g.unparkJoin(m); id != 0 {
		refuseJoin(h, id, memberID, err)
	}
}

// unparkJoin takes the member's parked JoinGroup, 0 if there is none.
func (g *classicGroup) unparkJoin(m *member) kafka.RequestID {
	id := m.awaitingJoin
	if id != 0 {
		m.awaitingJoin = 0
		g.awaitingJoin--
	}
	return id
}

func refuseJoin(h Host, id kafka.RequestID, memberID string, err kafka.ErrorCode) {
	h.Reply(id, &kafka.JoinGroupResponse{Err: err, MemberID: memberID, Generation: -1})
}
