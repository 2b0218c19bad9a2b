package aiokafka

import (
	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// generation is which membership is meant: GroupCoordinator.generation and
// member_id.
type generation struct {
	id     int32
	member string
}

// noGeneration is DEFAULT_GENERATION_ID with UNKNOWN_MEMBER_ID.
var noGeneration = generation{id: -1}

// membership is where the consumer stands with its group.
type membership struct {
	generation    generation
	rejoinNeeded  bool // _rejoin_needed_fut is done
	prepared      bool // _performed_join_prepare: the listener has been called for the coming join
	reassigning   bool // getmany() waits for the next assignment
	hasAssignment bool // there is one, the latest
	join          joinTask
	led           []assign.Topic         // leader: the metadata that it assigned by
	userData      []kafka.TopicPartition // sticky: the last assignment,
	userDataOf    int32                  // and its generation; 0 is none
}

// resetGeneration is reset_generation.
func (m *membership) resetGeneration() { m.generation, m.rejoinNeeded = noGeneration, true }

// step is where the coordination task stands (__coordination_routine).
type step uint8

const (
	// stepTop: the head of the loop, where the coordinator is looked for.
	stepTop step = iota
	// stepPrepare: the last auto-commit before a join, then the listener.
	stepPrepare
	// stepListen: the listener has not returned.
	stepListen
	// stepJoin: JoinGroup or SyncGroup is out.
	stepJoin
	// stepIdle: the application has been idle for max_poll_interval_ms.
	stepIdle
	// stepSleep: a backoff, then the head of the loop.
	stepSleep
	// stepCommit: an auto-commit is out.
	stepCommit
	// stepWait: a member in the group, until something happens.
	stepWait
	// stepError: an error waits to be raised in the application.
	stepError
	// stepFinal: the last auto-commit of stop().
	stepFinal
	// stepLeave: LeaveGroup of stop() is out.
	stepLeave
	// stepDone: the task and stop() have ended.
	stepDone
)

var stepNames = [...]string{"top", "prepare", "listen", "join", "idle", "sleep", "commit", "wait", "error", "final", "leave", "done"}

// String is what the step is called in tests.
func (s step) String() string { return stepNames[s] }

// coordination is the coordination task.
type coordination struct {
	step  step
	until clock.Time // of stepSleep and stepWait
	dead  bool       // the coordinator has been given up since the task began to wait
}

// enter is the one door to another step.
func (t *coordination) enter(s step) { t.step = s }
