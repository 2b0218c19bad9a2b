package aiokafka

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/client"
	"ksim/sim/client/kafkapython/words"
	"ksim/sim/kafka"
)

// illegalState is raised by commit() for what is not assigned.
const illegalState = "IllegalStateError"

// commitFailed is what commit() raises for 22, 25 and 27: its text, and the
// reason beside it, are the same whatever the cause.
var commitFailed = &client.Error{Name: "CommitFailedError", Text: `CommitFailedError: ('Commit cannot be completed since the group has already\n            rebalanced and assigned the partitions to another member.\n            This means that the time between subsequent calls to poll()\n            was longer than the configured max_poll_interval_ms, which\n            typically implies that the poll loop is spending too much\n            time message processing. You can address this either by\n            increasing the rebalance timeout with max_poll_interval_ms,\n            or by reducing the maximum size of batches returned in poll()\n            with max_poll_records.\n            ', 'Commit cannot be completed since the group has already rebalanced and may have assigned the partitions to another member')`}

// requestNames is the classes of the requests that go over the connection to the
// coordinator.
var requestNames = map[api]string{
	apiJoin: "JoinGroupRequest", apiSync: "SyncGroupRequest", apiHeartbeat: "HeartbeatRequest",
	apiLeave: "LeaveGroupRequest", apiCommit: "OffsetCommitRequest", apiOffsetFetch: "OffsetFetchRequest",
}

// errorNames is the exception classes of the codes that brokers answer.
var errorNames = map[kafka.ErrorCode]string{
	kafka.ErrUnknownServerError:        "UnknownError",
	kafka.ErrOffsetOutOfRange:          "OffsetOutOfRangeError",
	kafka.ErrUnknownTopicOrPartition:   "UnknownTopicOrPartitionError",
	kafka.ErrNotLeaderOrFollower:       "NotLeaderForPartitionError",
	kafka.ErrRequestTimedOut:           "RequestTimedOutError",
	kafka.ErrOffsetMetadataTooLarge:    "OffsetMetadataTooLargeError",
	kafka.ErrCoordinatorLoadInProgress: "GroupLoadInProgressError",
	kafka.ErrCoordinatorNotAvailable:   "GroupCoordinatorNotAvailableError",
	kafka.ErrNotCoordinator:            "NotCoordinatorForGroupError",
	kafka.ErrIllegalGeneration:         "IllegalGenerationError",
	kafka.ErrInconsistentGroupProtocol: "InconsistentGroupProtocolError",
	kafka.ErrInvalidGroupID:            "InvalidGroupIdError",
	kafka.ErrUnknownMemberID:           "UnknownMemberIdError",
	kafka.ErrInvalidSessionTimeout:     "InvalidSessionTimeoutError",
	kafka.ErrRebalanceInProgress:       "RebalanceInProgressError",
}

// brokerErrorName is the class of the exception for a code; the newer codes have
// none of their own.
func brokerErrorName(code kafka.ErrorCode) string {
	if name, ok := errorNames[code]; ok {
		return name
	}
	return "UnknownError"
}

// brokerError prints the exception for a code (BrokerResponseError.__str__).
func brokerError(code kafka.ErrorCode, argument string) string {
	text := fmt.Sprintf("[Error %d] %s", code, brokerErrorName(code))
	if argument != "" {
		text += ": " + argument
	}
	return text
}

// wrapped is the KafkaError around an exception that the join machine does not
// know.
func wrapped(code kafka.ErrorCode) *client.Error {
	return &client.Error{Name: "KafkaError", Text: "KafkaError: " + brokerErrorName(code) + "()", Fatal: true}
}

// connectionError prints the exception of a connection that has broken.
func connectionError(node string) string {
	return "KafkaConnectionError: Connection at " + node + " closed"
}

// outOfRangeError is raised by getmany() for a position that the log does not have,
// without a reset policy.
func outOfRangeError(tp kafka.TopicPartition, offset int64) *client.Error {
	return &client.Error{Name: "OffsetOutOfRangeError", Fatal: true,
		Text: brokerError(kafka.ErrOffsetOutOfRange, fmt.Sprintf("{%s: %d}", words.Partition(tp), offset))}
}

// noOffsetError is raised by getmany() for a partition without a committed offset,
// without a reset policy.
func noOffsetError(tp kafka.TopicPartition) *client.Error {
	return &client.Error{Name: "NoOffsetForPartitionError", Text: "NoOffsetForPartitionError: " + words.Partition(tp), Fatal: true}
}

func (c *Consumer) logf(h client.Host, level, format string, args ...any) {
	h.Log(level, fmt.Sprintf(format, args...))
}

// frozenset prints one that does not change.
func frozenset(tps []kafka.TopicPartition) string {
	if len(tps) == 0 {
		return "frozenset()"
	}
	return "frozenset(" + words.Set(tps) + ")"
}

// topicsText prints a set of topics.
func topicsText(topics []string) string {
	var s []string
	for _, t := range slices.Sorted(slices.Values(topics)) {
		s = append(s, "'"+t+"'")
	}
	return "{" + strings.Join(s, ", ") + "}"
}
