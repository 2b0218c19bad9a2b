package javaasync

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// metadata is what the client knows of the cluster.
type metadata struct {
	version int // how many responses there have been
	topics  []kafka.TopicMetadata
	wanted  bool       // it is to be asked for as soon as may be
	retryAt clock.Time // when it may be asked for again
}

// requestMetadata asks for the subscription's topics, as soon as a node can be tried.
func (c *Consumer) requestMetadata(h client.Host, now clock.Time) {
	if !c.pending(apiMetadata) && now >= c.metadata.retryAt {
		node, ok := c.connections.LeastLoadedNode(now)
		if !ok {
			c.metadata.retryAt = c.connections.NextNode(now)
			return
		}
		c.metadata.retryAt = now + c.s.retryBackoff
		c.sendTo(h, node, apiMetadata, &kafka.MetadataRequest{Topics: c.o.Topics})
	}
}

// metadataArrived takes a Metadata response; the next refresh is due
// metadata.max.age.ms later.
func (c *Consumer) metadataArrived(h client.Host, now clock.Time, r *kafka.MetadataResponse) {
	m := metadata{version: c.metadata.version + 1, retryAt: c.metadata.retryAt}
	for _, t := range r.Topics {
		if t.Err != kafka.ErrNone {
			c.words.Log(h, "WARN", fmt.Sprintf("The metadata response from the cluster reported a recoverable issue with correlation id %d : {%s=%s}", m.version, t.Topic, t.Err))
			continue
		}
		m.topics = append(m.topics, t)
	}
	c.connections.Learned(r.Brokers)
	c.subscriptions.UpdateLeaders(m.leader)
	m.wanted = slices.ContainsFunc(c.subscriptions.AllLeaders(), func(broker int32) bool { return c.connections.Unavailable(broker, now) })
	if m.wanted { // a leader that is known to be away
		m.retryAt = now + c.s.retryBackoff
	}
	c.metadata = m
	h.Arm(timerMetadata, now+c.s.metadataMaxAge)
}

// leader is the broker that leads a partition, 0 when unknown or none.
func (m *metadata) leader(tp kafka.TopicPartition) int32 { return kafka.LeaderOf(m.topics, tp) }
