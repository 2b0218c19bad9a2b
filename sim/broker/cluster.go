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
	// DisarmFetch unsets that: its broker has died.
	DisarmFetch(slot uint32)
}

// Config is what all brokers share.
type Config struct {
	Brokers           int32
	OffsetsPartitions int32 // offsets.topic.num.partitions
	OffsetsReplicas   int32 // offsets.topic.replication.factor; no more than there are brokers
	OffsetsMinInSync  int32 // min.insync.replicas of __consumer_offsets
	// __transaction_state (transaction.state.log.num.partitions and so on); no
	// partitions: nobody begins a transaction.
	TransactionsPartitions, TransactionsReplicas, TransactionsMinInSync int32
	Latency                                                             clock.Duration // one way between two brokers
	// EffectiveMinISR: since 3.7 nothing becomes readable while there are fewer
	// in-sync replicas than min.insync.replicas, of which no more are asked for
	// than a partition has replicas (KAFKA-15583).
	EffectiveMinISR bool
}

// TopicConfig is what a topic has of its own.
type TopicConfig struct {
	Replicas  int32 // replication factor
	MinInSync int32 // min.insync.replicas
	Unclean   bool  // unclean.leader.election.enable
	Retention Retention
}

// topic is a topic with its partitions' logs.
type topic struct {
	name string
	cfg  TopicConfig
	logs []Log
}

// Cluster is all brokers of the cluster.
type Cluster struct {
	cfg       Config
	nodes     []node // by id − 1
	offsets   topic  // __consumer_offsets
	txns      topic  // __transaction_state
	topics    []topic
	producers []producer
	parked    []parkedFetch
	free      []uint32 // slots of parked that are not used
	shares    shares
}

// New makes a cluster, whose brokers have ids from 1.
func New(cfg Config) *Cluster {
	c := &Cluster{cfg: cfg, nodes: make([]node, cfg.Brokers)}
	c.offsets = topic{name: OffsetsTopic, cfg: TopicConfig{Replicas: cfg.OffsetsReplicas, MinInSync: cfg.OffsetsMinInSync}}
	for p := range cfg.OffsetsPartitions {
		c.offsets.logs = append(c.offsets.logs, c.newLog(&c.offsets, p))
	}
	c.txns = topic{name: TransactionsTopic, cfg: TopicConfig{Replicas: cfg.TransactionsReplicas, MinInSync: cfg.TransactionsMinInSync}}
	for p := range cfg.TransactionsPartitions {
		c.txns.logs = append(c.txns.logs, c.newLog(&c.txns, p))
	}
	return c
}

// AddTopic creates a topic.
func (c *Cluster) AddTopic(name string, partitions int32, cfg TopicConfig) {
	c.topics = append(c.topics, topic{name: name, cfg: cfg})
	c.SetPartitions(name, partitions)
}

// SetPartitions raises a topic's number of partitions (CreatePartitions).
// Producers learn of them later: see Producer.
func (c *Cluster) SetPartitions(name string, total int32) {
	t := c.topic(name)
	for p := int32(len(t.logs)); p < total; p++ {
		t.logs = append(t.logs, c.newLog(t, p))
	}
}

func (c *Cluster) newLog(t *topic, partition int32) Log {
	l := Log{partition: partition, replicas: c.place(partition, t.cfg.Replicas)}
	if len(l.isr) > 1 {
		l.advance(0, 2*c.cfg.Latency, false)
	}
	return l
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

// Leader is the broker that leads a partition, or NoLeader.
func (c *Cluster) Leader(tp kafka.TopicPartition) int32 {
	if l := c.Log(tp); l != nil {
		return l.leader
	}
	return NoLeader
}

// OffsetsPartition is the partition of __consumer_offsets that a group's id hashes
// to (GroupCoordinatorService.partitionFor).
func (c *Cluster) OffsetsPartition(group string) int32 {
	return absHash(group) % c.cfg.OffsetsPartitions
}

func absHash(id string) int32 {
	h := javahash.StringHash(id)
	if h == -1<<31 {
		h = 0
	}
	return max(h, -h)
}

// TransactionCoordinator is the broker that coordinates the transactions of a
// transactional id: the leader of its partition of __transaction_state, or NoLeader
// (TransactionStateManager.partitionFor).
func (c *Cluster) TransactionCoordinator(id string) int32 {
	return c.txns.logs[absHash(id)%c.cfg.TransactionsPartitions].leader
}

// Coordinator is the broker that coordinates a group: the leader of its partition
// of __consumer_offsets, or NoLeader.
func (c *Cluster) Coordinator(group string) int32 {
	return c.offsets.logs[c.OffsetsPartition(group)].leader
}

// OffsetsLeader is the leader of a partition of __consumer_offsets, or NoLeader.
func (c *Cluster) OffsetsLeader(partition int32) int32 { return c.offsets.logs[partition].leader }

// OffsetsDelay is how long what is written to a partition of __consumer_offsets
// takes to be replicated.
func (c *Cluster) OffsetsDelay(partition int32) clock.Duration {
	if len(c.offsets.logs[partition].isr) > 1 {
		return 2 * c.cfg.Latency
	}
	return 0
}

// OffsetsError is why what is written to a partition of __consumer_offsets now is
// not replicated: REQUEST_TIMED_OUT when a replica is awaited.
func (c *Cluster) OffsetsError(partition int32) kafka.ErrorCode {
	switch l := &c.offsets.logs[partition]; {
	case c.few(&c.offsets, l):
		return kafka.ErrNotEnoughReplicas
	case !c.replicated(l):
		return kafka.ErrRequestTimedOut
	}
	return kafka.ErrNone
}

// FindCoordinator answers a FindCoordinator request.
func (c *Cluster) FindCoordinator(r *kafka.FindCoordinatorRequest) *kafka.FindCoordinatorResponse {
	b := NoLeader
	if r.Transactional != "" {
		b = c.TransactionCoordinator(r.Transactional)
	} else {
		b = c.Coordinator(r.Group)
	}
	if b != NoLeader {
		return &kafka.FindCoordinatorResponse{Broker: b}
	}
	return &kafka.FindCoordinatorResponse{Err: kafka.ErrCoordinatorNotAvailable}
}

// Metadata answers a Metadata request.
func (c *Cluster) Metadata(r *kafka.MetadataRequest) *kafka.MetadataResponse {
	out := &kafka.MetadataResponse{}
	for b := range c.cfg.Brokers {
		if !c.nodes[b].fenced {
			out.Brokers = append(out.Brokers, b+1)
		}
	}
	for _, name := range r.Topics {
		tm := kafka.TopicMetadata{Topic: name}
		t := c.topic(name)
		if t == nil {
			tm.Err = kafka.ErrUnknownTopicOrPartition
		} else {
			entries := make([]listing, len(t.logs))
			for p := range t.logs {
				l := &t.logs[p]
				tm.Leaders = append(tm.Leaders, l.leader)
				entries[p] = listing{leader: l.leader, epoch: l.epoch, replicas: l.assigned, isrs: l.isr}
			}
			tm.Order = listed(entries)
		}
		out.Topics = append(out.Topics, tm)
	}
	return out
}

// ListOffsets answers a broker's ListOffsets request: the log's start or its end.
func (c *Cluster) ListOffsets(now clock.Time, broker int32, r *kafka.ListOffsetsRequest) *kafka.ListOffsetsResponse {
	out := &kafka.ListOffsetsResponse{Offsets: make([]int64, len(r.Partitions))}
	for i, tp := range r.Partitions {
		l := c.Log(tp)
		if err := c.unreadable(broker, l); err != kafka.ErrNone {
			if out.Errs == nil {
				out.Errs = make([]kafka.ErrorCode, len(r.Partitions))
			}
			out.Errs[i] = err
			continue
		}
		out.Offsets[i] = l.start
		if r.Latest {
			out.Offsets[i] = l.End(now)
			if r.ReadCommitted {
				out.Offsets[i] = l.stable(now)
			}
		}
	}
	return out
}

// OffsetsForLeaderEpoch answers a broker's OffsetForLeaderEpoch request. A position
// that a new leader's log does not have is found by the fetch from it.
func (c *Cluster) OffsetsForLeaderEpoch(broker int32, r *kafka.OffsetsForLeaderEpochRequest) *kafka.OffsetsForLeaderEpochResponse {
	out := &kafka.OffsetsForLeaderEpochResponse{Errs: make([]kafka.ErrorCode, len(r.Partitions))}
	for i, tp := range r.Partitions {
		out.Errs[i] = c.unreadable(broker, c.Log(tp))
	}
	return out
}

// unreadable is why a broker cannot serve a partition, or NONE.
func (c *Cluster) unreadable(broker int32, l *Log) kafka.ErrorCode {
	switch {
	case l == nil:
		return kafka.ErrUnknownTopicOrPartition
	case l.leader != broker:
		return kafka.ErrNotLeaderOrFollower
	}
	return kafka.ErrNone
}

// Clone is a deep copy.
func (c *Cluster) Clone() *Cluster {
	d := *c
	d.nodes = slices.Clone(c.nodes)
	d.producers = slices.Clone(c.producers)
	for i := range d.producers {
		splits := slices.Clone(d.producers[i].splits)
		for n := range splits {
			splits[n] = splits[n].Clone()
		}
		d.producers[i].splits = splits
	}
	d.topics = slices.Clone(c.topics)
	for i := range d.topics {
		d.topics[i].logs = d.cloneLogs(c.topics[i].logs)
	}
	d.offsets.logs = d.cloneLogs(c.offsets.logs)
	d.txns.logs = d.cloneLogs(c.txns.logs)
	d.parked = slices.Clone(c.parked)
	d.free = slices.Clone(c.free)
	d.shares = c.shares.clone()
	return &d
}

// cloneLogs copies logs into the copy c, whose producers have their own splits.
func (c *Cluster) cloneLogs(logs []Log) []Log {
	out := slices.Clone(logs)
	for i := range out {
		l := &out[i]
		l.feeds = slices.Clone(l.feeds)
		for f := range l.feeds {
			x := &l.feeds[f]
			x.split = c.producers[x.producer].splits[x.number]
		}
		l.batches = slices.Clone(l.batches)
		l.writers = slices.Clone(l.writers)
		l.replicas = l.replicas.clone()
		l.advances = slices.Clone(l.advances)
		l.gaps = slices.Clone(l.gaps)
		l.segments = slices.Clone(l.segments)
	}
	return out
}
