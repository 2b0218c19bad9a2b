package javaasync

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
	commitSync      commitPurpose = iota // commitSync
	commitAuto                           // auto-commit, as a poll begins
	commitRebalance                      // auto-commit before a reconciliation
	commitClose                          // auto-commit in close()
)

// commit is a commit that is not over (CommitRequestManager.OffsetCommitRequestState).
type commit struct {
	number   int
	purpose  commitPurpose
	offsets  []kafka.OffsetCommit // immutable
	deadline clock.Time
	backoff  clock.Duration
	retryAt  clock.Time
	sent     kafka.RequestID // the request in flight
	epoch    int32           // that it carries
}

// autoCommit is enable.auto.commit: a deadline that each poll looks at.
type autoCommit struct {
	due    clock.Time
	commit int // the number of the latest commit
}

// addCommit takes a commit into the queue.
func (c *Consumer) addCommit(p commitPurpose, offsets []kafka.OffsetCommit, deadline clock.Time) {
	c.auto.commit++
	c.commits = append(c.commits, commit{number: c.auto.commit, purpose: p, offsets: offsets, deadline: deadline, backoff: c.s.retryBackoff})
}

// sendCommits is CommitRequestManager.poll: it sends what may be sent, and gives up
// what has run out of time.
func (c *Consumer) sendCommits(h client.Host, now clock.Time) {
	for i := 0; i < len(c.commits); {
		k := &c.commits[i]
		if now >= k.deadline {
			c.info(h, "OffsetCommit timeout expired so it won't be retried anymore")
			c.endCommit(h, now, i, c.commitTimeout(k))
			continue
		}
		if k.sent == 0 && now >= k.retryAt && c.reachable(now) {
			c.sendCommit(h, k)
		}
		i++
	}
}

// sendCommit sends OffsetCommit with the epoch of now, or none.
func (c *Consumer) sendCommit(h client.Host, k *commit) {
	k.epoch = c.commitEpoch
	generation := k.epoch
	if generation == 0 {
		generation = -1
	}
	q := c.send(h, c.coordinator.Broker, apiCommit, &kafka.OffsetCommitRequest{
		APIVersion: 9, Group: c.o.Group, MemberID: c.memberID, InstanceID: c.s.instance, Generation: generation, Offsets: k.offsets,
	})
	q.commit, k.sent = k.number, q.id
}

// maybeAutoCommit is updateTimerAndMaybeCommit: all positions, as a poll begins,
// and never two at a time.
func (c *Consumer) maybeAutoCommit(h client.Host, now clock.Time) {
	if !c.s.autoCommit || now < c.auto.due {
		return
	}
	if slices.ContainsFunc(c.commits, func(k commit) bool { return k.purpose == commitAuto }) {
		return
	}
	c.auto.due = now + c.s.autoCommitInterval
	if offsets := c.subscriptions.Consumed(); len(offsets) > 0 {
		c.addCommit(commitAuto, offsets, clock.MaxTime)
		c.sendCommits(h, now)
	}
}

// committed takes the answer to a commit: the first error decides.
func (c *Consumer) committed(h client.Host, now clock.Time, q request, r *kafka.OffsetCommitResponse) {
	i := c.commitNumber(q.commit)
	if i < 0 {
		return
	}
	for _, code := range r.Errs {
		if code != kafka.ErrNone {
			c.commitRefused(h, now, q, code)
			return
		}
	}
	c.endCommit(h, now, i, nil)
}

func (c *Consumer) commitNumber(n int) int {
	return slices.IndexFunc(c.commits, func(k commit) bool { return k.number == n })
}

// commitRefused is OffsetCommitRequestState.onResponse with an error.
func (c *Consumer) commitRefused(h client.Host, now clock.Time, q request, code kafka.ErrorCode) {
	switch code {
	case kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator, kafka.ErrRequestTimedOut:
		c.coordinator.Lost(h, now, c.words, code.Message())
		c.commitFailed(h, now, q, retriableCommit, true)
	case kafka.ErrCoordinatorLoadInProgress, kafka.ErrUnknownTopicOrPartition:
		c.commitFailed(h, now, q, retriableCommit, true)
	case kafka.ErrUnknownMemberID:
		c.words.Log(h, "ERROR", "OffsetCommit failed with "+code.String())
		c.commitFailed(h, now, q, unknownMember, false)
	case kafka.ErrStaleMemberEpoch:
		k := &c.commits[c.commitNumber(q.commit)]
		epoch := "undefined"
		if k.epoch > 0 {
			epoch = number(k.epoch)
		}
		c.words.Log(h, "ERROR", "OffsetCommit failed for member "+c.memberID+" with stale member epoch error. Last epoch sent: "+epoch)
		c.commitFailed(h, now, q, staleEpoch, k.purpose == commitRebalance && c.commitEpoch > 0)
	case kafka.ErrFencedInstanceID:
		c.commitFailed(h, now, q, fencedCommit, false)
	default:
		c.commitFailed(h, now, q, &client.Error{Name: "KafkaException", Text: "Unexpected error in commit: " + code.Message()}, false)
	}
}

// commitFailed tries a commit again later, or ends it. Auto-commit is not tried
// again but due sooner.
func (c *Consumer) commitFailed(h client.Host, now clock.Time, q request, err *client.Error, again bool) {
	i := c.commitNumber(q.commit)
	if i < 0 {
		return
	}
	k := &c.commits[i]
	if again && k.purpose == commitAuto {
		c.auto.due = now + c.s.retryBackoff
	}
	if !again || k.purpose == commitAuto {
		c.endCommit(h, now, i, err)
		return
	}
	k.sent, k.retryAt = 0, now+k.backoff
	k.backoff = min(2*k.backoff, c.s.retryBackoffMax)
	if k.purpose == commitRebalance { // with what has been consumed by now
		k.offsets = c.subscriptions.Consumed()
	}
}

// endCommit takes a commit out of the queue and tells who waits for it.
func (c *Consumer) endCommit(h client.Host, now clock.Time, i int, err *client.Error) {
	k := c.commits[i]
	c.commits = slices.Delete(c.commits, i, i+1)
	switch k.purpose {
	case commitSync:
		c.call = callNone
		h.Committed(err)
	case commitAuto:
		if err != nil && err != retriableCommit {
			c.words.Log(h, "WARN", "Auto-commit of offsets "+words.Offsets(k.offsets)+" failed")
		}
	case commitRebalance:
		if err != nil {
			c.words.Log(h, "ERROR", "Auto-commit request before reconciling new assignment failed. Will proceed with the reconciliation anyway.")
		}
		c.revokeReconciled(h, now)
	case commitClose:
		if err != nil {
			c.words.Log(h, "WARN", "Synchronous auto-commit failed")
		}
	}
}

// commitTimeout is what commitSync throws when it has run out of time.
func (c *Consumer) commitTimeout(k *commit) *client.Error {
	return &client.Error{Name: "TimeoutException", Text: fmt.Sprintf("Timeout of %sms expired before successfully committing offsets %s", words.Millis(c.s.apiTimeout), words.Offsets(k.offsets))}
}
