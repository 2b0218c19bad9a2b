package group

import (
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Host is what the coordinator may ask of the world. Its methods take effect in
// the order of the calls, at the instant at which the coordinator was called. The
// coordinator never keeps the Host.
type Host interface {
	// Arm sets a timer, replacing an earlier setting; Cancel unsets it. When it
	// is due the host calls Coordinator.Fire. Of timers due at one instant, the
	// one armed first fires first.
	Arm(id TimerID, at clock.Time)
	Cancel(id TimerID)

	// Reply answers a request. Responses are immutable and may be shared.
	Reply(to kafka.RequestID, r kafka.Response)

	// Append says that records were written to __consumer_offsets. When they
	// are replicated, or have failed, the host calls Coordinator.Appended: never
	// from within Append. An id of 0 is an append that no step of the
	// coordinator waits for; telling its end is not needed.
	Append(id AppendID)

	// NewUUID draws a random UUID, as java.util.UUID prints it.
	NewUUID() string

	// Log prints a line word for word as the broker does, without its prefix
	// ([GroupCoordinator id=…]). Level is DEBUG, INFO, WARN or ERROR.
	Log(level, text string)

	// Emit records what happened, for the trace.
	Emit(e Event)
}

// TimerKind is what a timer is for.
type TimerKind uint8

// The timers of a coordinator.
const (
	TimerJoin              TimerKind = iota // a group's join phase, or its initial delay
	TimerSync                               // members that have not sent SyncGroup
	TimerSession                            // a member's session; the broker calls it heartbeat
	TimerExpireOffsets                      // the retention job of all groups
	TimerConsumerSession                    // a member's session in the consumer protocol
	TimerConsumerRebalance                  // a member that has partitions to give up
	TimerConsumerJoin                       // a member of the classic protocol that must join again
	TimerConsumerSync                       // one that has joined and must fetch its assignment
	TimerShareSession                       // a member's session in a share group
	TimerShareInitialized                   // the share coordinator has answered
	TimerKinds                              // how many there are
)

// String is the timer's name in Kafka's own keys.
func (k TimerKind) String() string {
	return [...]string{"join", "sync", "heartbeat", "expire-offsets", "session", "rebalance", "join", "sync", "share-session", "share-initialized"}[k]
}

// TimerID names a timer. Group and Member are small numbers that the coordinator
// hands out and uses again; Member counts for timers of a member only.
type TimerID struct {
	Kind          TimerKind
	Group, Member uint32
}

// OfMember tells whether the timer is one member's.
func (t TimerID) OfMember() bool {
	switch t.Kind {
	case TimerSession, TimerConsumerSession, TimerConsumerRebalance, TimerConsumerJoin, TimerConsumerSync, TimerShareSession:
		return true
	}
	return false
}

// AppendID names an append to __consumer_offsets, from 1.
type AppendID uint64

// EventKind is what happened to a group.
type EventKind uint8

// The events of the trace that the coordinator causes.
const (
	Rebalancing   EventKind = iota // Generation is the old one; Reason; the member that caused it
	Stabilized                     // Generation, Members
	Emptied                        // Generation
	MemberLeft                     // LeaveGroup reached the coordinator; Reason in the client's words
	MemberRemoved                  // Reason
	EpochBumped                    // Epoch is the new one; Reason; the member that caused it
)

// Event is what happened to a group or member. Reason is one of the trace's,
// unless said otherwise.
type Event struct {
	Kind               EventKind
	Group              string
	MemberID, ClientID string
	Generation         int32
	Epoch              int32
	Members            int
	Reason             string
}
