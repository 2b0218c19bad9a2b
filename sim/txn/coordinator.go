// Package txn is the transaction coordinator of the brokers
// (kafka.coordinator.transaction.TransactionCoordinator): producer ids and
// epochs, open transactions, and how they end.
//
// One Coordinator stands for the shards of all brokers; which broker answers is
// the engine's business. What it writes to __transaction_state counts at once.
package txn

import (
	"fmt"
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
	// EpochPerTransaction: since 4.0 each transaction has an epoch of its own
	// (KIP-890, transaction.version 2).
	EpochPerTransaction bool
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

// transaction is one transactional id and its latest transaction
// (TransactionMetadata).
type transaction struct {
	id         string
	index      uint32
	producerID int64
	epoch      int16
	timeout    clock.Duration
	state      State

	partitions []kafka.TopicPartition
	groups     []string
	started    clock.Time
	reason     string
}

// State is where a transactional id stands (TransactionState).
type State uint8

// The states.
const (
	Empty State = iota
	Ongoing
	PrepareCommit
	PrepareAbort
	CompleteCommit
	CompleteAbort
)

// String is the state's name.
func (s State) String() string {
	return [...]string{"Empty", "Ongoing", "PrepareCommit", "PrepareAbort", "CompleteCommit", "CompleteAbort"}[s]
}

// validPrevious says from which states a state is entered.
var validPrevious = [...][]State{
	Empty:          {CompleteCommit, CompleteAbort},
	Ongoing:        {Empty, CompleteCommit, CompleteAbort},
	PrepareCommit:  {Ongoing},
	PrepareAbort:   {Ongoing},
	CompleteCommit: {PrepareCommit},
	CompleteAbort:  {PrepareAbort},
}

// become is the one door between states.
func (t *transaction) become(s State) {
	if t.state != s && !slices.Contains(validPrevious[s], t.state) {
		panic(fmt.Sprintf("txn: %s from %s to %s", t.id, t.state, s))
	}
	t.state = s
}

func (t *transaction) ending() bool { return t.state == PrepareCommit || t.state == PrepareAbort }

func (t *transaction) event(k EventKind) Event {
	return Event{Kind: k, Transactional: t.id, ProducerID: t.producerID, Epoch: t.epoch, Reason: t.reason,
		Commit: t.state == PrepareCommit || t.state == CompleteCommit}
}

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

// check tells whether a producer is the latest of its transactional id.
func (c *Coordinator) check(p *kafka.Producing) (*transaction, kafka.ErrorCode) {
	t := c.find(p.Transactional)
	switch {
	case t == nil || t.producerID != p.ProducerID:
		return nil, kafka.ErrInvalidProducerIDMapping
	case t.epoch != p.Epoch:
		return t, kafka.ErrProducerFenced
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
		c.txns = append(c.txns, transaction{id: r.Transactional, index: uint32(len(c.txns)), producerID: c.next, epoch: -1})
		c.next++
		t = &c.txns[len(c.txns)-1]
	case t.ending():
		h.Reply(id, &kafka.InitProducerIDResponse{Err: kafka.ErrConcurrentTransactions})
		return
	case t.state == Ongoing:
		t.epoch++
		c.abort(h, now, t, "fenced")
		h.Reply(id, &kafka.InitProducerIDResponse{Err: kafka.ErrConcurrentTransactions})
		return
	}
	t.become(Empty)
	t.timeout, t.reason = r.Timeout, ""
	if t.epoch++; t.epoch == maxEpoch {
		t.producerID, t.epoch = c.next, 0
		c.next++
	}
	h.Emit(t.event(Initialized))
	h.Reply(id, &kafka.InitProducerIDResponse{ProducerID: t.producerID, Epoch: t.epoch})
}

// maxEpoch is where a producer gets a new id: the epoch is a short, and fencing
// needs one more.
const maxEpoch = 1<<15 - 2

// Add makes partitions and a group's offsets part of a producer's transaction,
// and begins it with the first (AddPartitionsToTxn, AddOffsetsToTxn).
func (c *Coordinator) Add(h Host, now clock.Time, p *kafka.Producing, partitions []kafka.TopicPartition, group string) kafka.ErrorCode {
	t, err := c.check(p)
	if err != kafka.ErrNone {
		return err
	}
	if t.ending() {
		return kafka.ErrConcurrentTransactions
	}
	if t.state != Ongoing {
		t.become(Ongoing)
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

// End is EndTxn. An answer that got lost is given again.
func (c *Coordinator) End(h Host, now clock.Time, id kafka.RequestID, r *kafka.EndTxnRequest) {
	epoch, err := c.end(h, now, id, r)
	h.Reply(id, &kafka.EndTxnResponse{Err: err, Epoch: epoch})
}

func (c *Coordinator) end(h Host, now clock.Time, id kafka.RequestID, r *kafka.EndTxnRequest) (int16, kafka.ErrorCode) {
	t, err := c.check(&r.Producing)
	if t == nil {
		return 0, err
	}
	done, prepared := CompleteAbort, PrepareAbort
	if r.Commit {
		done, prepared = CompleteCommit, PrepareCommit
	}
	again := err == kafka.ErrNone
	if c.cfg.EpochPerTransaction { // the epoch has gone up with the first request
		again = r.Epoch == t.epoch-1 && t.reason == ""
	}
	switch {
	case again && t.state == done:
		return t.epoch, kafka.ErrNone
	case again && t.state == prepared || err == kafka.ErrNone && t.ending():
		return t.epoch, kafka.ErrConcurrentTransactions
	case err != kafka.ErrNone:
		return 0, err
	case t.state != Ongoing:
		return 0, kafka.ErrInvalidTxnState
	}
	epoch := t.epoch
	if c.cfg.EpochPerTransaction {
		t.epoch++
		epoch++
	}
	if !r.Commit {
		c.abort(h, now, t, "")
		return epoch, kafka.ErrNone
	}
	t.become(PrepareCommit)
	h.Decided(id)
	c.prepared(h, now, t)
	return epoch, kafka.ErrNone
}

// abort decides that a transaction is aborted; reason "" is its producer's wish.
func (c *Coordinator) abort(h Host, now clock.Time, t *transaction, reason string) {
	t.reason = reason
	t.become(PrepareAbort)
	c.prepared(h, now, t)
}

func (c *Coordinator) prepared(h Host, now clock.Time, t *transaction) {
	h.Emit(t.event(Ending))
	h.Arm(t.index, now+c.cfg.MarkerDelay)
}

// Fire is a transactional id's timer: its markers are to be written, or its
// transaction has been open for too long.
func (c *Coordinator) Fire(h Host, now clock.Time, index uint32) {
	t := &c.txns[index]
	if t.state == Ongoing {
		t.epoch++
		c.abort(h, now, t, "timeout")
		return
	}
	commit := t.state == PrepareCommit
	h.WriteMarkers(Markers{Transactional: t.id, ProducerID: t.producerID, Epoch: t.epoch, Commit: commit, Partitions: t.partitions, Groups: t.groups})
	if commit {
		t.become(CompleteCommit)
	} else {
		t.become(CompleteAbort)
	}
	h.Emit(t.event(Ended))
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
