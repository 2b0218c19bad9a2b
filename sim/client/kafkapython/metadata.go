package kafkapython

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// metadata is what the client knows of the cluster (ClusterMetadata).
type metadata struct {
	version int // how many responses there have been
	topics  []kafka.TopicMetadata
}

// counts is _build_metadata_snapshot: the topics with their numbers of partitions,
// by name.
func (m *metadata) counts() []assign.Topic { return assign.Counts(m.topics) }

// leader is the broker that leads a partition, 0 when unknown or none.
func (m *metadata) leader(tp kafka.TopicPartition) int32 { return kafka.LeaderOf(m.topics, tp) }

// requestMetadata asks the first broker that can be reached for the subscription's
// topics, unless that is on its way (_maybe_refresh_metadata, least_loaded_node).
func (c *Consumer) requestMetadata(h client.Host, now clock.Time) {
	if c.pending(apiMetadata) {
		return
	}
	broker, ok := c.reach.Pick(len(c.o.Nodes), now)
	if !ok {
		h.Arm(timerMetadata, c.reach.NextTry())
		return
	}
	c.send(h, broker, apiMetadata, &kafka.MetadataRequest{Topics: c.o.Topics})
}

// metadataArrived takes a Metadata response; the next refresh is due
// metadata_max_age_ms later.
func (c *Consumer) metadataArrived(h client.Host, now clock.Time, r *kafka.MetadataResponse) {
	m := metadata{version: c.metadata.version + 1}
	for _, t := range r.Topics {
		if t.Err != kafka.ErrNone {
			c.logf(h, "ERROR", "Topic %s not found in cluster metadata", t.Topic)
			continue
		}
		m.topics = append(m.topics, t)
	}
	first := c.metadata.version == 0
	c.metadata = m
	h.Arm(timerMetadata, now+c.s.metadataMaxAge)
	if first && c.app.call != callNone {
		c.resume(h, now) // the constructor would have waited for it
	}
}
