// Package broker is the data plane of the simulated cluster: topics and their
// partitions' logs, who leads and who coordinates, and the fetches that wait
// for data (kafka.server.KafkaApis, ReplicaManager, DelayedFetch).
//
// Logs are closed forms of what the producers write (log.go): a range of
// records costs the same as one, and no event happens when a record arrives
// unless a fetch waits for it.
package broker

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/kafka/javahash"
)

// Host is what the brokers may ask of the world.
type Host interface {
	// Reply answers a request now.
	Reply(to kafka.RequestID, r kafka.Response)
	// ArmFetch sets when the parked fetch of a slot is looked at again.
	ArmFetch(slot uint32, at clock.Time)
}

// topic is a topic with its partitions' logs.
type topic struct {
	name string
	logs []Log
}

// Cluster is all brokers of the cluster.
type Cluster struct {
	brokers          int32
	offsetPartitions int32 // offsets.topic.num.partitions
	topics           []topic
	producers        []producer
	parked           []parkedFetch
	free             []uint32 // slots of parked that are not used
}

// New makes a cluster of that many brokers, with ids from 1.
func New(brokers int, offsetPartitions int64) *Cluster {
	return &Cluster{brokers: int32(brokers), offsetPartitions: int32(offsetPartitions)}
}

// AddTopic creates a topic.
func (c *Cluster) AddTopic(name string, partitions int32) {
	t := topic{name: name, logs: make([]Log, partitions)}
	for p := range t.logs {
		t.logs[p].partition = int32(p)
	}
	c.topics = append(c.topics, t)
}

// SetPartitions raises a topic's number of partitions (CreatePartitions).
// Producers learn of them later: see Producer.
func (c *Cluster) SetPartitions(name string, total int32) {
	t := c.topic(name)
	for p := int32(len(t.logs)); p < total; p++ {
		t.logs = append(t.logs, Log{partition: p})
	}
}

func (c *Cluster) topic(name string) *topic {
	for i := range c.topics {
		if c.topics[i].name == name {
			return &c.topics[i]
		}
	}
	return nil
}

// Partitions is a topic's number of partitions, 0 when there is no such topic.
func (c *Cluster) Partitions(name string) int32 {
	t := c.topic(name)
	if t == nil {
		return 0
	}
	return int32(len(t.logs))
}

// Log is a partition's log, or nil.
func (c *Cluster) Log(tp kafka.TopicPartition) *Log {
	t := c.topic(tp.Topic)
	if t == nil || tp.Partition < 0 || int(tp.Partition) >= len(t.logs) {
		return nil
	}
	return &t.logs[tp.Partition]
}

// Leader is the broker that leads a partition: the first replica, which the
// controller deals out in turn (org.apache.kafka.metadata.placement).
func (c *Cluster) Leader(tp kafka.TopicPartition) int32 { return tp.Partition%c.brokers + 1 }

// OffsetsPartition is the partition of __consumer_offsets that a group's id hashes
// to (GroupCoordinatorService.partitionFor).
func (c *Cluster) OffsetsPartition(group string) int32 {
	h := javahash.StringHash(group)
	if h == -1<<31 {
		h = 0
	}
	return max(h, -h) % c.offsetPartitions
}

// Coordinator is the broker that coordinates a group: the leader of its partition
// of __consumer_offsets.
func (c *Cluster) Coordinator(group string) int32 { return c.OffsetsPartition(group)%c.brokers + 1 }

// Metadata answers a Metadata request.
func (c *Cluster) Metadata(r *kafka.MetadataRequest) *kafka.MetadataResponse {
	out := &kafka.MetadataResponse{}
	for b := int32(1); b <= c.brokers; b++ {
		out.Brokers = append(out.Brokers, b)
	}
	for _, name := range r.Topics {
		tm := kafka.TopicMetadata{Topic: name}
		n := c.Partitions(name)
		if n == 0 {
			tm.Err = kafka.ErrUnknownTopicOrPartition
		}
		entries := make([]listing, n)
		for p := range n {
			leader := c.Leader(kafka.TopicPartition{Topic: name, Partition: p})
			tm.Leaders = append(tm.Leaders, leader)
			entries[p] = listing{leader: leader, replicas: []int32{leader}, isrs: []int32{leader}}
		}
		tm.Order = listed(entries)
		out.Topics = append(out.Topics, tm)
	}
	return out
}

// ListOffsets answers a ListOffsets request: the log's start or its end.
func (c *Cluster) ListOffsets(now clock.Time, r *kafka.ListOffsetsRequest) *kafka.ListOffsetsResponse {
	out := &kafka.ListOffsetsResponse{Offsets: make([]int64, len(r.Partitions))}
	for i, tp := range r.Partitions {
		if l := c.Log(tp); l != nil && r.Latest {
			out.Offsets[i] = l.End(now)
		}
	}
	return out
}

// Clone is a deep copy.
func (c *Cluster) Clone() *Cluster {
	d := *c
	d.topics = slices.Clone(c.topics)
	for i := range d.topics {
		d.topics[i].logs = slices.Clone(c.topics[i].logs)
		for p := range d.topics[i].logs {
			d.topics[i].logs[p].feeds = slices.Clone(d.topics[i].logs[p].feeds)
		}
	}
	d.producers = slices.Clone(c.producers)
	d.parked = slices.Clone(c.parked)
	d.free = slices.Clone(c.free)
	return &d
}
