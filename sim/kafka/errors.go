package kafka

// ErrorCode is an error of the Kafka protocol (org.apache.kafka.common.protocol.Errors).
type ErrorCode int16

// The protocol's error codes that ksim's brokers answer.
const (
	ErrUnknownServerError        ErrorCode = -1
	ErrNone                      ErrorCode = 0
	ErrOffsetOutOfRange          ErrorCode = 1
	ErrUnknownTopicOrPartition   ErrorCode = 3
	ErrNotLeaderOrFollower       ErrorCode = 6
	ErrRequestTimedOut           ErrorCode = 7
	ErrMessageTooLarge           ErrorCode = 10
	ErrOffsetMetadataTooLarge    ErrorCode = 12
	ErrNetworkException          ErrorCode = 13
	ErrCoordinatorLoadInProgress ErrorCode = 14
	ErrCoordinatorNotAvailable   ErrorCode = 15
	ErrNotCoordinator            ErrorCode = 16
	ErrRecordListTooLarge        ErrorCode = 18
	ErrNotEnoughReplicas         ErrorCode = 19
	ErrIllegalGeneration         ErrorCode = 22
	ErrInconsistentGroupProtocol ErrorCode = 23
	ErrInvalidGroupID            ErrorCode = 24
	ErrUnknownMemberID           ErrorCode = 25
	ErrInvalidSessionTimeout     ErrorCode = 26
	ErrRebalanceInProgress       ErrorCode = 27
	ErrUnsupportedVersion        ErrorCode = 35
	ErrInvalidRequest            ErrorCode = 42
	ErrOutOfOrderSequenceNumber  ErrorCode = 45
	ErrInvalidProducerEpoch      ErrorCode = 47
	ErrInvalidTxnState           ErrorCode = 48
	ErrInvalidProducerIDMapping  ErrorCode = 49
	ErrInvalidTransactionTimeout ErrorCode = 50
	ErrConcurrentTransactions    ErrorCode = 51
	ErrKafkaStorageError         ErrorCode = 56
	ErrNonEmptyGroup             ErrorCode = 68
	ErrGroupIDNotFound           ErrorCode = 69
	ErrMemberIDRequired          ErrorCode = 79
	ErrGroupMaxSizeReached       ErrorCode = 81
	ErrFencedInstanceID          ErrorCode = 82
	ErrUnstableOffsetCommit      ErrorCode = 88
	ErrProducerFenced            ErrorCode = 90
	ErrFencedMemberEpoch         ErrorCode = 110
	ErrUnreleasedInstanceID      ErrorCode = 111
	ErrUnsupportedAssignor       ErrorCode = 112
	ErrStaleMemberEpoch          ErrorCode = 113
	ErrInvalidRecordState        ErrorCode = 121
	ErrShareSessionNotFound      ErrorCode = 122
	ErrInvalidShareSessionEpoch  ErrorCode = 123
	ErrInvalidFetchSize          ErrorCode = 4
)

// lastErrorCode is the highest of them.
const lastErrorCode = ErrInvalidShareSessionEpoch

// errorNames maps each code to its name and to the text of its Java exception.
var errorNames = map[ErrorCode][2]string{
	ErrUnknownServerError:        {"UNKNOWN_SERVER_ERROR", "The server experienced an unexpected error when processing the request."},
	ErrNone:                      {"NONE", ""},
	ErrOffsetOutOfRange:          {"OFFSET_OUT_OF_RANGE", "The requested offset is not within the range of offsets maintained by the server."},
	ErrUnknownTopicOrPartition:   {"UNKNOWN_TOPIC_OR_PARTITION", "This server does not host this topic-partition."},
	ErrInvalidFetchSize:          {"INVALID_FETCH_SIZE", "The requested fetch size is invalid."},
	ErrNotLeaderOrFollower:       {"NOT_LEADER_OR_FOLLOWER", "For requests intended only for the leader, this error indicates that the broker is not the current leader. For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition."},
	ErrRequestTimedOut:           {"REQUEST_TIMED_OUT", "The request timed out."},
	ErrMessageTooLarge:           {"MESSAGE_TOO_LARGE", "The request included a message larger than the max message size the server will accept."},
	ErrOffsetMetadataTooLarge:    {"OFFSET_METADATA_TOO_LARGE", "The metadata field of the offset request was too large."},
	ErrNetworkException:          {"NETWORK_EXCEPTION", "The server disconnected before a response was received."},
	ErrCoordinatorLoadInProgress: {"COORDINATOR_LOAD_IN_PROGRESS", "The coordinator is loading and hence can't process requests."},
	ErrCoordinatorNotAvailable:   {"COORDINATOR_NOT_AVAILABLE", "The coordinator is not available."},
	ErrNotCoordinator:            {"NOT_COORDINATOR", "This is not the correct coordinator."},
	ErrRecordListTooLarge:        {"RECORD_LIST_TOO_LARGE", "The request included message batch larger than the configured segment size on the server."},
	ErrNotEnoughReplicas:         {"NOT_ENOUGH_REPLICAS", "Messages are rejected since there are fewer in-sync replicas than required."},
	ErrIllegalGeneration:         {"ILLEGAL_GENERATION", "Specified group generation id is not valid."},
	ErrInconsistentGroupProtocol: {"INCONSISTENT_GROUP_PROTOCOL", "The group member's supported protocols are incompatible with those of existing members or first group member tried to join with empty protocol type or empty protocol list."},
	ErrInvalidGroupID:            {"INVALID_GROUP_ID", "The configured groupId is invalid."},
	ErrFencedMemberEpoch:         {"FENCED_MEMBER_EPOCH", "The member epoch is fenced by the group coordinator. The member must abandon all its partitions and rejoin."},
	ErrUnreleasedInstanceID:      {"UNRELEASED_INSTANCE_ID", "The instance ID is still used by another member in the consumer group. That member must leave first."},
	ErrUnsupportedAssignor:       {"UNSUPPORTED_ASSIGNOR", "The assignor or its version range is not supported by the consumer group."},
	ErrStaleMemberEpoch:          {"STALE_MEMBER_EPOCH", "The member epoch is stale. The member must retry after receiving its updated member epoch via the ConsumerGroupHeartbeat API."},
	ErrInvalidRecordState:        {"INVALID_RECORD_STATE", "The record state is invalid. The acknowledgement of delivery could not be completed."},
	ErrShareSessionNotFound:      {"SHARE_SESSION_NOT_FOUND", "The share session was not found."},
	ErrInvalidShareSessionEpoch:  {"INVALID_SHARE_SESSION_EPOCH", "The share session epoch is invalid."},
	ErrUnknownMemberID:           {"UNKNOWN_MEMBER_ID", "The coordinator is not aware of this member."},
	ErrInvalidSessionTimeout:     {"INVALID_SESSION_TIMEOUT", "The session timeout is not within the range allowed by the broker (as configured by group.min.session.timeout.ms and group.max.session.timeout.ms)."},
	ErrRebalanceInProgress:       {"REBALANCE_IN_PROGRESS", "The group is rebalancing, so a rejoin is needed."},
	ErrUnsupportedVersion:        {"UNSUPPORTED_VERSION", "The version of API is not supported."},
	ErrInvalidRequest:            {"INVALID_REQUEST", "This most likely occurs because of a request being malformed by the client library or the message was sent to an incompatible broker. See the broker logs for more details."},
	ErrKafkaStorageError:         {"KAFKA_STORAGE_ERROR", "Disk error when trying to access log file on the disk."},
	ErrNonEmptyGroup:             {"NON_EMPTY_GROUP", "The group is not empty."},
	ErrGroupIDNotFound:           {"GROUP_ID_NOT_FOUND", "The group id does not exist."},
	ErrMemberIDRequired:          {"MEMBER_ID_REQUIRED", "The group member needs to have a valid member id before actually entering a consumer group."},
	ErrGroupMaxSizeReached:       {"GROUP_MAX_SIZE_REACHED", "The group has reached its maximum size."},
	ErrFencedInstanceID:          {"FENCED_INSTANCE_ID", "The broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id."},
	ErrOutOfOrderSequenceNumber:  {"OUT_OF_ORDER_SEQUENCE_NUMBER", "The broker received an out of order sequence number."},
	ErrInvalidProducerEpoch:      {"INVALID_PRODUCER_EPOCH", "Producer attempted to produce with an old epoch."},
	ErrInvalidTxnState:           {"INVALID_TXN_STATE", "The producer attempted a transactional operation in an invalid state."},
	ErrInvalidProducerIDMapping:  {"INVALID_PRODUCER_ID_MAPPING", "The producer attempted to use a producer id which is not currently assigned to its transactional id."},
	ErrInvalidTransactionTimeout: {"INVALID_TRANSACTION_TIMEOUT", "The transaction timeout is larger than the maximum value allowed by the broker (as configured by transaction.max.timeout.ms)."},
	ErrConcurrentTransactions:    {"CONCURRENT_TRANSACTIONS", "The producer attempted to update a transaction while another concurrent operation on the same transaction was ongoing."},
	ErrProducerFenced:            {"PRODUCER_FENCED", "There is a newer producer with the same transactionalId which fences the current one."},
	ErrUnstableOffsetCommit:      {"UNSTABLE_OFFSET_COMMIT", "There are unstable offsets that need to be cleared."},
}

// String is the protocol's own name, such as ILLEGAL_GENERATION.
func (c ErrorCode) String() string { return errorNames[c][0] }

// Message is the text of the Java client's exception for the code.
func (c ErrorCode) Message() string { return errorNames[c][1] }

// ParseErrorCode finds the code with that name.
func ParseErrorCode(name string) (ErrorCode, bool) {
	for c := ErrUnknownServerError; c <= lastErrorCode; c++ {
		if n, ok := errorNames[c]; ok && n[0] == name {
			return c, true
		}
	}
	return 0, false
}
