package txn

import (
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// End is EndTxn. An answer that got lost is given again. Where each transaction has
// its own epoch, the answer tells who the producer is from now on: the next epoch,
// or a new producer id once there is none.
func (c *Coordinator) End(h Host, now clock.Time, id kafka.RequestID, r *kafka.EndTxnRequest) {
	t := c.find(r.Transactional)
	judge := c.judge
	if c.version2(&r.Producing) {
		judge = c.judge2
	}
	verdict, err := judge(t, r)
	if verdict == proceed {
		c.prepare(h, now, id, t, r)
	}
	response := &kafka.EndTxnResponse{Err: err, ProducerID: none, Epoch: none}
	if err == kafka.ErrNone && c.version2(&r.Producing) {
		response.ProducerID, response.Epoch = t.successor()
	}
	h.Reply(id, response)
}

// version2 tells whether client and broker give each transaction its own epoch
// (transaction.version 2).
func (c *Coordinator) version2(p *kafka.Producing) bool {
	return c.cfg.EpochPerTransaction && p.EpochPerTransaction
}

// successor is who the producer is after the transaction that is ending.
func (t *transaction) successor() (id int64, epoch int16) {
	if t.nextID != none {
		return t.nextID, 0
	}
	return t.producerID, t.epoch
}

// verdict is what is to be done with an EndTxn.
type verdict uint8

const (
	answer  verdict = iota // with the error, or with what was answered before
	proceed                // end the transaction
)

// judge is endTransactionWithTV1: the epoch stays as it is, so a request that comes
// again looks like the first.
func (c *Coordinator) judge(t *transaction, r *kafka.EndTxnRequest) (verdict, kafka.ErrorCode) {
	switch {
	case t == nil || t.producerID != r.ProducerID:
		return answer, kafka.ErrInvalidProducerIDMapping
	case t.epoch != r.Epoch:
		return answer, kafka.ErrProducerFenced
	case t.ending():
		return answer, kafka.ErrConcurrentTransactions
	case t.state == Ongoing:
		return proceed, kafka.ErrNone
	case t.state == completed(r.Commit):
		return answer, kafka.ErrNone
	}
	return answer, kafka.ErrInvalidTxnState
}

// judge2 is endTransaction of transaction.version 2: the epoch has gone up with the
// first request, and by that one that comes again is known. An abort of nothing goes
// through, so that a client that does not know what has reached the brokers is safe.
func (c *Coordinator) judge2(t *transaction, r *kafka.EndTxnRequest) (verdict, kafka.ErrorCode) {
	if t == nil {
		return answer, kafka.ErrInvalidProducerIDMapping
	}
	overflown := t.previousID == r.ProducerID && r.Epoch == lastEpoch && t.epoch == 0 && !t.ending()
	again := overflown || int(t.epoch) == int(r.Epoch)+1
	same := t.epoch == r.Epoch
	switch {
	case t.producerID != r.ProducerID && !overflown:
		return answer, kafka.ErrInvalidProducerIDMapping
	case t.ending() && !again,
		(t.state == Ongoing || t.state == Empty) && !same,
		!again && !same:
		return answer, kafka.ErrProducerFenced
	case t.ending():
		return answer, kafka.ErrConcurrentTransactions
	case t.state == Ongoing || same && !r.Commit:
		return proceed, kafka.ErrNone
	case again && t.state == completed(r.Commit):
		return answer, kafka.ErrNone
	}
	return answer, kafka.ErrInvalidTxnState
}

// completed is the state after a transaction that was ended like that.
func completed(commit bool) State {
	if commit {
		return CompleteCommit
	}
	return CompleteAbort
}

// prepare decides a transaction as its client wishes (prepareAbortOrCommit).
func (c *Coordinator) prepare(h Host, now clock.Time, id kafka.RequestID, t *transaction, r *kafka.EndTxnRequest) {
	if t.state != Ongoing { // an abort of nothing
		t.partitions, t.groups = nil, nil
	}
	t.version2, t.reason = c.version2(&r.Producing), ""
	if t.version2 {
		if t.exhausted() {
			t.nextID = c.newProducerID()
		}
		t.raise()
	}
	if r.Commit {
		t.become(PrepareCommit)
		h.Decided(id)
	} else {
		t.become(PrepareAbort)
	}
	c.prepared(h, now, t)
}

// fence aborts a transaction that its client has not ended: the epoch goes up, so
// that the client notices (prepareFenceProducerEpoch).
func (c *Coordinator) fence(h Host, now clock.Time, t *transaction, reason string) {
	if t.exhausted() && t.version2 && c.cfg.RotateOnFence {
		t.nextID = c.newProducerID()
	}
	t.raise()
	t.reason = reason
	t.become(PrepareAbort)
	c.prepared(h, now, t)
}

func (c *Coordinator) prepared(h Host, now clock.Time, t *transaction) {
	h.Emit(t.event(Ending))
	h.Arm(t.index, now+c.cfg.MarkerDelay)
}

// Fire is a transactional id's timer: its markers are to be written, or its
// transaction has been open for too long.
func (c *Coordinator) Fire(h Host, now clock.Time, index uint32) {
	t := &c.txns[index]
	if t.state == Ongoing {
		c.fence(h, now, t, "timeout")
		return
	}
	commit := t.state == PrepareCommit
	h.WriteMarkers(Markers{Transactional: t.id, ProducerID: t.producerID, Epoch: t.epoch, Commit: commit, Partitions: t.partitions, Groups: t.groups})
	t.become(completed(commit))
	h.Emit(t.event(Ended))
	if t.nextID != none { // prepareComplete: the markers were the last of the old one
		t.previousID, t.producerID, t.epoch, t.nextID = t.producerID, t.nextID, 0, none
	}
}
