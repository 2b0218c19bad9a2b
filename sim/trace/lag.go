package trace

import "ksim/sim/kafka"

// PartitionLag is how many records a group is behind in partition i of an `offsets`
// event: from what is committed to the end, less what a share group has completed
// beyond it.
func (e *Event) PartitionLag(i int) int64 {
	lag := kafka.Lag(e.Committed[i].Offset, e.End[i].Offset)
	for _, done := range e.Completed {
		if done.TopicPartition == e.End[i].TopicPartition {
			lag -= done.Offset
		}
	}
	return max(0, lag)
}

// Lag is how many records a group is behind in all partitions of an `offsets` event.
func (e *Event) Lag() (lag int64) {
	for i := range e.End {
		lag += e.PartitionLag(i)
	}
	return lag
}
