package group

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
)

// State is where a classic group stands (ClassicGroupState).
type State uint8

const (
	// Empty: nobody is in the group. It lingers until its offsets have expired;
	// a group that only stores offsets ("simple") is never anything else.
	//
	//	JoinGroup     no id         MEMBER_ID_REQUIRED; a static member is added
	//	              pending id    the member is added
	//	              other id      UNKNOWN_MEMBER_ID
	//	SyncGroup                   UNKNOWN_MEMBER_ID
	//	Heartbeat                   UNKNOWN_MEMBER_ID
	//	LeaveGroup    pending id    forgotten, NONE
	//	              other id      UNKNOWN_MEMBER_ID
	//	OffsetCommit  generation<0  accepted
	//	              else          UNKNOWN_MEMBER_ID
	//
	//	a member is added           -> PreparingRebalance, for the initial delay
	//	all offsets have expired    -> the group is gone
	//	the coordinator moves       -> Dead
	Empty State = iota

	// PreparingRebalance: JoinGroups are collected and not answered, until all
	// members have sent one or the rebalance timeout is over.
	//
	//	JoinGroup     no id         MEMBER_ID_REQUIRED; a static member is added or replaced, and parked
	//	              pending id    the member is added and parked
	//	              known id      parked
	//	              other id      UNKNOWN_MEMBER_ID
	//	SyncGroup                   REBALANCE_IN_PROGRESS
	//	Heartbeat                   REBALANCE_IN_PROGRESS, session restarted
	//	LeaveGroup                  the member is removed, NONE
	//	OffsetCommit                accepted from members of the old generation, session restarted
	//
	//	all have joined             -> CompletingRebalance
	//	the timeout is over         -> CompletingRebalance, without the absent dynamic members
	//	nobody is left              -> Empty
	//	only absent static members  stays, for one more rebalance timeout
	//	the coordinator moves       -> Dead
	PreparingRebalance

	// CompletingRebalance: JoinGroups are answered; the SyncGroup of the leader,
	// with the assignment, is awaited.
	//
	//	JoinGroup     no id         MEMBER_ID_REQUIRED; a static member is added or replaced: rebalance
	//	              pending id    the member is added: rebalance
	//	              same bytes    the current generation again
	//	              other bytes   parked: rebalance
	//	              other id      UNKNOWN_MEMBER_ID
	//	SyncGroup     follower      parked
	//	              leader        parked; the assignment is written
	//	Heartbeat                   NONE, session restarted
	//	LeaveGroup                  the member is removed, NONE: rebalance
	//	OffsetCommit                REBALANCE_IN_PROGRESS
	//
	//	assignment replicated       -> Stable
	//	assignment not stored       -> PreparingRebalance
	//	a join, a leave, a timeout  -> PreparingRebalance
	//	the coordinator moves       -> Dead
	CompletingRebalance

	// Stable: every member may fetch its assignment.
	//
	//	JoinGroup     no id         MEMBER_ID_REQUIRED; a static member is added: rebalance
	//	              instance      replaced; no rebalance if the same protocol wins
	//	              pending id    the member is added: rebalance
	//	              leader        parked: rebalance
	//	              same bytes    the current generation again
	//	              other bytes   parked: rebalance
	//	              other id      UNKNOWN_MEMBER_ID
	//	SyncGroup                   the current assignment
	//	Heartbeat                   NONE, session restarted
	//	LeaveGroup                  the member is removed, NONE: rebalance
	//	OffsetCommit                accepted, session restarted
	//
	//	a join, a leave, a timeout  -> PreparingRebalance
	//	the coordinator moves       -> Dead
	Stable

	// Dead: the coordinator has moved to another broker. Requests are answered
	// NOT_COORDINATOR and do not reach the group.
	Dead
)

// stateNames are as the broker prints them.
var stateNames = [...]string{"Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"}

// String is the state as the broker prints it.
func (s State) String() string { return stateNames[s] }

// predecessors are the states that a state may follow.
var predecessors = [...][]State{
	Empty:               {PreparingRebalance},
	PreparingRebalance:  {Empty, CompletingRebalance, Stable},
	CompletingRebalance: {PreparingRebalance},
	Stable:              {CompletingRebalance},
	Dead:                {Empty, PreparingRebalance, CompletingRebalance, Stable},
}

// begin is how a group comes to be: created Empty, or loaded Empty or Stable.
func (g *classicGroup) begin(s State, now clock.Time) {
	g.exists, g.state, g.since = true, s, now
}

// setState is the only way from one state to another.
func (g *classicGroup) setState(to State, now clock.Time) {
	if !slices.Contains(predecessors[to], g.state) {
		panic(fmt.Sprintf("group %s may not go from %s to %s", g.id, g.state, to))
	}
	g.previous, g.state, g.since = g.state, to, now
}
