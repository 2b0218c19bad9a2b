package app

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
)

// workerQueue is a loop that polls and puts records into a bounded queue, and
// workers that process them. While the queue is full the loop waits: no poll; or it
// pauses its partitions and polls on (when-full).
//
// With a shared event loop the workers are coroutines beside a poll that blocks
// them: they get on only while the loop waits for a place in the queue or sleeps
// after an empty poll.
type workerQueue struct {
	loop
	pool    pool
	calling bool       // inside poll() or commit()
	blocked bool       // the loop waits for a place in the queue
	sleeps  clock.Time // until when it sleeps after an empty poll (shared)

	due   []kafka.OffsetCommit // of records that are done, in order
	risen bool                 // a record is done since the last commit (contiguous)
}

// Start begins the loop.
func (q *workerQueue) Start(h Host, now clock.Time) {
	q.begin(now)
	q.proceed(h, now)
}

// Polled takes what poll() has returned.
func (q *workerQueue) Polled(h Host, now clock.Time, r client.PollResult) {
	q.calling = false
	if q.ended(h, r.Err) || q.starting(h, now, &r) {
		q.calling = !q.startup.asleep // else it closes
		return
	}
	q.marks.deliver(r.Records)
	q.run.load(r)
	q.run.taken, q.run.latest = r.Len(), now // each is put, or in the loop's hand
	if r.Len() == 0 && q.app.Shared && q.app.IdleSleep > 0 {
		q.sleeps = now + q.app.IdleSleep
	}
	q.proceed(h, now)
}

// proceed is the loop outside any call: it fills the queue, makes the commits
// that are due, and polls again.
func (q *workerQueue) proceed(h Host, now clock.Time) {
	if q.stopping {
		q.finish(h, now)
		return
	}
	q.fill(h, now)
	switch {
	case !q.turn(h, now): // crashed
	case q.calling || q.commitDue(h, now):
	case q.blocked:
		q.setPaused(h, true)
		q.wait(h, now, clock.Never)
	case now < q.sleeps:
		q.wait(h, now, clock.Never)
		h.Arm(q.sleeps)
	default:
		q.call()
		h.ArmWorkers(q.ready(now))
		q.setPaused(h, q.pausesFull() && q.full())
		if q.most = int64(q.room()) + 1; q.pausesFull() {
			q.most = max(1, q.most-1)
		}
		q.poll(h)
	}
}

// fill puts the records in hand into the queue. A put that finds no room waits,
// and lets idle workers take; of a loop that pauses instead it goes in all the same.
func (q *workerQueue) fill(h Host, now clock.Time) {
	for len(q.run.left) > 0 {
		if q.full() && !q.pausesFull() {
			q.blocked = true
			if q.take(h, now); q.full() {
				return
			}
		}
		q.pool.put(first(q.run.left))
		q.run.take(1, func(client.Range) {})
	}
	q.blocked = false
}

// full tells that the queue has no room.
func (q *workerQueue) full() bool { return int64(len(q.pool.waiting)) >= q.pool.room }

// room is how many records more find a place at once.
func (q *workerQueue) room() int {
	n := int(q.pool.room) - len(q.pool.waiting)
	if !q.app.Shared {
		n += q.pool.workers - len(q.pool.busy)
	}
	return max(n, 0)
}

// open tells whether workers get on: always, but when they share the event loop
// with a call, or with a loop that never waits.
func (q *workerQueue) open(now clock.Time) bool {
	return !q.app.Shared || !q.calling && (q.blocked || q.sleeps > 0 && now <= q.sleeps || q.stopping)
}

// call enters a call of the consumer.
func (q *workerQueue) call() { q.calling, q.blocked, q.sleeps = true, false, 0 }

// ready is when a worker gets on, Never while they may not.
func (q *workerQueue) ready(now clock.Time) clock.Time {
	if q.app.Shared && q.calling {
		return clock.Never
	}
	return max(now, q.pool.next()) // after a freeze it may be past
}

// wait lets the loop stand until a worker gets on, at the latest at the instant.
func (q *workerQueue) wait(h Host, now, latest clock.Time) {
	h.ArmWorkers(max(now, min(q.pool.next(), latest)))
}

// Workers is the instant at which a worker gets on, or the time to drain is over.
func (q *workerQueue) Workers(h Host, now clock.Time) {
	if q.calling {
		if q.turn(h, now) {
			h.ArmWorkers(q.ready(now))
		}
		return
	}
	if q.turn(h, now) {
		q.proceed(h, now)
	}
}

// turn lets the workers get on as far as they can by now; false when the program
// has crashed.
func (q *workerQueue) turn(h Host, now clock.Time) bool {
	if !q.open(now) {
		return true
	}
	for {
		q.take(h, now)
		j, ok := q.pool.ended(now)
		if !ok {
			return true
		}
		if j.steps--; j.steps > 0 {
			j.end = now + j.step
			q.pool.work(j)
			continue
		}
		if !q.done(h, now, j) {
			return false
		}
	}
}

// take lets idle workers take records from the queue.
func (q *workerQueue) take(h Host, now clock.Time) {
	q.pool.begin(func(j *job) {
		j.beginRecord(h, q.app, &q.slow)
		j.steps = 1
		if q.app.Shared {
			j.steps = max(1, q.app.Hops)
		}
		j.step /= clock.Duration(j.steps)
		j.end = now + j.step
	})
}

// done ends a record's handler; false when the program has crashed.
func (q *workerQueue) done(h Host, now clock.Time, j job) bool {
	again, alive := j.endRecord(h, now, q.app)
	switch {
	case !alive:
		return false
	case again:
		q.pool.work(j)
		return true
	}
	r := j.records[0]
	if q.risen = true; !q.app.Contiguous {
		q.due = append(q.due, kafka.OffsetCommit{TopicPartition: r.TopicPartition, Offset: r.To})
	}
	return true
}

// commitDue makes the next commit, and tells whether there was one.
func (q *workerQueue) commitDue(h Host, now clock.Time) bool {
	var offsets []kafka.OffsetCommit
	switch {
	case q.app.Contiguous && q.risen:
		offsets = q.marks.rise(q.Held(nil))
	case len(q.due) > 0:
		offsets = []kafka.OffsetCommit{q.due[0]}
		q.due = q.due[1:]
	}
	q.risen = false
	if len(offsets) == 0 {
		return false
	}
	q.calling = true
	h.ArmWorkers(q.ready(now))
	h.Commit(offsets)
	return true
}

// Committed goes on after a commit, whether it succeeded or not.
func (q *workerQueue) Committed(h Host, now clock.Time, err *client.Error) {
	q.calling = q.ended(h, err)
	if !q.calling {
		q.proceed(h, now)
	}
}

// Timer is the end of a sleep.
func (q *workerQueue) Timer(h Host, now clock.Time) {
	if q.startup.asleep {
		q.calling = true
	}
	if q.woken(h) || q.calling {
		return
	}
	q.proceed(h, now)
}

// Stop asks the loop to end; inside a call it is noticed when that returns.
func (q *workerQueue) Stop(h Host, now clock.Time) {
	q.stopping, q.drained = true, now+q.app.Shutdown.Drain
	if !q.calling && !q.startup.asleep {
		q.proceed(h, now)
	}
}

// finish is the end of a loop that is to stop: after the records that it has if
// it drains, without them if not.
func (q *workerQueue) finish(h Host, now clock.Time) {
	if q.drains(now) {
		q.fill(h, now)
		if !q.turn(h, now) {
			return
		}
		if !q.pool.idle() || len(q.run.left) > 0 {
			if !q.commitDue(h, now) {
				q.wait(h, now, q.drained)
			}
			return
		}
	}
	if q.app.Shutdown.Given && q.commitDue(h, now) {
		return
	}
	n, _ := sizeOf(q.Held(nil))
	h.GaveUp(n)
	q.pool.clear()
	q.run.left = nil
	q.call()
	h.ArmWorkers(clock.Never)
	q.close(h)
}

// Callback drops what waits of partitions that go, if so told; what is at work is
// finished either way.
func (q *workerQueue) Callback(h Host, now clock.Time, kind client.Callback, partitions []kafka.TopicPartition) bool {
	q.loop.Callback(h, now, kind, partitions)
	if kind == client.Assigned {
		return true
	}
	q.marks.forget(partitions)
	if q.app.OnRevoke == scenario.OnRevokeDrop {
		h.GaveUp(q.pool.drop(partitions))
	}
	return true
}

// Slow makes the next record that a worker takes last that long.
func (q *workerQueue) Slow(_ Host, _ clock.Time, d clock.Duration) { q.slow = append(q.slow, d) }

// Cut has nothing to cut: every record is in a worker's hand, in the queue, or in
// the loop's.
func (q *workerQueue) Cut(Host, clock.Time) {}

// Settle has nothing to report: a worker does when its record is done.
func (q *workerQueue) Settle(Host, clock.Time) {}

// Held appends what waits, what is at work and what the loop has in hand.
func (q *workerQueue) Held(to []client.Range) []client.Range {
	return q.pool.held(append(to, q.run.left...))
}

// Buffered is all that the application has.
func (q *workerQueue) Buffered() (records, bytes int64) { return sizeOf(q.Held(nil)) }

// Queued is what waits in the queue.
func (q *workerQueue) Queued() (records, bytes int64) { return q.pool.queued() }

// Clone is a deep copy.
func (q *workerQueue) Clone() App {
	c := *q
	c.loop = q.clone()
	c.pool, c.due = q.pool.clone(), slices.Clone(q.due)
	return &c
}
