package kafkapython

import (
	"fmt"
	"slices"

	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// memberState is kafka.structs.MemberState.
type memberState uint8

const (
	// unjoined: in no group, at start, after leaving, after an error that took the
	// generation away. The heartbeat loop stops itself.
	unjoined memberState = iota
	// rebalancing: JoinGroup or SyncGroup is on its way, or has been answered and
	// the application has not come back to poll.
	rebalancing
	// stable: a member with an assignment. Heartbeats.
	stable
)

var stateNames = [...]string{"UNJOINED", "REBALANCING", "STABLE"}

// String is the state's name in kafka.coordinator.base.MemberState.
func (s memberState) String() string { return stateNames[s] }

// validPrevious says from where each state may be entered. A join task may follow
// a failed one, or begin while the old generation still counts as stable.
var validPrevious = [...][]memberState{
	unjoined:    {unjoined, rebalancing, stable},
	rebalancing: {unjoined, rebalancing, stable},
	stable:      {rebalancing},
}

// generation is kafka.coordinator.base.Generation: which membership is meant.
type generation struct {
	id       int32
	member   string
	protocol string
}

// noGeneration is Generation.NO_GENERATION.
var noGeneration = generation{id: -1}

// String prints it as Python does.
func (g generation) String() string {
	protocol := "None"
	if g.protocol != "" {
		protocol = g.protocol
	}
	return fmt.Sprintf("<Generation %d (member_id: %s, protocol: %s)>", g.id, g.member, protocol)
}

// lost is Generation.is_lost.
func (g generation) lost() bool { return g.id < 0 || g.member == "" }

// membership is where the consumer stands with its group.
type membership struct {
	state      memberState
	stateWhy   string // the reason of the latest change, for who reads the state
	generation generation

	rejoinNeeded bool
	rejoining    bool // the listener and the auto-commit before the join are done
	join         joinTask
	assigned     []assign.Topic         // leader: the metadata that it assigned by, nil for a follower
	userData     []kafka.TopicPartition // sticky: the last assignment,
	userDataOf   int32                  // and its generation; 0 is none
}

// setState is the one door to another member state.
func (m *membership) setState(to memberState, why string) {
	if !slices.Contains(validPrevious[to], m.state) {
		panic(fmt.Sprintf("kafka-python: %s cannot follow %s (%s)", to, m.state, why))
	}
	m.state, m.stateWhy = to, why
}

// resetGeneration is BaseCoordinator.reset_generation: member is the id to keep.
func (m *membership) resetGeneration(member, why string) {
	m.setState(unjoined, why)
	m.generation = generation{id: -1, member: member}
	m.rejoinNeeded = true
}
