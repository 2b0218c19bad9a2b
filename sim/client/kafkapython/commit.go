package kafkapython

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// commitPurpose is who waits for a commit's answer.
type commitPurpose uint8

const (
	commitCall    commitPurpose = iota // commit()
	commitPrepare                      // the auto-commit before a join
	commitClose                        // the auto-commit in close()
	commitAuto                         // the auto-commit of poll, which nobody waits for
)

// syncCommit is the synchronous commit that the application's thread is in
// (_commit_offsets_sync_async). There is never more than one.
type syncCommit struct {
	running  bool
	purpose  commitPurpose
	offsets  []kafka.OffsetCommit
	deadline clock.Time
	retryAt  clock.Time
	done     bool
	err      *client.Error
}

// autoCommit is enable_auto_commit: a deadline that poll looks at.
type autoCommit struct {
	due    clock.Time
	fenced bool // one was answered FENCED_INSTANCE_ID: every poll raises
}

// consumed is the positions of all partitions that have one
// (SubscriptionState.all_consumed_offsets).
func (c *Consumer) consumed() []kafka.OffsetCommit {
	out := []kafka.OffsetCommit{}
	for i := range c.parts {
		if p := &c.parts[i]; p.step == positioned {
			out = append(out, kafka.OffsetCommit{TopicPartition: p.tp, Offset: p.position})
		}
	}
	sortOffsets(out)
	return out
}

// runCommit is commit().
func (c *Consumer) runCommit(h client.Host, now clock.Time) {
	if !c.syncCommit(h, now) {
		return
	}
	err := c.endSyncCommit()
	c.app = application{}
	h.Cancel(timerApp)
	h.Committed(err)
}

func (c *Consumer) beginSyncCommit(purpose commitPurpose, offsets []kafka.OffsetCommit, deadline clock.Time) {
	c.sync = syncCommit{running: true, purpose: purpose, offsets: offsets, deadline: deadline}
}

// endSyncCommit gives the commit's exception, nil when it has succeeded. An answer
// that is still out is for nobody.
func (c *Consumer) endSyncCommit() *client.Error {
	err := c.sync.err
	c.sync = syncCommit{}
	for i := range c.inflight {
		if q := &c.inflight[i]; q.api == apiCommit && q.purpose != commitAuto {
			q.purpose = commitAuto
		}
	}
	return err
}

// syncCommitOut tells whether the synchronous commit has no answer yet.
func (c *Consumer) syncCommitOut() bool {
	for i := range c.inflight {
		if q := &c.inflight[i]; q.api == apiCommit && q.purpose != commitAuto {
			return true
		}
	}
	return false
}

// syncCommit moves the synchronous commit on: true when it has ended.
func (c *Consumer) syncCommit(h client.Host, now clock.Time) bool {
	k := &c.sync
	switch {
	case k.done || len(k.offsets) == 0:
		return true
	case now >= k.deadline:
		k.err = &client.Error{Name: "KafkaTimeoutError", Text: "KafkaTimeoutError"}
		return true
	case c.syncCommitOut():
		c.block(h, now, waitCommit, k.deadline)
	case now < k.retryAt:
		c.block(h, now, waitTime, min(k.retryAt, k.deadline))
	case c.coordinatorReady(h, now, k.deadline):
		if k.err = c.sendCommit(h, k.offsets, k.purpose); k.err != nil {
			return true
		}
		c.block(h, now, waitCommit, k.deadline)
	}
	return false
}

// sendCommit is _send_offset_commit_request. Without a stable generation nothing
// is sent: the exception is the client's own.
func (c *Consumer) sendCommit(h client.Host, offsets []kafka.OffsetCommit, purpose commitPurpose) *client.Error {
	if c.state != stable {
		if c.d.oneCommitError {
			return rebalancedAway
		}
		c.logf(h, "INFO", "Failing OffsetCommit request since the consumer is not part of an active group")
		switch {
		case c.d.blamesPolling:
			return rebalanceInProgress
		case c.state == rebalancing:
			return rebalancingLocally
		}
		return notInGroup
	}
	q := c.send(h, c.coordinator, apiCommit, &kafka.OffsetCommitRequest{
		APIVersion: c.d.commitVersion, Group: c.o.Group, MemberID: c.generation.member, InstanceID: c.s.instance,
		Generation: c.generation.id, Offsets: offsets,
	})
	q.offsets, q.purpose = offsets, purpose
	return nil
}

// maybeAutoCommit is _maybe_auto_commit_offsets_async: what earlier polls have
// returned is committed, and nobody waits. Without a coordinator it is put off.
func (c *Consumer) maybeAutoCommit(h client.Host, now clock.Time) {
	switch {
	case !c.s.autoCommit:
		return
	case c.coordinator == 0:
		c.auto.due = now + c.s.retryBackoff
		return
	case now < c.auto.due:
		return
	}
	c.auto.due = now + c.s.autoCommitInterval
	if offsets := c.consumed(); len(offsets) > 0 {
		c.sendCommit(h, offsets, commitAuto) // what it refuses is told to a callback that says nothing
	}
}

// committed is _handle_offset_commit_response: the first error decides.
func (c *Consumer) committed(h client.Host, now clock.Time, q request, r *kafka.OffsetCommitResponse) {
	for i, code := range r.Errs {
		if code != kafka.ErrNone {
			c.commitRefused(h, now, q, q.offsets[i], code)
			return
		}
	}
	c.commitEnded(now, q, nil, false)
}

// commitRefused reacts to a refused commit and gives the exception to who waits.
func (c *Consumer) commitRefused(h client.Host, now clock.Time, q request, o kafka.OffsetCommit, code kafka.ErrorCode) {
	switch code {
	case kafka.ErrUnknownMemberID, kafka.ErrIllegalGeneration:
		c.logf(h, "WARNING", "OffsetCommit for group %s failed: %s", c.o.Group, c.d.errorText(code, c.o.Group))
		c.generationRefused(code, "OffsetCommit")
		c.commitEnded(now, q, c.commitFailed(code), false)
	case kafka.ErrRebalanceInProgress:
		c.rejoinNeeded = true
		c.commitEnded(now, q, c.commitFailed(code), false)
	case kafka.ErrFencedInstanceID:
		c.logf(h, "ERROR", "OffsetCommit for group %s failed due to fenced id error: %s", c.o.Group, c.s.instance)
		c.auto.fenced = c.auto.fenced || q.purpose == commitAuto
		c.commitEnded(now, q, &client.Error{Name: fencedName, Text: c.d.errorText(code, "")}, false)
	case kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator, kafka.ErrRequestTimedOut:
		c.coordinatorDead(h, c.d.errorText(code, ""))
		c.commitEnded(now, q, nil, true)
	case kafka.ErrCoordinatorLoadInProgress:
		c.commitEnded(now, q, nil, true)
	default:
		name := c.d.errorName(code)
		c.logf(h, "ERROR", "Group %s failed to commit partition TopicPartition(topic='%s', partition=%d) at offset OffsetAndMetadata(offset=%d, metadata='', leader_epoch=-1): %s",
			c.o.Group, o.Topic, o.Partition, o.Offset, name)
		c.commitEnded(now, q, &client.Error{Name: name, Text: c.d.errorText(code, "")}, false)
	}
}

// commitFailed is the exception of a commit that the group's state forbids.
func (c *Consumer) commitFailed(code kafka.ErrorCode) *client.Error {
	if c.d.blamesPolling {
		return rebalancedAway
	}
	return &client.Error{Name: commitFailedName, Text: commitFailedName + ": " + c.d.errorText(code, "")}
}

// commitEnded hands the end of a commit to who waits. A synchronous one tries a
// retriable failure again after retry_backoff_ms, an automatic one then at the
// next poll.
func (c *Consumer) commitEnded(now clock.Time, q request, err *client.Error, again bool) {
	switch {
	case q.purpose == commitAuto && again:
		c.auto.due = min(c.auto.due, now+c.s.retryBackoff)
	case q.purpose == commitAuto:
	case again:
		c.sync.retryAt = now + c.s.retryBackoff
	default:
		c.sync.done, c.sync.err = true, err
	}
}
