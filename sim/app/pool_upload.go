package app

import (
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
)

// handOver gives the buffer to the pool; while there is no place in it the loop
// waits, and polls nothing. One that pauses instead hands over all that it has been
// given already.
func (b *bufferFlush) handOver(h Host, now clock.Time) {
	waited := b.blocked
	if b.blocked = b.pool.full() && !b.pausesFull(); b.blocked {
		b.setPaused(h, true)
		return
	}
	b.submit(h, now)
	if b.app.CommitOn == scenario.CommitOnSubmit {
		b.commit(h, nil)
		return
	}
	if waited {
		b.goOn(h, now)
		return
	}
	b.work(h, now)
}

// submit gives the buffer to the pool.
func (b *bufferFlush) submit(h Host, now clock.Time) {
	b.pool.put(b.buffer...)
	b.buffer, b.records, b.bytes = nil, 0, 0
	b.beginUploads(h, now)
}

// beginUploads lets idle threads take what waits.
func (b *bufferFlush) beginUploads(h Host, now clock.Time) {
	b.pool.begin(func(j *job) { j.beginUpload(h, now, b.app) })
	b.armPool(h, now)
}

// armPool sets when something happens in the pool: an upload ends, or the time to
// drain is over; after a freeze that may be past.
func (b *bufferFlush) armPool(h Host, now clock.Time) {
	at := b.pool.next()
	if b.ending && !b.revoking.running {
		at = min(at, b.drained)
	}
	h.ArmWorkers(max(now, at))
}

// Workers is the end of uploads in the pool.
func (b *bufferFlush) Workers(h Host, now clock.Time) {
	if !b.app.Pool {
		b.flushUploaded(h)
		return
	}
	for {
		j, ok := b.pool.ended(now)
		if !ok {
			break
		}
		j.endUpload(h)
		switch b.app.CommitOn {
		case scenario.CommitOnComplete:
			b.due = append(b.due, after(j.records))
		case scenario.CommitOnContiguous:
			b.risen = true
		}
	}
	b.beginUploads(h, now)
	switch {
	case b.revoking.running:
		b.flush(h, now)
	case b.blocked:
		b.handOver(h, now)
	case b.ending:
		b.endPool(h, now)
	}
}

// commitDue makes the next commit for uploads that have ended in the pool, and
// tells whether there was one. While the listener flushes they are the listener's.
func (b *bufferFlush) commitDue(h Host) bool {
	if b.revoking.running {
		return false
	}
	offsets := b.nextDue()
	if offsets == nil {
		return false
	}
	b.commit(h, offsets)
	return true
}

// nextDue is the next commit for uploads that have ended, nil for none.
func (b *bufferFlush) nextDue() []kafka.OffsetCommit {
	if b.risen {
		b.risen = false
		if offsets := b.marks.rise(b.Held(nil)); len(offsets) > 0 {
			return offsets
		}
	}
	if len(b.due) == 0 {
		return nil
	}
	offsets := b.due[0]
	b.due = b.due[1:]
	return offsets
}

// endPool is the end of a loop that is to stop: with the uploads that are under
// way if it drains, without them if not.
func (b *bufferFlush) endPool(h Host, now clock.Time) {
	b.ending = b.drains(now) && !b.pool.idle()
	b.armPool(h, now)
	if b.ending || b.app.Shutdown.Given && b.commitDue(h) {
		return
	}
	if b.app.OnRevoke == scenario.OnRevokeFlush { // close() will call the listener
		b.dropRest(h, 0)
		b.poll(h)
		return
	}
	n, _ := sizeOf(b.Held(nil))
	h.GaveUp(n)
	b.pool.clear()
	b.buffer, b.records, b.bytes = nil, 0, 0
	b.run.left = nil
	b.armPool(h, now)
	b.poll(h)
}

// Stop asks the loop to end. One that waits for a place in the pool is not
// inside any call that would return first.
func (b *bufferFlush) Stop(h Host, now clock.Time) {
	b.loop.Stop(h, now)
	if b.blocked && !b.drains(now) {
		b.blocked = false
		b.endPool(h, now)
	}
}
