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
	retryAt clock.Time // when it may be asked for again
	wanted  bool       // a broker was lost: it is to be asked for as soon as may be
}

// requestMetadata asks the first broker that can be reached for the subscription's
// topics.
func (c *Consumer) requestMetadata(h client.Host, now clock.Time) {
	if c.pending(apiMetadata) || now < c.metadata.retryAt {
		return
	}
	broker, ok := c.reach.Pick(len(c.o.Nodes), now)
	if !ok {
		c.metadata.wanted, c.metadata.retryAt = true, c.reach.NextTry()
		return
	}
	c.metadata.retryAt = now + c.s.retryBackoff
	c.send(h, broker, apiMetadata, &kafka.MetadataRequest{Topics: c.o.Topics})
}

// metadataArrived takes a Metadata response; the next refresh is due
// metadata.max.age.ms later, or after a backoff while a leader cannot be reached.
func (c *Consumer) metadataArrived(h client.Host, now clock.Time, r *kafka.MetadataResponse) {
	m := metadata{version: c.metadata.version + 1, retryAt: c.metadata.retryAt}
	for _, t := range r.Topics {
		if t.Err != kafka.ErrNone {
			c.words.Log(h, "WARN", fmt.Sprintf("The metadata response from the cluster reported a recoverable issue with correlation id %d : {%s=%s}", m.version, t.Topic, t.Err))
			continue
		}
		m.topics = append(m.topics, t)
	}
	c.metadata = m
	c.subscriptions.UpdateLeaders(m.leader)
	c.metadata.wanted = slices.ContainsFunc(c.subscriptions.Leaders(c.subscriptions.Owned()), func(broker int32) bool { return c.reach.Resting(broker, now) })
	h.Arm(timerMetadata, now+c.s.metadataMaxAge)
}

// leader is the broker that leads a partition, 0 when unknown.
func (m *metadata) leader(tp kafka.TopicPartition) int32 {
	for _, t := range m.topics {
		if t.Topic == tp.Topic && int(tp.Partition) < len(t.Leaders) {
			return t.Leaders[tp.Partition]
		}
	}
	return 0
}
