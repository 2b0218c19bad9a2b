package group

import (
	"fmt"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/kafka/javahash"
	"ksim/sim/trace"
)

// Sync is SyncGroup (GroupMetadataManager.classicGroupSyncToClassicGroup). While
// the group completes a rebalance the answer waits until the leader's assignment
// is replicated.
func (c *Coordinator) Sync(h Host, now clock.Time, id kafka.RequestID, r *kafka.SyncGroupRequest) {
	if g := c.consumer(r.Group); g != nil && c.phase == active {
		c.syncConsumer(h, now, g, id, r)
		return
	}
	g := c.lookup(r.Group)
	if err := c.validateSync(h, g, r); err != kafka.ErrNone {
		refuseSync(h, id, err)
		return
	}
	switch g.state {
	case PreparingRebalance:
		refuseSync(h, id, kafka.ErrRebalanceInProgress)
	case CompletingRebalance:
		m := g.member(r.MemberID)
		m.awaitingSync = id
		g.synced(h, m.id)
		if m.id == g.leader {
			c.assign(h, g, m, r.Assignments)
		}
	case Stable:
		// The session timer goes on: only heartbeats and commits restart it now.
		m := g.member(r.MemberID)
		g.synced(h, m.id)
		g.answerSync(h, m, id)
	}
}

func (c *Coordinator) validateSync(h Host, g *classicGroup, r *kafka.SyncGroupRequest) kafka.ErrorCode {
	if err := c.unavailable(); err != kafka.ErrNone {
		return err
	}
	if g == nil {
		return kafka.ErrUnknownMemberID
	}
	if err := g.validate(h, r.MemberID, r.InstanceID, "sync-group"); err != kafka.ErrNone {
		return err
	}
	switch {
	case r.Generation != g.generation:
		return kafka.ErrIllegalGeneration
	case r.ProtocolType != "" && r.ProtocolType != g.protocolType, r.Protocol != "" && r.Protocol != g.protocol:
		return kafka.ErrInconsistentGroupProtocol
	}
	return kafka.ErrNone
}

// synced notes that the id has sent its SyncGroup.
func (g *classicGroup) synced(h Host, id string) {
	g.pendingSync.Remove(id)
	if g.pendingSync.Len() == 0 {
		h.Cancel(g.timer(TimerSync))
	}
}

// assign writes the leader's assignment to the log.
func (c *Coordinator) assign(h Host, g *classicGroup, leader *member, given []kafka.MemberAssignment) {
	h.Log("INFO", fmt.Sprintf("Assignment received from leader %s for group %s for generation %d. The group has %d members, %d of which are static.",
		leader.id, g.id, g.generation, g.members.Len(), g.staticMembers()))

	assignments := map[string]string{}
	for _, a := range given {
		assignments[a.MemberID] = a.Assignment
	}
	var missing javahash.Order
	for id := range g.members.All() {
		if _, ok := assignments[id]; !ok {
			missing.Add(id)
		}
	}
	if missing.Len() > 0 {
		// Java prints each empty array with its identity, which is no fact.
		var b strings.Builder
		for id := range missing.All() {
			if b.Len() > 0 {
				b.WriteString(", ")
			}
			b.WriteString(id + "=[B@?")
		}
		h.Log("WARN", fmt.Sprintf("Setting empty assignments for members {%s} of %s for generation %d.", b.String(), g.id, g.generation))
	}
	record := g.record()
	for i := range record.members {
		record.members[i].assignment = assignments[record.members[i].id]
	}
	c.storeAssignment(h, g, leader, record)
}

// assignmentStored is the end of the leader's append: the group is stable, unless
// it has moved on meanwhile.
func (c *Coordinator) assignmentStored(h Host, now clock.Time, g *classicGroup, w *waitingAppend, err kafka.ErrorCode) {
	if g.state != CompletingRebalance || g.generation != w.generation {
		return
	}
	if err != kafka.ErrNone {
		err = AnswerFor(err)
		g.dropAssignments(h, now, err)
		c.prepareRebalance(h, now, g, cause{reason: ReasonAssignmentNotStored, err: err,
			memberID: w.memberID, clientID: w.clientID})
		return
	}
	for _, m := range w.record.members {
		g.member(m.id).assignment = m.assignment
	}
	g.endSyncs(h, now, kafka.ErrNone)
	g.setState(Stable, now)
}

// dropAssignments forgets the assignments and answers the parked SyncGroups with
// an error (GroupMetadataManager.resetAndPropagateAssignmentWithError).
func (g *classicGroup) dropAssignments(h Host, now clock.Time, err kafka.ErrorCode) {
	for i := range g.slots {
		g.slots[i].assignment = ""
	}
	g.endSyncs(h, now, err)
}

// endSyncs answers the parked SyncGroups; whoever is answered has a full session
// timeout again (GroupMetadataManager.propagateAssignment).
func (g *classicGroup) endSyncs(h Host, now clock.Time, err kafka.ErrorCode) {
	for _, slot := range g.allMembers() {
		m := &g.slots[slot]
		if err == kafka.ErrNone && m.assignment == "" {
			h.Log("WARN", fmt.Sprintf("Sending empty assignment to member %s of %s for generation %d with no errors", m.id, g.id, g.generation))
		}
		id := m.awaitingSync
		if id == 0 {
			continue
		}
		m.awaitingSync = 0
		if err == kafka.ErrNone {
			g.answerSync(h, m, id)
		} else {
			refuseSync(h, id, err)
		}
		armSession(h, now, g, m, m.sessionTimeout)
	}
}

func (g *classicGroup) answerSync(h Host, m *member, id kafka.RequestID) {
	h.Reply(id, &kafka.SyncGroupResponse{ProtocolType: g.protocolType, Protocol: g.protocol, Assignment: m.assignment})
}

func refuseSync(h Host, id kafka.RequestID, err kafka.ErrorCode) {
	h.Reply(id, &kafka.SyncGroupResponse{Err: err})
}

// syncTimerFired removes the members that have not sent SyncGroup within the
// rebalance timeout (GroupMetadataManager.expirePendingSync).
func (c *Coordinator) syncTimerFired(h Host, now clock.Time, g *classicGroup) {
	if !g.exists || g.pendingSync.Len() == 0 { // of another protocol meanwhile, or all have
		return
	}
	// Kafka walks a copy of its set. Java sizes the table of a copy for more than
	// it holds: as if there were one key more.
	var late javahash.Order
	late.Add("")
	for id := range g.pendingSync.All() {
		late.Add(id)
	}
	late.Remove("")
	why := cause{reason: ReasonSyncExpired}
	for id := range late.All() {
		why.members = append(why.members, id)
		c.dropLate(h, g, id, &why)
	}
	c.prepareRebalance(h, now, g, why)
}

// dropLate removes a member that never sent SyncGroup. An id that was replaced
// meanwhile is named in the reason all the same, and its old timer is unset.
func (c *Coordinator) dropLate(h Host, g *classicGroup, id string, why *cause) {
	m := g.find(id)
	if m == nil {
		return
	}
	if m.role != roleMember {
		cancelSession(h, g, m)
		g.remove(id)
		return
	}
	if why.memberID == "" {
		why.memberID, why.clientID = id, m.process
	}
	evict(h, g, m, trace.ReasonSyncTimeout)
}
