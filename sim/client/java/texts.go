package java

import (
	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/kafka"
)

// pollTimeoutText is what the heartbeat thread logs at the poll deadline, since 3.0.
const pollTimeoutText = "consumer poll timeout has expired. This means the time between subsequent calls to poll() was longer than the configured max.poll.interval.ms, which typically implies that the poll loop is spending too much time processing messages. You can address this either by increasing max.poll.interval.ms or by reducing the maximum size of batches returned in poll() with max.poll.records."

// leavingReason is why the generation ends when the client itself leaves.
const leavingReason = "consumer pro-actively leaving the group"

// What commits throw (ConsumerCoordinator, CommitFailedException).
var (
	notInGroup              = &client.Error{Name: "CommitFailedException", Text: "Offset commit cannot be completed since the consumer is not part of an active group for auto partition assignment; it is likely that the consumer was kicked out of the group."}
	rebalancingLocally      = &client.Error{Name: "RebalanceInProgressException", Text: "Offset commit cannot be completed since the consumer is undergoing a rebalance for auto partition assignment. You can try completing the rebalance by calling poll() and then retry the operation."}
	rebalancingRemotely     = &client.Error{Name: "RebalanceInProgressException", Text: "Offset commit cannot be completed since the consumer group is executing a rebalance at the moment. You can try completing the rebalance by calling poll() and then retry commit again"}
	staleGeneration         = &client.Error{Name: "RebalanceInProgressException", Text: "Offset commit cannot be completed since the consumer member's generation is already stale, meaning it has already participated another rebalance and got a new generation. You can try completing the rebalance by calling poll() and then retry commit again"}
	staleFenced             = &client.Error{Name: "RebalanceInProgressException", Text: "Offset commit cannot be completed since the consumer member's old generation is fenced by its group instance id, it is possible that this consumer has already participated another rebalance and got a new generation"}
	rebalancedAway          = &client.Error{Name: "CommitFailedException", Text: "Commit cannot be completed since the group has already rebalanced and assigned the partitions to another member. This means that the time between subsequent calls to poll() was longer than the configured max.poll.interval.ms, which typically implies that the poll loop is spending too much time message processing. You can address this either by increasing max.poll.interval.ms or by reducing the maximum size of batches returned in poll() with max.poll.records."}
	rebalancedAwayBefore23  = &client.Error{Name: "CommitFailedException", Text: "Commit cannot be completed since the group has already rebalanced and assigned the partitions to another member. This means that the time between subsequent calls to poll() was longer than the configured max.poll.interval.ms, which typically implies that the poll loop is spending too much time message processing. You can address this either by increasing the session timeout or by reducing the maximum size of batches returned in poll() with max.poll.records."}
	rebalancedAwayOfSession = &client.Error{Name: "CommitFailedException", Text: "Commit cannot be completed since the group has already rebalanced and assigned the partitions to another member. This means that the time between subsequent calls to poll() was longer than the configured session.timeout.ms, which typically implies that the poll loop is spending too much time message processing. You can address this either by increasing the session timeout or by reducing the maximum size of batches returned in poll() with max.poll.records."}
	retriableCommit         = &client.Error{Name: "RetriableCommitFailedException", Text: "Offset commit failed with a retriable exception. You should retry committing the latest consumed offsets."}
	// A program that catches what commitSync() throws goes on; what poll() throws ends it.
	fencedCommit    = &client.Error{Name: "FencedInstanceIdException", Text: kafka.ErrFencedInstanceID.Message()}
	fencedException = &client.Error{Name: "FencedInstanceIdException", Text: kafka.ErrFencedInstanceID.Message(), Fatal: true}
)

// exceptionNames is the Java exception of a code that nothing else names.
var exceptionNames = map[kafka.ErrorCode]string{
	kafka.ErrInconsistentGroupProtocol: "InconsistentGroupProtocolException",
	kafka.ErrInvalidSessionTimeout:     "InvalidSessionTimeoutException",
	kafka.ErrInvalidGroupID:            "InvalidGroupIdException",
	kafka.ErrOffsetMetadataTooLarge:    "OffsetMetadataTooLarge",
	kafka.ErrUnknownServerError:        "UnknownServerException",
}

// coordinatorException names the exception of a coordinator that is not there.
func coordinatorException(code kafka.ErrorCode) string {
	if code == kafka.ErrNotCoordinator {
		return "NotCoordinatorException"
	}
	return "CoordinatorNotAvailableException"
}

// log prints a line with the consumer's prefix. Clients before 1.0 had none, and
// printed little: history.go has what they did.
func (c *Consumer) log(h client.Host, level, text string) {
	if c.since(linesWithPrefix) {
		c.words.Log(h, level, text)
	}
}

func (c *Consumer) info(h client.Host, text string) { c.log(h, "INFO", text) }

func (c *Consumer) coordinatorText() string { return c.words.Coordinator(c.coordinator) }

// instanceText prints group.instance.id as Java prints an Optional.
func (c *Consumer) instanceText() string {
	if c.s.instance == "" {
		return "Optional.empty"
	}
	return "Optional[" + c.s.instance + "]"
}

// assignmentText prints ConsumerPartitionAssignor.Assignment.
func assignmentText(p []kafka.TopicPartition) string {
	return "Assignment(partitions=" + words.Bracketed(p) + ")"
}
