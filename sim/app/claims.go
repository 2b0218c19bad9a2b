package app

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
)

// ClaimHost is what an application with handlers may ask of the world beside
// Host: what its handlers tell the consumer (client.HandlerConsumer).
type ClaimHost interface {
	Host
	Drained(tp kafka.TopicPartition)
	Exited(tp kafka.TopicPartition)
	Mark(o kafka.OffsetCommit)
	CommitMarks(by client.Caller)
	CancelSession()
}

// Claims is the program around a client that pushes records: a loop that calls
// for one session after the other, and in each session a handler a partition.
// The handlers run side by side, so that a slow record holds up its own partition
// only; they have the application's one timer, set to whatever is due first. A pool
// of workers beside them has the other.
type Claims struct {
	app      *scenario.App
	handlers []handler  // in the order in which they were started
	byName   []int      // their places there, in the partitions' order
	latest   int        // the one of byName that was looked for last
	next     clock.Time // for what the timer is set; Never: it is not
	slow     []clock.Duration
	stopping bool
	drained  clock.Time // when draining must be over
	crashed  bool       // by its own doing: nothing of it goes on
	startup  clock.Time // Setup must have run by then; 0: it has, or need not
	retry    clock.Time // the next session begins then, after an error; 0: not waiting
	session  int64      // how many there have been
	unsaved  bool       // something is marked and its commit still to come (commit: batch)

	shared  shared                 // buffer-flush: the buffer of all handlers
	pool    pool                   // worker-queue, upload-mode: pool
	senders []kafka.TopicPartition // handlers that wait for a place in the pool, in order
	marks   watermarks             // contiguous: of the running session
	cleanup cleanup

	producing producing // transactional
}

// handler is one ConsumeClaim: what it has in hand and in its channel is run.left.
type handler struct {
	tp       kafka.TopicPartition
	run      run
	state    handlerState
	marked   int64 // −1: nothing
	uncommit int64 // records since the last commit (commit: batch)
	watch    int64 // −1: nobody waits
	released bool  // its context is done
	wakes    clock.Time
	tries    tries // of a poisonous record
	sent     int64 // fan-out: tasks of the record in hand
	txn      inTransaction
	returned bool // with an error
}

// handlerState is what a handler waits for.
type handlerState uint8

const (
	receiving   handlerState = iota // the next record
	working                         // the running stretch of records
	committing                      // its commit
	blocked                         // the buffer, which another handler uploads
	uploading                       // its own upload of the buffer
	putting                         // a place in the pool
	sleeping                        // the next try of a poisonous record
	sending                         // its task to be in the queue
	transacting                     // its transaction, or its turn
)

// sessionRetry is how long the program waits after an error of a session.
const sessionRetry = 100 * clock.Millisecond

// NewClaims makes the application of a member whose client pushes.
func NewClaims(a *scenario.App) *Claims { return &Claims{app: a, pool: newPool(a), next: clock.Never} }

// Start begins the first session. A program that waits for its assignment waits
// for Setup.
func (c *Claims) Start(h Host, now clock.Time) {
	if c.app.Model == scenario.Transactional {
		c.initProducer(h)
		return
	}
	c.begin(h, now)
}

func (c *Claims) begin(h Host, now clock.Time) {
	if c.stopping {
		return
	}
	c.beginSession(h)
	if wait := c.app.Startup.Wait; wait > 0 {
		c.startup = max(1, now+wait)
		c.arm(h, now)
	}
}

// beginSession calls for a session: it lasts until the group rebalances.
func (c *Claims) beginSession(h Host) {
	c.session++
	h.Poll(c.app.PollTimeout, 0)
}

// Polled is the end of a session: another one follows, after an error later.
func (c *Claims) Polled(h Host, now clock.Time, r client.PollResult) {
	switch {
	case r.Err == nil:
		c.beginSession(h)
	case r.Err.Fatal:
		h.Close()
	default:
		c.retry = now + sessionRetry
		c.arm(h, now)
	}
}

// Claim starts a handler.
func (c *Claims) Claim(_ Host, tp kafka.TopicPartition) {
	at, _ := c.find(tp)
	c.byName = slices.Insert(c.byName, at, len(c.handlers))
	c.handlers = append(c.handlers, handler{tp: tp, marked: -1, watch: -1})
}

// Feed puts records into a handler's channel.
func (c *Claims) Feed(h Host, now clock.Time, r client.Range) {
	x := c.of(r.TopicPartition)
	x.run.left = appendRange(x.run.left, r)
	if c.app.Contiguous || c.app.CommitOn == scenario.CommitOnContiguous {
		c.marks.deliver([]client.Range{r})
	}
	alone := c.settles() && x.watch < 0 // no other handler is changed
	idle := x.state == receiving
	if idle {
		c.receive(h, now, x)
	}
	switch {
	case !alone:
		c.arm(h, now)
	case idle:
		c.armFor(h, now, x)
	default:
		c.set(h, now, c.next)
	}
}

// Release ends a handler with the record in hand: what is in its channel stays
// there and is given up. One that only ranges over its messages goes through those
// that are queued there.
func (c *Claims) Release(h Host, now clock.Time, tp kafka.TopicPartition, queued int64) {
	x := c.of(tp)
	x.released, x.watch = true, -1
	c.wake(x)
	x.run.cut(now)
	if !c.app.Ranges {
		queued = 0
	}
	c.dropRest(h, x, max(x.run.n, x.held())+queued)
	if x.state == receiving {
		c.receive(h, now, x)
	}
	c.unlock(h, now)
	c.arm(h, now)
}

// receive is the select of a handler's loop: its context is done, or there is a
// record, or it waits for one.
func (c *Claims) receive(h Host, now clock.Time, x *handler) {
	x.state = receiving
	switch {
	case x.returned:
	case x.released && (!c.app.Ranges || len(x.run.left) == 0):
		c.dropRest(h, x, 0)
		h.(ClaimHost).Exited(x.tp)
	case len(x.run.left) == 0:
	case c.app.Model == scenario.WorkerQueue:
		c.put(h, now, x)
	case c.app.Commit == scenario.CommitBefore:
		x.marked = x.run.left[0].From + 1
		c.commit(h, x)
	default:
		c.work(h, now, x)
	}
}

// work begins a handler's next records, as many as are alike.
func (c *Claims) work(h Host, now clock.Time, x *handler) {
	x.state = working
	x.run.work(h, now, c.app, &c.slow, c.stretch(now, x))
}

// stretch is how many records a handler works on before something else is due.
func (c *Claims) stretch(now clock.Time, x *handler) int64 {
	n := x.run.remaining()
	switch {
	case c.collects():
		return c.untilFull(now, n)
	case c.app.Commit == scenario.CommitRecord || c.app.Commit == scenario.CommitBefore || c.app.Model == scenario.FanOut:
		return 1
	case c.app.Model == scenario.Transactional:
		return min(n, max(1, c.app.Batch-x.txn.len()))
	case c.app.Commit == scenario.CommitBatch:
		return min(n, c.app.Batch-x.uncommit)
	}
	return n
}

// Timer lets every handler go on whose work or whose upload has ended, in the
// order in which they were due.
func (c *Claims) Timer(h Host, now clock.Time) {
	c.endAll(h, now)
	switch {
	case c.crashed:
		return
	case c.startup != 0 && c.startup <= now:
		c.crashed = true
		h.Crash("no-assignment", c.app.Startup.Restart)
		return
	case c.retry != 0 && c.retry <= now:
		c.retry = 0
		c.beginSession(h)
	}
	c.aged(h, now)
	c.cleanOn(h, now)
	c.lookAll(h, now)
	c.arm(h, now)
}

// first is the handler whose work ends first.
func (c *Claims) first() (x *handler, at clock.Time) {
	at = clock.Never
	for i := range c.handlers {
		if end := c.ends(&c.handlers[i]); end < at {
			x, at = &c.handlers[i], end
		}
	}
	return x, at
}

// ends is when a handler is through with what it does; Never: it waits for others.
func (c *Claims) ends(x *handler) clock.Time {
	switch x.state {
	case working:
		return x.run.end()
	case uploading:
		return c.shared.end
	case sleeping:
		return x.wakes
	}
	return clock.Never
}

// endAll lets the handlers go on that are through by now, in the order in which they
// were due. Many may be due at once: where none changes another, those from the
// latest on are looked at before all are.
func (c *Claims) endAll(h Host, now clock.Time) {
	for !c.crashed {
		x, at := c.first()
		if x == nil || at > now {
			return
		}
		c.ended(h, now, x)
		if !c.settles() {
			continue
		}
		i, _ := c.find(x.tp)
		for i = c.byName[i]; i < len(c.handlers) && !c.crashed; {
			if c.ends(&c.handlers[i]) != at {
				i++
				continue
			}
			c.ended(h, now, &c.handlers[i])
		}
	}
}

// ended closes a handler's running stretch, its upload or its sleep.
func (c *Claims) ended(h Host, now clock.Time, x *handler) {
	switch x.state {
	case uploading:
		c.uploaded(h, now, x)
		return
	case sleeping:
		c.work(h, now, x)
		return
	}
	x.run.endSlow(h)
	switch f := x.run.fate; {
	case f == poisoned && x.tries.again(&c.app.Poison, first(x.run.left)):
		x.state, x.wakes = sleeping, now+c.app.Poison.Backoff
		if x.released {
			c.wake(x)
			c.receive(h, now, x)
		}
	case c.app.Model == scenario.Transactional:
		c.gather(h, now, x)
	case f == processed && c.collects():
		c.collect(h, now, x)
	case f == processed && c.app.Model == scenario.FanOut:
		c.send(h, x)
	default:
		c.done(h, now, x)
	}
}

// done ends the records of a stretch, and commits what is due then. What nobody has
// handled is marked as well, unless the program passes over it in silence.
func (c *Claims) done(h Host, now clock.Time, x *handler) {
	f, n, ignored := x.run.fate, x.run.n, false
	x.settle(h, x.run.end())
	x.run.take(n, func(r client.Range) {
		if f == processed {
			return
		}
		ignored = f == unrouted && c.app.Unknown == scenario.UnknownIgnore
		c.crashed = !reject(h, c.app, r, f)
		if !ignored && !c.collects() {
			x.marked = max(x.marked, r.To)
		}
	})
	x.run.n, x.run.settled = 0, 0
	x.uncommit += n
	c.unsaved = c.unsaved || c.app.Commit == scenario.CommitBatch && !c.collects()
	switch due := c.app.Commit; {
	case c.crashed:
	case due == scenario.CommitRecord && !ignored,
		due == scenario.CommitBatch && !c.collects() && (x.uncommit >= c.app.Batch || len(x.run.left) == 0):
		c.commit(h, x)
	default:
		c.receive(h, now, x)
	}
}

// send begins to send the tasks of the record in hand.
func (c *Claims) send(h Host, x *handler) {
	x.state, x.sent = sending, 0
	h.Enqueue(first(x.run.left), 0, h.Draw(&c.app.Enqueue))
}

// Enqueued goes on with the next task of a record. After the last one it is done.
func (c *Claims) Enqueued(h Host, now clock.Time, record client.Range, _ *client.Error) {
	x := c.of(record.TopicPartition)
	if x.sent++; x.sent < c.app.Tasks {
		h.Enqueue(record, x.sent, h.Draw(&c.app.Enqueue))
		return
	}
	x.state = working
	c.done(h, now, x)
	c.arm(h, now)
}

// commit commits all that the handlers have marked; this one waits for it.
func (c *Claims) commit(h Host, x *handler) {
	x.state, x.uncommit, c.unsaved = committing, 0, false
	h.(ClaimHost).CommitMarks(client.Caller{Claim: x.tp})
}

// MarkCommitted ends the commit of a handler or a worker, whatever became of it:
// session.Commit returns nothing.
func (c *Claims) MarkCommitted(h Host, now clock.Time, by client.Caller) {
	if by.Worker != 0 {
		c.workerCommitted(h, now, by.Worker)
		return
	}
	x := c.of(by.Claim)
	if x.state == committing {
		if c.app.Commit == scenario.CommitBefore && len(x.run.left) > 0 {
			c.work(h, now, x)
		} else {
			c.receive(h, now, x)
		}
	}
	c.arm(h, now)
}

// Untaken is how many records of a handler's channel it has not begun.
func (c *Claims) Untaken(now clock.Time, tp kafka.TopicPartition) int64 {
	return c.of(tp).untaken(now)
}

// Watch asks to be told when a handler has no more than most untaken records.
func (c *Claims) Watch(h Host, now clock.Time, tp kafka.TopicPartition, most int64) {
	c.of(tp).watch = most
	c.arm(h, now)
}

// lookAll looks at every handler's channel.
func (c *Claims) lookAll(h Host, now clock.Time) {
	for i := range c.handlers {
		c.look(h, now, &c.handlers[i])
	}
}

// look tells who waits for a handler's channel that it has been drained so far.
func (c *Claims) look(h Host, now clock.Time, x *handler) {
	if x.watch >= 0 && x.untaken(now) <= x.watch {
		x.watch = -1
		h.(ClaimHost).Drained(x.tp)
	}
}

// Marked is the offset that a handler has marked.
func (c *Claims) Marked(h Host, now clock.Time, tp kafka.TopicPartition) int64 {
	x := c.of(tp)
	if c.settles() {
		x.settle(h, now)
	}
	return x.marked
}

// Gone forgets a handler that has returned.
func (c *Claims) Gone(tp kafka.TopicPartition) {
	at, ok := c.find(tp)
	if !ok {
		return
	}
	gone := c.byName[at]
	c.handlers = slices.Delete(c.handlers, gone, gone+1)
	c.byName = slices.Delete(c.byName, at, at+1)
	for i := range c.byName {
		if c.byName[i] > gone {
			c.byName[i]--
		}
	}
}

// of is the handler of a partition.
func (c *Claims) of(tp kafka.TopicPartition) *handler {
	if next := c.latest + 1; next < len(c.byName) && c.handlers[c.byName[next]].tp == tp { // often one after the other
		c.latest = next
		return &c.handlers[c.byName[next]]
	}
	at, ok := c.find(tp)
	if !ok {
		panic("app: no handler of " + tp.String())
	}
	c.latest = at
	return &c.handlers[c.byName[at]]
}

// find is where a partition's handler is, or would be, in byName.
func (c *Claims) find(tp kafka.TopicPartition) (at int, ok bool) {
	return slices.BinarySearchFunc(c.byName, tp, func(i int, tp kafka.TopicPartition) int { return c.handlers[i].tp.Compare(tp) })
}

// arm sets the timer to what is due first.
func (c *Claims) arm(h Host, now clock.Time) {
	_, due := c.first()
	if c.retry != 0 {
		due = min(due, c.retry)
	}
	if c.startup != 0 {
		due = min(due, c.startup)
	}
	due = min(due, c.ages(), c.cleanup.due())
	for i := range c.handlers {
		due = min(due, c.handlers[i].drainedAt())
	}
	c.set(h, now, due)
}

// armFor is arm after a change of one handler that had nothing due before.
func (c *Claims) armFor(h Host, now clock.Time, x *handler) {
	c.set(h, now, min(c.next, c.ends(x), x.drainedAt()))
}

// set sets the timer.
func (c *Claims) set(h Host, now, due clock.Time) {
	if c.next = due; due == clock.Never {
		h.Cancel()
		return
	}
	h.Arm(max(due, now)) // a frozen process has overslept
}
