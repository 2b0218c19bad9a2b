package sarama

import (
	"fmt"
	"strconv"
	"strings"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// log prints a line of sarama.Logger, which knows no levels.
func (c *Consumer) log(h client.Host, text string) { h.Log("INFO", text) }

// logError prints an error that belongs to no call. With Consumer.Return.Errors
// it comes from Errors() instead, and the application there keeps it to itself.
func (c *Consumer) logError(h client.Host, text string) {
	if !c.s.returnErrors {
		h.Log("ERROR", text)
	}
}

// id is the session as its lines name it.
func (s *session) id() string { return s.member + "/" + strconv.Itoa(int(s.generation)) }

// brokerErrors are the names and words of the errors that a broker answers
// (KError), as far as the library has its own.
var brokerErrors = map[kafka.ErrorCode][2]string{
	kafka.ErrNotLeaderOrFollower:       {"ErrNotLeaderForPartition", "Tried to send a message to a replica that is not the leader for some partition. Your metadata is out of date"},
	kafka.ErrOffsetOutOfRange:          {"ErrOffsetOutOfRange", "The requested offset is outside the range of offsets maintained by the server for the given topic/partition"},
	kafka.ErrUnknownTopicOrPartition:   {"ErrUnknownTopicOrPartition", "Request was for a topic or partition that does not exist on this broker"},
	kafka.ErrCoordinatorLoadInProgress: {"ErrOffsetsLoadInProgress", "The coordinator is still loading offsets and cannot currently process requests"},
	kafka.ErrCoordinatorNotAvailable:   {"ErrConsumerCoordinatorNotAvailable", "The coordinator is not available"},
	kafka.ErrNotCoordinator:            {"ErrNotCoordinatorForConsumer", "Request was for a consumer group that is not coordinated by this broker"},
	kafka.ErrIllegalGeneration:         {"ErrIllegalGeneration", "The provided generation id is not the current generation"},
	kafka.ErrInconsistentGroupProtocol: {"ErrInconsistentGroupProtocol", "The provider group protocol type is incompatible with the other members"},
	kafka.ErrUnknownMemberID:           {"ErrUnknownMemberId", "The provided member is not known in the current generation"},
	kafka.ErrInvalidSessionTimeout:     {"ErrInvalidSessionTimeout", "The provided session timeout is outside the allowed range"},
	kafka.ErrRebalanceInProgress:       {"ErrRebalanceInProgress", "A rebalance for the group is in progress. Please re-join the group"},
	kafka.ErrFencedInstanceID:          {"ErrFencedInstancedId", "The broker rejected this static consumer since another consumer with the same group.instance.id has registered with a different member.id"},
	kafka.ErrGroupMaxSizeReached:       {"ErrGroupMaxSizeReached", "The consumer group has reached its max size"},
}

// errorOf is an error of the broker as the application sees it.
func errorOf(code kafka.ErrorCode) *client.Error {
	e, ok := brokerErrors[code]
	if !ok {
		e = [2]string{code.String(), code.Message()}
	}
	return &client.Error{Name: e[0], Text: "kafka server: " + e[1]}
}

// Errors of the library's own.
var (
	fenced    = errorOf(kafka.ErrFencedInstanceID)
	endOfFile = &client.Error{Name: "EOF", Text: "EOF"}
	// outOfBrokers is ErrOutOfBrokers.
	outOfBrokers = &client.Error{Name: "ErrOutOfBrokers", Text: "kafka: client has run out of available brokers to talk to"}
)

// timeout is a read that took longer than Net.ReadTimeout.
func (c *Consumer) timeout(broker int32) *client.Error {
	return &client.Error{Name: "net.OpError", Text: "read tcp " + c.o.Nodes[broker-1] + ": i/o timeout"}
}

// consumingText is a ConsumerError.
func consumingText(tp kafka.TopicPartition, why string) string {
	return fmt.Sprintf("kafka: error while consuming %s/%d: %s", tp.Topic, tp.Partition, why)
}

// consumerError is a ConsumerError about an answer of a broker.
func consumerError(tp kafka.TopicPartition, code kafka.ErrorCode) string {
	return consumingText(tp, errorOf(code).Text)
}

// noLeader is ErrLeaderNotAvailable.
const noLeader = "kafka server: In the middle of a leadership election, there is currently no leader for this partition and hence it is unavailable for writes"

func claimRetried(tp kafka.TopicPartition, wait clock.Duration, left int64, why string) string {
	return fmt.Sprintf("consumer-group/claim %s/%d retrying after %dms... (%d attempts remaining): %s", tp.Topic, tp.Partition, wait.Milliseconds(), left, why)
}

func accumulated(broker int32, n int) string {
	return fmt.Sprintf("consumer/broker/%d accumulated %d new subscriptions", broker, n)
}

func added(broker int32, tp kafka.TopicPartition) string {
	return fmt.Sprintf("consumer/broker/%d added subscription to %s/%d", broker, tp.Topic, tp.Partition)
}

func closedDead(broker int32, tp kafka.TopicPartition) string {
	return fmt.Sprintf("consumer/broker/%d closed dead subscription to %s/%d", broker, tp.Topic, tp.Partition)
}

func abandoned(broker int32, tp kafka.TopicPartition, why string) string {
	return fmt.Sprintf("consumer/broker/%d abandoned subscription to %s/%d because %s", broker, tp.Topic, tp.Partition, why)
}

func disconnecting(broker int32, why string) string {
	return fmt.Sprintf("consumer/broker/%d disconnecting due to error processing FetchRequest: %s", broker, why)
}

func shuttingDown(tp kafka.TopicPartition, code kafka.ErrorCode) string {
	return fmt.Sprintf("consumer/%s/%d shutting down because %s", tp.Topic, tp.Partition, errorOf(code).Text)
}

func partitionsChanged(group string, topics []string, was, is int32) string {
	return fmt.Sprintf("consumergroup/%s loop check partition number goroutine find partitions in topics %s changed from %d to %d", group, topicsText(topics), was, is)
}

func watchEnds(group string, topics []string) string {
	return fmt.Sprintf("consumergroup/%s loop check partition number goroutine will exit, topics %s", group, topicsText(topics))
}

// topicsText is a list as Go prints it.
func topicsText(topics []string) string { return "[" + strings.Join(topics, " ") + "]" }
