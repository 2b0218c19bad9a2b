package group

import (
	"ksim/sim/kafka"
)

// validateCommit tells who may commit in a group of the consumer protocol
// (ConsumerGroup.validateOffsetCommit). With its present epoch a member may commit
// for any partition. With an older one, since 4.3 (KIP-1251), for those that it has
// had since then; one partition of another kind refuses the whole request.
func (g *consumerGroup) validateCommit(c *Coordinator, r *kafka.OffsetCommitRequest) kafka.ErrorCode {
	if r.Generation < 0 && g.members.Len() == 0 {
		return kafka.ErrNone
	}
	m := g.member(r.MemberID)
	if m == nil {
		return kafka.ErrUnknownMemberID
	}
	stale := kafka.ErrStaleMemberEpoch
	if m.classic.speaks {
		stale = kafka.ErrIllegalGeneration
	}
	switch {
	case !m.classic.speaks && min(r.APIVersion, commitVersion(c.cfg.Version)) < commitMemberEpoch:
		return kafka.ErrUnsupportedVersion
	case r.Generation == m.epoch:
		return kafka.ErrNone
	case r.Generation > m.epoch || c.cfg.Version < kafka.V(4, 3, 0):
		return stale
	}
	for _, o := range r.Offsets {
		if !c.heldSince(m, o.TopicPartition, r.Generation) {
			return stale
		}
	}
	return kafka.ErrNone
}

// heldSince tells whether the member has the partition, or has yet to give it up, and
// got it in the epoch or before.
func (c *Coordinator) heldSince(m *consumerMember, tp kafka.TopicPartition, epoch int32) bool {
	n, ok := c.topics.find(tp.Topic)
	if !ok {
		return false
	}
	for _, list := range [][]heldPartition{m.assigned, m.revoking} {
		for _, p := range list {
			if p.partitionID == (partitionID{n, tp.Partition}) {
				return epoch >= p.epoch
			}
		}
	}
	return false
}

// validateFetch tells who may ask for offsets: whoever names no member, or a member of
// this epoch (ConsumerGroup.validateOffsetFetch).
func (g *consumerGroup) validateFetch(r *kafka.OffsetFetchRequest) kafka.ErrorCode {
	if r.MemberID == "" {
		return kafka.ErrNone
	}
	switch m := g.member(r.MemberID); {
	case m == nil:
		return kafka.ErrUnknownMemberID
	case m.epoch != r.MemberEpoch && m.classic.speaks:
		return kafka.ErrIllegalGeneration
	case m.epoch != r.MemberEpoch:
		return kafka.ErrStaleMemberEpoch
	}
	return kafka.ErrNone
}
