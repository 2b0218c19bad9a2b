package group

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// reconciliation is one member's way to its target, as far as this heartbeat takes
// it (CurrentAssignmentBuilder).
type reconciliation struct {
	g            *consumerGroup
	m            *consumerMember
	topics       *topics
	strict       bool                   // see strictReconciliation
	resubscribed bool                   // the heartbeat brought other topics
	owned        []kafka.TopicPartition // what the member says it owns; nil: not told
}

// reconcile takes a member on, unless it has what it is to have, and starts or stops
// the time that it has to give up partitions (GroupMetadataManager.maybeReconcile).
func (c *Coordinator) reconcile(h Host, now clock.Time, g *consumerGroup, m *consumerMember, resubscribed bool, owned []kafka.TopicPartition) (assignmentChanged bool) {
	strict := strictReconciliation(c.cfg.Version)
	r := reconciliation{g: g, m: m, topics: &c.topics, strict: strict, resubscribed: resubscribed && strict, owned: owned}
	to, ok := r.next()
	if !ok || to.same(m) {
		return false
	}
	assignmentChanged = !slices.Equal(m.assigned, to.assigned)
	g.take(m, to)
	h.Log("DEBUG", c.assignmentText(g, m))
	switch { // members of the classic protocol have the times of Join and SyncGroup instead
	case m.classic.speaks:
	case m.state == MemberUnrevoked:
		armRevocation(h, now, g, m)
	default:
		cancelRevocation(h, g, m)
	}
	return assignmentChanged
}

// same tells whether the step leaves the member as it is.
func (s *memberStep) same(m *consumerMember) bool {
	return s.state == m.state && s.epoch == m.epoch && m.previous == m.epoch &&
		slices.Equal(s.assigned, m.assigned) && slices.Equal(s.revoking, m.revoking)
}

// next is the member's next step, if there is one.
func (r *reconciliation) next() (memberStep, bool) {
	m := r.m
	switch m.state {
	case MemberStable:
		if m.epoch != r.g.targetEpoch {
			return r.towardsTarget(), true
		}
		if r.resubscribed {
			return r.unsubscribe()
		}
		return memberStep{}, false
	case MemberUnrevoked:
		if !r.owns(m.revoking) {
			return r.towardsTarget(), true
		}
		if r.resubscribed {
			return r.unsubscribe()
		}
		return memberStep{}, false
	}
	return r.towardsTarget(), true
}

// owns tells whether the member has, or may have, one of the partitions.
func (r *reconciliation) owns(partitions []heldPartition) bool {
	if r.owned == nil {
		return true
	}
	for _, tp := range r.owned {
		if p, ok := r.topics.of(tp); ok && holds(partitions, p) {
			return true
		}
	}
	return false
}

// subscribed tells whether the member subscribes to a topic, and the topic exists.
func (r *reconciliation) subscribed(topic int32) bool {
	return r.topics.list[topic].Partitions > 0 && slices.Contains(r.m.topics, r.topics.names[topic])
}

// unsubscribe has the member give up what it no longer subscribes
// (CurrentAssignmentBuilder.updateCurrentAssignment).
func (r *reconciliation) unsubscribe() (memberStep, bool) {
	m := r.m
	var keep []heldPartition
	revoke := slices.Clone(m.revoking)
	for _, p := range m.assigned {
		if r.subscribed(p.topic) {
			keep = append(keep, p)
		} else {
			revoke = append(revoke, p)
		}
	}
	if len(keep) == len(m.assigned) && (len(m.topics) > 0 || len(m.revoking) > 0) {
		return memberStep{}, false
	}
	slices.SortFunc(revoke, heldPartition.compare)
	if len(revoke) > 0 && r.owns(revoke) {
		return memberStep{MemberUnrevoked, m.epoch, keep, revoke}, true
	}
	return memberStep{m.state, m.epoch, keep, m.revoking}, true
}

// towardsTarget compares what the member has with its target
// (CurrentAssignmentBuilder.computeNextAssignment). First it must give up what it is
// not to have; only then does it reach the target's epoch, and gets what is free.
func (r *reconciliation) towardsTarget() memberStep {
	m := r.m
	wanted := r.target()
	var keep, revoke []heldPartition
	for _, p := range m.assigned {
		if holds(wanted, p.partitionID) {
			keep = append(keep, p)
		} else {
			revoke = append(revoke, p)
		}
	}
	if len(revoke) > 0 && r.owns(revoke) {
		return memberStep{MemberUnrevoked, m.epoch, keep, revoke}
	}
	state := MemberStable
	for _, p := range wanted {
		switch {
		case holds(m.assigned, p.partitionID):
		case r.g.isFree(p.partitionID) || r.strict && holds(m.revoking, p.partitionID):
			keep = append(keep, p)
		default:
			state = MemberUnreleased
		}
	}
	slices.SortFunc(keep, heldPartition.compare)
	return memberStep{state, r.g.targetEpoch, keep, nil}
}

// target is the member's target, less what it does not subscribe, sorted.
func (r *reconciliation) target() []heldPartition {
	var wanted []heldPartition
	for _, s := range r.m.target {
		if r.strict && !r.subscribed(int32(s.Topic)) {
			continue
		}
		for _, p := range s.Partitions {
			wanted = append(wanted, heldPartition{partitionID{int32(s.Topic), p}, r.g.targetEpoch})
		}
	}
	slices.SortFunc(wanted, heldPartition.compare)
	return wanted
}
