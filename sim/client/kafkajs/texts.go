package kafkajs

import (
	"strconv"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Lines of the log (logger.info and others): the message, and behind it the text of
// the error that it carries.
const (
	startingText          = "Starting"
	joinedText            = "Consumer has joined the group"
	rebalancingText       = "The group is rebalancing, re-joining"
	unknownMemberText     = "The coordinator is not aware of this member, re-joining the group"
	notRunningText        = "consumer not running, exiting"
	stoppedText           = "Stopped"
	topicUpdatedText      = "Topic has been updated, resync group"
	unknownPartitionsText = "Consumer is not aware of all assigned partitions, refreshing metadata"
	outOfRangeText        = "Offset out of range, resetting to default offset"
	noCoordinatorText     = "Failed to find group coordinator"
)

func crashText(f *failure) string { return "Crash: " + f.name + ": " + f.text }

func restartText(wait clock.Duration) string {
	return "Restarting the consumer in " + strconv.FormatInt(int64(wait/clock.Millisecond), 10) + "ms"
}

// requestNames are the requests as log lines name them, with the key and the
// version that kafkajs 2.2 speaks with a 4.1 broker (connection.js, requestInfo).
var requestNames = [...]string{
	apiMetadata:        "Metadata(key: 3, version: 6)",
	apiFindCoordinator: "GroupCoordinator(key: 10, version: 2)",
	apiJoin:            "JoinGroup(key: 11, version: 5)",
	apiSync:            "SyncGroup(key: 14, version: 3)",
	apiHeartbeat:       "Heartbeat(key: 12, version: 3)",
	apiLeave:           "LeaveGroup(key: 13, version: 3)",
	apiCommit:          "OffsetCommit(key: 8, version: 5)",
	apiOffsetFetch:     "OffsetFetch(key: 9, version: 4)",
	apiListOffsets:     "ListOffsets(key: 2, version: 3)",
	apiFetch:           "Fetch(key: 1, version: 11)",
}

func timedOutText(a api) string { return "Request " + requestNames[a] + " timed out" }

// refused is the error of an answer, nil when it has none; the connection logs it
// (Connection.send). That of a first JoinGroup is not logged.
func (c *Consumer) refused(h client.Host, a api, code kafka.ErrorCode) *failure {
	f := refused(code)
	if f != nil && (a != apiJoin || c.group.memberID != "") {
		h.Log("ERROR", "Response "+requestNames[a]+" "+f.text)
	}
	return f
}

// brokerError is how kafkajs sees an error of the protocol.
type brokerError struct {
	text      string
	retriable bool
}

// brokerErrors are the words of the errors that a broker answers (protocol/error.js).
var brokerErrors = map[kafka.ErrorCode]brokerError{
	kafka.ErrUnknownServerError:        {"The server experienced an unexpected error when processing the request", false},
	kafka.ErrOffsetOutOfRange:          {"The requested offset is not within the range of offsets maintained by the server", false},
	kafka.ErrUnknownTopicOrPartition:   {"This server does not host this topic-partition", true},
	kafka.ErrInvalidFetchSize:          {"The requested fetch size is invalid", false},
	kafka.ErrNotLeaderOrFollower:       {"This server is not the leader for that topic-partition", true},
	kafka.ErrRequestTimedOut:           {"The request timed out", true},
	kafka.ErrMessageTooLarge:           {"The request included a message larger than the max message size the server will accept", false},
	kafka.ErrOffsetMetadataTooLarge:    {"The metadata field of the offset request was too large", false},
	kafka.ErrNetworkException:          {"The server disconnected before a response was received", true},
	kafka.ErrCoordinatorLoadInProgress: {"The coordinator is loading and hence can't process requests for this group", true},
	kafka.ErrCoordinatorNotAvailable:   {"The group coordinator is not available", true},
	kafka.ErrNotCoordinator:            {"This is not the correct coordinator for this group", true},
	kafka.ErrRecordListTooLarge:        {"The request included message batch larger than the configured segment size on the server", false},
	kafka.ErrNotEnoughReplicas:         {"Messages are rejected since there are fewer in-sync replicas than required", true},
	kafka.ErrIllegalGeneration:         {"Specified group generation id is not valid", false},
	kafka.ErrInconsistentGroupProtocol: {"The group member's supported protocols are incompatible with those of existing members", false},
	kafka.ErrInvalidGroupID:            {"The configured groupId is invalid", false},
	kafka.ErrUnknownMemberID:           {"The coordinator is not aware of this member", false},
	kafka.ErrInvalidSessionTimeout:     {"The session timeout is not within the range allowed by the broker (as configured by group.min.session.timeout.ms and group.max.session.timeout.ms)", false},
	kafka.ErrRebalanceInProgress:       {"The group is rebalancing, so a rejoin is needed", false},
	kafka.ErrUnsupportedVersion:        {"The version of API is not supported", false},
	kafka.ErrInvalidRequest:            {"This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details", false},
	kafka.ErrKafkaStorageError:         {"Disk error when trying to access log file on the disk", true},
	kafka.ErrUnstableOffsetCommit:      {"There are unstable offsets that need to be cleared", true},
	kafka.ErrNonEmptyGroup:             {"The group is not empty", false},
	kafka.ErrGroupIDNotFound:           {"The group id was not found", false},
	kafka.ErrMemberIDRequired:          {"The group member needs to have a valid member id before actually entering a consumer group", false},
	kafka.ErrGroupMaxSizeReached:       {"The consumer group has reached its max size. It already has the configured maximum number of members", false},
	kafka.ErrFencedInstanceID:          {"The broker rejected this static consumer since another consumer with the same group instance id has registered with a different member id", false},
}
