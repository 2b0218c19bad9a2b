package sarama

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// offsetManager commits what handlers mark: on a ticker, when a handler asks, and
// when the session ends. Its generation is the session's.
type offsetManager struct {
	managed []managed
	known   bool // it knows its coordinator

	fetched  int        // claims whose committed offset is known
	next     clock.Time // of the ticker
	ticking  bool       // the ticker's commit is in flight
	late     bool       // the ticker has ticked meanwhile
	closing  bool       // the session ends
	attempts int64      // commits at the session's end that have been tried
	tries    int64      // of looking for the coordinator
	waiters  []waiter   // commits that wait for the coordinator
}

// waiter is a commit that waits until the coordinator is known, or, as a heartbeat
// may too, for the lock of a broker.
type waiter struct {
	why    purpose
	by     client.Caller // byProgram
	broker int32         // whose lock
}

// managed is a partitionOffsetManager.
type managed struct {
	tp      kafka.TopicPartition
	offset  int64 // committed, then marked; −1: none
	dirty   bool
	initial bool // its committed offset is out of range
}

// mark is MarkOffset: an offset never goes back.
func (m *managed) mark(offset int64) {
	if offset > m.offset {
		m.offset, m.dirty = offset, true
	}
}

// next is NextOffset, −1 for Consumer.Offsets.Initial.
func (m *managed) next() int64 {
	if m.initial {
		return -1
	}
	return m.offset
}

// managed is the offset manager of a claim, nil if there is none.
func (c *Consumer) managed(tp kafka.TopicPartition) *managed {
	all := c.offsets.managed // in the order of the assignment, which is sorted
	i, ok := slices.BinarySearchFunc(all, tp, func(m managed, tp kafka.TopicPartition) int { return m.tp.Compare(tp) })
	if !ok {
		return nil
	}
	return &all[i]
}

// startOffsets begins a session's offset manager: its ticker, and the committed
// offset of each claim.
func (c *Consumer) startOffsets(h client.Host, now clock.Time) {
	c.offsets = offsetManager{next: now + c.s.autoCommitInterval, tries: c.s.metadataRetries}
	if c.s.autoCommit {
		h.Arm(timerCommit, c.offsets.next)
	}
	for _, tp := range c.session.assigned {
		c.offsets.managed = append(c.offsets.managed, managed{tp: tp, offset: -1})
	}
	if len(c.session.assigned) == 0 {
		c.setUp(h, now)
		return
	}
	c.fetchInitialOffset(h)
}

// fetchInitialOffset asks for the next claim's committed offset, the coordinator
// first if it is not known.
func (c *Consumer) fetchInitialOffset(h client.Host) {
	if c.consume.step != managing {
		return
	}
	if !c.offsets.known {
		c.seekCoordinator(h)
		return
	}
	tp := c.session.assigned[c.offsets.fetched]
	c.send(h, request{broker: c.coordinator, tp: tp, purpose: byOffsets,
		body: &kafka.OffsetFetchRequest{Group: c.o.Group, Partitions: []kafka.TopicPartition{tp}}})
}

// seekCoordinator looks for the coordinator, unless that is under way.
func (c *Consumer) seekCoordinator(h client.Host) {
	if !slices.ContainsFunc(c.inflight, func(q request) bool {
		_, ok := q.body.(*kafka.FindCoordinatorRequest)
		return ok && q.purpose == byOffsets
	}) {
		c.findCoordinator(h, byOffsets)
	}
}

// offsetFetched takes a committed offset; after the last one Setup runs.
func (c *Consumer) offsetFetched(h client.Host, now clock.Time, q request, r *kafka.OffsetFetchResponse) {
	if c.consume.step != managing {
		return
	}
	if r.Err != kafka.ErrNone {
		c.offsets.known = false
		c.offsetsCoordinatorFailed(h, now)
		return
	}
	c.managed(q.tp).offset = max(-1, r.Offsets[0])
	if c.offsets.fetched++; c.offsets.fetched < len(c.session.assigned) {
		c.fetchInitialOffset(h)
		return
	}
	c.setUp(h, now)
}

// offsetsCoordinator goes on when the coordinator is known.
func (c *Consumer) offsetsCoordinator(h client.Host, now clock.Time) {
	c.offsets.known, c.offsets.tries = true, c.s.metadataRetries
	fetches := slices.ContainsFunc(c.inflight, func(q request) bool { _, ok := q.body.(*kafka.OffsetFetchRequest); return ok })
	if !fetches {
		c.fetchInitialOffset(h)
	}
	waiters := c.offsets.waiters
	c.offsets.waiters = nil
	for _, x := range waiters {
		c.flush(h, now, x.why, x.by)
	}
}

// offsetsCoordinatorFailed looks for the coordinator again after a pause, or gives
// up what waited for it: the session, when it has just begun.
func (c *Consumer) offsetsCoordinatorFailed(h client.Host, now clock.Time) {
	begins := c.consume.step == managing
	if c.offsets.tries--; c.offsets.tries >= 0 && (begins || len(c.offsets.waiters) > 0) {
		h.Arm(timerRetry, now+c.s.metadataBackoff)
		return
	}
	c.offsets.tries = c.s.metadataRetries
	if begins {
		h.Cancel(timerHeartbeat)
		h.Cancel(timerCommit)
		c.heartbeat = heartbeat{}
		c.fail(h, outOfBrokers)
		return
	}
	waiters := c.offsets.waiters
	c.offsets.waiters = nil
	for _, x := range waiters {
		c.flushEnded(h, now, x.why, x.by)
	}
}

// commitTick is a tick of the offset manager: it waits while a commit does.
func (c *Consumer) commitTick(h client.Host, now clock.Time) {
	m := &c.offsets
	m.next += c.s.autoCommitInterval
	if m.next <= now { // a frozen process has overslept
		m.next = now + c.s.autoCommitInterval - (now-m.next)%c.s.autoCommitInterval
	}
	h.Arm(timerCommit, m.next)
	if m.ticking {
		m.late = true
		return
	}
	m.ticking = true
	c.flush(h, now, byTicker, client.Caller{})
}

// Mark is session.MarkOffset. A session whose offset manager is closed ignores it.
func (c *Consumer) Mark(tp kafka.TopicPartition, offset int64) {
	if m := c.managed(tp); m != nil {
		m.mark(offset)
	}
}

// CommitMarks is session.Commit, of a handler or of a worker, which may come when
// the session's offset manager is closed: then there is nothing to commit.
func (c *Consumer) CommitMarks(h client.Host, now clock.Time, by client.Caller) {
	if len(c.offsets.managed) == 0 {
		host(h).MarkCommitted(by)
		return
	}
	c.flush(h, now, byProgram, by)
}

// flush is flushToBroker: it commits what is marked and not committed, in one
// request.
func (c *Consumer) flush(h client.Host, now clock.Time, why purpose, by client.Caller) {
	if !c.offsets.known {
		c.offsets.waiters = append(c.offsets.waiters, waiter{why: why, by: by})
		c.seekCoordinator(h)
		return
	}
	if len(c.dirty(h)) > 0 && c.outrun() {
		c.outran = append(c.outran, waiter{why, by, c.coordinator})
		return
	}
	c.commitDirty(h, now, why, by)
}

// commitDirty has the broker's lock: only now it takes what is to be committed.
func (c *Consumer) commitDirty(h client.Host, now clock.Time, why purpose, by client.Caller) {
	dirty := c.dirty(h)
	if len(dirty) == 0 {
		c.flushEnded(h, now, why, by)
		return
	}
	c.send(h, request{broker: c.coordinator, purpose: why, by: by, body: &kafka.OffsetCommitRequest{
		APIVersion: 8, Group: c.o.Group, MemberID: c.session.member, InstanceID: c.s.instance,
		Generation: c.session.generation, Offsets: dirty,
	}})
}

// dirty is what is marked and not committed.
func (c *Consumer) dirty(h client.Host) (dirty []kafka.OffsetCommit) {
	for i := range c.offsets.managed {
		m := &c.offsets.managed[i]
		if x := c.claim(m.tp); x != nil && x.step == claimOpen && !x.exited {
			m.mark(host(h).Marked(m.tp))
		}
		if m.dirty {
			dirty = append(dirty, kafka.OffsetCommit{TopicPartition: m.tp, Offset: m.offset})
		}
	}
	return dirty
}

// flushed takes the answer to a commit: what was refused stays dirty, is logged,
// and the coordinator is looked for before the next commit. A worker's commit may
// have been of a session that is over.
func (c *Consumer) flushed(h client.Host, now clock.Time, q request, r *kafka.OffsetCommitResponse) {
	commit := q.body.(*kafka.OffsetCommitRequest)
	if commit.Generation != c.session.generation || commit.MemberID != c.session.member {
		c.flushEnded(h, now, q.purpose, q.by)
		return
	}
	for i, o := range commit.Offsets {
		m := c.managed(o.TopicPartition)
		if m == nil {
			continue
		}
		switch err := r.Errs[i]; err {
		case kafka.ErrNone:
			if m.offset == o.Offset {
				m.dirty = false
			}
		case kafka.ErrCoordinatorLoadInProgress:
		case kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable:
			c.offsets.known = false
		case kafka.ErrFencedInstanceID:
			c.logError(h, consumerError(m.tp, err))
			c.cancel(h, now, fencedInstance)
		default:
			c.logError(h, consumerError(m.tp, err))
			c.offsets.known = false
		}
	}
	c.flushEnded(h, now, q.purpose, q.by)
}

// flushFailed is a commit on a connection that broke.
func (c *Consumer) flushFailed(h client.Host, now clock.Time, q request) {
	for _, o := range q.body.(*kafka.OffsetCommitRequest).Offsets {
		c.logError(h, consumingText(o.TopicPartition, endOfFile.Text))
	}
	c.offsets.known = false
	c.flushEnded(h, now, q.purpose, q.by)
}

// flushEnded goes on with who has committed.
func (c *Consumer) flushEnded(h client.Host, now clock.Time, why purpose, by client.Caller) {
	m := &c.offsets
	switch why {
	case byProgram:
		host(h).MarkCommitted(by)
	case byCleanup:
		h.Committed(nil) // session.Commit returns nothing
	case byTicker:
		m.ticking = false
		if m.closing {
			c.closeOffsets(h, now)
		} else if m.late {
			m.late, m.ticking = false, true
			c.flush(h, now, byTicker, client.Caller{})
		}
	case byRelease:
		c.closeOffsets(h, now)
	}
}

// closeOffsets is the end of the offset manager: its ticker's commit is waited
// for, then what is marked is committed, a few times if need be. Without
// auto-commit nothing is.
func (c *Consumer) closeOffsets(h client.Host, now clock.Time) {
	m := &c.offsets
	h.Cancel(timerCommit)
	m.closing, m.late = true, false
	if m.ticking {
		return
	}
	dirty := slices.ContainsFunc(m.managed, func(m managed) bool { return m.dirty })
	if c.s.autoCommit && dirty && m.attempts <= c.s.commitRetries {
		m.attempts++
		c.flush(h, now, byRelease, client.Caller{})
		return
	}
	m.managed = nil
	waiters := m.waiters // workers: the handlers have returned
	m.waiters = nil
	for _, x := range waiters {
		c.flushEnded(h, now, x.why, x.by)
	}
	c.stop(h, now)
}
