package group

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// classicMetadata is what a group of the consumer protocol knows of a member that
// speaks the classic one (ClassicMemberMetadata).
type classicMetadata struct {
	speaks    bool // the classic protocol
	session   clock.Duration
	protocols []kafka.GroupProtocol // in order of preference
}

// same compares what two requests of a member say.
func (m classicMetadata) same(o classicMetadata) bool {
	return m.speaks == o.speaks && m.session == o.session && slices.Equal(m.protocols, o.protocols)
}

// classicMembers is how many members speak the classic protocol.
func (g *consumerGroup) classicMembers() int {
	n := 0
	for i := range g.slots {
		if g.slots[i].role == roleMember && g.slots[i].classic.speaks {
			n++
		}
	}
	return n
}

// supportsClassic tells whether the request offers a protocol that all members of the
// classic protocol offer (ConsumerGroup.supportsClassicProtocols). Which it is does
// not matter: the broker assigns.
func (g *consumerGroup) supportsClassic(r *kafka.JoinGroupRequest) bool {
	return r.ProtocolType == consumerType && slices.ContainsFunc(r.Protocols, func(p kafka.GroupProtocol) bool {
		for i := range g.slots {
			m := &g.slots[i]
			offers := slices.ContainsFunc(m.classic.protocols, func(o kafka.GroupProtocol) bool { return o.Name == p.Name })
			if m.role == roleMember && m.classic.speaks && !offers {
				return false
			}
		}
		return true
	})
}

// joinConsumer is JoinGroup to a group of the consumer protocol
// (classicGroupJoinToConsumerGroup). Nobody waits for anybody: the answer is the
// member's epoch as its generation, and there is no leader.
func (c *Coordinator) joinConsumer(h Host, now clock.Time, g *consumerGroup, id kafka.RequestID, r *kafka.JoinGroupRequest) {
	if c.cfg.Migration == (MigrationPolicy{}) && refusesClassic(c.cfg.Version) {
		h.Log("INFO", fmt.Sprintf("Cannot join the consumer group %s with the classic protocol because the group migration is disabled.", g.id))
		refuseJoin(h, id, "", kafka.ErrInconsistentGroupProtocol)
		return
	}
	memberID := r.MemberID
	if memberID == "" {
		memberID = newMemberID(h)
	}
	if err := c.mayJoinConsumer(g, memberID, r); err != kafka.ErrNone {
		refuseJoin(h, id, "", err)
		return
	}
	if r.MemberID == "" && r.InstanceID == "" && min(r.APIVersion, joinVersion(c.cfg.Version)) >= joinKnownID {
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Dynamic member with unknown member id joins the consumer group. Created a new member id %s and requesting the member to rejoin with this id.", g.id, memberID))
		refuseJoin(h, id, memberID, kafka.ErrMemberIDRequired)
		return
	}
	if r.InstanceID != "" && r.MemberID != "" {
		if err := g.namesItself(h, r.MemberID, r.InstanceID); err != kafka.ErrNone {
			refuseJoin(h, id, "", err)
			return
		}
	}
	c.takeInClassic(h, now, g, memberID, id, r)
}

// newMemberID draws the id of a member of the classic protocol as this kind of group
// makes it: without the client's name (Uuid.randomUuid).
func newMemberID(h Host) string {
	for {
		drawn := h.NewUUID()
		u, ok := kafka.ParseJavaUUID(drawn)
		if !ok {
			return drawn
		}
		if id := u.String(); id[0] != '-' {
			return id
		}
	}
}

// mayJoinConsumer is why a member of the classic protocol may not join.
func (c *Coordinator) mayJoinConsumer(g *consumerGroup, memberID string, r *kafka.JoinGroupRequest) kafka.ErrorCode {
	switch {
	case int64(g.members.Len()) >= c.cfg.ConsumerMaxSize && g.member(memberID) == nil:
		return kafka.ErrGroupMaxSizeReached
	case !g.supportsClassic(r):
		return kafka.ErrInconsistentGroupProtocol
	}
	return kafka.ErrNone
}

// takeInClassic makes or updates the member, takes it on towards its target, and
// answers.
func (c *Coordinator) takeInClassic(h Host, now clock.Time, g *consumerGroup, memberID string, id kafka.RequestID, r *kafka.JoinGroupRequest) {
	s := kafka.DecodeSubscription(r.Protocols[0].Metadata)
	if s.Owned == nil {
		s.Owned = []kafka.TopicPartition{} // it owns nothing, and says so
	}
	replaces := r.InstanceID != "" && g.staticMember(r.InstanceID) != nil
	m, why := g.subscribeClassic(h, memberID, r)
	last := replaces && c.replacesLast(h, g, m)
	preferred, epoch := m.assignor, g.epoch
	resubscribed := g.updateClassic(m, r, s)
	if resubscribed || g.refresh && c.topicsChanged(&g.modernGroup) {
		if !resubscribed {
			why = epochCause{reason: trace.ReasonPartitionsChanged}
		}
		c.bumpEpoch(h, &g.modernGroup, why)
	}
	g.refresh = false
	if !last {
		c.maybeComputeTargets(h, now, g, preferred, m.assignor)
	}
	if m.changed || m.joining {
		g.put(m, preferred)
		g.settle()
		m.changed, m.joining = false, false
	}
	if !last || g.targetEpoch == g.epoch {
		c.reconcile(h, now, g, m, resubscribed, s.Owned)
	}
	response := &kafka.JoinGroupResponse{MemberID: m.id, Generation: m.epoch, ProtocolType: consumerType, Protocol: r.Protocols[0].Name}
	cancelClassicJoin(h, g, m)
	if last {
		stale := cause{}
		if g.targetEpoch < g.epoch {
			stale = c.downgradeStale(m)
		}
		c.downgrade(h, now, g, []*consumerMember{m}, m, epoch, stale)
	} else {
		armConsumerSession(h, now, g, m, r.SessionTimeout)
		armClassicSync(h, now, g, m, r.RebalanceTimeout)
		g.write(h)
	}
	h.Reply(id, response)
}

// subscribeClassic is the member of a JoinGroup; a new process of a static member
// takes the place of the one before, whichever protocol that one speaks.
func (g *consumerGroup) subscribeClassic(h Host, memberID string, r *kafka.JoinGroupRequest) (*consumerMember, epochCause) {
	why := epochCause{trace.ReasonMetadataChanged, memberID, r.ClientID}
	owner := g.staticMember(r.InstanceID)
	m := g.member(memberID)
	switch {
	case r.InstanceID != "" && owner != nil && r.MemberID == "":
		before := owner.id
		m = g.replaceStatic(owner, memberID)
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Static member with instance id %s re-joins the consumer group using the classic protocol. Created a new member %s to replace the existing member %s.", g.id, r.InstanceID, m.id, before))
		return m, why
	case r.InstanceID != "" && owner != nil:
		return owner, why
	case r.InstanceID != "":
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Static member %s with instance id %s joins the consumer group using the classic protocol.", g.id, memberID, r.InstanceID))
	default:
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Member %s joins the consumer group using the classic protocol.", g.id, memberID))
	}
	if m == nil {
		why.reason = trace.ReasonMemberJoined
		m = g.add(consumerMember{id: memberID, instance: r.InstanceID, joining: true})
	}
	return m, why
}

// updateClassic takes over what a JoinGroup says of the member, and tells whether the
// topics are others.
func (g *consumerGroup) updateClassic(m *consumerMember, r *kafka.JoinGroupRequest, s kafka.Subscription) (resubscribed bool) {
	if m.clientID != r.ClientID {
		m.clientID, m.changed = r.ClientID, true
	}
	if r.RebalanceTimeout >= 0 && r.RebalanceTimeout != m.rebalanceTimeout {
		m.rebalanceTimeout, m.changed = r.RebalanceTimeout, true
	}
	if says := (classicMetadata{true, r.SessionTimeout, r.Protocols}); !says.same(m.classic) {
		m.classic, m.changed = says, true
	}
	if topics := distinct(s.Topics); !slices.Equal(topics, m.topics) {
		g.resubscribe(m.topics, topics)
		m.topics, m.changed = topics, true
		return true
	}
	return false
}

// namesItself checks a member of the classic protocol that names itself
// (validateConsumerGroupMember).
func (g *consumerGroup) namesItself(h Host, memberID, instance string) kafka.ErrorCode {
	if instance == "" {
		if g.member(memberID) == nil {
			return kafka.ErrUnknownMemberID
		}
		return kafka.ErrNone
	}
	switch owner := g.staticMember(instance); {
	case owner == nil:
		return kafka.ErrUnknownMemberID
	case owner.id != memberID:
		h.Log("INFO", fencedText(g, owner, memberID, instance))
		return kafka.ErrFencedInstanceID
	}
	return kafka.ErrNone
}

// classicMember is the member of a request of the classic protocol, or why there is
// none: a member of the consumer protocol is none either.
func (g *consumerGroup) classicMember(h Host, memberID, instance string, generation int32) (*consumerMember, kafka.ErrorCode) {
	if err := g.namesItself(h, memberID, instance); err != kafka.ErrNone {
		return nil, err
	}
	m := g.member(memberID)
	switch {
	case !m.classic.speaks:
		return nil, kafka.ErrUnknownMemberID
	case m.epoch != generation:
		return nil, kafka.ErrIllegalGeneration
	}
	return m, kafka.ErrNone
}

// syncConsumer is SyncGroup to a group of the consumer protocol
// (classicGroupSyncToConsumerGroup): it fetches what the broker has assigned.
func (c *Coordinator) syncConsumer(h Host, now clock.Time, g *consumerGroup, id kafka.RequestID, r *kafka.SyncGroupRequest) {
	m, err := g.classicMember(h, r.MemberID, r.InstanceID, r.Generation)
	switch {
	case err != kafka.ErrNone:
	case r.ProtocolType != "" && r.ProtocolType != consumerType, r.Protocol != "" && r.Protocol != m.classic.protocols[0].Name:
		err = kafka.ErrInconsistentGroupProtocol
	case g.rejoinEpoch(c.cfg.Version) > m.epoch && m.state != MemberUnrevoked:
		armClassicJoin(h, now, g, m)
		err = kafka.ErrRebalanceInProgress
	}
	if err != kafka.ErrNone {
		refuseSync(h, id, err)
		return
	}
	cancelClassicSync(h, g, m)
	armConsumerSession(h, now, g, m, m.classic.session)
	h.Reply(id, &kafka.SyncGroupResponse{ProtocolType: r.ProtocolType, Protocol: r.Protocol, Assignment: kafka.EncodeAssignment(c.named(m.assigned))})
}

// heartbeatConsumer is Heartbeat to a group of the consumer protocol
// (classicGroupHeartbeatToConsumerGroup). The member must join again when there are
// newer targets, when it has something to give up, and when what it waits for is free.
func (c *Coordinator) heartbeatConsumer(h Host, now clock.Time, g *consumerGroup, id kafka.RequestID, r *kafka.HeartbeatRequest) {
	m, err := g.classicMember(h, r.MemberID, r.InstanceID, r.Generation)
	if err != kafka.ErrNone {
		h.Reply(id, &kafka.HeartbeatResponse{Err: err})
		return
	}
	armConsumerSession(h, now, g, m, m.classic.session)
	if m.epoch < g.rejoinEpoch(c.cfg.Version) || m.state == MemberUnrevoked || m.state == MemberUnreleased && !g.waits(m) {
		armClassicJoin(h, now, g, m)
		h.Reply(id, heartbeatRebalancing)
		return
	}
	h.Reply(id, heartbeatNone)
}

// waits tells whether somebody else still has a partition of the member's target
// (ConsumerGroup.waitingOnUnreleasedPartition).
func (g *consumerGroup) waits(m *consumerMember) bool {
	return slices.ContainsFunc(heldOf(m.target), func(p heldPartition) bool {
		return !holds(m.assigned, p.partitionID) && !g.isFree(p.partitionID)
	})
}

// leaveConsumer is LeaveGroup to a group of the consumer protocol
// (classicGroupLeaveToConsumerGroup), one epoch for the whole batch.
func (c *Coordinator) leaveConsumer(h Host, now clock.Time, g *consumerGroup, id kafka.RequestID, r *kafka.LeaveGroupRequest) {
	response := &kafka.LeaveGroupResponse{}
	var leaving []*consumerMember
	for _, l := range r.Members {
		m, err := g.leaver(h, l)
		if err == kafka.ErrNone && !slices.Contains(leaving, m) {
			leaving = append(leaving, m)
			h.Emit(Event{Kind: MemberLeft, Group: g.id, MemberID: m.id, ClientID: m.clientID, Reason: clientReason(l.Reason)})
		}
		response.Members = append(response.Members, kafka.LeftMember{MemberID: l.MemberID, InstanceID: l.InstanceID, Err: err})
	}
	if len(leaving) > 0 {
		c.fenceAll(h, now, g, leaving, trace.ReasonMemberLeft)
	}
	h.Reply(id, response)
}

// leaver is the member of one entry of a LeaveGroup. With an instance id alone it is
// an administrator who removes a static member.
func (g *consumerGroup) leaver(h Host, l kafka.LeavingMember) (*consumerMember, kafka.ErrorCode) {
	if l.InstanceID == "" {
		m := g.member(l.MemberID)
		if m == nil {
			return nil, kafka.ErrUnknownMemberID
		}
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Dynamic member %s has left group through explicit `LeaveGroup` request; client reason: %s", g.id, l.MemberID, clientReason(l.Reason)))
		return m, kafka.ErrNone
	}
	m := g.staticMember(l.InstanceID)
	switch {
	case m == nil:
		return nil, kafka.ErrUnknownMemberID
	case l.MemberID != "" && l.MemberID != m.id:
		h.Log("INFO", fencedText(g, m, l.MemberID, l.InstanceID))
		return nil, kafka.ErrFencedInstanceID
	}
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Static member %s with instance id %s has left group through explicit `LeaveGroup` request; client reason: %s", g.id, l.MemberID, l.InstanceID, clientReason(l.Reason)))
	return m, kafka.ErrNone
}
