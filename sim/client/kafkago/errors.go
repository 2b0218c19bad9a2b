package kafkago

import (
	"fmt"

	"ksim/sim/kafka"
)

// failure is an error of kafka-go. It never changes.
type failure struct {
	code kafka.ErrorCode // ErrNone: not a broker's
	text string          // Error()
}

// refused is the error of an answer, nil when it has none.
func refused(code kafka.ErrorCode) *failure {
	if code == kafka.ErrNone {
		return nil
	}
	return &failure{code: code, text: errorText(code)}
}

// connectionLost is what reading from a connection that the broker has closed gives.
var connectionLost = &failure{text: "unexpected EOF"}

// ioTimeout is what it gives at its deadline. The address of this end is made up.
func (c *Consumer) ioTimeout(broker int32) *failure {
	node := fmt.Sprintf("broker-%d:9092", broker)
	if int(broker) <= len(c.o.Nodes) {
		node = c.o.Nodes[broker-1]
	}
	return &failure{text: "read tcp 10.0.0.1:40000->" + node + ": i/o timeout"}
}

// errorText is Error.Error().
func errorText(code kafka.ErrorCode) string {
	e := brokerErrors[code]
	return fmt.Sprintf("[%d] %s: %s", code, e[0], e[1])
}

// brokerErrors are the title and the description of the errors that a broker
// answers (error.go).
var brokerErrors = map[kafka.ErrorCode][2]string{
	kafka.ErrUnknownServerError:        {"Unknown", "an unexpected server error occurred"},
	kafka.ErrOffsetOutOfRange:          {"Offset Out Of Range", "the requested offset is outside the range of offsets maintained by the server for the given topic/partition"},
	kafka.ErrUnknownTopicOrPartition:   {"Unknown Topic Or Partition", "the request is for a topic or partition that does not exist on this broker"},
	kafka.ErrInvalidFetchSize:          {"Invalid Message Size", "the message has a negative size"},
	kafka.ErrNotLeaderOrFollower:       {"Not Leader For Partition", "the client attempted to send messages to a replica that is not the leader for some partition, the client's metadata are likely out of date"},
	kafka.ErrRequestTimedOut:           {"Request Timed Out", "the request exceeded the user-specified time limit in the request"},
	kafka.ErrMessageTooLarge:           {"Message Size Too Large", "the server has a configurable maximum message size to avoid unbounded memory allocation and the client attempted to produce a message larger than this maximum"},
	kafka.ErrOffsetMetadataTooLarge:    {"Offset Metadata Too Large", "the client specified a string larger than configured maximum for offset metadata"},
	kafka.ErrCoordinatorLoadInProgress: {"Group Load In Progress", "the broker returns this error code for an offset fetch request if it is still loading offsets (after a leader change for that offsets topic partition), or in response to group membership requests (such as heartbeats) when group metadata is being loaded by the coordinator"},
	kafka.ErrCoordinatorNotAvailable:   {"Group Coordinator Not Available", "the broker returns this error code for group coordinator requests, offset commits, and most group management requests if the offsets topic has not yet been created, or if the group coordinator is not active"},
	kafka.ErrNotCoordinator:            {"Not Coordinator For Group", "the broker returns this error code if it receives an offset fetch or commit request for a group that it is not a coordinator for"},
	kafka.ErrRecordListTooLarge:        {"Record List Too Large", "a message batch in a produce request exceeds the maximum configured segment size"},
	kafka.ErrNotEnoughReplicas:         {"Not Enough Replicas", "the number of in-sync replicas is lower than the configured minimum and requiredAcks is -1"},
	kafka.ErrIllegalGeneration:         {"Illegal Generation", "the generation id provided in the request is not the current generation"},
	kafka.ErrInconsistentGroupProtocol: {"Inconsistent Group Protocol", "the member provided a protocol type or set of protocols which is not compatible with the current group"},
	kafka.ErrInvalidGroupID:            {"Invalid Group ID", "the group id is empty or null"},
	kafka.ErrUnknownMemberID:           {"Unknown Member ID", "the member id is not in the current generation"},
	kafka.ErrInvalidSessionTimeout:     {"Invalid Session Timeout", "the requested session timeout is outside of the allowed range on the broker"},
	kafka.ErrRebalanceInProgress:       {"Rebalance In Progress", "the coordinator has begun rebalancing the group, the client should rejoin the group"},
	kafka.ErrUnsupportedVersion:        {"Unsupported Version", "the version of API is not supported"},
	kafka.ErrInvalidRequest:            {"Invalid Request", "this most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker, se the broker logs for more details"},
	kafka.ErrKafkaStorageError:         {"Kafka Storage Error", "disk error when trying to access log file on the disk"},
	kafka.ErrNonEmptyGroup:             {"Non Empty Group", "the group is not empty"},
	kafka.ErrGroupIDNotFound:           {"Group ID Not Found", "the group ID does not exist"},
	kafka.ErrMemberIDRequired:          {"Member ID Required", "the group member needs to have a valid member id before actually entering a consumer group"},
	kafka.ErrFencedInstanceID:          {"Fenced Instance ID", "the broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id"},
	kafka.ErrUnstableOffsetCommit:      {"Unstable Offset Commit", "there are unstable offsets that need to be cleared"},
}
