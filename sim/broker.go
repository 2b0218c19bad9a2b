package sim

import (
	"fmt"
	"slices"

	"ksim/sim/broker"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// brokerState is one broker as a process, and as the controller knows it.
type brokerState struct {
	id     int32
	rand   clock.Stream // of the member ids that it hands out
	down   bool         // it takes no connection
	fenced bool         // the controller has noticed, or it is not back yet
	// fencedAt is when the controller misses it, or has missed it.
	fencedAt clock.Time
	fails    uint32 // how often it has failed
	cause    cause
}

func newBroker(id int32, s *scenario.Scenario) brokerState {
	return brokerState{id: id, rand: clock.NewStream(s.Seed, fmt.Sprintf("broker-%d", id), "uuid")}
}

// address is how clients print the broker.
func (b *brokerState) address() string { return fmt.Sprintf("kafka-%d:9092", b.id) }

// brokerStep is what becomes of a broker that has failed.
type brokerStep uint32

const (
	stepFenced   brokerStep = iota // the controller notices
	stepReturned                   // the process is started again
	stepUnfenced                   // it serves again
	brokerSteps
)

// readyAfter is how long a broker takes from its registration to the moment at
// which it is unfenced and opens its port: it catches up with the metadata and
// sends a heartbeat (BrokerLifecycleManager). Starting the process takes no time.
const readyAfter = 100 * clock.Millisecond

// failBroker is kill -9 of a broker's process, which is started again after a time.
func (w *World) failBroker(id int32, down clock.Duration) {
	b := &w.brokers[id-1]
	if b.down {
		return
	}
	b.down = true
	b.fails++
	w.emit(trace.Event{Type: trace.BrokerFailed, Broker: id})
	b.cause = w.cause
	w.cluster.Fail((*brokerPort)(w), w.Now(), id)
	for i := range w.shards {
		if s := &w.shards[i]; s.broker == id {
			s.died()
		}
		w.shards[i].replicate()
	}
	w.breakConnections(id)
	if !b.fenced && w.controlled() {
		b.fencedAt = w.fencedAt()
		w.scheduleStep(b, stepFenced, b.fencedAt)
	}
	w.scheduleStep(b, stepReturned, w.Now()+down)
}

// controlled tells whether there is a controller that lives on when a broker dies:
// the only broker of a cluster is its controller too.
func (w *World) controlled() bool { return len(w.brokers) > 1 }

// session is how long the controller takes a broker for alive after a heartbeat, and
// how often brokers send one. Before KRaft was ready for use (3.3) that is
// ZooKeeper's business.
func (w *World) session() (timeout, interval clock.Duration) {
	c := &w.scenario.Cluster
	if timeout = c.Config.Millis(c.SessionProperty()); c.SessionProperty() == "zookeeper.session.timeout.ms" {
		return timeout, zooKeeperTick
	}
	return timeout, max(clock.Millisecond, c.Config.Millis("broker.heartbeat.interval.ms"))
}

// zooKeeperTick is tickTime of ZooKeeper's own sample configuration.
const zooKeeperTick = 2 * clock.Second

// fencedAt is when the controller misses a broker that dies now: a session after its
// last heartbeat. Brokers send the first at the start of the run.
func (w *World) fencedAt() clock.Time {
	session, interval := w.session()
	last := max(0, w.Now()-1) / interval * interval
	return max(w.Now(), last+session)
}

// registeredAt is when a broker whose process runs since then is registered: it tries
// each broker.heartbeat.interval.ms, and is refused as long as its old session is
// valid (DuplicateBrokerRegistrationException). The controller of a single broker has
// begun anew with it, and believes in that session from then on. Recorded so.
func (w *World) registeredAt(fenced clock.Time) clock.Time {
	session, interval := w.session()
	if !w.controlled() {
		fenced = w.Now() + session
	}
	if fenced <= w.Now() {
		return w.Now()
	}
	return w.Now() + (fenced-w.Now()+interval-1)/interval*interval
}

func (w *World) scheduleStep(b *brokerState, step brokerStep, at clock.Time) {
	w.queue.Schedule(at, clock.ClassTimeline, clock.NewEvent(evBroker, uint32(b.id-1), (b.fails*uint32(brokerSteps)+uint32(step))&clock.MaxArg))
}

// brokerStepDue takes a broker that has failed a step further.
func (w *World) brokerStepDue(actor, arg uint32) {
	b := &w.brokers[actor]
	step := brokerStep(arg % uint32(brokerSteps))
	if (b.fails*uint32(brokerSteps)+uint32(step))&clock.MaxArg != arg {
		return // it has failed again since
	}
	w.cause = b.cause
	switch step {
	case stepFenced:
		w.fence(b)
	case stepReturned:
		w.scheduleStep(b, stepUnfenced, w.registeredAt(b.fencedAt)+readyAfter)
	case stepUnfenced:
		w.unfence(b)
	}
	b.cause = w.cause
}

// fence is the controller's decision that a broker is gone.
func (w *World) fence(b *brokerState) {
	b.fenced = true
	w.emit(trace.Event{Type: trace.BrokerFenced, Broker: b.id})
	w.moved(w.cluster.Fence((*brokerPort)(w), w.Now(), b.id))
}

// unfence lets a broker serve again.
func (w *World) unfence(b *brokerState) {
	b.down, b.fenced = false, false
	w.emit(trace.Event{Type: trace.BrokerReturned, Broker: b.id})
	port := (*brokerPort)(w)
	w.cluster.Returned(b.id)
	if !w.controlled() { // the controller finds at its own start that the broker was away
		w.cluster.Fence(port, w.Now(), b.id)
	}
	w.moved(w.cluster.Unfence(port, w.Now(), b.id))
	c := &w.scenario.Cluster.Config
	if every := c.Seconds("leader.imbalance.check.interval.seconds"); c.Bool("auto.leader.rebalance.enable") {
		w.queue.Schedule(w.Now()/every*every+every, clock.ClassTimeline, clock.NewEvent(evPreferred, 0, 0))
	}
}

// electPreferred is a look of the controller at the balance of leaders.
func (w *World) electPreferred() {
	w.moved(w.cluster.ElectPreferred((*brokerPort)(w), w.Now()))
}

// moved says which partitions have another leader, and lets the coordinators on
// those of __consumer_offsets follow.
func (w *World) moved(moves []broker.Move) {
	why := w.cause
	for _, to := range leaders(moves) {
		e := trace.Event{Type: trace.PartitionLeader, Broker: max(0, to)}
		for _, m := range moves {
			if m.To == to && m.From != m.To && m.Topic != broker.OffsetsTopic && m.Topic != broker.TransactionsTopic {
				e.Partitions = append(e.Partitions, kafka.TopicPartition{Topic: m.Topic, Partition: m.Partition})
			}
		}
		if len(e.Partitions) > 0 {
			slices.SortFunc(e.Partitions, kafka.TopicPartition.Compare)
			w.cause = why
			w.emit(e)
		}
	}
	for _, m := range moves {
		tp := []kafka.TopicPartition{{Topic: m.Topic, Partition: m.Partition}}
		w.cause = why
		if m.Lost > 0 {
			w.emit(trace.Event{Type: trace.RecordsTruncated, Broker: m.To, Partitions: tp, Records: m.Lost})
		}
		if m.GaveUp > 0 {
			w.emit(trace.Event{Type: trace.RecordsExpired, Partitions: tp, Records: m.GaveUp})
		}
	}
	for i := range w.shards {
		w.cause = why
		w.shards[i].follow()
		w.shards[i].replicate()
	}
	w.cause = why
}

// leaders is the new leaders among the moves, each once, in ascending order.
func leaders(moves []broker.Move) []int32 {
	var ids []int32
	for _, m := range moves {
		ids = append(ids, m.To)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// clusterConfig is what the brokers' data plane reads of the configuration.
func clusterConfig(s *scenario.Scenario) broker.Config {
	c := &s.Cluster
	out := broker.Config{
		Brokers:           int32(c.Brokers),
		OffsetsPartitions: int32(c.Config.Int("offsets.topic.num.partitions")),
		OffsetsReplicas:   int32(c.Config.Int("offsets.topic.replication.factor")),
		OffsetsMinInSync:  int32(c.Config.Int("min.insync.replicas")),
		Latency:           c.Latency,
		EffectiveMinISR:   c.Version >= kafka.V(3, 7, 0),
	}
	if s.Transactional() {
		out.TransactionsPartitions = int32(c.Config.Int("transaction.state.log.num.partitions"))
		out.TransactionsReplicas = int32(c.Config.Int("transaction.state.log.replication.factor"))
		out.TransactionsMinInSync = int32(c.Config.Int("transaction.state.log.min.isr"))
	}
	return out
}

// topicConfig is what they read of a topic's: its own property, or else the
// brokers'.
func topicConfig(c *scenario.Cluster, t *scenario.Topic) broker.TopicConfig {
	own := func(name string) config.Set {
		if t.Config.Given(name) {
			return t.Config
		}
		return c.Config
	}
	return broker.TopicConfig{
		Replicas:  int32(t.Replicas),
		MinInSync: int32(own("min.insync.replicas").Int("min.insync.replicas")),
		Unclean:   own("unclean.leader.election.enable").Bool("unclean.leader.election.enable"),
		Retention: retention(c, t),
	}
}
