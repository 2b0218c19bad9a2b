package librdkafka

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// joinState is where the membership stands (rd_kafka_cgrp_t.rkcg_join_state).
type joinState uint8

const (
	joinInit                 joinState = iota // joins as soon as it may
	waitJoin                                  // JoinGroup is on its way
	waitMetadata                              // metadata is missing: for the subscription, or for the assignor
	waitSync                                  // SyncGroup is on its way
	waitAssignCall                            // the application has to serve an assignment
	waitUnassignCall                          // the application has to serve a revocation
	waitUnassignComplete                      // commits of revoked partitions are on their way
	waitIncrUnassignComplete                  // the same, of a part of the assignment
	steady
)

var joinStateNames = [...]string{
	joinInit:                 "init",
	waitJoin:                 "wait-join",
	waitMetadata:             "wait-metadata",
	waitSync:                 "wait-sync",
	waitAssignCall:           "wait-assign-call",
	waitUnassignCall:         "wait-unassign-call",
	waitUnassignComplete:     "wait-unassign-to-complete",
	waitIncrUnassignComplete: "wait-incr-unassign-to-complete",
	steady:                   "steady",
}

// String is librdkafka's name of the state.
func (s joinState) String() string { return joinStateNames[s] }

// joinStateName is the state's name in this version: steady was called started.
func (c *Consumer) joinStateName() string {
	if c.group.join == steady && c.o.Version < lostSince {
		return "started"
	}
	return c.group.join.String()
}

// joinTransitions lists, by state, the states that may follow. Every state may
// fall back to init: a change of the topics or a close does not wait. A cooperative
// member keeps its partitions while it joins, so it may lose them in any state. In
// the consumer protocol assignments come by heartbeat, before the first one or in
// steady.
var joinTransitions = [...][]joinState{
	joinInit:                 {waitJoin, waitMetadata, waitUnassignCall, waitAssignCall},
	waitJoin:                 {waitSync, waitMetadata, joinInit, waitUnassignCall},
	waitMetadata:             {waitSync, joinInit, waitUnassignCall},
	waitSync:                 {waitAssignCall, joinInit, waitUnassignCall},
	waitAssignCall:           {steady, joinInit, waitUnassignCall},
	waitUnassignCall:         {waitUnassignComplete, waitIncrUnassignComplete, joinInit},
	waitUnassignComplete:     {joinInit},
	waitIncrUnassignComplete: {waitAssignCall, joinInit, waitUnassignCall, steady},
	steady:                   {waitUnassignCall, joinInit, waitAssignCall},
}

// membership is the consumer's place in its group (rd_kafka_cgrp_t).
type membership struct {
	join       joinState
	why        string // of the latest change of join
	memberID   string // "" when it has none
	generation int32  // −1 when it has none
	protocol   string // the assignor that the coordinator chose
	members    []kafka.JoinGroupMember

	subscribed bool       // until close()
	awaiting   bool       // JoinGroup or SyncGroup has no answer yet
	nextJoin   clock.Time // earliest instant of the next attempt
	opArrives  clock.Time // when an op of the application's thread wakes the main thread
	assigned   bool       // has a group assignment, perhaps an empty one
	lost       bool       // it is no longer the group's opinion
	fatal      bool       // fenced: the handle is of no more use

	owned           []kafka.TopicPartition // the group assignment, by topic and number
	ownedGeneration int32                  // in which it was decided, −1 before the first
	addLater        []kafka.TopicPartition // to be assigned once others are given back; nil: nothing, not even an empty list
	rejoinAfter     bool                   // rejoin once the running incremental change is done

	leaveOnUnassign bool // leave once the partitions are given back
	waitLeave       bool // LeaveGroup has no answer yet
	terminating     bool // close() runs
	terminatingFrom clock.Time
	terminated      bool
}

// setJoinState is the one door to another join state
// (rd_kafka_cgrp_set_join_state).
func (g *membership) setJoinState(to joinState, why string) {
	if g.join == to {
		return
	}
	if !slices.Contains(joinTransitions[g.join], to) {
		panic("librdkafka: join state " + g.join.String() + " (" + g.why + ") cannot become " + to.String() + " (" + why + ")")
	}
	g.join, g.why = to, why
}

// waitsForCall tells whether the application has a rebalance to serve
// (RD_KAFKA_CGRP_WAIT_ASSIGN_CALL).
func (g *membership) waitsForCall() bool {
	return g.join == waitAssignCall || g.join == waitUnassignCall
}

// willLeave tells whether the member is about to leave, or leaving
// (rd_kafka_cgrp_will_leave).
func (g *membership) willLeave() bool { return g.leaveOnUnassign || g.waitLeave }

// rebalancing tells whether a further reason to rebalance changes nothing
// (RD_KAFKA_CGRP_REBALANCING).
func (g *membership) rebalancing() bool {
	switch g.join {
	case waitSync, waitAssignCall, waitUnassignCall, waitUnassignComplete, waitIncrUnassignComplete:
		return true
	case waitJoin, waitMetadata:
		if g.memberID != "" {
			return true
		}
	}
	return g.addLater != nil || g.rejoinAfter
}
