package librdkafka

import (
	"cmp"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// metadata is what the client knows of the cluster.
type metadata struct {
	brokers []int32
	topics  []kafka.TopicMetadata // of the subscription, those that exist
	missing []string              // subscribed topics that the application has been told are not there
	refresh clock.Time            // when it is asked for anew
	lacking bool                  // a partition is assigned that nobody has told of

	// effective is the topics on which the membership rests
	// (rkcg_subscribed_topics).
	effective []assign.Topic
}

// requestMetadata asks for the subscription's topics
// (rd_kafka_cgrp_metadata_refresh).
func (c *Consumer) requestMetadata(h client.Host, now clock.Time) {
	c.send(h, now, c.anyBroker(now), request{api: apiMetadata}, &kafka.MetadataRequest{Topics: c.o.Topics})
}

// refreshMetadata is a tick of topic.metadata.refresh.interval.ms, or of the scan of
// topics, which asks when a partition is assigned that nobody has told of
// (rd_kafka_topic_scan_all).
func (c *Consumer) refreshMetadata(h client.Host, now clock.Time) {
	if now >= c.metadata.refresh {
		c.metadata.refresh = now + c.s.metadataRefresh
	}
	if c.group.subscribed {
		c.requestMetadata(h, now)
	}
}

// armMetadata sets the timer for whichever comes first.
func (c *Consumer) armMetadata(h client.Host, now clock.Time) {
	at := c.metadata.refresh
	if c.metadata.lacking && c.group.subscribed && !c.pending(apiMetadata) {
		at = min(at, tickFrom(c.started, scanInterval, now+clock.Microsecond))
	}
	c.set(h, timerMetadata, at)
}

// compareAssignment notes whether the assignment has partitions that are not known,
// after a change of either.
func (c *Consumer) compareAssignment() {
	c.metadata.lacking = slices.ContainsFunc(c.assignment.parts, c.unknown)
}

// unknown tells whether a partition is beyond those that the client knows of.
func (c *Consumer) unknown(p partition) bool {
	for _, t := range c.metadata.topics {
		if t.Topic == p.Topic {
			return int(p.Partition) >= len(t.Leaders)
		}
	}
	return true
}

// metadataArrived is rd_kafka_parse_Metadata: for the assignor that waits for it,
// or for the subscription, in which every change makes any member rejoin.
func (c *Consumer) metadataArrived(h client.Host, now clock.Time, q request, r *kafka.MetadataResponse) {
	m := &c.metadata
	m.brokers = r.Brokers
	if q.leading {
		c.learnTopics(r.Topics)
		if c.group.join == waitMetadata && len(c.group.members) > 0 {
			c.runAssignor(h, now, existing(r.Topics))
		}
		return
	}
	m.topics = slices.DeleteFunc(slices.Clone(m.topics), func(t kafka.TopicMetadata) bool { return gone(r.Topics, t.Topic) })
	c.learnTopics(r.Topics)
	if c.s.consumerProtocol { // the broker looks after the subscription
		return
	}
	c.reportMissing(r.Topics)
	c.checkTopics(h, now)
}

// gone tells whether the answer says that a topic is not there.
func gone(topics []kafka.TopicMetadata, name string) bool {
	return slices.ContainsFunc(topics, func(t kafka.TopicMetadata) bool { return t.Topic == name && t.Err != kafka.ErrNone })
}

// learnTopics takes over what the answer says of the subscription's topics
// (rd_kafka_topic_metadata_update). One with partitions that are in use and are
// more, or fewer, than before has a line.
func (c *Consumer) learnTopics(topics []kafka.TopicMetadata) {
	m := &c.metadata
	m.topics = slices.Clone(m.topics)
	for _, t := range topics {
		if t.Err != kafka.ErrNone || !slices.Contains(c.o.Topics, t.Topic) {
			continue
		}
		i := slices.IndexFunc(m.topics, func(known kafka.TopicMetadata) bool { return known.Topic == t.Topic })
		if i < 0 {
			m.topics = append(m.topics, t)
			continue
		}
		if before, after := len(m.topics[i].Leaders), len(t.Leaders); before != after && c.uses(t.Topic) {
			c.log("INFO", facPartitions, partitionsText(c.o.Version, t.Topic, before, after))
		}
		m.topics[i] = t
	}
	c.compareAssignment()
	c.moveLeaders()
}

// uses tells whether a partition of the topic is assigned.
func (c *Consumer) uses(topic string) bool {
	return slices.ContainsFunc(c.assignment.parts, func(p partition) bool { return p.Topic == topic })
}

// checkTopics compares the topics with those on which the membership rests
// (rd_kafka_cgrp_metadata_update_check). A change that comes while the application
// has a rebalance to serve is found by the next refresh.
func (c *Consumer) checkTopics(h client.Host, now clock.Time) {
	topics := existing(c.metadata.topics)
	g := &c.group
	if slices.Equal(topics, c.metadata.effective) || g.waitsForCall() || !g.subscribed {
		return
	}
	if !c.cooperative() {
		c.metadata.effective = topics
		g.members = nil
		c.revokeAll(h, now, false, whyTopicsChanged)
		return
	}
	if !g.rebalancing() {
		c.metadata.effective = topics
		c.rejoin(h, now, whyTopicsChanged)
	}
}

// reportMissing tells the application, once, of each topic that is not there
// (rd_kafka_propagate_consumer_topic_errors).
func (c *Consumer) reportMissing(topics []kafka.TopicMetadata) {
	if c.o.Version < missingTopicsSince {
		return
	}
	var missing []string
	for _, t := range topics {
		if t.Err == kafka.ErrNone {
			continue
		}
		missing = append(missing, t.Topic)
		if !slices.Contains(c.metadata.missing, t.Topic) {
			c.queue.pushError(errorName(t.Err), topicMissingText(t.Topic, t.Err))
		}
	}
	c.metadata.missing = missing
}

// existing is the topics with their numbers of partitions, by name.
func existing(topics []kafka.TopicMetadata) []assign.Topic {
	var counts []assign.Topic
	for _, t := range topics {
		if t.Err == kafka.ErrNone {
			counts = append(counts, assign.Topic{Name: t.Topic, Partitions: int32(len(t.Leaders))})
		}
	}
	slices.SortFunc(counts, func(a, b assign.Topic) int { return cmp.Compare(a.Name, b.Name) })
	return counts
}

// leader is the broker that leads a partition, −1 when there is none.
func (m *metadata) leader(tp kafka.TopicPartition) int32 {
	for _, t := range m.topics {
		if t.Topic == tp.Topic && int(tp.Partition) < len(t.Leaders) {
			return t.Leaders[tp.Partition]
		}
	}
	return -1
}
