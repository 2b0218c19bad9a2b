package javashare

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// memberState is where the membership stands (MemberState), without the states that
// wait for a listener or for commits: a share consumer has neither.
type memberState uint8

const (
	unsubscribed  memberState = iota
	joining                   // heartbeats with epoch 0, at once
	reconciling               // has a new assignment
	acknowledging             // the next heartbeat, at once, tells that it has it
	stable
	leaving // the heartbeat that leaves is due
	stale   // has left because of max.poll.interval.ms; joins again with the next poll
	fatal
)

var stateNames = [...]string{"UNSUBSCRIBED", "JOINING", "RECONCILING", "ACKNOWLEDGING", "STABLE", "LEAVING", "STALE", "FATAL"}

// String is the state's name in MemberState, as the client's log lines have it.
func (s memberState) String() string { return stateNames[s] }

// skipsHeartbeats tells that the member is in no group.
func (s memberState) skipsHeartbeats() bool {
	return s == unsubscribed || s == stale || s == fatal
}

// heartbeatsNow tells that a heartbeat does not wait for its interval.
func (s memberState) heartbeatsNow() bool {
	return s == joining || s == acknowledging || s == leaving
}

// membership is ShareMembershipManager.
type membership struct {
	state      memberState
	memberID   string // made by the client, for its whole life
	epoch      int32
	subscribed bool // the next poll joins
	expired    bool // it leaves because of the poll deadline
	left       bool // the answer to the heartbeat that left has come
	err        *client.Error

	rounds   int                    // of reconciliation: the local epoch
	target   []kafka.TopicPartition // from the broker; immutable
	assigned []kafka.TopicPartition // immutable, sorted
}

// transition is the one door to another member state.
func (c *Consumer) transition(h client.Host, to memberState) {
	c.words.Info(h, fmt.Sprintf("Member %s with epoch %d transitioned from %s to %s.", c.memberID, c.epoch, c.state, to))
	c.state = to
}

// join makes the next heartbeat join.
func (c *Consumer) join(h client.Host) {
	c.epoch = 0
	c.transition(h, joining)
	c.heartbeat.told = false
}

// heartbeatAccepted takes the epoch and, if there is one, the assignment.
func (c *Consumer) heartbeatAccepted(h client.Host, r *kafka.ShareGroupHeartbeatResponse) {
	switch {
	case c.state == unsubscribed:
		c.left = true
		return
	case c.state == leaving, c.state.skipsHeartbeats(), r.MemberEpoch < 0:
		return
	}
	c.epoch = r.MemberEpoch
	if !r.Assigned {
		return
	}
	if c.state == joining || !slices.Equal(r.Assignment, c.assigned) {
		c.target = r.Assignment
		c.transition(h, reconciling)
	}
}

// reconcile takes the member to its assignment, in one step: nobody has to be asked.
func (c *Consumer) reconcile(h client.Host) bool {
	if c.state != reconciling {
		return false
	}
	added, dropped := kafka.Without(c.target, c.assigned), kafka.Without(c.assigned, c.target)
	c.words.Info(h, fmt.Sprintf("Reconciling assignment with local epoch %d", c.rounds)+
		"\n\tMember:                                    "+c.memberID+
		"\n\tAssigned partitions:                       "+words.Bracketed(c.target)+
		"\n\tCurrent owned partitions:                  "+words.Bracketed(c.assigned)+
		"\n\tAdded partitions (assigned - owned):       "+words.Bracketed(added)+
		"\n\tRevoked partitions (owned - assigned):     "+words.Bracketed(dropped)+"\n")
	c.rounds++
	if len(dropped) > 0 {
		c.words.Info(h, "Revoking previously assigned partitions "+words.Bracketed(dropped))
		h.Emit(trace.Event{Type: trace.PartitionsRevoked, Partitions: dropped})
	}
	c.assigned = c.target
	h.Emit(trace.Event{Type: trace.PartitionsAssigned, Partitions: added})
	c.transition(h, acknowledging)
	return true
}

// dropAll gives all partitions up: the member is not in the group any more. What it
// has acquired it may still acknowledge.
func (c *Consumer) dropAll(h client.Host, kind trace.Type) {
	if len(c.assigned) > 0 {
		h.Emit(trace.Event{Type: kind, Partitions: c.assigned})
	}
	c.assigned, c.target = nil, nil
}
