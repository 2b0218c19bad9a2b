package app

import (
	"math"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// bufferFlush collects records in a buffer and uploads it when a limit is
// reached: in the poll loop, as the article does that ksim was made for, or in
// a pool of threads (pool_upload.go).
type bufferFlush struct {
	loop
	buffer    []client.Range // records taken and not uploaded or handed over yet
	records   int64
	bytes     int64
	first     clock.Time // when the buffer's first record was taken
	uploading bool       // in the loop

	pool    pool
	blocked bool                   // the loop waits for a place in the pool
	ending  bool                   // the loop has ended and waits for the pool
	due     [][]kafka.OffsetCommit // commits of finished uploads, in order
	risen   bool                   // an upload has ended since the last commit (commit-on: contiguous)

	committing bool // the loop's commit runs
	revoking   revoking
}

// Start begins the loop.
func (b *bufferFlush) Start(h Host, now clock.Time) {
	b.begin(now)
	b.next(h, now)
}

// next polls; a one-by-one client hands out at most what the buffer still takes.
// A loop that drains uploads what it has instead.
func (b *bufferFlush) next(h Host, now clock.Time) {
	switch {
	case b.drains(now) && b.records > 0:
		b.upload(h, now)
		return
	case b.stopping && b.app.Pool:
		b.endPool(h, now)
		return
	}
	switch {
	case b.apart():
		b.most = 1
	case b.app.FlushRecords > 0:
		b.most = b.app.FlushRecords - b.records
	}
	b.setPaused(h, b.pausesFull() && b.pool.full())
	b.poll(h)
}

// Polled takes what poll() has returned.
func (b *bufferFlush) Polled(h Host, now clock.Time, r client.PollResult) {
	if b.ended(h, r.Err) || b.starting(h, now, &r) {
		return
	}
	b.marks.deliver(r.Records)
	b.run.load(r)
	if b.commitDue(h) {
		return
	}
	b.polled(h, now)
}

// polled goes on after a poll and the commits that waited for it.
func (b *bufferFlush) polled(h Host, now clock.Time) {
	if len(b.run.left) == 0 && b.app.AgeOnPoll && b.old(now) {
		b.upload(h, now)
		return
	}
	b.work(h, now)
}

// work takes the next records into the buffer, as many as may come before a
// limit is looked at with another answer.
func (b *bufferFlush) work(h Host, now clock.Time) {
	if b.stopping && b.run.oneByOne && b.drains(now) && b.run.taken == 0 {
		b.dropRest(h, 1) // the running poll has returned it: a commit without arguments covers it
	} else if len(b.run.left) == 0 || b.stopping && (b.run.oneByOne || !b.app.Drain && !b.drains(now)) {
		b.dropRest(h, 0)
		b.next(h, now)
		return
	}
	n := b.untilFull(now)
	if b.app.Process.IsFixed() && b.app.Process.A == 0 && len(b.slow) == 0 {
		n, _, f := handling(b.app, b.run.left[0], n)
		b.run.begin(now, n, 0, false)
		b.run.fate = f
		b.Timer(h, now) // takes no time: no timer
		return
	}
	b.segment(h, now, n)
}

// untilFull is how many of the next records of equal size go into the buffer
// up to and including the one after which a limit is reached, at least 1.
func (b *bufferFlush) untilFull(now clock.Time) int64 {
	x := b.run.left[0]
	n := x.Len()
	if !b.looksWithin() {
		return n
	}
	if b.app.FlushRecords > 0 {
		n = min(n, b.app.FlushRecords-b.records)
	}
	if b.app.FlushSize > 0 && x.Size > 0 {
		n = min(n, (b.app.FlushSize-b.bytes+x.Size-1)/x.Size)
	}
	return max(min(n, untilOld(b.app, now, b.first, b.records)), 1)
}

// untilOld is how many of the next records end before a buffer of so many records, of
// which the first came then, is as old as it may get, and the one that ends after it:
// any number where that cannot be told in advance.
func untilOld(a *scenario.App, now, first clock.Time, records int64) int64 {
	each := a.Process.A
	if a.FlushAge == 0 || !a.Process.IsFixed() || each == 0 {
		return math.MaxInt64
	}
	if records == 0 { // it begins with the next record
		first = now + each
	}
	return int64((first + a.FlushAge - now + each - 1) / each)
}

// Timer ends the stretch of records, or the upload.
func (b *bufferFlush) Timer(h Host, now clock.Time) {
	switch {
	case b.uploading:
		b.uploaded(h)
		return
	case b.revoking.running:
		b.revoking.loopWaits = true
		return
	}
	if b.woken(h) || b.retried(h, now) {
		return
	}
	f, lives := b.run.fate, true
	b.endSegment(h, func(r client.Range) {
		if f != processed {
			lives = reject(h, b.app, r, f)
			return
		}
		if b.records == 0 {
			b.first = now
			if each := b.run.each; each > 0 {
				b.first = b.run.start + each
			}
		}
		b.records += r.Len()
		b.bytes += r.Len() * r.Size
		b.buffer = appendRange(b.buffer, r)
	})
	switch {
	case !lives:
	case (b.looksWithin() || len(b.run.left) == 0) && (b.full() || b.old(now)):
		b.upload(h, now)
	default:
		b.work(h, now)
	}
}

// looksWithin tells whether the limits are looked at after each record of a poll's
// result. A loop that uploads and then commits all that poll has returned looks
// when it is through with that: within, the commit would cover records that nobody
// has uploaded.
func (b *bufferFlush) looksWithin() bool { return b.run.oneByOne || b.app.Pool }

// full tells whether the buffer has reached its limit of records or bytes.
func (b *bufferFlush) full() bool {
	return b.app.FlushRecords > 0 && b.records >= b.app.FlushRecords ||
		b.app.FlushSize > 0 && b.bytes >= b.app.FlushSize
}

// old tells whether the buffer has reached its limit of age.
func (b *bufferFlush) old(now clock.Time) bool {
	return b.app.FlushAge > 0 && b.records > 0 && now-b.first >= b.app.FlushAge
}

// upload blocks the loop: no poll until it is done. A pool takes it over.
func (b *bufferFlush) upload(h Host, now clock.Time) {
	switch {
	case b.revoking.running:
		b.revoking.loopWaits = true
		return
	case b.app.Pool:
		b.handOver(h, now)
		return
	}
	b.uploading = true
	h.Emit(trace.Event{Type: trace.WorkStarted, What: "upload", Records: b.records})
	h.Arm(now + h.Draw(&b.app.Upload))
}

// uploaded completes the buffer's records and commits all that poll returned.
func (b *bufferFlush) uploaded(h Host) {
	b.uploading = false
	b.uploadDone(h)
	b.commit(h, nil)
}

func (b *bufferFlush) uploadDone(h Host) {
	h.Emit(trace.Event{Type: trace.WorkFinished, What: "upload", Records: b.records})
	for _, r := range b.buffer {
		h.Completed(r)
	}
	b.buffer, b.records, b.bytes = b.buffer[:0], 0, 0
}

// commit is a commit of the loop.
func (b *bufferFlush) commit(h Host, offsets []kafka.OffsetCommit) {
	b.committing = true
	h.Commit(offsets)
}

// Committed goes on after the commit, whether it succeeded or not: the buffer
// is empty either way, as in the programs that are modelled.
func (b *bufferFlush) Committed(h Host, now clock.Time, err *client.Error) {
	if !b.committing {
		b.flushCommitted(h, now)
		return
	}
	b.committing = false
	if b.ended(h, err) || b.commitDue(h) {
		return
	}
	if b.revoking.running { // the listener has waited for the loop
		b.flush(h, now)
	}
	if b.app.Pool && b.app.CommitOn != scenario.CommitOnSubmit { // it has a poll's result in hand
		b.work(h, now)
		return
	}
	b.goOn(h, now)
}

// goOn takes the next records after an upload or a wait: a one-by-one client gets
// them from a poll of its own, however much it has handed out before.
func (b *bufferFlush) goOn(h Host, now clock.Time) {
	if b.run.oneByOne {
		b.dropRest(h, 0)
	}
	b.work(h, now)
}

// Settle has nothing to report: records are complete when their upload is.
func (b *bufferFlush) Settle(Host, clock.Time) {}

// Held appends the buffer, what is in hand and what the pool has.
func (b *bufferFlush) Held(to []client.Range) []client.Range {
	return b.pool.held(append(append(to, b.buffer...), b.run.left...))
}

// Buffered is the size of the buffers: the one that fills, and those in the pool.
func (b *bufferFlush) Buffered() (records, bytes int64) {
	records, bytes = sizeOf(b.pool.held(nil))
	return records + b.records, bytes + b.bytes
}

// Queued is the buffers that wait for a thread.
func (b *bufferFlush) Queued() (records, bytes int64) { return b.pool.queued() }

// Clone is a deep copy.
func (b *bufferFlush) Clone() App {
	c := *b
	c.loop = b.clone()
	c.buffer = slices.Clone(b.buffer)
	c.pool, c.due = b.pool.clone(), slices.Clone(b.due)
	return &c
}

// appendRange adds a stretch, to the last one of its partition where they join.
func appendRange(to []client.Range, r client.Range) []client.Range {
	for i := len(to) - 1; i >= 0; i-- {
		x := &to[i]
		if x.TopicPartition == r.TopicPartition && x.Size == r.Size && x.To == r.From {
			x.To = r.To
			return to
		}
	}
	return append(to, r)
}
