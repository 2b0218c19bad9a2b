package app

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
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
	// ForceHeartbeat asks the group for a sign that the member still belongs to it;
	// Committed ends it.
	ForceHeartbeat()
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
	step   step
	txn    []client.Range // records of the open transaction, transformed and sent
	passed []client.Range // those that it passes over: poison, skipped
	sent   int64          // how many, both
	// spoiled: partitions of the open transaction have been taken away; in a session
	// (kgo.GroupTransactSession) any partitions since the latest transaction.
	spoiled bool
	flushed clock.Time // a program that is to stop waits for the producer until then; 0: no limit
}

// step is the producer's call that the application is in.
type step uint8

const (
	stepNone step = iota
	stepInit
	stepOffsets
	stepHeartbeat // a session's, before it commits
	stepCommit
	stepAbort
)

// Start fences the producer before this one, then begins the loop.
func (x *transactional) Start(h Host, _ clock.Time) {
	x.step = stepInit
	h.InitTransactions()
}

// next polls for as much as the transaction may take.
func (x *transactional) next(h Host, now clock.Time) {
	if x.stopping {
		x.stop(h, now)
		return
	}
	x.most = max(1, x.app.Batch-x.sent)
	x.poll(h)
}

// stop ends the open transaction, then closes: it is committed where the program
// drains, else abandoned.
func (x *transactional) stop(h Host, now clock.Time) {
	switch {
	case x.sent == 0:
		x.dropRest(h, 0)
		x.close(h)
	case x.drains(now):
		x.sendOffsets(h, now)
	default:
		x.abort(h, now)
	}
}

func (x *transactional) abort(h Host, now clock.Time) {
	x.enter(h, now, stepAbort)
	h.AbortTransaction()
}

// enter begins a call of the producer. A program that is to stop does not wait for
// the producer longer than `flush`.
func (x *transactional) enter(h Host, now clock.Time, s step) {
	x.step = s
	if !x.stopping || !x.app.Shutdown.Given {
		return
	}
	if x.flushed == 0 {
		x.flushed = now + x.app.Shutdown.Flush
	}
	h.Arm(max(now, x.flushed))
}

// Polled takes what poll() has returned. With nothing new, an open transaction
// does not wait for more.
func (x *transactional) Polled(h Host, now clock.Time, r client.PollResult) {
	if x.ended(h, r.Err) || x.starting(h, now, &r) {
		return
	}
	x.run.load(r)
	switch {
	case x.spoiled && !x.app.Session:
		x.abort(h, now)
	case r.Len() > 0:
		x.work(h, now)
	case x.sent > 0 && !x.stopping:
		x.sendOffsets(h, now)
	default:
		x.next(h, now)
	}
}

// work begins the next records: as many as the producer sends together.
func (x *transactional) work(h Host, now clock.Time) {
	left := x.run.remaining()
	switch {
	case x.stopping && !x.drains(now):
		x.stop(h, now)
	case x.sent > 0 && (x.app.Batch > 0 && x.sent >= x.app.Batch || x.app.Batch == 0 && left == 0):
		x.sendOffsets(h, now)
	case left == 0:
		x.next(h, now)
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

// Timer ends a stretch of records: their results are sent; or it ends the wait for
// the producer of a program that is to stop.
func (x *transactional) Timer(h Host, now clock.Time) {
	switch {
	case x.step != stepNone:
		x.forsake(h)
		return
	case x.woken(h) || x.triedAgain(h, now):
		return
	}
	f, lives := x.run.fate, true
	x.sent += x.endSegment(h, func(r client.Range) {
		if f != processed {
			lives = x.reject(h, r)
			return
		}
		x.txn = appendRange(x.txn, r)
		h.Send(r.Len(), r.Size)
	})
	if lives {
		x.work(h, now)
	}
}

// triedAgain begins a poisonous record once more; a program that is to stop
// abandons its transaction instead.
func (x *transactional) triedAgain(h Host, now clock.Time) bool {
	if x.stopping && x.run.fate == poisoned && x.app.Poison.Action == scenario.PoisonRetry {
		x.run.n, x.drained = 0, now
		x.stop(h, now)
		return true
	}
	return x.retried(h, now)
}

// reject does what is to be done with a poisonous record. What is published to the
// error topic is part of the transaction, and processed when that is committed.
func (x *transactional) reject(h Host, r client.Range) bool {
	switch x.app.Poison.Action {
	case scenario.PoisonCrash:
		return reject(h, x.app, r, poisoned)
	case scenario.PoisonSkip:
		x.passed = appendRange(x.passed, r)
	default:
		toErrorTopic(h, r)
		x.txn = appendRange(x.txn, r)
	}
	return true
}

// sendOffsets sends the offset after the latest record of each partition.
func (x *transactional) sendOffsets(h Host, now clock.Time) {
	if x.spoiled {
		x.abort(h, now)
		return
	}
	x.enter(h, now, stepOffsets)
	h.SendOffsets(after(append(slices.Clone(x.txn), x.passed...)))
}

// forsake closes without waiting for the producer any longer: what becomes of its
// transaction is the coordinator's to say.
func (x *transactional) forsake(h Host) {
	x.step = stepNone
	h.GaveUp(x.sent)
	x.txn, x.passed, x.sent = nil, nil, 0
	x.dropRest(h, 0)
	x.close(h)
}

// Transacted goes on after a call of the producer: an error that is not the end
// of it aborts the transaction, and the consumer goes back to where it began.
func (x *transactional) Transacted(h Host, now clock.Time, err *client.Error) {
	step := x.step
	x.step = stepNone
	switch {
	case step == stepNone: // nobody waits for it any more
	case err != nil && (err.Fatal || step == stepAbort || step == stepInit):
		h.Cancel()
		h.Close()
	case err != nil:
		x.abort(h, now)
	case step == stepInit:
		x.begin(now)
		x.next(h, now)
	case step == stepOffsets && x.app.Session:
		x.enter(h, now, stepHeartbeat)
		h.ForceHeartbeat()
	case step == stepOffsets:
		x.enter(h, now, stepCommit)
		h.CommitTransaction(x.txn)
	case step == stepCommit:
		h.Cancel()
		h.Released(x.sent)
		x.txn, x.passed, x.sent, x.flushed = nil, nil, 0, 0
		x.spoiled = x.spoiled && !x.app.Session
		x.work(h, now)
	case step == stepAbort:
		h.Cancel()
		h.GaveUp(x.sent)
		x.txn, x.passed, x.sent, x.spoiled = nil, nil, 0, false
		x.dropRest(h, 0)
		h.Rewind()
		x.next(h, now)
	}
}

// Committed is the end of a session's heartbeat: the transaction is committed, unless
// the group has rebalanced or has forgotten the member.
func (x *transactional) Committed(h Host, now clock.Time, err *client.Error) {
	if x.step != stepHeartbeat {
		return // a program that ends does not wait for it
	}
	x.step = stepNone
	if err != nil || x.spoiled {
		x.abort(h, now)
		return
	}
	x.enter(h, now, stepCommit)
	h.CommitTransaction(x.txn)
}

// Stop is noticed when the running call or the record in hand has ended.
func (x *transactional) Stop(h Host, now clock.Time) {
	x.stopping, x.drained = true, now+x.app.Shutdown.Drain
	switch {
	case x.step != stepNone:
		x.enter(h, now, x.step)
	case !x.app.Shutdown.Given || x.run.oneByOne:
		x.Cut(h, now)
	}
}

// Callback spoils a transaction whose partitions go: somebody else will begin
// them anew, and its offsets must not be committed.
func (x *transactional) Callback(h Host, now clock.Time, kind client.Callback, partitions []kafka.TopicPartition) bool {
	x.loop.Callback(h, now, kind, partitions)
	if kind == client.Assigned {
		return true
	}
	x.spoiled = x.spoiled || x.app.Session && len(partitions) > 0
	for _, r := range append(slices.Clone(x.txn), x.passed...) {
		x.spoiled = x.spoiled || slices.Contains(partitions, r.TopicPartition)
	}
	return true
}

// Settle has nothing to report: records are complete when the transaction is.
func (x *transactional) Settle(Host, clock.Time) {}

// Held appends the transaction and what is in hand.
func (x *transactional) Held(to []client.Range) []client.Range {
	return append(append(append(to, x.txn...), x.passed...), x.run.left...)
}

// Clone is a deep copy.
func (x *transactional) Clone() App {
	c := *x
	c.loop = x.clone()
	c.txn, c.passed = slices.Clone(x.txn), slices.Clone(x.passed)
	return &c
}
