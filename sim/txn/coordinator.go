// Package txn is the transaction coordinator of the brokers
// (kafka.coordinator.transaction.TransactionCoordinator): producer ids and
// epochs, open transactions, and how they end.
//
// One Coordinator stands for the shards of all brokers; which broker answers is
// the engine's business. What it writes to __transaction_state counts at once.
package txn

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Host is what the coordinator may ask of the world. It never keeps the Host.
type Host interface {
	// Reply answers a request.
	Reply(to kafka.RequestID, r kafka.Response)
	// Arm sets the one timer of a transactional id, by its index.
	Arm(index uint32, at clock.Time)
	// WriteMarkers writes the transaction's end to the logs of its partitions and
	// tells the coordinators of its groups.
	WriteMarkers(m Markers)
	// Decided tells that a transaction will be committed, whatever happens to its
	// producer: request is its EndTxn.
	Decided(request kafka.RequestID)
	// Emit records what happened, for the trace.
	Emit(e Event)
}

// Config is what the coordinator reads of the broker's configuration.
type Config struct {
	MaxTimeout    clock.Duration // transaction.max.timeout.ms
	CheckInterval clock.Duration // transaction.abort.timed.out.transaction.cleanup.interval.ms
	MarkerDelay   clock.Duration // from the decision until markers are in the logs
	// EpochPerTransaction: since 4.0 a transaction has an epoch of its own where its
	// client asks for that (KIP-890, transaction.version 2).
	EpochPerTransaction bool
	// RotateOnFence: since 4.3 an abort that is not the client's own gives a new
	// producer id too, once the epochs are exhausted (KAFKA-20090).
	RotateOnFence bool
}

// Markers is the end of a transaction (WriteTxnMarkersRequest).
type Markers struct {
	Transactional string
	ProducerID    int64
	Epoch         int16
	Commit        bool
	Partitions    []kafka.TopicPartition
	Groups        []string
}

// EventKind is what happened to a transactional id.
type EventKind uint8

// The events of the trace that the coordinator causes.
const (
	Initialized EventKind = iota // a producer has got its epoch
	Begun                        // a transaction's first partition or offsets
	Ending                       // its end is decided; Commit, Reason
	Ended                        // its markers are written; Commit, Reason
)

// Event is what happened. Reason of an abort is client, fenced or timeout.
type Event struct {
	Kind          EventKind
	Transactional string
	ProducerID    int64
	Epoch         int16
	Commit        bool
	Reason        string
}

// Coordinator is the transactional ids of the cluster.
type Coordinator struct {
	cfg  Config
	txns []transaction // by index, in order of first use
	next int64         // the next producer id
}

// New makes a coordinator that knows no transactional id.
func New(cfg Config) *Coordinator { return &Coordinator{cfg: cfg} }

// find is a transactional id, nil when it is not known.
func (c *Coordinator) find(id string) *transaction {
	i := slices.IndexFunc(c.txns, func(t transaction) bool { return t.id == id })
	if i < 0 {
		return nil
	}
	return &c.txns[i]
}

// State is where a transactional id stands; Empty if it is not known.
func (c *Coordinator) State(id string) State {
	if t := c.find(id); t != nil {
		return t.state
	}
	return Empty
}

// check tells whether a producer is the latest of its transactional id. Since 4.0 it
// is told to come again as long as a transaction is ending: one that goes on with a
// new producer id must not be refused for it (KAFKA-18660).
func (c *Coordinator) check(p *kafka.Producing) (*transaction, kafka.ErrorCode) {
	t := c.find(p.Transactional)
	switch {
	case t != nil && t.ending() && c.cfg.EpochPerTransaction:
		return t, kafka.ErrConcurrentTransactions
	case t == nil || t.producerID != p.ProducerID:
		return nil, kafka.ErrInvalidProducerIDMapping
	case t.epoch != p.Epoch:
		return t, kafka.ErrProducerFenced
	case t.ending():
		return t, kafka.ErrConcurrentTransactions
	}
	return t, kafka.ErrNone
}

// Init is InitProducerId: a new epoch, which fences the producer before. Its open
// transaction is aborted first, and the new producer has to ask again.
func (c *Coordinator) Init(h Host, now clock.Time, id kafka.RequestID, r *kafka.InitProducerIDRequest) {
	if r.Timeout > c.cfg.MaxTimeout {
		h.Reply(id, &kafka.InitProducerIDResponse{Err: kafka.ErrInvalidTransactionTimeout})
		return
	}
	t := c.find(r.Transactional)
	switch {
	case t == nil:
		c.txns = append(c.txns, transaction{id: r.Transactional, index: uint32(len(c.txns)), producerID: c.newProducerID(), epoch: -1, previousID: none, nextID: none})
		t = &c.txns[len(c.txns)-1]
	case t.ending():
		h.Reply(id, &kafka.InitProducerIDResponse{Err: kafka.ErrConcurrentTransactions})
		return
	case t.state == Ongoing:
		c.fence(h, now, t, "fenced")
		h.Reply(id, &kafka.InitProducerIDResponse{Err: kafka.ErrConcurrentTransactions})
		return
	}
	t.become(Empty)
	t.timeout, t.reason = r.Timeout, ""
	if t.exhausted() {
		t.previousID, t.producerID, t.epoch = t.producerID, c.newProducerID(), 0
	} else {
		t.epoch++
	}
	h.Emit(t.event(Initialized))
	h.Reply(id, &kafka.InitProducerIDResponse{ProducerID: t.producerID, Epoch: t.epoch})
}

// newProducerID draws a producer id that nobody has had (ProducerIdManager).
func (c *Coordinator) newProducerID() int64 {
	c.next++
	return c.next - 1
}

// Add makes partitions and a group's offsets part of a producer's transaction,
// and begins it with the first (AddPartitionsToTxn, AddOffsetsToTxn).
func (c *Coordinator) Add(h Host, now clock.Time, p *kafka.Producing, partitions []kafka.TopicPartition, group string) kafka.ErrorCode {
	t, err := c.check(p)
	if err != kafka.ErrNone {
		return err
	}
	if t.state != Ongoing {
		t.become(Ongoing)
		t.version2 = c.version2(p)
		t.partitions, t.groups, t.started, t.reason = nil, nil, now, ""
		h.Emit(t.event(Begun))
		h.Arm(t.index, c.timeout(t))
	}
	for _, tp := range partitions {
		if !slices.Contains(t.partitions, tp) {
			t.partitions = append(t.partitions, tp)
		}
	}
	if group != "" && !slices.Contains(t.groups, group) {
		t.groups = append(t.groups, group)
	}
	return kafka.ErrNone
}

// timeout is when a transaction that began now is found to be too old: the
// coordinator looks at intervals.
func (c *Coordinator) timeout(t *transaction) clock.Time {
	due := t.started + t.timeout + clock.Millisecond // must be over
	return (due + c.cfg.CheckInterval - 1) / c.cfg.CheckInterval * c.cfg.CheckInterval
}

// Clone is a deep copy.
func (c *Coordinator) Clone() *Coordinator {
	d := *c
	d.txns = slices.Clone(c.txns)
	for i := range d.txns {
		d.txns[i].partitions = slices.Clone(c.txns[i].partitions)
		d.txns[i].groups = slices.Clone(c.txns[i].groups)
	}
	return &d
}
