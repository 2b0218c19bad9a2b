package group

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// committedOffset is what __consumer_offsets holds for a partition.
type committedOffset struct {
	kafka.TopicPartition
	offset int64
	at     clock.Time // of the commit
}

// SetTopic tells how many partitions a topic has. Commits for any other are
// refused: UNKNOWN_TOPIC_OR_PARTITION.
func (c *Coordinator) SetTopic(topic string, partitions int32) { c.partitions[topic] = partitions }

// CommitOffsets is OffsetCommit (OffsetMetadataManager.commitOffset). Nobody
// checks that the partitions are the member's, or that offsets go forward.
func (c *Coordinator) CommitOffsets(h Host, now clock.Time, id kafka.RequestID, r *kafka.OffsetCommitRequest) {
	response := &kafka.OffsetCommitResponse{Errs: make([]kafka.ErrorCode, len(r.Offsets))}
	known := false
	for i, o := range r.Offsets {
		if o.Partition >= c.partitions[o.Topic] {
			response.Errs[i] = kafka.ErrUnknownTopicOrPartition
			continue
		}
		known = true
	}
	if known { // else the request does not reach the group (KafkaApis)
		c.commit(h, now, r, response.Errs)
	}
	h.Reply(id, response)
}

// commit commits what can be, and fills in the errors of what cannot.
func (c *Coordinator) commit(h Host, now clock.Time, r *kafka.OffsetCommitRequest, errs []kafka.ErrorCode) {
	g, refused := c.committer(h, now, r)
	var accepted []committedOffset
	for i, o := range r.Offsets {
		switch {
		case errs[i] != kafka.ErrNone:
		case refused != kafka.ErrNone:
			errs[i] = refused
		case o.MetadataLength > c.cfg.OffsetMetadataMaxBytes:
			errs[i] = kafka.ErrOffsetMetadataTooLarge
		default:
			accepted = append(accepted, committedOffset{o.TopicPartition, o.Offset, now})
		}
	}
	if len(accepted) > 0 {
		g.setOffsets(accepted)
		h.Append(0)
	}
}

// committer is the group that a commit belongs to, or why it is refused
// (OffsetMetadataManager.validateOffsetCommit). An accepted commit of a member
// keeps its session alive.
func (c *Coordinator) committer(h Host, now clock.Time, r *kafka.OffsetCommitRequest) (*classicGroup, kafka.ErrorCode) {
	if err := c.unavailable(); err != kafka.ErrNone {
		return nil, err
	}
	g := c.lookup(r.Group)
	if g == nil {
		switch {
		case r.Generation < 0:
			h.Log("INFO", fmt.Sprintf("[GroupId %s] Creating a simple consumer group via manual offset commit.", r.Group))
			return c.create(r.Group, now), kafka.ErrNone
		case min(r.APIVersion, commitVersion(c.cfg.Version)) >= commitGroupUnknown:
			return nil, kafka.ErrGroupIDNotFound
		}
		return nil, kafka.ErrIllegalGeneration
	}
	if err := g.validateCommit(h, r); err != kafka.ErrNone {
		return nil, err
	}
	if g.state == PreparingRebalance || g.state == Stable {
		m := g.member(r.MemberID)
		armSession(h, now, g, m, m.sessionTimeout)
	}
	return g, kafka.ErrNone
}

// validateCommit tells who may commit (ClassicGroup.validateOffsetCommit).
func (g *classicGroup) validateCommit(h Host, r *kafka.OffsetCommitRequest) kafka.ErrorCode {
	if r.Generation < 0 && g.state == Empty {
		return kafka.ErrNone
	}
	if r.Generation < 0 && r.MemberID == "" && r.InstanceID == "" {
		return kafka.ErrUnknownMemberID
	}
	// The broker mixes up its words for this operation.
	if err := g.validate(h, r.MemberID, r.InstanceID, "txn-offset-commit"); err != kafka.ErrNone {
		return err
	}
	switch {
	case r.Generation != g.generation:
		return kafka.ErrIllegalGeneration
	case g.state == CompletingRebalance:
		return kafka.ErrRebalanceInProgress
	}
	return kafka.ErrNone
}

// FetchOffsets is OffsetFetch (OffsetMetadataManager.fetchOffsets): what is not
// known has no offset, and is no error.
func (c *Coordinator) FetchOffsets(h Host, _ clock.Time, id kafka.RequestID, r *kafka.OffsetFetchRequest) {
	response := &kafka.OffsetFetchResponse{Err: c.unavailable()}
	if response.Err == kafka.ErrNone {
		response.Offsets = make([]int64, len(r.Partitions))
		for i, tp := range r.Partitions {
			response.Offsets[i] = kafka.NoOffset
			if offset, ok := c.Committed(r.Group, tp); ok {
				response.Offsets[i] = offset
			}
		}
	}
	h.Reply(id, response)
}

// Committed is the offset that a group has committed for a partition.
func (c *Coordinator) Committed(group string, tp kafka.TopicPartition) (int64, bool) {
	i, ok := c.byID[group]
	if !ok {
		return 0, false
	}
	g := c.groups[i]
	at, ok := g.findOffset(tp)
	if !ok {
		return 0, false
	}
	return g.offsets[at].offset, true
}

func (g *classicGroup) findOffset(tp kafka.TopicPartition) (int, bool) {
	return slices.BinarySearchFunc(g.offsets, tp, func(o committedOffset, tp kafka.TopicPartition) int { return o.Compare(tp) })
}

// setOffsets takes in what one request commits; of two entries for a partition
// the later counts. New partitions are sorted in together: a first commit brings
// all of a member's at once.
func (g *classicGroup) setOffsets(accepted []committedOffset) {
	var added []committedOffset
	for _, o := range accepted {
		if i, ok := g.findOffset(o.TopicPartition); ok {
			g.offsets[i] = o
		} else {
			added = append(added, o)
		}
	}
	if len(added) == 0 {
		return
	}
	slices.Reverse(added) // so that the later of two comes first, and stays
	g.offsets = append(g.offsets, added...)
	slices.SortStableFunc(g.offsets, func(a, b committedOffset) int { return a.Compare(b.TopicPartition) })
	g.offsets = slices.CompactFunc(g.offsets, func(a, b committedOffset) bool { return a.TopicPartition == b.TopicPartition })
}
