package app

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
)

// producing is the transactional producer of a program with handlers. It has one
// transaction at a time, so the handlers share it behind a lock: whoever has worked on
// its records waits for its turn, and has them in a transaction of its own.
type producing struct {
	step   step // the producer's call that runs
	holder kafka.TopicPartition
	queue  []kafka.TopicPartition // handlers that wait for their turn, in order
	failed bool                   // the producer is of no more use
}

// inTransaction is what a handler puts into its next transaction.
type inTransaction struct {
	done   []client.Range // worked on; their results are sent
	passed []client.Range // skipped
}

// len is the number of records.
func (t *inTransaction) len() int64 {
	n, _ := sizeOf(t.done)
	m, _ := sizeOf(t.passed)
	return n + m
}

// initProducer is NewAsyncProducer, with which a transactional program begins: it
// fences the one before it.
func (c *Claims) initProducer(h Host) {
	c.producing.step = stepInit
	h.InitTransactions()
}

// gather puts the records of a stretch that has ended into the handler's next
// transaction. That is due with the batch, or when there is no further message in
// the channel.
func (c *Claims) gather(h Host, now clock.Time, x *handler) {
	f, n := x.run.fate, x.run.n
	x.run.take(n, func(r client.Range) {
		switch {
		case f != processed && c.app.Poison.Action == scenario.PoisonCrash:
			c.crashed = !reject(h, c.app, r, f)
		case f != processed && c.app.Poison.Action == scenario.PoisonSkip:
			x.txn.passed = appendRange(x.txn.passed, r)
		case f != processed:
			toErrorTopic(h, r)
			fallthrough
		default:
			x.txn.done = appendRange(x.txn.done, r)
		}
	})
	x.run.n = 0
	switch {
	case c.crashed:
	case x.txn.len() < c.app.Batch && len(x.run.left) > 0:
		c.receive(h, now, x)
	default:
		x.state = transacting
		c.producing.queue = append(c.producing.queue, x.tp)
		c.transact(h, now)
	}
}

// transact lets the next handler have its transaction, if the producer is free. A
// program that is to stop begins none, unless it drains.
func (c *Claims) transact(h Host, now clock.Time) {
	for p := &c.producing; p.step == stepNone && len(p.queue) > 0; {
		x := c.of(p.queue[0])
		p.queue = p.queue[1:]
		if p.failed || c.stopping && !c.drainsTransactions(now) {
			c.forsake(h, x)
			continue
		}
		p.holder, p.step = x.tp, stepOffsets
		for _, r := range x.txn.done {
			h.Send(r.Len(), r.Size)
		}
		h.SendOffsets(after(append(slices.Clone(x.txn.done), x.txn.passed...)))
	}
}

func (c *Claims) drainsTransactions(now clock.Time) bool {
	return c.app.Shutdown.Given && now < c.drained
}

// forsake is a handler that returns with an error, or because the program stops: what
// it has had in hand is read again from what is committed. Its session ends with it.
func (c *Claims) forsake(h Host, x *handler) {
	h.GaveUp(x.txn.len())
	x.txn, x.state = inTransaction{}, receiving
	c.dropRest(h, x, 0)
	x.returned = true
	h.(ClaimHost).Exited(x.tp)
}

// Transacted goes on after a call of the producer. A transaction that fails is
// aborted, and its handler returns with the error.
func (c *Claims) Transacted(h Host, now clock.Time, err *client.Error) {
	p := &c.producing
	step := p.step
	p.step = stepNone
	switch {
	case step == stepNone: // nobody waits for it any more
		return
	case step == stepInit && err != nil:
		h.Close()
		return
	case step == stepInit:
		c.begin(h, now)
		return
	case err != nil && (err.Fatal || step == stepAbort):
		p.failed = true
		c.forsake(h, c.of(p.holder))
		c.Stop(h, now)
	case err != nil:
		p.step = stepAbort
		h.AbortTransaction()
		return
	case step == stepOffsets:
		p.step = stepCommit
		h.CommitTransaction(c.of(p.holder).txn.done)
		return
	case step == stepCommit:
		x := c.of(p.holder)
		h.Released(x.txn.len())
		x.txn = inTransaction{}
		c.receive(h, now, x)
	case step == stepAbort:
		c.forsake(h, c.of(p.holder))
	}
	c.transact(h, now)
	c.arm(h, now)
}
