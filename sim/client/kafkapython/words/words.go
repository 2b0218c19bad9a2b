// Package words is how kafka-python, and aiokafka, which has its structures, print
// partitions.
package words

import (
	"fmt"
	"strings"

	"ksim/sim/kafka"
)

// Partition prints a TopicPartition, a named tuple.
func Partition(tp kafka.TopicPartition) string {
	return fmt.Sprintf("TopicPartition(topic='%s', partition=%d)", tp.Topic, tp.Partition)
}

// Set prints a set of partitions as Python does; Python's own order is random.
func Set(tps []kafka.TopicPartition) string {
	if len(tps) == 0 {
		return "set()"
	}
	s := make([]string, len(tps))
	for i, tp := range tps {
		s[i] = Partition(tp)
	}
	return "{" + strings.Join(s, ", ") + "}"
}
