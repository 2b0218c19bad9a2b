package javaasync

import (
	"fmt"

	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// reconciliation is the way from one assignment to the next: commit, revoke,
// assign, acknowledge.
type reconciliation struct {
	to             assignment
	added, revoked []kafka.TopicPartition
}

// maybeReconcile begins to reconcile the target assignment, unless one is under
// way. With auto-commit it may begin only where positions are safe to commit: as
// the application polls (canCommit). True when it has changed the member's state.
func (c *Consumer) maybeReconcile(h client.Host, now clock.Time, canCommit bool) bool {
	if c.state != reconciling || c.target.equal(c.current) || c.reconciling {
		return false
	}
	if c.s.autoCommit && !canCommit {
		return false
	}
	c.reconciling, c.rejoined = true, false
	owned := c.subscriptions.Owned()
	r := reconciliation{
		to:      c.target,
		added:   kafka.Without(c.target.partitions, owned),
		revoked: kafka.Without(owned, c.target.partitions),
	}
	c.info(h, fmt.Sprintf("Reconciling assignment with local epoch %d", r.to.number)+
		"\n\tMember:                                    "+c.memberID+
		"\n\tAssigned partitions:                       "+words.Bracketed(r.to.partitions)+
		"\n\tCurrent owned partitions:                  "+words.Bracketed(owned)+
		"\n\tAdded partitions (assigned - owned):       "+words.Bracketed(r.added)+
		"\n\tRevoked partitions (owned - assigned):     "+words.Bracketed(r.revoked)+"\n")
	c.subscriptions.HoldBack(r.revoked)
	c.reconciliation = r
	if offsets := c.subscriptions.Consumed(); c.s.autoCommit && len(offsets) > 0 {
		c.addCommit(commitRebalance, offsets, now+c.s.maxPoll)
		c.sendCommits(h, now)
		return false
	}
	was := c.state
	c.revokeReconciled(h, now)
	return c.state != was
}

// aborted tells that the reconciliation under way is of no more use
// (maybeAbortReconciliation).
func (c *Consumer) aborted(h client.Host) bool {
	why := ""
	switch {
	case c.rejoined:
		why = "the member has re-joined the group"
	case c.state != reconciling:
		why = "the member already transitioned out of the reconciling state into " + c.state.String()
	default:
		return false
	}
	c.info(h, "Interrupting reconciliation that is not relevant anymore because "+why)
	c.reconciling, c.rejoined = false, false
	return true
}

// revokeReconciled goes on after the commit: what is withdrawn is revoked
// (revokePartitions).
func (c *Consumer) revokeReconciled(h client.Host, now clock.Time) {
	if c.aborted(h) {
		return
	}
	if r := &c.reconciliation; len(r.revoked) > 0 {
		c.info(h, "Revoking previously assigned partitions "+words.Bracketed(r.revoked))
		c.queue(h, now, event{kind: client.Revoked, partitions: r.revoked, then: revokedForReconciliation})
		return
	}
	c.assignReconciled(h, now)
}

// assignReconciled goes on after the revocation (assignPartitions): the assignment
// changes, and the application is told what is new, also when that is nothing.
func (c *Consumer) assignReconciled(h client.Host, now clock.Time) {
	if c.aborted(h) {
		return
	}
	r := &c.reconciliation
	c.subscriptions.AssignAwaitingCallback(r.to.partitions, r.added, c.metadata.leader)
	c.queue(h, now, event{kind: client.Assigned, partitions: r.added, then: assignedForReconciliation})
}

// completeReconciliation makes the assignment effective: the next heartbeat, at
// once, acknowledges it.
func (c *Consumer) completeReconciliation(h client.Host, now clock.Time) {
	if !c.reconciling || c.aborted(h) {
		return
	}
	c.current = c.reconciliation.to
	c.auto.due = now + c.s.autoCommitInterval
	c.transition(h, acknowledging)
	c.reconciling, c.rejoined = false, false
}
