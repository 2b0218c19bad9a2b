package aiokafka

import (
	"slices"
	"strconv"
	"strings"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// metadata is what the client knows of the cluster.
type metadata struct {
	version int        // how many responses there have been
	at      clock.Time // when the latest came
	topics  []kafka.TopicMetadata
}

// counts is _get_metadata_snapshot: the topics with their numbers of partitions.
func (m *metadata) counts() []assign.Topic { return assign.Counts(m.topics) }

// countsText prints a snapshot as Python prints a dictionary.
func countsText(counts []assign.Topic) string {
	var s []string
	for _, t := range counts {
		s = append(s, "'"+t.Name+"': "+strconv.Itoa(int(t.Partitions)))
	}
	return "{" + strings.Join(s, ", ") + "}"
}

// leader is the broker that leads a partition, 0 when unknown or none.
func (m *metadata) leader(tp kafka.TopicPartition) int32 { return kafka.LeaderOf(m.topics, tp) }

// requestMetadata asks for the subscription's topics, unless that is on its way: one
// broker after the other, until one answers (_metadata_update).
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
// metadata_max_age_ms later. The leader joins again when a topic has grown.
func (c *Consumer) metadataArrived(h client.Host, now clock.Time, r *kafka.MetadataResponse) {
	m := metadata{version: c.metadata.version + 1, at: now}
	for _, t := range r.Topics {
		if t.Err != kafka.ErrNone {
			c.logf(h, "ERROR", "Topic %s not found in cluster metadata", t.Topic)
			continue
		}
		m.topics = append(m.topics, t)
	}
	c.metadata, c.fetchLate = m, true
	h.Arm(timerMetadata, now+c.s.metadataMaxAge)
	if counts := m.counts(); c.led != nil && !slices.Equal(c.led, counts) {
		c.logf(h, "INFO", "Metadata for topic has changed from %s to %s. ", countsText(c.led), countsText(counts))
		c.led, c.rejoinNeeded = counts, true
	}
}
