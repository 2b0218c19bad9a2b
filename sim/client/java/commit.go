package java

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// commitPurpose is who waits for a commit's answer.
type commitPurpose uint8

const (
	commitSync    commitPurpose = iota // commitSync
	commitAuto                         // auto-commit from poll()
	commitPrepare                      // auto-commit before a rebalance
	commitClose                        // auto-commit in close()
)

// commitCall is the running commitSync, or the auto-commit of close().
type commitCall struct {
	offsets  []kafka.OffsetCommit
	deadline clock.Time // default.api.timeout.ms
	backoff  clock.Duration
	retryAt  clock.Time
	done     bool
	err      *client.Error
}

// autoCommit is enable.auto.commit: a deadline that poll() looks at.
type autoCommit struct {
	due    clock.Time
	failed []autoFailure // callbacks that the next poll runs
	fenced bool          // one of them was of FENCED_INSTANCE_ID
}

// autoFailure is a failed auto-commit whose callback has not run.
type autoFailure struct {
	offsets []kafka.OffsetCommit
	err     *client.Error
}

// runCommit is the loop of commitOffsetsSync.
func (c *Consumer) runCommit(h client.Host, now clock.Time) {
	if c.commitStep(h, now, commitSync) {
		err := c.commit.err
		c.call = callNone
		h.Cancel(timerApp)
		// After a timeout nobody waits for the answer any more.
		c.inflight = slices.DeleteFunc(c.inflight, func(q request) bool { return q.api == apiCommit && q.purpose == commitSync })
		h.Committed(err)
		c.armHeartbeat(h, now)
	}
}

// commitStep moves a synchronous commit on; true when it has ended.
func (c *Consumer) commitStep(h client.Host, now clock.Time, purpose commitPurpose) bool {
	k := &c.commit
	switch {
	case k.done || len(k.offsets) == 0:
		return true
	case now >= k.deadline:
		k.err = &client.Error{Name: "TimeoutException", Text: fmt.Sprintf("Timeout of %dms expired before successfully committing offsets %s", c.s.apiTimeout.Milliseconds(), words.Offsets(k.offsets))}
		return true
	case c.pending(apiCommit) && c.waitsFor(purpose):
	case now < k.retryAt:
		h.Arm(timerApp, min(k.retryAt, k.deadline))
	case c.coordinatorReady(h, now):
		if err := c.sendCommit(h, now, k.offsets, purpose); err != nil {
			k.done, k.err = true, err
			return true
		}
		h.Arm(timerApp, k.deadline)
	case c.retryAt > now:
		h.Arm(timerApp, min(c.retryAt, k.deadline))
	}
	return false
}

// waitsFor tells whether a commit of that purpose has no answer yet.
func (c *Consumer) waitsFor(purpose commitPurpose) bool {
	for _, q := range c.inflight {
		if q.api == apiCommit && q.purpose == purpose {
			return true
		}
	}
	return false
}

// sendCommit is sendOffsetCommitRequest. Without a stable generation nothing is
// sent: the error is the client's own.
func (c *Consumer) sendCommit(h client.Host, now clock.Time, offsets []kafka.OffsetCommit, purpose commitPurpose) *client.Error {
	if c.state != stable && c.hasThread() {
		c.tell(h, rebalancingError, "Failing OffsetCommit request since the consumer is not part of an active group")
		return c.refusedLocally()
	}
	q := c.send(h, now, c.coordinator, apiCommit, &kafka.OffsetCommitRequest{
		APIVersion: 9, Group: c.o.Group, MemberID: c.generation.member, InstanceID: c.s.instance,
		Generation: c.generation.id, Offsets: offsets,
	})
	q.offsets, q.purpose = offsets, purpose
	return nil
}

// maybeAutoCommit is maybeAutoCommitOffsetsAsync.
func (c *Consumer) maybeAutoCommit(h client.Host, now clock.Time) {
	if !c.s.autoCommit || now < c.auto.due {
		return
	}
	if !c.hasThread() && c.pending(apiCommit) { // AutoCommitTask is set anew by the answer
		return
	}
	if c.coordinator == 0 { // the heartbeat of just now has found it dead
		c.auto.due = now + c.s.retryBackoff
		return
	}
	c.auto.due = now + c.s.autoCommitInterval
	c.sendAutoCommit(h, now, commitAuto)
}

// runCommitCallbacks prints what auto-commit's callback says of failures
// (invokeCompletedOffsetCommitCallbacks).
func (c *Consumer) runCommitCallbacks(h client.Host) {
	for _, f := range c.auto.failed {
		c.forGroup(h, "WARN", "Auto offset commit failed for group %s: "+f.err.Text, "Asynchronous auto-commit of offsets "+words.Offsets(f.offsets)+" failed: "+f.err.Text)
	}
	c.auto.failed = nil
}

// sendAutoCommit commits all positions without waiting; false when there is
// nothing to wait for.
func (c *Consumer) sendAutoCommit(h client.Host, now clock.Time, purpose commitPurpose) bool {
	offsets := c.subscriptions.Consumed()
	if len(offsets) == 0 || c.coordinator == 0 {
		return false
	}
	err := c.sendCommit(h, now, offsets, purpose)
	if err == nil {
		return true
	}
	if purpose == commitPrepare {
		c.prepare.err = err
	}
	if purpose != commitPrepare || c.since(sendsReasons) {
		c.autoFailed(offsets, err)
	}
	return false
}

// committed is OffsetCommitResponseHandler: the first error decides.
func (c *Consumer) committed(h client.Host, now clock.Time, q request, r *kafka.OffsetCommitResponse) {
	for i, code := range r.Errs {
		if code == kafka.ErrNone {
			continue
		}
		level := "ERROR"
		if retriable(code) {
			level = "WARN"
		}
		c.log(h, level, fmt.Sprintf("Offset commit failed on partition %s at offset %d: %s", q.offsets[i].TopicPartition, q.offsets[i].Offset, code.Message()))
		c.commitFailed(h, now, q, code)
		return
	}
	switch q.purpose {
	case commitSync, commitClose:
		c.commit.done = true
	case commitPrepare:
		c.prepare.committed = true
	}
}

// commitFailed reacts to a refused commit and gives the error to who waits.
func (c *Consumer) commitFailed(h client.Host, now clock.Time, q request, code kafka.ErrorCode) {
	switch code {
	case kafka.ErrUnknownMemberID, kafka.ErrIllegalGeneration:
		c.tell(h, rebalancingError, "OffsetCommit failed with "+q.generation.String()+": "+code.Message())
		if q.generation != c.generation && c.state == preparingRebalance && c.since(rebalancingError) {
			c.commitEnded(now, q, staleGeneration, false)
			return
		}
		c.resetOnError(h, "OFFSET_COMMIT", code)
		c.commitEnded(now, q, c.rebalancedAway(), false)
	case kafka.ErrRebalanceInProgress:
		if c.state == stable {
			c.requestRejoin(h, "offset commit failed since group is already rebalancing", "offset commit failed since group is already rebalancing")
		}
		c.commitEnded(now, q, c.refusedWhileRebalancing(), false)
	case kafka.ErrFencedInstanceID:
		c.info(h, "OffsetCommit failed with "+q.generation.String()+" due to group instance id "+c.instanceText()+" fenced")
		c.commitEnded(now, q, c.fencedCommit(q), false)
	case kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator, kafka.ErrRequestTimedOut:
		c.coordinatorLost(h, now, "error response "+code.String())
		c.commitEnded(now, q, retriableCommit, true)
	case kafka.ErrCoordinatorLoadInProgress, kafka.ErrUnknownTopicOrPartition:
		c.commitEnded(now, q, retriableCommit, true)
	case kafka.ErrOffsetMetadataTooLarge:
		c.commitEnded(now, q, &client.Error{Name: exceptionNames[code], Text: code.Message()}, false)
	default:
		c.commitEnded(now, q, &client.Error{Name: "KafkaException", Text: "Unexpected error in commit: " + code.Message()}, false)
	}
}

// fencedCommit is the error of a fenced commit: another one when the consumer has
// a new generation since, which nobody has fenced.
func (c *Consumer) fencedCommit(q request) *client.Error {
	switch {
	case q.generation == c.generation:
		return fencedCommit
	case c.state == preparingRebalance:
		return staleFenced
	}
	return c.rebalancedAway()
}

// commitEnded hands a failure to who waits: commitSync tries a retriable one
// again with exponential backoff, auto-commit after retry.backoff.ms.
func (c *Consumer) commitEnded(now clock.Time, q request, err *client.Error, again bool) {
	switch q.purpose {
	case commitSync, commitClose:
		if again {
			c.commit.retryAt = now + c.commit.backoff
			c.commit.backoff = min(2*c.commit.backoff, c.s.retryBackoffMax)
			return
		}
		c.commit.done, c.commit.err = true, err
	case commitPrepare:
		if again { // sent anew after the backoff
			c.prepare.asked, c.prepare.committing = false, false
			c.retryAt = now + c.s.retryBackoff
			return
		}
		c.prepare.committed, c.prepare.err = true, err
		if c.since(sendsReasons) {
			c.autoFailed(q.offsets, err)
		}
	case commitAuto:
		if again {
			c.auto.due = now + c.s.retryBackoff
			return
		}
		c.autoFailed(q.offsets, err)
	}
}

// autoFailed leaves a failed auto-commit to its callback, which the next poll
// runs. One that was fenced makes that poll throw.
func (c *Consumer) autoFailed(offsets []kafka.OffsetCommit, err *client.Error) {
	c.auto.failed = append(c.auto.failed, autoFailure{offsets, err})
	c.auto.fenced = c.auto.fenced || err == fencedCommit
}

// retriable tells whether the Java client calls an error retriable.
func retriable(code kafka.ErrorCode) bool {
	switch code {
	case kafka.ErrCoordinatorLoadInProgress, kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator,
		kafka.ErrRequestTimedOut, kafka.ErrUnknownTopicOrPartition:
		return true
	}
	return false
}
