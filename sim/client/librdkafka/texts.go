package librdkafka

import (
	"encoding/base64"
	"hash/fnv"
	"strconv"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Facilities of log lines.
const (
	facMaxPoll        = "MAXPOLL"
	facSessionTimeout = "SESSTMOUT"
	facFatal          = "FATAL"
	facGroup          = "CGRP"
	facPartitions     = "PARTCNT"
	facOffset         = "OFFSET"
)

// Names of librdkafka's own errors (rd_kafka_err2name).
const (
	nameMaxPollExceeded = "_MAX_POLL_EXCEEDED"
	nameAssignmentLost  = "_ASSIGNMENT_LOST"
	nameNoOffset        = "_NO_OFFSET"
	nameFatal           = "_FATAL"
	nameWaitCoordinator = "_WAIT_COORD"
	nameAutoOffsetReset = "_AUTO_OFFSET_RESET"
)

// localTexts are their words (rd_kafka_err2str).
var localTexts = map[string]string{
	nameAssignmentLost:  "Local: Group partition assignment lost",
	nameNoOffset:        "Local: No offset stored",
	nameFatal:           "Local: Fatal error",
	nameWaitCoordinator: "Local: Waiting for coordinator",
}

// errTransport stands for _TRANSPORT, which no broker answers.
const errTransport = kafka.ErrNetworkException

// brokerErrors are the name and the words of the errors that a broker answers, as
// far as librdkafka has its own (rd_kafka_err_descs).
var brokerErrors = map[kafka.ErrorCode][2]string{
	kafka.ErrUnknownServerError:        {"UNKNOWN", "Unknown broker error"},
	kafka.ErrNone:                      {"NO_ERROR", "Success"},
	kafka.ErrOffsetOutOfRange:          {"OFFSET_OUT_OF_RANGE", "Broker: Offset out of range"},
	kafka.ErrUnknownTopicOrPartition:   {"UNKNOWN_TOPIC_OR_PART", "Broker: Unknown topic or partition"},
	kafka.ErrInvalidFetchSize:          {"INVALID_MSG_SIZE", "Broker: Invalid message size"},
	kafka.ErrNotLeaderOrFollower:       {"NOT_LEADER_FOR_PARTITION", "Broker: Not leader for partition"},
	kafka.ErrRequestTimedOut:           {"REQUEST_TIMED_OUT", "Broker: Request timed out"},
	kafka.ErrMessageTooLarge:           {"MSG_SIZE_TOO_LARGE", "Broker: Message size too large"},
	kafka.ErrOffsetMetadataTooLarge:    {"OFFSET_METADATA_TOO_LARGE", "Broker: Offset metadata string too large"},
	errTransport:                       {"_TRANSPORT", "Local: Broker transport failure"},
	kafka.ErrCoordinatorLoadInProgress: {"COORDINATOR_LOAD_IN_PROGRESS", "Broker: Coordinator load in progress"},
	kafka.ErrCoordinatorNotAvailable:   {"COORDINATOR_NOT_AVAILABLE", "Broker: Coordinator not available"},
	kafka.ErrNotCoordinator:            {"NOT_COORDINATOR", "Broker: Not coordinator"},
	kafka.ErrRecordListTooLarge:        {"RECORD_LIST_TOO_LARGE", "Broker: Message batch larger than configured server segment size"},
	kafka.ErrNotEnoughReplicas:         {"NOT_ENOUGH_REPLICAS", "Broker: Not enough in-sync replicas"},
	kafka.ErrIllegalGeneration:         {"ILLEGAL_GENERATION", "Broker: Specified group generation id is not valid"},
	kafka.ErrInconsistentGroupProtocol: {"INCONSISTENT_GROUP_PROTOCOL", "Broker: Inconsistent group protocol"},
	kafka.ErrInvalidGroupID:            {"INVALID_GROUP_ID", "Broker: Invalid group.id"},
	kafka.ErrUnknownMemberID:           {"UNKNOWN_MEMBER_ID", "Broker: Unknown member"},
	kafka.ErrInvalidSessionTimeout:     {"INVALID_SESSION_TIMEOUT", "Broker: Invalid session timeout"},
	kafka.ErrRebalanceInProgress:       {"REBALANCE_IN_PROGRESS", "Broker: Group rebalance in progress"},
	kafka.ErrUnsupportedVersion:        {"UNSUPPORTED_VERSION", "Broker: API version not supported"},
	kafka.ErrInvalidRequest:            {"INVALID_REQUEST", "Broker: Invalid request"},
	kafka.ErrKafkaStorageError:         {"KAFKA_STORAGE_ERROR", "Broker: Disk error when trying to access log file on disk"},
	kafka.ErrNonEmptyGroup:             {"NON_EMPTY_GROUP", "Broker: The group is not empty"},
	kafka.ErrGroupIDNotFound:           {"GROUP_ID_NOT_FOUND", "Broker: The group id does not exist"},
	kafka.ErrMemberIDRequired:          {"MEMBER_ID_REQUIRED", "Broker: Group member needs a valid member ID"},
	kafka.ErrGroupMaxSizeReached:       {"GROUP_MAX_SIZE_REACHED", "Broker: Consumer group has reached maximum size"},
	kafka.ErrFencedInstanceID:          {"FENCED_INSTANCE_ID", "Broker: Static consumer fenced by other consumer with same group.instance.id"},
	kafka.ErrFencedMemberEpoch:         {"FENCED_MEMBER_EPOCH", "Broker: The member epoch is fenced by the group coordinator"},
	kafka.ErrUnreleasedInstanceID:      {"UNRELEASED_INSTANCE_ID", "Broker: The instance ID is still used by another member in the consumer group"},
	kafka.ErrUnsupportedAssignor:       {"UNSUPPORTED_ASSIGNOR", "Broker: The assignor or its version range is not supported by the consumer group"},
	kafka.ErrStaleMemberEpoch:          {"STALE_MEMBER_EPOCH", "Broker: The member epoch is stale"},
	kafka.ErrUnstableOffsetCommit:      {"UNSTABLE_OFFSET_COMMIT", "Broker: There are unstable offsets that need to be cleared"},
}

func errorName(code kafka.ErrorCode) string { return brokerErrors[code][0] }
func errorText(code kafka.ErrorCode) string { return brokerErrors[code][1] }

// Reasons of the join state's changes, in librdkafka's words where it has some.
const (
	whyNoMetadata        = "consumer join"
	whyJoining           = "join"
	whyLeading           = "JoinGroup response: leader"
	whyJoined            = "JoinGroup response"
	whySynced            = "new assignment"
	whyAssigned          = "assign called"
	whyUnassigned        = "unassign called"
	whyUnassignDone      = "Unassignment done"
	whyJoinRefused       = "JoinGroup error"
	whySyncRefused       = "SyncGroup error"
	whyTransport         = "Local: Broker transport failure"
	whyTopicsChanged     = "Metadata for subscribed topic(s) has changed"
	whyRebalance         = "rebalance in progress"
	whyUnknownMember     = "resetting member-id"
	whyIllegalGeneration = "illegal generation"
	whyFenced            = "consumer fenced by newer instance"
	whySession           = "Consumer group session timed out"
	whyMaxPoll           = "max.poll.interval.ms exceeded"
	whyCommitUnknown     = "OffsetCommit error: Unknown member"
	whyCommitIllegal     = "OffsetCommit error: Illegal generation"
	whyUnsubscribe       = "unsubscribe"
	whySyncRevoke        = "sync group revoke"
	whyAssignAfterRevoke = "cooperative assign after revoke"
	whyMemberFenced      = "member fenced - rejoining"
	whyMemberFatal       = "Fatal error in ConsumerGroupHeartbeat API response"
	whyRedistribute      = "rejoining group to redistribute previously owned partitions to other group members"
)

func maxPollError(limit clock.Duration, excess int64) string {
	return "Application maximum poll interval (" + ms(limit) + "ms) exceeded by " + strconv.FormatInt(excess, 10) + "ms"
}

func maxPollLog(limit clock.Duration, excess int64) string {
	return maxPollError(limit, excess) + " (adjust max.poll.interval.ms for long-running message processing): leaving group"
}

// resetText is the line of an offset that the log does not have
// (rd_kafka_offset_reset). Leaders change without an epoch here: it is the first.
func resetText(v kafka.Version, tp kafka.TopicPartition, offset int64, broker int32, to reset) string {
	at, where := strconv.FormatInt(offset, 10), "END"
	if to == resetEarliest {
		where = "BEGINNING"
	}
	if v >= resetBrokerSince {
		at += ", broker " + strconv.Itoa(int(broker))
	}
	if v >= resetEpochSince {
		at = strconv.FormatInt(offset, 10) + " (leader epoch 0), broker " + strconv.Itoa(int(broker))
		where = "offset " + where + " (leader epoch -1)"
	}
	return tp.Topic + " [" + strconv.Itoa(int(tp.Partition)) + "]: offset reset (at offset " + at + ") to " + where + ": " + outOfRangeText
}

func sessionText(join string, silent clock.Duration, broker int32, last kafka.ErrorCode) string {
	if broker == 0 { // unknown
		broker = -1
	}
	return "Consumer group session timed out (in join-state " + join + ") after " + ms(silent) +
		" ms without a successful response from the group coordinator (broker " + strconv.Itoa(int(broker)) +
		", last error was " + errorText(last) + "): revoking assignment and rejoining group"
}

func fencedText(code kafka.ErrorCode) string { return "Fatal consumer error: " + errorText(code) }

func fatalText(code kafka.ErrorCode, reason string) string {
	return "Fatal error: " + errorText(code) + ": " + reason
}

// topicIDsSince: "KIP-516: Continue partial implementation by adding a metadata cache
// by topic id", release notes of 2.4.0.
var topicIDsSince = kafka.V(2, 4, 0)

// partitionsText is the line for a topic that has grown. Topics have no ids here, so
// one is made of the name.
func partitionsText(v kafka.Version, topic string, before, after int) string {
	id := ""
	if v >= topicIDsSince {
		sum := fnv.New128a()
		sum.Write([]byte(topic))
		id = " (id " + base64.RawStdEncoding.EncodeToString(sum.Sum(nil)) + ")"
	}
	return "Topic " + topic + id + " partition count changed from " + strconv.Itoa(before) + " to " + strconv.Itoa(after)
}

func memberFatalText(code kafka.ErrorCode) string {
	return "ConsumerGroupHeartbeat fatal error: " + errorText(code)
}

// consumerProtocolText is the warning of versions in which it was not finished.
func consumerProtocolText(stage string) string {
	return "KIP-848 Consumer Group Protocol is in '" + stage + "' and MUST NOT be used in production"
}

func commitFatalText(code kafka.ErrorCode) string { return "OffsetCommit failed: " + errorText(code) }

// commitText is the Python wrapper's prefix.
func commitText(text string) string { return "Commit failed: " + text }

func joinFailedText(code kafka.ErrorCode) string { return "JoinGroup failed: " + errorText(code) }

func topicMissingText(topic string, code kafka.ErrorCode) string {
	return "Subscribed topic not available: " + topic + ": " + errorText(code)
}

// noOffsetText and outOfRangeText are why an offset is reset, with the words of the error.
const (
	noOffsetText   = "no previous committed offset available: Local: No offset stored"
	outOfRangeText = "fetch failed due to requested offset not available on the broker: Broker: Offset out of range"
)

func ms(d clock.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
