package app

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// revoking is a listener that uploads what is buffered before its partitions go, and
// commits it (on-revoke: flush). It runs inside poll() or close(), or, with clients
// that call it from a task of their own, beside the loop: then both share a lock over
// the buffer, which an upload holds until its commit has ended.
type revoking struct {
	running    bool
	partitions []kafka.TopicPartition
	begun      bool // it holds the lock
	loopWaits  bool // the loop waits for the lock with the records in its hand
}

// Callback does with what is buffered of partitions that go as on-revoke says; an
// upload that runs goes on.
func (b *bufferFlush) Callback(h Host, now clock.Time, kind client.Callback, partitions []kafka.TopicPartition) bool {
	b.loop.Callback(h, now, kind, partitions)
	if kind == client.Assigned {
		return true
	}
	switch b.app.OnRevoke {
	case scenario.OnRevokeFlush:
		if len(partitions) == 0 { // nothing goes
			return true
		}
		if b.records > 0 || !b.pool.idle() || len(b.due) > 0 || b.risen {
			b.revoking = revoking{running: true, partitions: partitions}
			b.flush(h, now)
			return false
		}
	case scenario.OnRevokeDrop:
		b.drop(h, partitions)
	}
	b.marks.forget(partitions)
	return true
}

// drop gives up the buffered records of partitions that go.
func (b *bufferFlush) drop(h Host, partitions []kafka.TopicPartition) {
	h.GaveUp(b.pool.drop(partitions))
	if b.uploading {
		return
	}
	rest, records, bytes := without(b.buffer, partitions)
	b.buffer, b.records, b.bytes = rest, b.records-records, b.bytes-bytes
	h.GaveUp(records)
}

// flush uploads the whole buffer, for the commit that follows is of all that poll
// has returned. A pool is waited for until it has nothing left to do.
func (b *bufferFlush) flush(h Host, now clock.Time) {
	switch {
	case b.uploading || b.committing || b.revoking.begun: // the lock is taken
	case !b.app.Pool && b.records == 0:
		b.endFlush(h, now)
	case !b.app.Pool:
		b.revoking.begun = true
		h.Emit(trace.Event{Type: trace.WorkStarted, What: "upload", Records: b.records})
		h.ArmWorkers(now + h.Draw(&b.app.Upload))
	default:
		b.flushPool(h, now)
	}
}

// flushPool is one step of a flush through the pool: the buffer is handed over, the
// pool waited for, and what it has uploaded committed.
func (b *bufferFlush) flushPool(h Host, now clock.Time) {
	if b.records > 0 && !b.pool.full() {
		b.submit(h, now)
		if b.app.CommitOn == scenario.CommitOnSubmit {
			b.revoking.begun = true
			h.Commit(nil)
			return
		}
	}
	if b.records > 0 || !b.pool.idle() {
		return
	}
	if offsets := b.nextDue(); offsets != nil {
		b.revoking.begun = true
		h.Commit(offsets)
		return
	}
	b.endFlush(h, now)
}

// flushUploaded is the end of the listener's upload in a program without a pool.
func (b *bufferFlush) flushUploaded(h Host) {
	b.uploadDone(h)
	h.Commit(nil)
}

// flushCommitted goes on after a commit of the listener, whether it succeeded or not.
func (b *bufferFlush) flushCommitted(h Host, now clock.Time) {
	b.revoking.begun = false
	b.flush(h, now)
}

// endFlush returns from the listener, and lets the loop have the lock.
func (b *bufferFlush) endFlush(h Host, now clock.Time) {
	r := b.revoking
	b.revoking = revoking{}
	b.marks.forget(r.partitions)
	h.CallbackReturned()
	switch {
	case b.ending:
		b.endPool(h, now)
	case b.blocked && b.records > 0:
		b.handOver(h, now)
	case b.blocked: // the listener has handed its buffer over
		b.blocked = false
		b.goOn(h, now)
	case r.loopWaits:
		h.Cancel() // a cut may have set it anew
		b.Timer(h, now)
	}
}
