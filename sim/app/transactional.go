package app

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// ProducerHost is what an application with a transactional producer may ask of
// the world beside Host: the producer's methods. Those that block end with
// Transacted.
type ProducerHost interface {
	InitTransactions()
	// Send sends n records of size bytes each to the output topic, within a
	// transaction that begins with the first.
	Send(n, size int64)
	// SendOffsets is sendOffsetsToTransaction with the consumer's group metadata.
	SendOffsets(offsets []kafka.OffsetCommit)
	// CommitTransaction commits; the records are completed when the coordinator
	// decides so, whether the application lives to hear of it or not.
	CommitTransaction(records []client.Range)
	AbortTransaction()
	// Rewind seeks back to the committed offsets of all assigned partitions.
	Rewind()
	// Released says how many records it holds no more: they have been completed.
	Released(records int64)
}

// Producing is an application with a transactional producer.
type Producing interface {
	App
	// Transacted ends the running call of the producer.
	Transacted(h Host, now clock.Time, err *client.Error)
}

// transactional consumes, transforms, produces, and sends the offsets of what it
// has consumed to the same transaction.
type transactional struct {
	loop
	step step
	txn  []client.Range // records of the open transaction, transformed and sent
	sent int64          // how many
	// spoiled: partitions of the open transaction have been taken away.
	spoiled bool
}

// step is the producer's call that the application is in.
type step uint8

const (
	stepNone step = iota
	stepInit
	stepOffsets
	stepCommit
	stepAbort
)

// Start fences the producer before this one, then begins the loop.
func (x *transactional) Start(h Host, _ clock.Time) {
	x.step = stepInit
	h.InitTransactions()
}

// next polls for as much as the transaction may take.
func (x *transactional) next(h Host) {
	if x.stopping {
		x.stop(h)
		return
	}
	x.most = max(1, x.app.Batch-x.sent)
	x.poll(h)
}

// stop abandons the open transaction, then closes.
func (x *transactional) stop(h Host) {
	if len(x.txn) == 0 {
		x.dropRest(h, 0)
		h.Close()
		return
	}
	x.abort(h)
}

func (x *transactional) abort(h Host) {
	x.step = stepAbort
	h.AbortTransaction()
}

// Polled takes what poll() has returned. With nothing new, an open transaction
// does not wait for more.
func (x *transactional) Polled(h Host, now clock.Time, r client.PollResult) {
	if x.ended(h, r.Err) {
		return
	}
	x.run.load(r)
	switch {
	case x.spoiled:
		x.abort(h)
	case r.Len() > 0:
		x.work(h, now)
	case len(x.txn) > 0 && !x.stopping:
		x.sendOffsets(h)
	default:
		x.next(h)
	}
}

// work begins the next records: as many as the producer sends together.
func (x *transactional) work(h Host, now clock.Time) {
	left := x.run.remaining()
	switch {
	case x.stopping:
		x.stop(h)
	case len(x.txn) > 0 && (x.app.Batch > 0 && x.sent >= x.app.Batch || x.app.Batch == 0 && left == 0):
		x.sendOffsets(h)
	case left == 0:
		x.next(h)
	default:
		if x.app.Batch > 0 {
			left = min(left, x.app.Batch-x.sent)
		}
		if each := x.app.Process.A; x.app.Process.IsFixed() && each > 0 {
			left = min(left, int64((sendsTogether+each-1)/each))
		}
		x.segment(h, now, left)
	}
}

// sendsTogether is for how long results are gathered before they are sent: the
// producer's linger.ms.
const sendsTogether = 5 * clock.Millisecond

// Timer ends a stretch of records: their results are sent.
func (x *transactional) Timer(h Host, now clock.Time) {
	x.sent += x.endSegment(h, func(r client.Range) {
		x.txn = appendRange(x.txn, r)
		h.Send(r.Len(), r.Size)
	})
	x.work(h, now)
}

// sendOffsets sends the offset after the latest record of each partition.
func (x *transactional) sendOffsets(h Host) {
	var offsets []kafka.OffsetCommit
	for _, r := range x.txn {
		i := slices.IndexFunc(offsets, func(o kafka.OffsetCommit) bool { return o.TopicPartition == r.TopicPartition })
		if i < 0 {
			i = len(offsets)
			offsets = append(offsets, kafka.OffsetCommit{TopicPartition: r.TopicPartition})
		}
		offsets[i].Offset = max(offsets[i].Offset, r.To)
	}
	slices.SortFunc(offsets, func(a, b kafka.OffsetCommit) int { return a.Compare(b.TopicPartition) })
	x.step = stepOffsets
	h.SendOffsets(offsets)
}

// Transacted goes on after a call of the producer: an error that is not the end
// of it aborts the transaction, and the consumer goes back to where it began.
func (x *transactional) Transacted(h Host, now clock.Time, err *client.Error) {
	step := x.step
	x.step = stepNone
	switch {
	case err != nil && (err.Fatal || step == stepAbort || step == stepInit):
		h.Close()
	case err != nil:
		x.abort(h)
	case step == stepInit:
		x.next(h)
	case step == stepOffsets:
		x.step = stepCommit
		h.CommitTransaction(x.txn)
	case step == stepCommit:
		h.Released(x.sent)
		x.txn, x.sent = nil, 0
		x.work(h, now)
	case step == stepAbort:
		h.GaveUp(x.sent)
		x.txn, x.sent, x.spoiled = nil, 0, false
		x.dropRest(h, 0)
		h.Rewind()
		x.next(h)
	}
}

// Committed is not called: the consumer commits nothing.
func (x *transactional) Committed(Host, clock.Time, *client.Error) {}

// Stop is noticed when the running call or the record in hand has ended.
func (x *transactional) Stop(h Host, now clock.Time) {
	x.stopping = true
	x.Cut(h, now)
}

// Callback spoils a transaction whose partitions go: somebody else will begin
// them anew, and its offsets must not be committed.
func (x *transactional) Callback(_ Host, _ clock.Time, kind client.Callback, partitions []kafka.TopicPartition) {
	if kind == client.Assigned {
		return
	}
	for _, r := range x.txn {
		x.spoiled = x.spoiled || slices.Contains(partitions, r.TopicPartition)
	}
}

// Settle has nothing to report: records are complete when the transaction is.
func (x *transactional) Settle(Host, clock.Time) {}

// Held appends the transaction and what is in hand.
func (x *transactional) Held(to []client.Range) []client.Range {
	return append(append(to, x.txn...), x.run.left...)
}

// Clone is a deep copy.
func (x *transactional) Clone() App {
	c := *x
	c.loop = x.clone()
	c.txn = slices.Clone(x.txn)
	return &c
}
