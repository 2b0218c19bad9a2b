// Package kafka is the vocabulary that brokers, coordinators and clients share:
// partitions, error codes, versions, and the requests and responses that travel
// between them. It decides nothing.
//
// Requests and responses are immutable once sent: components may keep and share
// them, never change them.
package kafka

import (
	"cmp"
	"slices"
	"strconv"
)

// TopicPartition names one partition.
type TopicPartition struct {
	Topic     string
	Partition int32
}

// String prints it as Kafka does: topic, dash, number.
func (tp TopicPartition) String() string {
	return tp.Topic + "-" + strconv.Itoa(int(tp.Partition))
}

// Compare orders by topic name, then number.
func (tp TopicPartition) Compare(o TopicPartition) int {
	return cmp.Or(cmp.Compare(tp.Topic, o.Topic), cmp.Compare(tp.Partition, o.Partition))
}

// Without is the partitions of list that other does not have.
func Without(list, other []TopicPartition) []TopicPartition {
	return slices.DeleteFunc(slices.Clone(list), func(tp TopicPartition) bool { return slices.Contains(other, tp) })
}

// NoOffset is the offset of a partition for which a group has committed nothing.
const NoOffset int64 = -1

// Lag is how many records a group is behind in a partition, never below 0: with
// nothing committed (committed < 0) all of the log.
func Lag(committed, end int64) int64 { return max(0, end-max(0, committed)) }

// Version is a broker or client version, as major·1,000,000 + minor·1,000 + patch,
// so that versions compare as numbers.
type Version int32

// V makes a version.
func V(major, minor, patch int32) Version {
	return Version(major*1_000_000 + minor*1_000 + patch)
}

// String prints major.minor, and the patch when it is not 0.
func (v Version) String() string {
	s := strconv.Itoa(int(v/1_000_000)) + "." + strconv.Itoa(int(v/1_000%1_000))
	if p := v % 1_000; p != 0 {
		s += "." + strconv.Itoa(int(p))
	}
	return s
}

// CoordinatorNodeID is the connection id that Java clients print for the
// coordinator on a broker (ConsumerCoordinator: Integer.MAX_VALUE − id).
func CoordinatorNodeID(broker int32) int32 { return 2147483647 - broker }
