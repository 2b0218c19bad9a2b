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
	//	JoinGroup   ""           MEMBER_ID_REQUIRED (dynamic), or a new member
	//	            pending id   the member is added
	//	            other id     UNKNOWN_MEMBER_ID
	//	SyncGroup                UNKNOWN_MEMBER_ID
	//	Heartbeat                UNKNOWN_MEMBER_ID
	//	LeaveGroup  pending id   forgotten, NONE
	//	            other id     UNKNOWN_MEMBER_ID
	//	OffsetCommit generation < 0   accepted
	//	            else         UNKNOWN_MEMBER_ID
	//
	//	member added      -> PreparingRebalance, for the initial delay
	//	offsets expired   -> gone
	//	unloaded          -> Dead
	Empty State = iota

	// PreparingRebalance: JoinGroups are collected and not answered, until all
	// members have sent one or the rebalance timeout is over.
	//
	//	JoinGroup   ""           MEMBER_ID_REQUIRED (dynamic), or a new member, parked
	//	            known id     parked
	//	SyncGroup                REBALANCE_IN_PROGRESS
	//	Heartbeat                REBALANCE_IN_PROGRESS, session restarted
	//	LeaveGroup               the member is removed, NONE
	//	OffsetCommit             accepted from members of the old generation, session restarted
	//
	//	all joined, or the join timer -> CompletingRebalance; Empty if nobody is left
	//	only absent static members    -> PreparingRebalance, one more rebalance timeout
	//	unloaded                      -> Dead
	PreparingRebalance

	// CompletingRebalance: JoinGroups are answered; the leader's SyncGroup, with
	// the assignment, is awaited.
	//
	//	JoinGroup   ""           MEMBER_ID_REQUIRED (dynamic), or a new member
	//	            same bytes   the current generation again
	//	            other bytes  parked, rebalance
	//	SyncGroup   follower     parked
	//	            leader       parked, the assignment is written
	//	Heartbeat                NONE, session restarted
	//	LeaveGroup               the member is removed, NONE, rebalance
	//	OffsetCommit             REBALANCE_IN_PROGRESS
	//
	//	assignment replicated            -> Stable
	//	assignment not stored            -> PreparingRebalance
	//	join, leave, session or sync timeout -> PreparingRebalance
	//	unloaded                         -> Dead
	CompletingRebalance

	// Stable: every member may fetch its assignment.
	//
	//	JoinGroup   ""           MEMBER_ID_REQUIRED (dynamic), or a new member
	//	            "", known instance   the member is replaced; no rebalance if the same protocol wins
	//	            leader       parked, rebalance
	//	            follower, same bytes   the current generation again
	//	            follower, other bytes  parked, rebalance
	//	SyncGroup                the current assignment
	//	Heartbeat                NONE, session restarted
	//	LeaveGroup               the member is removed, NONE, rebalance
	//	OffsetCommit             accepted, session restarted
	//
	//	join, leave, session or sync timeout -> PreparingRebalance
	//	unloaded                             -> Dead
	Stable

	// Dead: the coordinator has moved to another broker. Every request is
	// answered NOT_COORDINATOR before it reaches the group.
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
