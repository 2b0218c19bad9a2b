package javaasync

import (
	"strconv"

	"ksim/sim/client"
	"ksim/sim/kafka"
)

// heartbeatName is how errors call the request.
const heartbeatName = "ConsumerGroupHeartbeatRequest"

// What commits throw (CommitRequestManager).
var (
	unknownMember   = &client.Error{Name: "CommitFailedException", Text: "OffsetCommit failed with unknown member ID. " + kafka.ErrUnknownMemberID.Message()}
	staleEpoch      = &client.Error{Name: "CommitFailedException", Text: "OffsetCommit failed with stale member epoch. " + kafka.ErrStaleMemberEpoch.Message()}
	retriableCommit = &client.Error{Name: "RetriableCommitFailedException", Text: "Offset commit failed with a retriable exception. You should retry committing the latest consumed offsets."}
	fencedCommit    = &client.Error{Name: "FencedInstanceIdException", Text: kafka.ErrFencedInstanceID.Message()}
)

// fatalNames is the Java exception of an error that ends the consumer.
var fatalNames = map[kafka.ErrorCode]string{
	kafka.ErrUnreleasedInstanceID: "UnreleasedInstanceIdException",
	kafka.ErrFencedInstanceID:     "FencedInstanceIdException",
	kafka.ErrUnsupportedAssignor:  "UnsupportedAssignorException",
	kafka.ErrInvalidRequest:       "InvalidRequestException",
	kafka.ErrGroupMaxSizeReached:  "GroupMaxSizeReachedException",
}

// fatalError is what poll() throws after an error of the heartbeat.
func fatalError(r *kafka.ConsumerGroupHeartbeatResponse) *client.Error {
	name, ok := fatalNames[r.Err]
	if !ok {
		name = "KafkaException"
	}
	text := r.Message
	if text == "" {
		text = r.Err.Message()
	}
	return &client.Error{Name: name, Text: text, Fatal: true}
}

// optionalCoordinator prints the coordinator as Java prints an Optional.
func (c *Consumer) optionalCoordinator() string {
	if c.coordinator.Broker == 0 {
		return "Optional.empty"
	}
	return "Optional[" + c.words.Coordinator(c.coordinator.Broker) + "]"
}

func number(n int32) string { return strconv.Itoa(int(n)) }
