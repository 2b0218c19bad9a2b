package kafkajs

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// cluster is what the client knows of the cluster (BrokerPool.metadata).
type cluster struct {
	brokers []int32 // ascending; nil: nothing is known
	topics  []kafka.TopicMetadata
	expires clock.Time
}

// anyBroker is the broker to ask what every broker knows, after so many that could
// not be reached: one that is known, else one of the option `brokers`; false when
// there is no other (BrokerPool.withBroker).
func (c *Consumer) anyBroker(tried int) (int32, bool) {
	if known := c.cluster.brokers; len(known) > 0 {
		return known[min(tried, len(known)-1)], tried < len(known)
	}
	return int32(tried) + 1, tried < max(1, len(c.o.Nodes))
}

// topic is the metadata of a topic; a topic that is not known has no partitions.
func (k *cluster) topic(name string) kafka.TopicMetadata {
	i := slices.IndexFunc(k.topics, func(t kafka.TopicMetadata) bool { return t.Topic == name })
	if i < 0 {
		return kafka.TopicMetadata{Topic: name}
	}
	return k.topics[i]
}

// leader is the broker that leads a partition, −1 when none is known.
func (k *cluster) leader(tp kafka.TopicPartition) int32 {
	if t := k.topic(tp.Topic); int(tp.Partition) < len(t.Leaders) {
		return t.Leaders[tp.Partition]
	}
	return -1
}

// counts is the number of partitions of each of the topics
// (generatePartitionsPerSubscribedTopic).
func (k *cluster) counts(topics []string) []int {
	counts := make([]int, len(topics))
	for i, name := range topics {
		counts[i] = len(k.topic(name).Leaders)
	}
	return counts
}

// requestMetadata asks for the subscribed topics (Cluster.refreshMetadata).
func (c *Consumer) requestMetadata(h client.Host, now clock.Time, t task) {
	c.requestMetadataFor(h, now, t, metadataStart)
}

func (c *Consumer) requestMetadataFor(h client.Host, now clock.Time, t task, why purpose) {
	c.askForMetadata(h, now, request{api: apiMetadata, task: t, purpose: why})
}

// askForMetadata asks the next broker, and tells whether there is one.
func (c *Consumer) askForMetadata(h client.Host, now clock.Time, q request) bool {
	broker, ok := c.anyBroker(q.tried)
	if ok {
		c.send(h, now, broker, q, &kafka.MetadataRequest{Topics: c.o.Topics})
	}
	return ok
}

// metadataArrived takes the metadata and goes on with whoever has asked for it.
func (c *Consumer) metadataArrived(h client.Host, now clock.Time, q request, r *kafka.MetadataResponse, f *failure) {
	if q.tried++; f != nil && c.askForMetadata(h, now, q) {
		return
	}
	if f == nil {
		c.cluster.brokers, c.cluster.topics = r.Brokers, r.Topics
		c.cluster.expires = now + c.s.metadataMaxAge
	}
	switch q.purpose {
	case metadataStart:
		c.connected(h, now, f)
	case metadataExpired, metadataStale:
		c.fetcherLearned(h, now, c.fetcher(q.task.broker), q.purpose, f)
	case metadataLeading:
		c.assignTopics(h, now, f)
	case metadataLearning:
		c.learned(h, now, f)
	}
}
