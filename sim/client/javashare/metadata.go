package javashare

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// metadata is what the client knows of the cluster.
type metadata struct {
	topics  []kafka.TopicMetadata
	known   bool       // there has been an answer
	retryAt clock.Time // when it may be asked for again
}

// bootstrap is the broker that the client asks before it knows any.
const bootstrap = 1

// requestMetadata asks for the subscription's topics.
func (c *Consumer) requestMetadata(h client.Host, now clock.Time) {
	if !c.pending(apiMetadata) && now >= c.metadata.retryAt {
		c.metadata.retryAt = now + c.s.retryBackoff
		c.send(h, bootstrap, apiMetadata, &kafka.MetadataRequest{Topics: c.o.Topics})
	}
}

func (c *Consumer) metadataArrived(h client.Host, now clock.Time, r *kafka.MetadataResponse) {
	c.metadata.known, c.metadata.topics = true, nil
	for _, t := range r.Topics {
		if t.Err == kafka.ErrNone {
			c.metadata.topics = append(c.metadata.topics, t)
		}
	}
	h.Arm(timerMetadata, now+c.s.metadataMaxAge)
}

// leader is the broker that leads a partition, 0 when unknown or none.
func (m *metadata) leader(tp kafka.TopicPartition) int32 { return kafka.LeaderOf(m.topics, tp) }

// findCoordinator sends FindCoordinator when the coordinator is unknown.
func (c *Consumer) findCoordinator(h client.Host, now clock.Time) {
	if c.coordinator.Wanted(now) && c.metadata.known && !c.pending(apiFindCoordinator) {
		c.send(h, bootstrap, apiFindCoordinator, &kafka.FindCoordinatorRequest{Group: c.o.Group})
	}
}
