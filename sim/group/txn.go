package group

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// pendingOffsets is what a transaction will commit to a group if it is committed
// (OffsetMetadataManager.pendingTransactionalOffsets).
type pendingOffsets struct {
	group    uint32
	producer int64
	offsets  []committedOffset
}

// CommitTransactionalOffsets is TxnOffsetCommit
// (OffsetMetadataManager.commitTransactionalOffset): the offsets wait for the end
// of the transaction. The group's state does not matter, nor is the session kept.
func (c *Coordinator) CommitTransactionalOffsets(h Host, now clock.Time, id kafka.RequestID, r *kafka.TxnOffsetCommitRequest) {
	index, refused := c.txnCommitter(h, now, r)
	response := &kafka.TxnOffsetCommitResponse{Errs: make([]kafka.ErrorCode, len(r.Offsets))}
	var accepted []committedOffset
	for i, o := range r.Offsets {
		switch {
		case refused != kafka.ErrNone:
			response.Errs[i] = refused
		case o.Partition >= c.topics.partitions(o.Topic):
			response.Errs[i] = kafka.ErrUnknownTopicOrPartition
		default:
			accepted = append(accepted, committedOffset{o.TopicPartition, o.Offset, now, o.WithEpoch})
		}
	}
	if len(accepted) > 0 {
		p := c.pendingOf(index, r.ProducerID)
		p.offsets = slices.DeleteFunc(p.offsets, func(o committedOffset) bool {
			return slices.ContainsFunc(accepted, func(a committedOffset) bool { return a.TopicPartition == o.TopicPartition })
		})
		p.offsets = append(p.offsets, accepted...)
		h.Append(0)
	}
	h.Reply(id, response)
}

// txnCommitter is the group of a transactional commit, or why it is refused
// (validateTransactionalOffsetCommit).
func (c *Coordinator) txnCommitter(h Host, now clock.Time, r *kafka.TxnOffsetCommitRequest) (uint32, kafka.ErrorCode) {
	if err := c.unavailable(); err != kafka.ErrNone {
		return 0, err
	}
	anonymous := r.Generation < 0 && r.MemberID == "" && r.InstanceID == ""
	if g := c.consumer(r.Group); g != nil {
		if anonymous {
			return g.index, kafka.ErrNone
		}
		switch m := g.member(r.MemberID); {
		case m == nil:
			return 0, kafka.ErrUnknownMemberID
		case r.Generation != m.epoch: // STALE_MEMBER_EPOCH, in the words of this request
			return 0, kafka.ErrIllegalGeneration
		}
		return g.index, kafka.ErrNone
	}
	g := c.lookup(r.Group)
	switch {
	case g == nil && r.Generation < 0:
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Creating a simple consumer group via manual offset commit.", r.Group))
		return c.create(r.Group, now).index, kafka.ErrNone
	case g == nil:
		return 0, kafka.ErrIllegalGeneration
	case anonymous:
		return g.index, kafka.ErrNone
	}
	if err := g.validate(h, r.MemberID, r.InstanceID, "txn-offset-commit"); err != kafka.ErrNone {
		return 0, err
	}
	if r.Generation != g.generation {
		return 0, kafka.ErrIllegalGeneration
	}
	return g.index, kafka.ErrNone
}

func (c *Coordinator) pendingOf(index uint32, producer int64) *pendingOffsets {
	i := slices.IndexFunc(c.pending, func(p pendingOffsets) bool { return p.group == index && p.producer == producer })
	if i < 0 {
		i = len(c.pending)
		c.pending = append(c.pending, pendingOffsets{group: index, producer: producer})
	}
	return &c.pending[i]
}

// CompleteTransaction is a transaction's marker (replayEndTransactionMarker): its
// offsets count from now on, or never do. They lose against a commit that came
// after them without a transaction. It gives what has been committed.
func (c *Coordinator) CompleteTransaction(h Host, group string, producer int64, commit bool) (committed []kafka.OffsetCommit) {
	index, ok := c.byID[group]
	if !ok {
		return nil
	}
	for i := len(c.pending) - 1; i >= 0; i-- {
		p := c.pending[i]
		if p.group != index || p.producer != producer {
			continue
		}
		if commit {
			offsets := &c.offsets[p.group]
			accepted := slices.DeleteFunc(p.offsets, func(o committedOffset) bool {
				at, ok := offsets.find(o.TopicPartition)
				return ok && (*offsets)[at].at > o.at
			})
			offsets.set(accepted)
			for _, o := range accepted {
				committed = append(committed, kafka.OffsetCommit{TopicPartition: o.TopicPartition, Offset: o.offset})
			}
		}
		c.pending = slices.Delete(c.pending, i, i+1)
		h.Append(0)
	}
	return committed
}

// unstable tells whether an open transaction will, or will not, commit an offset
// for the partition.
func (c *Coordinator) unstable(group string, tp kafka.TopicPartition) bool {
	index, ok := c.byID[group]
	return ok && slices.ContainsFunc(c.pending, func(p pendingOffsets) bool {
		return p.group == index && slices.ContainsFunc(p.offsets, func(o committedOffset) bool { return o.TopicPartition == tp })
	})
}

// pendingTransactions tells whether a group's offsets wait for a transaction.
func (c *Coordinator) pendingTransactions(index uint32) bool {
	return slices.ContainsFunc(c.pending, func(p pendingOffsets) bool { return p.group == index })
}
