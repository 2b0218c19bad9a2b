package txn

import (
	"fmt"
	"math"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// transaction is one transactional id and its latest transaction
// (TransactionMetadata).
type transaction struct {
	id         string
	index      uint32
	producerID int64
	previousID int64 // the producer id before it, none if there was none
	nextID     int64 // of a transaction that is ending: the one after it, or none
	epoch      int16
	timeout    clock.Duration
	state      State
	version2   bool // its client has an epoch for each transaction

	partitions []kafka.TopicPartition
	groups     []string
	started    clock.Time
	reason     string
}

// none is no producer id (RecordBatch.NO_PRODUCER_ID).
const none = -1

// lastEpoch is the highest epoch that a producer is given: the one after it only
// fences (TransactionMetadata.isEpochExhausted).
const lastEpoch = math.MaxInt16 - 1

// exhausted tells that the producer id has no more epochs to give.
func (t *transaction) exhausted() bool { return t.epoch >= lastEpoch }

// raise puts the epoch up, which fences who has the one before. It stays at its
// maximum, where a producer stands whose transaction took too long with the last
// epoch (KAFKA-20090; brokers without its mend refuse it for ever).
func (t *transaction) raise() {
	if t.epoch < math.MaxInt16 {
		t.epoch++
	}
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
	PrepareAbort:   {Ongoing, Empty, CompleteCommit, CompleteAbort}, // the last three: an abort of nothing
	CompleteCommit: {PrepareCommit},
	CompleteAbort:  {PrepareAbort},
}

// become is the one door between states.
func (t *transaction) become(s State) {
	if t.state != s && !slices.Contains(validPrevious[s], t.state) || s == PrepareAbort && t.state == s {
		panic(fmt.Sprintf("txn: %s from %s to %s", t.id, t.state, s))
	}
	t.state = s
}

func (t *transaction) ending() bool { return t.state == PrepareCommit || t.state == PrepareAbort }

func (t *transaction) event(k EventKind) Event {
	return Event{Kind: k, Transactional: t.id, ProducerID: t.producerID, Epoch: t.epoch, Reason: t.reason,
		Commit: t.state == PrepareCommit || t.state == CompleteCommit}
}
