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
	offset    int64
	at        clock.Time // of the commit
	withEpoch bool       // of the leader
}

// groupOffsets is what a group has committed, sorted.
type groupOffsets []committedOffset

// CommitOffsets is OffsetCommit (OffsetMetadataManager.commitOffset). Nobody
// checks that the partitions are the member's, or that offsets go forward.
func (c *Coordinator) CommitOffsets(h Host, now clock.Time, id kafka.RequestID, r *kafka.OffsetCommitRequest) {
	response := &kafka.OffsetCommitResponse{Errs: make([]kafka.ErrorCode, len(r.Offsets))}
	known := false
	for i, o := range r.Offsets {
		if o.Partition >= c.topics.partitions(o.Topic) {
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
	offsets, refused := c.committer(h, now, r)
	var accepted []committedOffset
	for i, o := range r.Offsets {
		switch {
		case errs[i] != kafka.ErrNone:
		case refused != kafka.ErrNone:
			errs[i] = refused
		case o.MetadataLength > c.cfg.OffsetMetadataMaxBytes:
			errs[i] = kafka.ErrOffsetMetadataTooLarge
		default:
			accepted = append(accepted, committedOffset{o.TopicPartition, o.Offset, now, o.WithEpoch})
		}
	}
	if len(accepted) > 0 {
		offsets.set(accepted)
		h.Append(0)
	}
}

// committer is where a commit goes, or why it is refused
// (OffsetMetadataManager.validateOffsetCommit). In a classic group an accepted commit
// of a member keeps its session alive.
func (c *Coordinator) committer(h Host, now clock.Time, r *kafka.OffsetCommitRequest) (*groupOffsets, kafka.ErrorCode) {
	if err := c.unavailable(); err != kafka.ErrNone {
		return nil, err
	}
	if g := c.consumer(r.Group); g != nil {
		return &c.offsets[g.index], g.validateCommit(c, r)
	}
	g := c.lookup(r.Group)
	if g == nil {
		switch {
		case c.share(r.Group) != nil: // its offsets are the partitions' leaders' business
			return nil, kafka.ErrGroupIDNotFound
		case r.Generation < 0:
			h.Log("INFO", fmt.Sprintf("[GroupId %s] Creating a simple consumer group via manual offset commit.", r.Group))
			return &c.offsets[c.create(r.Group, now).index], kafka.ErrNone
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
	return &c.offsets[g.index], kafka.ErrNone
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
	if g := c.consumer(r.Group); g != nil && response.Err == kafka.ErrNone {
		response.Err = g.validateFetch(r)
	}
	if response.Err == kafka.ErrNone {
		response.Offsets = make([]int64, len(r.Partitions))
		for i, tp := range r.Partitions {
			response.Offsets[i] = kafka.NoOffset
			if o, ok := c.committed(r.Group, tp); ok {
				response.Offsets[i] = o.offset
				if o.withEpoch && response.WithEpoch == nil {
					response.WithEpoch = make([]bool, len(r.Partitions))
				}
				if o.withEpoch {
					response.WithEpoch[i] = true
				}
			}
			if r.RequireStable && c.unstable(r.Group, tp) {
				response.Err = kafka.ErrUnstableOffsetCommit
			}
		}
	}
	h.Reply(id, response)
}

// Committed is the offset that a group has committed for a partition.
func (c *Coordinator) Committed(group string, tp kafka.TopicPartition) (int64, bool) {
	o, ok := c.committed(group, tp)
	return o.offset, ok
}

func (c *Coordinator) committed(group string, tp kafka.TopicPartition) (committedOffset, bool) {
	i, ok := c.byID[group]
	if !ok {
		return committedOffset{}, false
	}
	at, ok := c.offsets[i].find(tp)
	if !ok {
		return committedOffset{}, false
	}
	return c.offsets[i][at], true
}

func (g groupOffsets) find(tp kafka.TopicPartition) (int, bool) {
	return slices.BinarySearchFunc(g, tp, func(o committedOffset, tp kafka.TopicPartition) int { return o.Compare(tp) })
}

// set takes in what one request commits; of two entries for a partition
// the later counts. New partitions are sorted in together: a first commit brings
// all of a member's at once.
func (g *groupOffsets) set(accepted []committedOffset) {
	var added groupOffsets
	for _, o := range accepted {
		if i, ok := g.find(o.TopicPartition); ok {
			(*g)[i] = o
		} else {
			added = append(added, o)
		}
	}
	if len(added) == 0 {
		return
	}
	slices.Reverse(added) // so that the later of two comes first, and stays
	all := append(*g, added...)
	slices.SortStableFunc(all, func(a, b committedOffset) int { return a.Compare(b.TopicPartition) })
	*g = slices.CompactFunc(all, func(a, b committedOffset) bool { return a.TopicPartition == b.TopicPartition })
}
