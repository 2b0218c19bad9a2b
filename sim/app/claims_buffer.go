package app

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// shared is the buffer that the handlers of a buffer-flush program fill, under a
// lock: the one that fills it uploads, and who comes with a record meanwhile
// waits.
type shared struct {
	ranges  []client.Range
	records int64
	bytes   int64
	first   clock.Time // when the buffer's first record came
	running bool       // an upload runs, or the buffer waits for a place in the pool: the lock
	end     clock.Time // of the upload
}

// collects tells whether the handlers fill a buffer.
func (c *Claims) collects() bool { return c.app.Model == scenario.BufferFlush }

// untilFull is how many of a handler's next n records may come before a limit is
// looked at: its share of what still fits.
func (c *Claims) untilFull(now clock.Time, n int64) int64 {
	b := &c.shared
	if c.app.FlushRecords > 0 {
		n = min(n, c.share(now))
	}
	if c.app.FlushSize > 0 {
		n = 1 // sizes differ
	}
	return max(min(n, untilOld(c.app, now, b.first, b.records)), 1)
}

// share is a handler's share of what still fits beside the others' running
// stretches. When those have taken it all they end with the record in hand, and
// get a new share then, so that the buffer is looked at when it is full.
func (c *Claims) share(now clock.Time) int64 {
	for range 2 {
		free, busy := c.app.FlushRecords-c.shared.records, int64(0) // this one works already, on nothing
		for i := range c.handlers {
			if x := &c.handlers[i]; x.state == working {
				free -= x.run.n
				busy++
			}
		}
		if free >= busy {
			return free / busy
		}
		for i := range c.handlers {
			if x := &c.handlers[i]; x.state == working {
				x.run.cut(now)
			}
		}
	}
	return 1
}

// collect puts a handler's finished stretch into the buffer, and uploads when a
// limit is reached. While another handler uploads, it waits for the lock.
func (c *Claims) collect(h Host, now clock.Time, x *handler) {
	b := &c.shared
	if b.running {
		x.state = blocked
		return
	}
	x.run.take(x.run.n, func(r client.Range) {
		if b.records == 0 {
			b.first = now
		}
		if each := x.run.each; each > 0 { // another handler's records may have come first
			b.first = min(b.first, x.run.start+each)
		}
		b.records += r.Len()
		b.bytes += r.Len() * r.Size
		b.ranges = appendRange(b.ranges, r)
	})
	x.run.n, x.run.slow = 0, false
	if c.app.FlushRecords > 0 && b.records >= c.app.FlushRecords || c.app.FlushSize > 0 && b.bytes >= c.app.FlushSize || now >= c.ageDue() {
		c.upload(h, now, x)
		return
	}
	c.receive(h, now, x)
}

// ageDue is when the buffer is old enough to be uploaded.
func (c *Claims) ageDue() clock.Time {
	if c.app.FlushAge == 0 || c.shared.records == 0 {
		return clock.Never
	}
	return c.shared.first + c.app.FlushAge
}

// ages is when a handler's ticker finds the buffer old (age-check: poll).
func (c *Claims) ages() clock.Time {
	if !c.app.AgeOnPoll || c.shared.running || c.idle() == nil {
		return clock.Never
	}
	return c.ageDue()
}

// aged uploads a buffer that has become old while a handler waited for records.
func (c *Claims) aged(h Host, now clock.Time) {
	if now >= c.ages() {
		c.upload(h, now, c.idle())
	}
}

// idle is a handler that waits for a record, nil if none does.
func (c *Claims) idle() *handler {
	for i := range c.handlers {
		if x := &c.handlers[i]; x.state == receiving && !x.released {
			return x
		}
	}
	return nil
}

// upload begins, in the thread of one handler. A pool takes it over.
func (c *Claims) upload(h Host, now clock.Time, x *handler) {
	if c.app.Pool {
		c.handOver(h, now, x)
		return
	}
	x.state = uploading
	h.Emit(trace.Event{Type: trace.WorkStarted, What: "upload", Records: c.shared.records})
	c.shared.running, c.shared.end = true, now+h.Draw(&c.app.Upload)
}

// uploaded completes and marks the buffer's records, and commits; those who have
// waited for the lock go on.
func (c *Claims) uploaded(h Host, now clock.Time, x *handler) {
	b := &c.shared
	h.Emit(trace.Event{Type: trace.WorkFinished, What: "upload", Records: b.records})
	for _, r := range b.ranges {
		h.Completed(r)
		for i := range c.handlers {
			if y := &c.handlers[i]; y.tp == r.TopicPartition {
				y.marked = max(y.marked, r.To)
			}
		}
	}
	*b = shared{ranges: b.ranges[:0]}
	c.commit(h, x)
	c.unlock(h, now)
}

// drop gives up the buffered records of partitions that go.
func (b *shared) drop(h Host, partitions []kafka.TopicPartition) {
	rest, records, bytes := without(b.ranges, partitions)
	b.ranges, b.records, b.bytes = rest, b.records-records, b.bytes-bytes
	h.GaveUp(records)
}
