package java

import (
	"fmt"
	"slices"

	"ksim/sim/kafka"
)

// memberState is AbstractCoordinator.MemberState.
type memberState uint8

const (
	// unjoined: in no group, at start, after leaving, after an error that took
	// the generation away. No heartbeats. Leaves when JoinGroup is sent.
	unjoined memberState = iota
	// preparingRebalance: JoinGroup is in flight. No heartbeats: a parked
	// joiner cannot expire. Leaves when it is answered.
	preparingRebalance
	// completingRebalance: JoinGroup has succeeded, SyncGroup is in flight.
	// Heartbeats, and the poll deadline runs. Leaves when it is answered.
	completingRebalance
	// stable: a member with an assignment. Heartbeats.
	stable
)

var stateNames = [...]string{"UNJOINED", "PREPARING_REBALANCE", "COMPLETING_REBALANCE", "STABLE"}

// String is the state's name in AbstractCoordinator.MemberState.
func (s memberState) String() string { return stateNames[s] }

// validPrevious says from where each state may be entered.
var validPrevious = [...][]memberState{
	unjoined:            {unjoined, preparingRebalance, completingRebalance, stable},
	preparingRebalance:  {unjoined, stable},
	completingRebalance: {preparingRebalance},
	stable:              {completingRebalance},
}

// generation is AbstractCoordinator.Generation: which membership is meant.
type generation struct {
	id       int32
	member   string
	protocol string
}

// noGeneration is Generation.NO_GENERATION.
var noGeneration = generation{id: -1}

// String prints it as Java does.
func (g generation) String() string {
	protocol := "null"
	if g.protocol != "" {
		protocol = "'" + g.protocol + "'"
	}
	return fmt.Sprintf("Generation{generationId=%d, memberId='%s', protocol=%s}", g.id, g.member, protocol)
}

// membership is where the consumer stands with its group.
type membership struct {
	state      memberState
	stateWhy   string // the reason of the latest change, for who reads the state
	generation generation

	rejoinNeeded bool
	rejoinReason string // sent with the next JoinGroup (KIP-800)
	needsPrepare bool   // onJoinPrepare has not run for the coming join
	prepare      joinPrepare

	join     joinAttempt
	snapshot *snapshot // leader: the metadata that it assigned by
	userData string    // sticky: the last assignment
	fenced   bool      // a newer process has taken over the instance id
}

// setState is the one door to another member state.
func (m *membership) setState(to memberState, why string) {
	if !slices.Contains(validPrevious[to], m.state) {
		panic(fmt.Sprintf("java consumer: %s cannot follow %s (%s)", to, m.state, why))
	}
	m.state, m.stateWhy = to, why
}

// joinedGroup tells whether the member heartbeats (!hasNotJoinedGroup).
func (m *membership) joinedGroup() bool {
	return m.state == completingRebalance || m.state == stable
}

// reset gives up the generation, and the member id too unless keepMember.
func (m *membership) reset(keepMember bool, why string) {
	m.setState(unjoined, why)
	g := noGeneration
	if keepMember {
		g.member = m.generation.member
	}
	m.generation = g
}

// reason is what goes with JoinGroup and LeaveGroup, since clients say why (KIP-800).
func (c *Consumer) reason(why string) string {
	if !c.since(sendsReasons) {
		return ""
	}
	return why
}

// subscription is what the member tells the leader (ConsumerCoordinator.metadata).
func (c *Consumer) subscription(protocol string) string {
	s := kafka.Subscription{Topics: slices.Sorted(slices.Values(c.o.Topics)), Generation: -1}
	if c.since(lostCallback) {
		s.Owned, s.Generation = c.subscriptions.Owned(), c.generation.id
	}
	if protocol == "sticky" {
		s.UserData = c.userData
	}
	return kafka.EncodeSubscription(s)
}
