package group

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
	"ksim/sim/kafka/javahash"
	"ksim/sim/trace"
)

// ShareHeartbeat is ShareGroupHeartbeat (GroupMetadataManager.shareGroupHeartbeat): with
// it a member joins, leaves, stays, and hears what it has.
func (c *Coordinator) ShareHeartbeat(h Host, now clock.Time, id kafka.RequestID, r *kafka.ShareGroupHeartbeatRequest) {
	response, no := c.shareHeartbeat(h, now, r)
	if no != nil {
		response = &kafka.ShareGroupHeartbeatResponse{Err: no.code, Message: no.text}
	}
	h.Reply(id, response)
}

func (c *Coordinator) shareHeartbeat(h Host, now clock.Time, r *kafka.ShareGroupHeartbeatRequest) (*kafka.ShareGroupHeartbeatResponse, *refusal) {
	if no := validateShareHeartbeat(r); no != nil {
		return nil, no
	}
	if err := c.unavailable(); err != kafka.ErrNone {
		return nil, &refusal{err, err.Message()}
	}
	g, no := c.shareGroupFor(r)
	if no != nil {
		return nil, no
	}
	if r.MemberEpoch == epochLeave {
		return c.shareLeave(h, g, r)
	}
	m, no := c.subscribeShareMember(h, g, r)
	if no != nil {
		return nil, no
	}
	resubscribed := g.update(m, r)
	c.maybeBumpShareEpoch(h, g, m, r, resubscribed)
	if g.mayCompute(now, c.shareTimes[g.id].AssignmentInterval) {
		c.computeShareTargets(h, now, g)
	}
	changed := c.reconcileShare(h, g, m)
	armShareSession(h, now, g, m, c.shareTimes[g.id].Session)
	c.initializeShares(h, now, g)

	response := &kafka.ShareGroupHeartbeatResponse{MemberID: m.id, MemberEpoch: m.epoch, HeartbeatInterval: c.shareTimes[g.id].Heartbeat}
	if r.MemberEpoch == epochJoin || r.Topics != nil || changed {
		response.Assigned, response.Assignment = true, c.sharedNames(m)
	}
	g.write(h)
	return response, nil
}

// validateShareHeartbeat is what the broker checks before the coordinator sees the
// request (GroupCoordinatorService.throwIfShareGroupHeartbeatRequestIsInvalid).
func validateShareHeartbeat(r *kafka.ShareGroupHeartbeatRequest) *refusal {
	invalid := func(text string) *refusal { return &refusal{kafka.ErrInvalidRequest, text} }
	switch {
	case r.MemberID == "":
		return invalid("MemberId can't be empty.")
	case r.Group == "":
		return invalid("GroupId can't be empty.")
	case r.MemberEpoch == epochJoin && len(r.Topics) == 0:
		return invalid("SubscribedTopicNames must be set in first request.")
	case r.MemberEpoch < epochLeave:
		return invalid("MemberEpoch is invalid.")
	}
	return nil
}

// shareGroupFor is the group of a heartbeat. Joining creates it.
func (c *Coordinator) shareGroupFor(r *kafka.ShareGroupHeartbeatRequest) (*shareGroup, *refusal) {
	g := c.share(r.Group)
	switch {
	case g == nil && (c.lookup(r.Group) != nil || c.consumer(r.Group) != nil):
		return nil, refuse(kafka.ErrGroupIDNotFound, "Group %s is not a share group.", r.Group)
	case g == nil && r.MemberEpoch != epochJoin:
		return nil, refuse(kafka.ErrGroupIDNotFound, "Share group %s not found.", r.Group)
	case g == nil:
		g = c.shares[c.index(r.Group)]
		g.begin(c.cfg.Version)
	}
	if most := c.cfg.ShareMaxSize; r.MemberEpoch != epochLeave && int64(g.members.Len()) >= most && g.member(r.MemberID) == nil {
		return nil, refuse(kafka.ErrGroupMaxSizeReached, "The share group has reached its maximum capacity of %d members.", most)
	}
	return g, nil
}

// subscribeShareMember is the member of a heartbeat; joining makes it.
func (c *Coordinator) subscribeShareMember(h Host, g *shareGroup, r *kafka.ShareGroupHeartbeatRequest) (*shareMember, *refusal) {
	m := g.member(r.MemberID)
	joins := r.MemberEpoch == epochJoin
	if m == nil && !joins {
		return nil, unknownMember(r.MemberID, g.id)
	}
	if m != nil {
		if no := c.checkShareEpoch(m, r); no != nil {
			return nil, no
		}
	}
	if joins {
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Member %s joins the share group using the share protocol.", g.id, r.MemberID))
	}
	if m == nil {
		m = g.add(r.MemberID)
	}
	return m, nil
}

// checkShareEpoch compares the epoch that a member claims with the one it has
// (throwIfShareGroupMemberEpochIsInvalid). The epoch before is accepted: the answer has
// been lost. Since 4.2 joining again is always accepted.
func (c *Coordinator) checkShareEpoch(m *shareMember, r *kafka.ShareGroupHeartbeatRequest) *refusal {
	switch {
	case r.MemberEpoch == epochJoin && c.cfg.Version >= kafka.V(4, 2, 0), r.MemberEpoch == m.epoch, r.MemberEpoch == m.previous:
		return nil
	case r.MemberEpoch > m.epoch:
		return refuse(kafka.ErrFencedMemberEpoch, "The share group member has a greater member epoch (%d) than the one known by the group coordinator (%d). The member must abandon all its partitions and rejoin.", r.MemberEpoch, m.epoch)
	}
	return refuse(kafka.ErrFencedMemberEpoch, "The share group member has a smaller member epoch (%d) than the one known by the group coordinator (%d). The member must abandon all its partitions and rejoin.", r.MemberEpoch, m.epoch)
}

// update takes over what a heartbeat says of the member, and tells whether the topics
// are others.
func (g *shareGroup) update(m *shareMember, r *kafka.ShareGroupHeartbeatRequest) (resubscribed bool) {
	if m.clientID != r.ClientID {
		m.clientID, g.unwritten = r.ClientID, true
	}
	if topics := distinct(r.Topics); r.Topics != nil && !slices.Equal(topics, m.topics) {
		g.resubscribe(m.topics, topics)
		m.topics, g.unwritten = topics, true
		return true
	}
	return false
}

// maybeBumpShareEpoch gives the group a new epoch when the member subscribes to other
// topics, when what is subscribed has changed in the cluster, or when partitions have
// got a state and can be assigned at last.
func (c *Coordinator) maybeBumpShareEpoch(h Host, g *shareGroup, m *shareMember, r *kafka.ShareGroupHeartbeatRequest, resubscribed bool) {
	changed := g.refresh && c.topicsChanged(&g.modernGroup)
	g.refresh = false
	switch {
	case resubscribed && r.MemberEpoch == epochJoin:
		c.bumpEpoch(h, &g.modernGroup, epochCause{trace.ReasonMemberJoined, m.id, m.clientID})
	case resubscribed:
		c.bumpEpoch(h, &g.modernGroup, epochCause{trace.ReasonMetadataChanged, m.id, m.clientID})
	case changed, g.epoch == g.targetEpoch && g.pending(&c.topics):
		c.bumpEpoch(h, &g.modernGroup, epochCause{reason: trace.ReasonPartitionsChanged})
	}
}

// computeShareTargets computes new targets for all members.
func (c *Coordinator) computeShareTargets(h Host, now clock.Time, g *shareGroup) {
	list := g.assignable(&c.topics)
	var order javahash.Order
	for id := range g.members.All() {
		order.Add(id)
	}
	var members []assign.ServerMember
	for id := range order.All() {
		m := g.member(id)
		s := assign.ServerMember{ID: id, SubscribedNames: len(m.topics), Target: m.target}
		for _, name := range m.topics {
			if n, ok := c.topics.find(name); ok {
				s.Topics = append(s.Topics, int(n))
			}
		}
		members = append(members, s)
	}
	for i, target := range assign.Simple(list, members, g.homogeneous) {
		g.member(members[i].ID).target = target
	}
	g.computed(h, now, "simple")
}

// reconcileShare takes a member to its target, in one step (ShareGroupAssignmentBuilder).
// It tells whether what the member has is something else now.
func (c *Coordinator) reconcileShare(h Host, g *shareGroup, m *shareMember) (changed bool) {
	if m.epoch == g.targetEpoch {
		return false
	}
	var assigned []partitionID
	for _, s := range m.target.Sorted() {
		for _, p := range s.Partitions {
			if n := int32(s.Topic); slices.Contains(m.topics, c.topics.names[n]) && p < c.topics.list[n].Partitions {
				assigned = append(assigned, partitionID{n, p})
			}
		}
	}
	changed = !slices.Equal(assigned, m.assigned)
	m.previous, m.epoch, m.assigned = m.epoch, g.targetEpoch, assigned
	g.unwritten = true
	return changed
}
