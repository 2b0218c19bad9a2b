package javaasync

import (
	"fmt"
	"slices"
)

// memberState is org.apache.kafka.clients.consumer.internals.MemberState.
type memberState uint8

const (
	// unsubscribed: not a member. No heartbeats. Leaves at the first poll.
	unsubscribed memberState = iota
	// joining: heartbeats with epoch 0 and all fields, at once.
	joining
	// reconciling: has a target assignment and works towards it.
	reconciling
	// acknowledging: the next heartbeat, at once, says what is owned now.
	acknowledging
	// stable: owns what it is to own.
	stable
	// fenced: the broker has fenced it; joins again when the application has been
	// told that its partitions are lost. No heartbeats.
	fenced
	// prepareLeaving: callbacks run before it leaves.
	prepareLeaving
	// leaving: the heartbeat that leaves is due.
	leaving
	// stale: has left because of max.poll.interval.ms; joins again when the
	// application polls. No heartbeats.
	stale
	// fatal: an error that nothing mends; poll() throws it. No heartbeats.
	fatal
)

var stateNames = [...]string{"UNSUBSCRIBED", "JOINING", "RECONCILING", "ACKNOWLEDGING", "STABLE", "FENCED", "PREPARE_LEAVING", "LEAVING", "STALE", "FATAL"}

// String is the state's name in MemberState, as the client's log lines have it.
func (s memberState) String() string { return stateNames[s] }

// validPrevious says from where each state may be entered.
var validPrevious = [...][]memberState{
	unsubscribed:   {prepareLeaving, leaving, fenced},
	joining:        {unsubscribed, fenced, stale},
	reconciling:    {stable, joining, acknowledging, reconciling},
	acknowledging:  {reconciling},
	stable:         {joining, acknowledging, reconciling},
	fenced:         {joining, stable, reconciling, acknowledging, prepareLeaving, leaving},
	prepareLeaving: {joining, stable, reconciling, acknowledging, unsubscribed},
	leaving:        {prepareLeaving},
	stale:          {leaving},
	fatal:          {joining, stable, reconciling, acknowledging, prepareLeaving, leaving, unsubscribed},
}

// takesAssignment tells whether a target assignment may be taken in the state
// (MemberState.canHandleNewAssignment).
func (s memberState) takesAssignment() bool { return slices.Contains(validPrevious[reconciling], s) }

// skipsHeartbeats tells that the member is in no group (shouldSkipHeartbeat).
func (s memberState) skipsHeartbeats() bool {
	return s == unsubscribed || s == fatal || s == stale || s == fenced
}

// heartbeatsNow tells that a heartbeat does not wait for its interval.
func (s memberState) heartbeatsNow() bool {
	return s == acknowledging || s == leaving || s == joining
}

// isLeaving tells that the member is on its way out already.
func (s memberState) isLeaving() bool { return s == prepareLeaving || s == leaving }

// mustFollow panics on a transition that the real client refuses too.
func (s memberState) mustFollow(from memberState) {
	if s != from && !slices.Contains(validPrevious[s], from) {
		panic(fmt.Sprintf("java consumer: %s cannot follow %s", s, from))
	}
}
