package aiokafka

import (
	"ksim/sim/client"
	"ksim/sim/client/kafkapython/words"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// committer is who commits: of each there is one commit at a time, and one
// OffsetCommit of both (_commit_lock).
type committer uint8

const (
	byApp  committer = iota // commit()
	byTask                  // auto-commit
)

// commitTask is a commit on its way (commit_offsets, _do_commit_offsets).
type commitTask struct {
	running bool
	again   bool // retriable failures are tried again
	offsets []kafka.OffsetCommit
	begun   clock.Time
	out     bool // an OffsetCommit has no answer yet
	failed  bool // retriably, just now
	retryAt clock.Time
	done    bool
	err     *client.Error
}

// consumed is the positions of all partitions that have one: what getmany() has
// handed out (Assignment.all_consumed_offsets).
func (c *Consumer) consumed() []kafka.OffsetCommit {
	out := []kafka.OffsetCommit{}
	for i := range c.parts {
		if p := &c.parts[i]; p.step == positioned {
			out = append(out, kafka.OffsetCommit{TopicPartition: p.tp, Offset: p.position})
		}
	}
	return out
}

// beginCommit is commit(): what is not assigned is refused without a request.
func (c *Consumer) beginCommit(h client.Host, now clock.Time, offsets []kafka.OffsetCommit) {
	switch {
	case !c.hasAssignment:
		h.Committed(&client.Error{Name: illegalState, Text: illegalState + ": No partitions assigned"})
		return
	case offsets == nil:
		offsets = c.consumed()
	}
	for _, o := range offsets {
		if c.part(o.TopicPartition) == nil {
			h.Committed(&client.Error{Name: illegalState, Text: illegalState + ": Partition " + words.Partition(o.TopicPartition) + " is not assigned"})
			return
		}
	}
	c.commits[byApp] = commitTask{running: true, again: true, offsets: offsets, begun: now}
	c.runCommit(h, now)
}

// runCommit lets commit() go on.
func (c *Consumer) runCommit(h client.Host, now clock.Time) {
	if c.commits[byApp].running && c.moveCommit(h, now, byApp) {
		h.Cancel(timerCommit)
		h.Committed(c.endCommit(byApp))
	}
}

// endCommit gives how a commit has ended.
func (c *Consumer) endCommit(by committer) *client.Error {
	k := &c.commits[by]
	k.running = false
	return k.err
}

// moveCommit moves a commit on: true when it has ended.
func (c *Consumer) moveCommit(h client.Host, now clock.Time, by committer) bool {
	k := &c.commits[by]
	if k.failed {
		k.failed, k.retryAt = false, now+c.s.retryBackoff
	}
	switch {
	case len(k.offsets) == 0, k.done:
		k.done = true
		return true
	case k.out, c.commits[1-by].out:
	case now < k.retryAt:
		if by == byApp {
			h.Arm(timerCommit, k.retryAt)
		}
	case c.coordinator == 0 && !k.again:
		k.done, k.err = true, &client.Error{Name: "GroupCoordinatorNotAvailableError", Text: brokerError(kafka.ErrCoordinatorNotAvailable, "")}
		return true
	case c.coordinator == 0:
		c.lookup(h, now)
	default:
		k.out = true
		q := c.send(h, c.coordinator, apiCommit, &kafka.OffsetCommitRequest{
			APIVersion: commitVersion, Group: c.o.Group, MemberID: c.generation.member, Generation: c.generation.id, Offsets: k.offsets,
		})
		q.offsets, q.by = k.offsets, by
	}
	return false
}

// commitVersion is the OffsetCommit version that the client sends; it has no
// instance id.
const commitVersion = 3

// commitAnswered is the answer to OffsetCommit: every partition is logged, the
// first error counts.
func (c *Consumer) commitAnswered(h client.Host, q request, r *kafka.OffsetCommitResponse) {
	first := kafka.ErrNone
	for i, code := range r.Errs {
		if code == kafka.ErrNone {
			continue
		}
		if first == kafka.ErrNone {
			first = code
		}
		c.commitRefused(h, q.offsets[i], code)
	}
	switch first {
	case kafka.ErrNone:
		c.commitEnded(q.by, nil, false)
	case kafka.ErrCoordinatorLoadInProgress, kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator, kafka.ErrRequestTimedOut:
		c.commitEnded(q.by, &client.Error{Name: brokerErrorName(first), Text: brokerError(first, "")}, true)
	case kafka.ErrUnknownMemberID, kafka.ErrIllegalGeneration, kafka.ErrRebalanceInProgress:
		err := commitFailed
		if !c.commits[q.by].again { // the timer's commit sees the error itself
			err = &client.Error{Name: brokerErrorName(first), Text: brokerError(first, c.o.Group)}
		}
		c.commitEnded(q.by, err, false)
	default:
		c.commitEnded(q.by, &client.Error{Name: brokerErrorName(first), Text: brokerError(first, "")}, false)
	}
}

// commitRefused logs what becomes of one partition, and draws the consequence for
// the membership.
func (c *Consumer) commitRefused(h client.Host, o kafka.OffsetCommit, code kafka.ErrorCode) {
	name := brokerErrorName(code)
	switch code {
	case kafka.ErrCoordinatorLoadInProgress:
		c.logf(h, "INFO", "OffsetCommit failed for group %s because group is initializing (%s), will retry", c.o.Group, name)
	case kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator, kafka.ErrRequestTimedOut:
		c.logf(h, "INFO", "OffsetCommit failed for group %s due to a coordinator error (%s), will find new coordinator and retry", c.o.Group, name)
		c.coordinatorDead(h)
	case kafka.ErrRebalanceInProgress:
		c.logf(h, "ERROR", "OffsetCommit failed for group %s due to group error (%s), will rejoin", c.o.Group, brokerError(code, c.o.Group))
		c.rejoinNeeded = true
	case kafka.ErrUnknownMemberID, kafka.ErrIllegalGeneration:
		c.logf(h, "ERROR", "OffsetCommit failed for group %s due to group error (%s), will rejoin", c.o.Group, brokerError(code, c.o.Group))
		c.resetGeneration()
	default:
		c.logf(h, "ERROR", "OffsetCommit failed for group %s on partition %s with offset OffsetAndMetadata(offset=%d, metadata=''): %s", c.o.Group, words.Partition(o.TopicPartition), o.Offset, name)
	}
}

// commitEnded ends a commit, or lets it be tried again.
func (c *Consumer) commitEnded(by committer, err *client.Error, retriable bool) {
	k := &c.commits[by]
	k.out = false
	if retriable && k.again {
		k.failed = true
		return
	}
	k.done, k.err = true, err
}
