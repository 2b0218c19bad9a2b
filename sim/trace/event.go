// Package trace is what a run says: one ordered stream of events, each with the
// event that caused it. Everything that a user sees (text, lines of JSON,
// expectations, metrics) is made from this stream and from nothing else.
package trace

import (
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Type names what happened, in the contract's words.
type Type string

// The types of events.
const (
	GroupRebalancing   Type = "group.rebalancing"
	GroupStabilized    Type = "group.stabilized"
	GroupEmptied       Type = "group.emptied"
	GroupEpoch         Type = "group.epoch"
	MemberLeft         Type = "member.left"
	MemberRemoved      Type = "member.removed"
	MemberFenced       Type = "member.fenced"
	MemberStarted      Type = "member.started"
	MemberStopped      Type = "member.stopped"
	MemberCrashed      Type = "member.crashed"
	MemberFrozen       Type = "member.frozen"
	MemberThawed       Type = "member.thawed"
	MemberIsolated     Type = "member.isolated" // packets from and to it are dropped
	MemberReached      Type = "member.reached"  // they get through again
	PartitionsAssigned Type = "partitions.assigned"
	PartitionsRevoked  Type = "partitions.revoked"
	PartitionsLost     Type = "partitions.lost"
	PollExceeded       Type = "poll.exceeded"
	PollFailed         Type = "poll.failed" // poll returned another error to the application, which goes on
	CommitFailed       Type = "commit.failed"
	WorkStarted        Type = "work.started"
	WorkFinished       Type = "work.finished"
	Offsets            Type = "offsets"
	Processed          Type = "processed"
	Log                Type = "log"

	// Timeline actions that are no member's: what was done to the cluster.
	TopicPartitions Type = "topic.partitions" // add-partitions
	ProducerRate    Type = "producer.rate"    // rate

	// What becomes of brokers and of what they keep.
	BrokerFailed     Type = "broker.failed"     // its process is killed
	BrokerFenced     Type = "broker.fenced"     // the controller has missed its heartbeats
	BrokerReturned   Type = "broker.returned"   // it serves again
	PartitionLeader  Type = "partition.leader"  // Partitions have Broker for their leader, or none
	GroupCoordinator Type = "group.coordinator" // Broker has loaded Group
	RecordsTruncated Type = "records.truncated" // acknowledged, and unknown to the new leader
	RecordsExpired   Type = "records.expired"   // given up by producers (delivery.timeout.ms, retries)
	RecordsDeleted   Type = "records.deleted"   // by retention; End is where the log begins now

	// Detail, shown with --detail only.
	CommitDone  Type = "commit.done"
	AppPoll     Type = "app.poll"
	AppPaused   Type = "app.paused"   // the application has paused what it is assigned
	AppResumed  Type = "app.resumed"  // and resumed it
	AppError    Type = "app.error"    // the application could not process a record; What it did with it
	NetRequest  Type = "net.request"  // a request reaches a broker; What is its API
	NetResponse Type = "net.response" // an answer reaches a client; What is its API

	// Messages of SQS queues. Cause is the event before in the message's life.
	QueueSent         Type = "queue.sent"
	QueueReceived     Type = "queue.received"
	QueueExpired      Type = "queue.expired"    // its visibility timeout is over
	QueueExtended     Type = "queue.extended"   // its worker has asked for What more time
	QueueGivenBack    Type = "queue.given-back" // its worker cannot process it: it is visible again in What
	QueueDeleted      Type = "queue.deleted"    // DeleteMessage has succeeded, Stale: too late
	QueueDeadLettered Type = "queue.dead-lettered"
	QueueDeduplicated Type = "queue.deduplicated" // the sender is told of success, nobody will receive it
	QueueDiscarded    Type = "queue.discarded"    // its retention period is over
	QueueDepth        Type = "queue.depth"        // each full second: Records visible, InFlight, Delayed

	// Transactions; What is the transactional id, Reason of an abort fenced or
	// timeout, or none when its producer wanted it.
	TxnInitialized Type = "txn.initialized" // a producer has got its epoch
	TxnBegun       Type = "txn.begun"       // with its first partition or offsets
	TxnCommitting  Type = "txn.committing"  // the coordinator has decided
	TxnAborting    Type = "txn.aborting"
	TxnCommitted   Type = "txn.committed" // the markers are in the logs
	TxnAborted     Type = "txn.aborted"
)

// OfQueue tells whether a type is of SQS queues and their messages.
func (t Type) OfQueue() bool {
	switch t {
	case QueueSent, QueueReceived, QueueExpired, QueueExtended, QueueGivenBack, QueueDeleted, QueueDeadLettered, QueueDeduplicated, QueueDiscarded, QueueDepth:
		return true
	}
	return false
}

// Detail tells whether a type is behind --detail.
func (t Type) Detail() bool {
	switch t {
	case CommitDone, AppPoll, AppPaused, AppResumed, AppError, NetRequest, NetResponse,
		TxnInitialized, TxnBegun, TxnCommitting, TxnAborting, TxnCommitted, TxnAborted:
		return true
	}
	return t.OfQueue()
}

// Reasons of group.rebalancing, member.left and member.removed.
const (
	ReasonMemberJoined         = "member-joined"
	ReasonMemberLeft           = "member-left"
	ReasonSessionTimeout       = "session-timeout"
	ReasonLeaderRejoined       = "leader-rejoined"
	ReasonMetadataChanged      = "metadata-changed"
	ReasonStaticMemberReplaced = "static-member-replaced"
	ReasonPartitionsChanged    = "partitions-changed"
	ReasonProtocolChanged      = "protocol-changed"
	ReasonSyncTimeout          = "sync-timeout"
	ReasonRebalanceTimeout     = "rebalance-timeout"
	ReasonRevokeTimeout        = "revoke-timeout"
	ReasonAssignmentNotStored  = "assignment-not-stored"
	ReasonOverCapacity         = "over-capacity"
)

// Event is one thing that happened. Which fields count depends on Type, as the
// contract's table says; the others are zero.
type Event struct {
	At    clock.Time
	Seq   uint64 // from 1; counts detail too
	Cause uint64 // Seq of the event that led to this one; 0 is the timeline
	// Shown is Cause without detail: the nearest event that led to this one and is none.
	Shown uint64
	Type  Type

	Group, Member string
	Broker        int32 // 0: none

	Generation int32
	Epoch      int32 // of group.epoch, and of a transactional producer
	Members    int   // of group.stabilized
	Reason     string
	Partitions []kafka.TopicPartition // sorted
	Error      string
	Level      string // of log: DEBUG INFO WARN (Java, broker) WARNING (librdkafka) ERROR CRITICAL
	Text       string
	More       []string // of log: the lines after the first, where the real one prints several
	What       string   // of work.* and detail
	Records    int64
	Repeated   int64
	Committed  []kafka.OffsetCommit // of offsets (-1: none) and commit.done, sorted
	End        []kafka.OffsetCommit // of offsets, sorted
	// Completed is, of offsets of a share group, how many records beyond the committed
	// offset have reached their end: they are no lag. Partitions without any are left out.
	Completed []kafka.OffsetCommit

	Queue    string
	Message  string
	Receives int   // how often the message has been received so far
	Stale    bool  // of queue.deleted: by a handle whose visibility timeout was over
	Ignored  bool  // and deletes nothing: the message has been received again since, or has gone
	InFlight int64 // of queue.depth, beside Records
	Delayed  int64
}
