package app

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
)

// put sends a handler's messages to the workers, over the one channel that all
// handlers share. While that is full the handler waits, with a message in its hand,
// behind those that have waited longer.
func (c *Claims) put(h Host, now clock.Time, x *handler) {
	for len(x.run.left) > 0 {
		if c.pool.full() {
			x.state = putting
			x.run.begin(now, 1, 0, false)
			c.senders = append(c.senders, x.tp)
			return
		}
		c.give(h, now, first(x.run.left))
		x.run.take(1, func(client.Range) {})
	}
}

// give hands records over to the pool, whose idle workers take what waits.
func (c *Claims) give(h Host, now clock.Time, records ...client.Range) {
	c.pool.put(records...)
	c.pool.waiting[len(c.pool.waiting)-1].session = c.session
	c.take(h, now)
}

// take lets idle workers take what waits.
func (c *Claims) take(h Host, now clock.Time) {
	c.pool.begin(func(j *job) {
		if c.collects() {
			j.beginUpload(h, now, c.app)
			return
		}
		j.beginRecord(h, c.app, &c.slow)
		j.end = now + j.step
	})
	h.ArmWorkers(max(now, c.pool.next()))
}

// handOver gives the buffer to the pool. While there is no place in it the handler
// waits with the lock, and so do all others that come with a record.
func (c *Claims) handOver(h Host, now clock.Time, x *handler) {
	if c.pool.full() {
		c.shared.running, x.state = true, putting
		c.senders = append(c.senders, x.tp)
		return
	}
	records := c.shared.ranges
	c.shared = shared{}
	c.give(h, now, records...)
	if c.app.CommitOn == scenario.CommitOnSubmit {
		c.mark(h, after(records))
		c.commit(h, x)
	} else {
		c.receive(h, now, x)
	}
	c.unlock(h, now)
}

// unlock lets those go on who have waited for the lock over the buffer.
func (c *Claims) unlock(h Host, now clock.Time) {
	for i := 0; i < len(c.handlers) && !c.shared.running; i++ {
		if x := &c.handlers[i]; x.state == blocked {
			c.collect(h, now, x)
		}
	}
}

// mark marks offsets of the running session.
func (c *Claims) mark(h Host, offsets []kafka.OffsetCommit) {
	for _, o := range offsets {
		h.(ClaimHost).Mark(o)
	}
}

// Workers is the instant at which workers end with something.
func (c *Claims) Workers(h Host, now clock.Time) {
	for !c.crashed {
		j, ok := c.pool.ended(now)
		if !ok {
			break
		}
		c.worked(h, now, j)
		c.refill(h, now)
	}
	c.goOn(h, now)
}

// goOn looks at all that may have waited for a worker.
func (c *Claims) goOn(h Host, now clock.Time) {
	if c.crashed {
		return
	}
	c.cleanOn(h, now)
	h.ArmWorkers(max(now, c.pool.next()))
	c.lookAll(h, now)
	c.arm(h, now)
}

// refill lets workers take what waits, and handlers put what they wait with.
func (c *Claims) refill(h Host, now clock.Time) {
	if c.crashed {
		return
	}
	c.take(h, now)
	for len(c.senders) > 0 && !c.pool.full() {
		x := c.of(c.senders[0])
		c.senders = slices.Delete(c.senders, 0, 1)
		x.state, x.run.n = receiving, 0
		if c.collects() {
			c.handOver(h, now, x)
		} else {
			c.put(h, now, x)
		}
	}
}

// worked ends a worker's job. It marks what is done then, of the session that the
// job came with, and commits; without anything to commit it is idle at once.
func (c *Claims) worked(h Host, now clock.Time, j job) {
	if !c.finish(h, now, &j) || c.crashed {
		return
	}
	var done []kafka.OffsetCommit
	switch {
	case j.session != c.session: // its offset manager is closed
	case c.app.Contiguous || c.app.CommitOn == scenario.CommitOnContiguous:
		done = c.marks.rise(c.unfinished())
	case c.app.CommitOn == scenario.CommitOnComplete:
		done = after(j.records)
	}
	if len(done) == 0 {
		return
	}
	c.mark(h, done)
	j.records, j.end = nil, clock.Never
	c.pool.work(j)
	h.(ClaimHost).CommitMarks(client.Caller{Worker: j.number})
}

// finish ends the work of a job; false: a poisonous record is tried once more.
func (c *Claims) finish(h Host, now clock.Time, j *job) bool {
	if c.collects() {
		j.endUpload(h)
		return true
	}
	again, alive := j.endRecord(h, now, c.app)
	c.crashed = !alive
	if again {
		c.pool.work(*j)
	}
	return !again
}

// unfinished is what the running session has delivered and nobody has ended with.
func (c *Claims) unfinished() []client.Range {
	left := slices.Clone(c.shared.ranges)
	for _, jobs := range [][]job{c.pool.busy, c.pool.waiting} {
		for i := range jobs {
			if jobs[i].session == c.session {
				left = append(left, jobs[i].records...)
			}
		}
	}
	for i := range c.handlers {
		left = c.handlers[i].rest(left)
	}
	return left
}

// workerCommitted ends a worker's commit.
func (c *Claims) workerCommitted(h Host, now clock.Time, number int64) {
	c.pool.release(number)
	c.refill(h, now)
	c.goOn(h, now)
}
