package franzgo

import (
	"cmp"
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// uncommitted is what the client keeps of a partition's offsets.
type uncommitted struct {
	tp        kafka.TopicPartition
	dirty     int64 // handed out by the latest poll
	head      int64 // handed out by earlier polls; what autocommit commits
	committed int64
}

// commitKind is who commits.
type commitKind uint8

const (
	commitNone commitKind = iota
	commitSync            // the application, which waits
	commitAuto            // the autocommit loop
)

// commits is the commits under way. None begins while the group is joined and
// synced, and none before the one in flight is answered.
type commits struct {
	flying  int
	waiting []commitCall
}

// commitCall is a commit that waits.
type commitCall struct {
	kind    commitKind
	offsets []kafka.OffsetCommit
}

// locksCommits tells whether commits wait for the join.
func (c *Consumer) locksCommits() bool {
	switch c.manage.step {
	case locking, joining, syncing:
		return true
	}
	return false
}

// Commit is CommitRecords, or, without offsets, CommitUncommittedOffsets.
func (c *Consumer) Commit(h client.Host, _ clock.Time, offsets []kafka.OffsetCommit) {
	if offsets == nil {
		for _, u := range c.uncommitted {
			if u.dirty != u.committed {
				offsets = append(offsets, kafka.OffsetCommit{TopicPartition: u.tp, Offset: u.dirty})
			}
		}
	}
	if len(offsets) == 0 {
		h.Committed(nil)
		return
	}
	c.commit(h, commitCall{commitSync, offsets})
}

// commit sends a commit, or lets it wait.
func (c *Consumer) commit(h client.Host, x commitCall) {
	if c.locksCommits() || c.commits.flying > 0 {
		c.commits.waiting = append(slices.Clone(c.commits.waiting), x)
		return
	}
	slices.SortFunc(x.offsets, func(a, b kafka.OffsetCommit) int { return a.TopicPartition.Compare(b.TopicPartition) })
	c.commits.flying++
	c.ask(h, request{commit: x.kind, body: &kafka.OffsetCommitRequest{
		APIVersion: 9, Group: c.o.Group, MemberID: c.member, InstanceID: c.s.instance, Generation: c.generated, Offsets: x.offsets,
	}})
}

// unlock lets the commits go on that have waited for the join.
func (c *Consumer) unlock(h client.Host) {
	for !c.locksCommits() && c.commits.flying == 0 && len(c.commits.waiting) > 0 {
		next := c.commits.waiting[0]
		c.commits.waiting = c.commits.waiting[1:]
		c.commit(h, next)
	}
}

// committed takes the answer to a commit.
func (c *Consumer) committed(h client.Host, now clock.Time, q request, r *kafka.OffsetCommitResponse) {
	sent := q.body.(*kafka.OffsetCommitRequest)
	first := kafka.ErrNone
	fatal := kafka.ErrNone
	for _, code := range r.Errs {
		first = cmp.Or(first, code)
		if code == kafka.ErrUnknownMemberID || code == kafka.ErrIllegalGeneration {
			fatal = code
		}
	}
	if c.moved(h, now, q, first) {
		return
	}
	c.commits.flying--
	if fatal != kafka.ErrNone {
		c.info(h, "offset commit returned a fatal group member error, triggering rejoin", "group", c.o.Group, "err", errorText(fatal))
		if c.rejoin == "" {
			c.rejoin = "offset commit error: " + errorText(fatal)
		}
	}
	c.updateCommitted(h, sent, r)
	c.commitEnded(h, q.commit, first)
	c.locked(h, now)
	c.unlock(h)
	c.noticeRejoin(h, now)
}

// updateCommitted books what has been accepted, unless the generation has changed
// since.
func (c *Consumer) updateCommitted(h client.Host, sent *kafka.OffsetCommitRequest, r *kafka.OffsetCommitResponse) {
	if sent.Generation != c.generated {
		return
	}
	if c.uncommitted == nil {
		c.logLine(h, "WARN", "received an OffsetCommitResponse after our group session has ended, unable to handle this (were we kicked from the group?)")
		return
	}
	for i, o := range sent.Offsets {
		u := c.offsetsOf(o.TopicPartition)
		if u == nil {
			continue
		}
		if code := r.Errs[i]; code != kafka.ErrNone {
			c.logLine(h, "WARN", "unable to commit offset for topic partition", "group", c.o.Group, "topic", o.Topic, "partition", fmt.Sprint(o.Partition),
				"commit_from", fmt.Sprint(u.committed), "commit_to", fmt.Sprint(o.Offset), "commit_epoch", "0", "error_code", fmt.Sprint(int16(code)))
			continue
		}
		u.committed = o.Offset
		u.head = max(u.head, o.Offset)
	}
}

// commitEnded tells who has committed.
func (c *Consumer) commitEnded(h client.Host, kind commitKind, code kafka.ErrorCode) {
	switch {
	case kind == commitAuto && code != kafka.ErrNone:
		c.logLine(h, "ERROR", "in default commit: unable to commit offsets for topic partition", "group", c.o.Group, "error", errorText(code))
	case kind == commitSync && code != kafka.ErrNone:
		h.Committed(&client.Error{Name: errorText(code), Text: errorText(code)})
	case kind == commitSync:
		h.Committed(nil)
	}
}

// offsetsOf is what is kept of a partition, nil if nothing is.
func (c *Consumer) offsetsOf(tp kafka.TopicPartition) *uncommitted {
	i := slices.IndexFunc(c.uncommitted, func(u uncommitted) bool { return u.tp == tp })
	if i < 0 {
		return nil
	}
	return &c.uncommitted[i]
}

// forgetUncommitted forgets what is kept of partitions that have been given up.
func (c *Consumer) forgetUncommitted(lost []kafka.TopicPartition) {
	c.uncommitted = slices.DeleteFunc(c.uncommitted, func(u uncommitted) bool { return slices.Contains(lost, u.tp) })
	if len(c.uncommitted) == 0 {
		c.uncommitted = nil
	}
}

// polled books what a poll hands out (updateUncommitted).
func (c *Consumer) polled(r client.Range) {
	u := c.offsetsOf(r.TopicPartition)
	if u == nil {
		c.uncommitted = append(c.uncommitted, uncommitted{tp: r.TopicPartition})
		u = &c.uncommitted[len(c.uncommitted)-1]
	}
	u.dirty = r.To
	if !c.s.autoCommit || c.s.greedy {
		u.head = r.To
	}
}

// bookFetched books the committed offset from which a partition is read.
func (c *Consumer) bookFetched(tp kafka.TopicPartition, offset int64) {
	fetched := uncommitted{tp: tp, dirty: offset, head: offset, committed: offset}
	if u := c.offsetsOf(tp); u != nil {
		*u = fetched
		return
	}
	c.uncommitted = append(c.uncommitted, fetched)
}

// undirty makes what the polls before have handed out ready for autocommit.
func (c *Consumer) undirty() {
	if c.s.autoCommit && !c.s.greedy {
		for i := range c.uncommitted {
			c.uncommitted[i].head = c.uncommitted[i].dirty
		}
	}
}
