// Package transactional is the Java producer with a transactional.id
// (org.apache.kafka.clients.producer.KafkaProducer, TransactionManager and
// Sender) as one event-driven state machine, as far as an application of the
// consume–transform–produce kind needs it; and those of the other libraries, which
// send the same requests and differ in when, how often and in whose name (dialect.go),
// in their errors and words (texts.go).
//
// The application's calls that block (initTransactions, sendOffsetsToTransaction,
// commitTransaction, abortTransaction) come one at a time and end with
// Host.Transacted; Send does not block. Behind them the sender's loop (sender.go)
// sends what may be sent next. Files: producer.go (calls and states), sender.go
// (requests), answers.go, dialect.go (the libraries), texts.go (words).
package transactional

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// Host is what the producer may ask of the world. It never keeps the Host.
type Host interface {
	// Send puts a request on the wire; the answer comes to Response.
	Send(broker int32, r kafka.Request) kafka.RequestID
	// Arm sets the producer's timer; Cancel unsets it.
	Arm(at clock.Time)
	Cancel()
	// Log prints a line as the real producer would.
	Log(level, text string)
	// Transacted ends the running call.
	Transacted(err *client.Error)
}

// Options is what a producer is beside its configuration.
type Options struct {
	TransactionalID string
	Output          string // the topic that it writes to
	Library         Library
	// EpochPerTransaction: the brokers add partitions and offsets to the transaction
	// themselves, and each transaction has its own epoch (KIP-890): client and
	// brokers from 4.0 on.
	EpochPerTransaction bool
	// WithMember: TxnOffsetCommit says which member commits (KIP-447): client and
	// brokers from 2.5 on.
	WithMember bool
	// OneFence: there is no other word for an old epoch than INVALID_PRODUCER_EPOCH,
	// and it ends the producer, also as the answer to a write (KIP-588): Java below 2.7.
	OneFence bool
	Nodes    []string // by id from 1, as clients print them
}

// Member is what a consumer says of its membership (ConsumerGroupMetadata).
type Member struct {
	Group, MemberID, InstanceID string
	Generation                  int32
}

// call is the method that the application's thread is in.
type call uint8

const (
	callNone call = iota
	callInit
	callOffsets
	callCommit
	callAbort
)

// state is TransactionManager.State, as far as it differs from the call.
type state uint8

const (
	uninitialized state = iota
	ready
	inTransaction
	abortableError
	fatalError
)

// Producer is one KafkaProducer object.
type Producer struct {
	s *settings // immutable
	o Options   // immutable

	state state
	call  call
	until clock.Time // when the running call has blocked for too long
	err   *client.Error

	id    int64
	epoch int16

	member  Member // of the running sendOffsetsToTransaction
	offsets []kafka.OffsetCommit
	kept    bool // the offsets are for the commit to send

	metadata    bool // the output topic's leaders are known
	leaders     []int32
	node        int32 // the broker that is asked where the others are
	next        int64 // record of the output topic, from 0
	coordinator int32 // of the transactional id, 0 when unknown
	groups      int32 // of the group, 0 when unknown

	bumping   bool       // kafka-python: see stuck
	early     [][2]int64 // numbers and sizes of records, while the partitions are not known
	batches   []pending  // to be sent
	sequences []int64    // by partition of the output topic: records sent in this transaction
	added     []kafka.TopicPartition
	groupIn   bool // the group's offsets are part of the transaction
	begun     bool // something is part of it
	inflight  []request
	retryAt   clock.Time
	attempts  int64      // of the request that is sent again and again
	failing   clock.Time // since when it has been
}

// New makes a producer that has not been started.
func New(cfg config.Set, o Options) *Producer {
	s := dialects[o.Library].read(cfg)
	if o.Library == Java {
		s.clientID = cfg.String("client.id")
	}
	if s.clientID == "" {
		s.clientID = "producer-" + o.TransactionalID
	}
	return &Producer{s: s, o: o, id: -1, epoch: -1, node: 1}
}

// InitTransactions is initTransactions(), or what a library does instead: nothing,
// if the first transaction initializes.
func (p *Producer) InitTransactions(h Host, now clock.Time) {
	if p.dialect().lazy {
		p.enter(ready, nil)
		h.Transacted(nil)
		return
	}
	p.info(h, "Instantiated a transactional producer.")
	p.info(h, "Invoking InitProducerId for the first time in order to acquire a producer ID")
	p.begin(h, now, callInit)
}

// Send is send() of n records of size bytes each, in turn to the partitions of the
// output topic, within a transaction that begins with the first.
func (p *Producer) Send(h Host, now clock.Time, n, size int64) {
	if p.state == ready {
		p.beginTransaction()
	}
	if p.state != inTransaction {
		return // it would throw, as the call that follows does
	}
	if !p.metadata && len(p.leaders) == 0 { // send() waits for the topic's partitions
		p.early = append(p.early, [2]int64{n, size})
		p.run(h, now)
		return
	}
	p.spread(n, size)
	p.run(h, now)
}

// spread deals records out to the partitions of the output topic in turn.
func (p *Producer) spread(n, size int64) {
	count := int64(len(p.leaders))
	for i := range min(n, count) {
		tp := kafka.TopicPartition{Topic: p.o.Output, Partition: int32((p.next + i) % count)}
		p.gather(kafka.ProduceBatch{TopicPartition: tp, Records: (n - i + count - 1) / count, Size: size})
	}
	p.next += n
}

// gather adds records to a batch that waits to be sent.
func (p *Producer) gather(b kafka.ProduceBatch) {
	for i := range p.batches {
		if x := &p.batches[i]; x.TopicPartition == b.TopicPartition && x.Size == b.Size && !x.sent {
			x.Records += b.Records
			return
		}
	}
	p.batches = append(p.batches, pending{ProduceBatch: b})
}

// pending is a batch that is to be sent, perhaps once more: then it may be in the
// log already, and must stay as it is.
type pending struct {
	kafka.ProduceBatch
	sent bool
}

func (p *Producer) beginTransaction() {
	p.enter(inTransaction, nil)
	p.begun, p.groupIn = false, false
	p.added, p.sequences = nil, make([]int64, len(p.leaders))
}

// SendOffsets is sendOffsetsToTransaction(offsets, groupMetadata).
func (p *Producer) SendOffsets(h Host, now clock.Time, offsets []kafka.OffsetCommit, m Member) {
	if p.state == ready {
		p.beginTransaction()
	}
	p.offsets, p.member = offsets, m
	if p.kept = p.dialect().offsetsLast && p.state == inTransaction; p.kept {
		h.Transacted(nil)
		return
	}
	p.begin(h, now, callOffsets)
}

// Commit is commitTransaction().
func (p *Producer) Commit(h Host, now clock.Time) { p.begin(h, now, callCommit) }

// Abort is abortTransaction().
func (p *Producer) Abort(h Host, now clock.Time) {
	p.batches, p.kept = nil, false
	if p.bumping {
		p.fatal(h, p.stuck())
		h.Transacted(p.err)
		return
	}
	if p.state == abortableError {
		p.enter(inTransaction, nil)
	}
	p.begin(h, now, callAbort)
}

func (p *Producer) begin(h Host, now clock.Time, c call) {
	p.call, p.until = c, clock.Never
	if p.s.maxBlock != clock.Never && (c == callInit || !p.dialect().blocksInit) {
		p.until = now + p.s.maxBlock
	}
	if p.err != nil {
		p.end(h, p.rethrown())
		return
	}
	p.run(h, now)
}

// end ends the running call.
func (p *Producer) end(h Host, err *client.Error) {
	p.call = callNone
	h.Cancel()
	h.Transacted(err)
}

// enter is the one door to another state, which has an error or none
// (TransactionManager.transitionTo).
func (p *Producer) enter(s state, err *client.Error) { p.state, p.err = s, err }

// abortable makes everything but abortTransaction fail from now on.
func (p *Producer) abortable(h Host, err *client.Error) {
	if p.call == callAbort || p.state == fatalError {
		return
	}
	p.info(h, "Transiting to abortable error state due to "+thrown(err))
	p.enter(abortableError, err)
	p.batches = nil
}

// fatal makes everything fail from now on.
func (p *Producer) fatal(h Host, err *client.Error) {
	p.info(h, "Transiting to fatal error state due to "+thrown(err))
	err.Fatal = true
	p.enter(fatalError, err)
	p.batches = nil
}

// Clone is a deep copy; settings, options and messages are immutable and shared.
func (p *Producer) Clone() *Producer {
	d := *p
	d.early = slices.Clone(p.early)
	d.batches = slices.Clone(p.batches)
	d.sequences = slices.Clone(p.sequences)
	d.added = slices.Clone(p.added)
	d.inflight = slices.Clone(p.inflight)
	return &d
}
