package kafkajs

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// offsets is what has been resolved and committed of one assignment
// (OffsetManager).
type offsets struct {
	parts      []position
	lastCommit clock.Time
}

// position is one assigned partition. Offsets below 0 are none.
type position struct {
	kafka.TopicPartition
	committed int64 // as the broker has it, or where the partition starts without
	resolved  int64 // the offset after the latest message whose handler has returned
	next      int64 // the offset of the next message for the handler
}

// newOffsets knows nothing of an assignment yet.
func newOffsets(now clock.Time, assigned []kafka.TopicPartition) offsets {
	o := offsets{lastCommit: now}
	for _, tp := range assigned {
		o.parts = append(o.parts, position{TopicPartition: tp, committed: kafka.NoOffset, resolved: kafka.NoOffset, next: kafka.NoOffset})
	}
	return o
}

// find is an assigned partition, nil when it is not assigned.
func (o *offsets) find(tp kafka.TopicPartition) *position {
	for i := range o.parts {
		if o.parts[i].TopicPartition == tp {
			return &o.parts[i]
		}
	}
	return nil
}

// unknown is the partitions of which it is not known where they start.
func (o *offsets) unknown() []kafka.TopicPartition {
	var tps []kafka.TopicPartition
	for i := range o.parts {
		if o.parts[i].committed < 0 {
			tps = append(tps, o.parts[i].TopicPartition)
		}
	}
	return tps
}

// startAt sets where a partition starts.
func (o *offsets) startAt(tp kafka.TopicPartition, offset int64) {
	if p := o.find(tp); p != nil && p.committed < 0 {
		p.committed = offset
	}
}

// fetchOffset is where the next fetch of a partition begins (nextOffset).
func (p *position) fetchOffset() int64 {
	if p.resolved < 0 {
		p.resolved = p.committed
	}
	p.next = p.resolved
	return p.resolved
}

// uncommitted is what has been resolved and not committed (uncommittedOffsets).
func (o *offsets) uncommitted() []kafka.OffsetCommit {
	var changed []kafka.OffsetCommit
	for i := range o.parts {
		if p := &o.parts[i]; p.resolved >= 0 && p.resolved != p.committed {
			changed = append(changed, kafka.OffsetCommit{TopicPartition: p.TopicPartition, Offset: p.resolved})
		}
	}
	return changed
}

// resolvedMessages is how many messages have been resolved and not committed
// (countResolvedOffsets).
func (o *offsets) resolvedMessages() int64 {
	var n int64
	for i := range o.parts {
		if p := &o.parts[i]; p.resolved >= 0 {
			n += p.resolved - max(p.committed, 0)
		}
	}
	return n
}

// autoCommit commits what has been resolved, unless autoCommit is off
// (autoCommitOffsets). It tells whether there was anything to send.
func (c *Consumer) autoCommit(h client.Host, now clock.Time, q request) bool {
	if !c.s.autoCommit {
		return false
	}
	q.offsets = c.offsets.uncommitted()
	if len(q.offsets) == 0 {
		c.offsets.lastCommit = now
		return false
	}
	c.sendCommit(h, now, q)
	return true
}

// autoCommitIfNecessary is the same after a message, once autoCommitInterval or
// autoCommitThreshold is reached (commitOffsetsIfNecessary).
func (c *Consumer) autoCommitIfNecessary(h client.Host, now clock.Time, q request) bool {
	interval := c.s.autoCommitInterval > 0 && now >= c.offsets.lastCommit+c.s.autoCommitInterval
	threshold := c.s.autoCommitThreshold > 0 && c.offsets.resolvedMessages() >= c.s.autoCommitThreshold
	return (interval || threshold) && c.autoCommit(h, now, q)
}

func (c *Consumer) sendCommit(h client.Host, now clock.Time, q request) {
	q.api = apiCommit
	c.send(h, now, c.group.coordinator, q, &kafka.OffsetCommitRequest{
		APIVersion: commitVersion,
		Group:      c.o.Group,
		MemberID:   c.group.memberID,
		Generation: c.group.generation,
		Offsets:    q.offsets,
	})
}

// commitAnswered goes on with whoever has committed.
func (c *Consumer) commitAnswered(h client.Host, now clock.Time, q request, r *kafka.OffsetCommitResponse, f *failure) {
	if f == nil {
		i := slices.IndexFunc(r.Errs, func(e kafka.ErrorCode) bool { return e != kafka.ErrNone })
		if i >= 0 {
			f = c.refused(h, apiCommit, r.Errs[i])
		}
	}
	if f == nil {
		c.committed(now, q)
	}
	switch q.purpose {
	case commitThenThrow:
		if f == nil {
			f = q.thrown
		}
		c.resume(h, now, q.task, f)
	case commitManual:
		c.commitEnds(h, now, f)
	default:
		c.resume(h, now, q.task, f)
	}
}

// committed notes what the broker has accepted. A mark for an offset that is out
// of range makes the partition look for its start anew (clearOffsets).
func (c *Consumer) committed(now clock.Time, q request) {
	if q.purpose != commitReset {
		c.offsets.lastCommit = now
	}
	for _, o := range q.offsets {
		p := c.offsets.find(o.TopicPartition)
		switch {
		case p == nil:
		case q.purpose == commitReset:
			p.committed, p.resolved, p.next = kafka.NoOffset, kafka.NoOffset, kafka.NoOffset
		default:
			p.committed = o.Offset
		}
	}
}
