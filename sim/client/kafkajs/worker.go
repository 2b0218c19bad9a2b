package kafkajs

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// worker gives the messages of one batch after the other to the handler
// (worker.js, Runner.handleBatch and processEachMessage).
type worker struct {
	queue   []batch
	batch   batch // in hand, unless idle: its messages whose handler has not returned
	step    workStep
	waiting bool // for what the step is
	called  bool // atHandler: the handler runs
}

// workStep is what the worker does next with its batch.
type workStep uint8

const (
	idle            workStep = iota // no batch
	atHandler                       // the handler, with a message or several
	messageBeat                     // after each message: a heartbeat,
	messageCommit                   // and a commit if necessary
	endCommit                       // after the batch: a commit,
	endBeat                         // and a heartbeat
	betweenTheSteps                 // number of steps
)

// batch is what one fetch has brought of one partition.
type batch struct {
	kafka.TopicPartition
	fetcher int32
	records []client.Range // none: an empty batch
}

func (b batch) clone() batch {
	b.records = slices.Clone(b.records)
	return b
}

// after is the offset after the first n messages.
func (b *batch) after(n int64) int64 {
	for _, r := range b.records {
		if n <= r.Len() {
			return r.From + n
		}
		n -= r.Len()
	}
	return b.records[len(b.records)-1].To
}

// first cuts the first n messages out.
func (b *batch) first(n int64) []client.Range {
	var out []client.Range
	for _, r := range b.records {
		if n <= 0 {
			break
		}
		r.To = min(r.To, r.From+n)
		n -= r.Len()
		out = append(out, r)
	}
	return out
}

// drop forgets the first n messages.
func (b *batch) drop(n int64) {
	for n > 0 && len(b.records) > 0 {
		r := &b.records[0]
		k := min(n, r.Len())
		n -= k
		if r.From += k; r.Len() == 0 {
			b.records = b.records[1:]
		}
	}
}

// len is the number of messages.
func (b *batch) len() int64 {
	var n int64
	for _, r := range b.records {
		n += r.Len()
	}
	return n
}

// work goes on until the worker has to wait: for the handler, for an answer, or
// for batches.
func (c *Consumer) work(h client.Host, now clock.Time) {
	w := &c.worker
	for !w.waiting {
		switch w.step {
		case idle:
			if len(w.queue) == 0 {
				return
			}
			c.takeBatch(h, now)
		case atHandler:
			if !c.runner.running || len(w.batch.records) == 0 {
				w.step = endCommit
			} else if !c.callHandler(h, now) {
				return
			}
		case messageBeat:
			c.waitOr(messageCommit, c.heartbeat(h, now, task{kind: taskWorker}))
		case messageCommit:
			c.waitOr(atHandler, !c.autoCommitIfNecessary(h, now, request{task: task{kind: taskWorker}, purpose: commitAuto}))
		case endCommit:
			c.waitOr(endBeat, !c.autoCommit(h, now, request{task: task{kind: taskWorker}, purpose: commitAuto}))
		case endBeat:
			if c.heartbeat(h, now, task{kind: taskWorker}) {
				c.batchDone(h, now, nil)
			} else {
				w.waiting = true
			}
		}
	}
}

// waitOr goes on with the next step if the present one is done at once.
func (c *Consumer) waitOr(next workStep, done bool) {
	if done {
		c.worker.step = next
	} else {
		c.worker.waiting = true
	}
}

// workerResumed ends a wait: with the next step, or with the batch.
func (c *Consumer) workerResumed(h client.Host, now clock.Time, f *failure) {
	w := &c.worker
	w.waiting = false
	if f != nil || w.step == endBeat {
		c.batchDone(h, now, f)
		return
	}
	switch w.step {
	case messageBeat:
		w.step = messageCommit
	case messageCommit:
		w.step = atHandler
	case endCommit:
		w.step = endBeat
	}
}

// takeBatch begins with the next batch. One that is empty asks for a heartbeat
// only; when the consumer stops, none is begun.
func (c *Consumer) takeBatch(h client.Host, now clock.Time) {
	w := &c.worker
	w.batch = w.queue[0]
	w.queue = slices.Delete(w.queue, 0, 1)
	switch {
	case !c.runner.running:
		c.batchDone(h, now, nil)
	case len(w.batch.records) == 0:
		w.step = endBeat
	default:
		w.step = atHandler
	}
}

// batchDone ends a batch, well or with a failure; its fetcher waits for all of its
// batches. What a failed batch has left will be fetched again.
func (c *Consumer) batchDone(h client.Host, now clock.Time, f *failure) {
	w := &c.worker
	done := w.batch
	w.batch, w.step = batch{}, idle
	if p := c.offsets.find(done.TopicPartition); p != nil && p.resolved >= 0 {
		p.next = p.resolved
	}
	c.batchSettled(h, now, c.fetcher(done.fetcher), f)
}

// callHandler calls the handler with the next messages, if it is free: with as many
// as may follow each other before something else is due. After each message the
// worker looks at the clock, so a timer ends the row where a heartbeat or a commit
// falls due.
func (c *Consumer) callHandler(h client.Host, now clock.Time) bool {
	if c.app.call != callPoll {
		return false
	}
	w := &c.worker
	n, due := min(w.batch.len(), c.app.most), c.beatDue()
	if c.s.autoCommit && c.s.autoCommitInterval > 0 {
		due = min(due, c.offsets.lastCommit+c.s.autoCommitInterval)
	}
	if c.s.autoCommit && c.s.autoCommitThreshold > 0 {
		n = min(n, max(1, c.s.autoCommitThreshold-c.offsets.resolvedMessages()))
	}
	if due <= now {
		n = 1
	} else if n > 1 {
		h.Arm(timerCut, due)
	}
	records := w.batch.first(n)
	c.offsets.advance(w.batch.TopicPartition, w.batch.after(n))
	w.waiting, w.called = true, true
	c.polled(h, client.PollResult{Records: records, OneByOne: true})
	return true
}

// advance moves the next offset for the handler.
func (o *offsets) advance(tp kafka.TopicPartition, next int64) {
	if p := o.find(tp); p != nil {
		p.next = next
	}
}

// handlerReturned resolves the messages whose handler has returned
// (resolveOffset).
func (c *Consumer) handlerReturned(h client.Host) {
	w := &c.worker
	if !w.called {
		return
	}
	h.Cancel(timerCut)
	w.waiting, w.called = false, false
	n, _ := h.Taken()
	n = min(n, w.batch.len())
	if n == 0 {
		return
	}
	if p := c.offsets.find(w.batch.TopicPartition); p != nil {
		p.resolved = w.batch.after(n)
	}
	w.batch.drop(n)
	w.step = messageBeat
}
