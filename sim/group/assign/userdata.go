package assign

import (
	"strconv"
	"strings"

	"ksim/sim/kafka"
	"ksim/sim/kafka/javahash"
)

// EncodeUserData gives the text that stands for the bytes in which a member's
// StickyAssignor remembers its last assignment (StickyAssignor.subscriptionUserData):
// `generation:topic-0,topic-1`. Like the bytes it lists topic by topic, in
// HashMap order.
func EncodeUserData(partitions []kafka.TopicPartition, generation int32) string {
	var topics javahash.Order
	for _, tp := range partitions {
		topics.ComputeIfAbsent(tp.Topic)
	}
	byTopic := make([]kafka.TopicPartition, 0, len(partitions))
	for name := range topics.All() {
		for _, tp := range partitions {
			if tp.Topic == name {
				byTopic = append(byTopic, tp)
			}
		}
	}
	text := strconv.Itoa(int(generation)) + ":"
	if len(byTopic) > 0 {
		text += kafka.EncodeAssignment(byTopic)
	}
	return text
}

// DecodeUserData is the inverse of EncodeUserData. Text of another form, such as
// the empty one of a member that has had no assignment yet, is no partitions and
// generation -1.
func DecodeUserData(text string) (partitions []kafka.TopicPartition, generation int32) {
	number, list, _ := strings.Cut(text, ":")
	n, err := strconv.ParseInt(number, 10, 32)
	if err != nil {
		return nil, -1
	}
	return kafka.DecodeAssignment(list), int32(n)
}
