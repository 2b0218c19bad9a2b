package javaasync

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// The epochs that are none.
const (
	epochJoin        = 0
	epochLeave       = -1
	epochLeaveStatic = -2
)

// membership is AbstractMembershipManager.
type membership struct {
	state    memberState
	memberID string // made by the client, for its whole life
	epoch    int32
	// latestEpoch is the latest above 0, for transactions.
	latestEpoch int32
	// commitEpoch is the epoch that commits carry; none (0) after the member has
	// left or was fenced.
	commitEpoch int32
	subscribed  bool // the next poll joins

	target  assignment // from the broker
	current assignment // reconciled

	reconciliation reconciliation
	reconciling    bool // a reconciliation is under way
	rejoined       bool // the member has joined anew meanwhile
	pollExpired    bool // it leaves because of the poll deadline
	released       bool // stale: the application has been told that everything is lost
	wantsRejoin    bool // stale: the application has polled
	leaveDone      bool // the answer to the heartbeat that left has come
}

// assignment is AbstractMembershipManager.LocalAssignment: what the member is to
// own, numbered by the client itself.
type assignment struct {
	number     int                    // -1: none
	partitions []kafka.TopicPartition // immutable, sorted
}

func noAssignment() assignment { return assignment{number: -1} }

func (a assignment) equal(b assignment) bool {
	return a.number == b.number && slices.Equal(a.partitions, b.partitions)
}

// transition is the one door to another member state.
func (c *Consumer) transition(h client.Host, to memberState) {
	to.mustFollow(c.state)
	c.info(h, fmt.Sprintf("Member %s with epoch %d transitioned from %s to %s.", c.memberID, c.epoch, c.state, to))
	c.state = to
}

// setEpoch takes a new member epoch; commits go without one when there is none
// (CommitRequestManager.onMemberEpochUpdated).
func (c *Consumer) setEpoch(h client.Host, epoch int32) {
	if epoch == c.epoch {
		return
	}
	c.epoch = epoch
	if epoch > 0 {
		c.latestEpoch = epoch
	}
	c.noteCommitEpoch(h, max(epoch, 0))
}

func (c *Consumer) noteCommitEpoch(h client.Host, epoch int32) {
	if epoch == 0 && c.commitEpoch != 0 {
		c.info(h, "Member "+c.memberID+" won't include epoch in following offset commit/fetch requests because it has left the group.")
	}
	c.commitEpoch = epoch
}

// join is transitionToJoining: the next heartbeat joins with epoch 0.
func (c *Consumer) join(h client.Host) {
	c.rejoined = c.rejoined || c.reconciling
	c.setEpoch(h, epochJoin)
	c.transition(h, joining)
	c.target = noAssignment()
}

// heartbeatAccepted is onHeartbeatSuccess.
func (c *Consumer) heartbeatAccepted(h client.Host, r *kafka.ConsumerGroupHeartbeatResponse) {
	switch {
	case c.state == leaving:
		return
	case c.state == unsubscribed:
		c.leaveDone = true
		return
	case c.state.skipsHeartbeats() || r.MemberEpoch < 0:
		return
	}
	c.setEpoch(h, r.MemberEpoch)
	if r.Assigned && c.state.takesAssignment() {
		c.assignmentReceived(h, r.Assignment)
	}
}

// assignmentReceived is processAssignmentReceived.
func (c *Consumer) assignmentReceived(h client.Host, p []kafka.TopicPartition) {
	if c.target.number < 0 || !slices.Equal(c.target.partitions, p) {
		c.target = assignment{c.target.number + 1, p}
	}
	switch {
	case !c.target.equal(c.current):
		c.transition(h, reconciling)
	case c.state == reconciling || c.state == joining:
		c.transition(h, stable)
	}
}

// heartbeatGenerated leaves the states that end when a heartbeat is sent
// (onHeartbeatRequestGenerated).
func (c *Consumer) heartbeatGenerated(h client.Host, now clock.Time) {
	switch {
	case c.state == acknowledging && c.target.equal(c.current):
		c.transition(h, stable)
	case c.state == acknowledging:
		c.transition(h, reconciling)
	case c.state == leaving && c.pollExpired:
		c.transition(h, stale)
		c.released, c.wantsRejoin = false, false
		c.queue(h, now, event{kind: client.Lost, partitions: c.subscriptions.Owned(), then: staleReleased})
	case c.state == leaving:
		c.transition(h, unsubscribed)
	}
}

// heartbeatSkipped is onHeartbeatRequestSkipped: who cannot say that he leaves has
// left all the same.
func (c *Consumer) heartbeatSkipped(h client.Host) {
	if c.state != leaving {
		return
	}
	c.words.Log(h, "WARN", fmt.Sprintf("Heartbeat to leave group cannot be sent (most probably due to coordinator not known/available). Member %s with epoch %d will transition to %s.", c.memberID, c.epoch, unsubscribed))
	c.transition(h, unsubscribed)
	c.leaveDone = true
}

// startLeaving is transitionToSendingLeaveGroup: the next heartbeat leaves, with
// epoch -2 if the member is static and may come back.
func (c *Consumer) startLeaving(h client.Host, pollExpired bool) {
	if pollExpired {
		c.pollExpired = true
		c.transition(h, prepareLeaving)
	}
	epoch := int32(epochLeave)
	if c.s.instance != "" {
		epoch = epochLeaveStatic
	}
	c.setEpoch(h, epoch)
	c.current = noAssignment()
	c.transition(h, leaving)
}

// rejoinStale is maybeRejoinStaleMember: once the partitions have been given up.
func (c *Consumer) rejoinStale(h client.Host) {
	c.pollExpired = false
	if c.state != stale {
		return
	}
	c.wantsRejoin = true
	if c.released {
		c.join(h)
	}
}

// becomeFenced is transitionToFenced: everything is lost, and the member joins
// again when the application has been told.
func (c *Consumer) becomeFenced(h client.Host, now clock.Time) {
	switch c.state {
	case prepareLeaving:
		c.info(h, fmt.Sprintf("Member %s with epoch %d got fenced but it is already preparing to leave the group, so it will stop sending heartbeat and won't attempt to send the leave request or rejoin.", c.memberID, c.epoch))
		c.startLeaving(h, false)
		c.transition(h, unsubscribed)
		c.leaveDone = true
		return
	case leaving:
		c.transition(h, unsubscribed)
		c.leaveDone = true
		return
	case unsubscribed:
		c.leaveDone = true
		return
	case stale, fenced, fatal: // an answer to what was sent before
		return
	}
	c.transition(h, fenced)
	c.setEpoch(h, epochJoin)
	c.queue(h, now, event{kind: client.Lost, partitions: c.subscriptions.Owned(), then: fencedReleased})
}

// becomeFatal is handleFatalFailure and transitionToFatal: poll() throws.
func (c *Consumer) becomeFatal(h client.Host, now clock.Time, r *kafka.ConsumerGroupHeartbeatResponse) {
	was := c.state
	c.events = append(c.events, event{err: fatalError(r)})
	c.transition(h, fatal)
	c.words.Log(h, "ERROR", fmt.Sprintf("Member %s with epoch %d transitioned to fatal state", c.memberID, c.epoch))
	c.noteCommitEpoch(h, 0)
	c.leaveDone = true
	if !was.isLeaving() && was != unsubscribed {
		c.queue(h, now, event{kind: client.Lost, partitions: c.subscriptions.Owned(), then: fatalReleased})
	}
}

// clearAssignment gives everything up.
func (c *Consumer) clearAssignment() {
	c.subscriptions.Unassign()
	c.current, c.target = noAssignment(), noAssignment()
}
