package kafkapython

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/client/kafkapython/words"
	"ksim/sim/kafka"
)

// pollTimeoutText is what the heartbeat loop logs at the poll deadline, since 2.1.
const pollTimeoutText = "Consumer poll timeout has expired. This means the time between subsequent calls to poll() was longer than the configured max_poll_interval_ms, which typically implies that the poll loop is spending too much time processing messages. You can address this either by increasing max_poll_interval_ms or by reducing the maximum size of batches returned in poll() with max_poll_records."

// Names of exceptions.
const (
	commitFailedName = "CommitFailedError"
	fencedName       = "FencedInstanceIdError"
)

// What commit() raises without asking the broker.
var (
	notInGroup         = &client.Error{Name: commitFailedName, Text: commitFailedName + ": Offset commit cannot be completed since the consumer is not part of an active group for auto partition assignment; it is likely that the consumer was kicked out of the group."}
	rebalancingLocally = &client.Error{Name: "RebalanceInProgressError", Text: "[Error 27] RebalanceInProgressError: Offset commit cannot be completed since the consumer is undergoing a rebalance for auto partition assignment. You can try completing the rebalance by calling poll() and then retry the operation."}
	// rebalanceInProgress is both before 2.3.
	rebalanceInProgress = &client.Error{Name: commitFailedName, Text: commitFailedName + ": Group rebalance in progress"}
	// rebalancedAway is the one exception of 2.0, and before 2.3 that of a refusal.
	rebalancedAway = &client.Error{Name: commitFailedName, Text: "CommitFailedError: Commit cannot be completed since the group has already rebalanced and assigned the partitions to another member. This means that the time between subsequent calls to poll() was longer than the configured max_poll_interval_ms, which typically implies that the poll loop is spending too much time message processing. You can address this either by increasing the rebalance timeout with max_poll_interval_ms, or by reducing the maximum size of batches returned in poll() with max_poll_records."}
)

// errorNames is the exception classes of the codes that brokers answer.
var errorNames = map[kafka.ErrorCode]string{
	kafka.ErrUnknownServerError:        "UnknownError",
	kafka.ErrUnknownTopicOrPartition:   "UnknownTopicOrPartitionError",
	kafka.ErrRequestTimedOut:           "RequestTimedOutError",
	kafka.ErrOffsetMetadataTooLarge:    "OffsetMetadataTooLargeError",
	kafka.ErrCoordinatorLoadInProgress: "CoordinatorLoadInProgressError",
	kafka.ErrCoordinatorNotAvailable:   "CoordinatorNotAvailableError",
	kafka.ErrNotCoordinator:            "NotCoordinatorError",
	kafka.ErrIllegalGeneration:         "IllegalGenerationError",
	kafka.ErrInconsistentGroupProtocol: "InconsistentGroupProtocolError",
	kafka.ErrInvalidGroupID:            "InvalidGroupIdError",
	kafka.ErrUnknownMemberID:           "UnknownMemberIdError",
	kafka.ErrInvalidSessionTimeout:     "InvalidSessionTimeoutError",
	kafka.ErrRebalanceInProgress:       "RebalanceInProgressError",
	kafka.ErrGroupMaxSizeReached:       "GroupMaxSizeReachedError",
	kafka.ErrFencedInstanceID:          fencedName,
}

// outOfRangeError is raised by poll for a position that the log does not have,
// without a reset policy.
func outOfRangeError(tp kafka.TopicPartition, offset int64) *client.Error {
	return &client.Error{Name: "OffsetOutOfRangeError", Fatal: true,
		Text: fmt.Sprintf("[Error %d] OffsetOutOfRangeError: {%s: %d}", kafka.ErrOffsetOutOfRange, words.Partition(tp), offset)}
}

// noOffsetError is raised by poll for partitions without a committed offset,
// without a reset policy.
func noOffsetError(tps []kafka.TopicPartition) *client.Error {
	return &client.Error{Name: "NoOffsetForPartitionError", Text: "NoOffsetForPartitionError: " + words.Set(tps), Fatal: true}
}

func (c *Consumer) logf(h client.Host, level, format string, args ...any) {
	h.Log(level, fmt.Sprintf(format, args...))
}

// warnOfHeartbeat is the warning of Heartbeat's constructor.
func (c *Consumer) warnOfHeartbeat(h client.Host) {
	if !c.d.oneCommitError && 3*c.s.heartbeat > c.s.session {
		c.logf(h, "WARNING", "heartbeat_interval_ms is high relative to session_timeout_ms (%d v %d). Recommend heartbeat interval less than 1/3rd of session timeout",
			c.s.heartbeat.Milliseconds(), c.s.session.Milliseconds())
	}
}

// sortOffsets puts offsets in the order of their partitions.
func sortOffsets(o []kafka.OffsetCommit) {
	slices.SortFunc(o, func(a, b kafka.OffsetCommit) int { return a.TopicPartition.Compare(b.TopicPartition) })
}
