package transactional

import (
	"cmp"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Response brings the answer to a request, nil when its connection broke.
func (p *Producer) Response(h Host, now clock.Time, id kafka.RequestID, r kafka.Response) {
	i := slices.IndexFunc(p.inflight, func(q request) bool { return q.id == id })
	if i < 0 {
		return
	}
	q := p.inflight[i]
	p.inflight = slices.Delete(p.inflight, i, i+1)
	p.answered(h, now, &q, r)
	p.run(h, now)
}

func (p *Producer) answered(h Host, now clock.Time, q *request, r kafka.Response) {
	if p.dialect().asksAlways && q.kind.transactional() && q.kind != askCoordinator && q.kind != askGroup {
		p.coordinator, p.groups = 0, 0
	}
	switch r := r.(type) {
	case nil:
		p.disconnected(h, now, q)
	case *kafka.MetadataResponse:
		p.metadataArrived(h, now, r)
	case *kafka.FindCoordinatorResponse:
		p.coordinatorFound(h, now, q, r)
	case *kafka.InitProducerIDResponse:
		p.initialized(h, now, r)
	case *kafka.AddPartitionsToTxnResponse:
		if p.accepted(h, now, q.kind, r.Err) {
			p.added = append(p.added, q.partitions...)
			p.begun = true
		}
	case *kafka.AddOffsetsToTxnResponse:
		if p.accepted(h, now, q.kind, r.Err) {
			p.groupIn, p.begun = true, true
		}
	case *kafka.ProduceResponse:
		p.produced(h, now, q, r)
	case *kafka.TxnOffsetCommitResponse:
		p.offsetsSent(h, now, r)
	case *kafka.EndTxnResponse:
		p.transactionEnded(h, now, r)
	}
}

// disconnected sends the request again, after the backoff, to whoever leads or
// coordinates then.
func (p *Producer) disconnected(h Host, now clock.Time, q *request) {
	switch q.kind {
	case produce:
		p.again(q.batches)
		p.metadata = false
	case askMetadata, askCoordinator, askGroup:
		p.node = p.node%int32(len(p.o.Nodes)) + 1
	case commitOffsets:
		p.groups = 0
	default:
		p.coordinator = 0
	}
	p.later(h, now, kafka.ErrNetworkException)
}

// again puts batches back, in the order in which they were sent, before those
// gathered since.
func (p *Producer) again(batches []kafka.ProduceBatch) {
	if p.state == inTransaction && p.call != callAbort {
		for i, b := range batches {
			p.batches = slices.Insert(p.batches, i, pending{ProduceBatch: b, sent: true})
		}
		slices.SortStableFunc(p.batches, func(a, b pending) int {
			switch {
			case !a.sent && !b.sent:
				return 0
			case !b.sent:
				return -1
			case !a.sent:
				return 1
			}
			return cmp.Or(a.Compare(b.TopicPartition), cmp.Compare(a.Sequence, b.Sequence))
		})
	}
}

// metadataArrived takes note of the leaders, and deals out the records that have
// waited for them.
func (p *Producer) metadataArrived(h Host, now clock.Time, r *kafka.MetadataResponse) {
	t := &r.Topics[0]
	if t.Err != kafka.ErrNone {
		p.later(h, now, t.Err)
		return
	}
	p.leaders, p.metadata = t.Leaders, true
	for len(p.sequences) < len(p.leaders) {
		p.sequences = append(p.sequences, 0)
	}
	if p.state == inTransaction {
		for _, e := range p.early {
			p.spread(e[0], e[1])
		}
	}
	p.early = nil
	if slices.ContainsFunc(p.batches, func(b pending) bool { return p.leaders[b.Partition] <= 0 }) {
		p.later(h, now, kafka.ErrNotLeaderOrFollower)
	}
}

func (p *Producer) coordinatorFound(h Host, now clock.Time, q *request, r *kafka.FindCoordinatorResponse) {
	if r.Err != kafka.ErrNone {
		p.later(h, now, r.Err)
		return
	}
	what := "transaction"
	if q.kind == askGroup {
		p.groups, what = r.Broker, "group"
	} else {
		p.coordinator = r.Broker
	}
	p.info(h, "Discovered "+what+" coordinator "+p.address(r.Broker))
}

// initialized is InitProducerIdHandler.
func (p *Producer) initialized(h Host, now clock.Time, r *kafka.InitProducerIDResponse) {
	if !p.accepted(h, now, initProducer, r.Err) {
		return
	}
	p.identify(h, r.ProducerID, r.Epoch)
	if p.call == callInit {
		p.enter(ready, nil)
		p.end(h, nil)
	}
}

// produced is Sender.completeBatch, batch by batch.
func (p *Producer) produced(h Host, now clock.Time, q *request, r *kafka.ProduceResponse) {
	for i, err := range r.Errs {
		switch {
		case err == kafka.ErrNone:
			p.attempts = 0
		case err == kafka.ErrInvalidProducerEpoch && (p.dialect().fencedByWrite || p.o.OneFence):
			p.fatal(h, p.fenced())
		case err == kafka.ErrInvalidProducerEpoch && p.state == inTransaction:
			p.bumping = p.dialect().bumps
			p.abortable(h, p.errorOf(err))
		case err == kafka.ErrProducerFenced || err == kafka.ErrInvalidProducerIDMapping:
			p.accepted(h, now, produce, err)
		case err == kafka.ErrInvalidProducerEpoch:
		default:
			if err != kafka.ErrConcurrentTransactions {
				p.metadata = false
			}
			p.again(q.batches[i : i+1])
			p.later(h, now, err)
			if err == kafka.ErrConcurrentTransactions { // the broker itself tries again
				p.retryAt = now + addPartitionsBackoff
			}
		}
	}
}

// offsetsSent is TxnOffsetCommitHandler: the first error decides.
func (p *Producer) offsetsSent(h Host, now clock.Time, r *kafka.TxnOffsetCommitResponse) {
	for _, err := range r.Errs {
		switch err {
		case kafka.ErrNone:
		case kafka.ErrUnknownMemberID, kafka.ErrIllegalGeneration, kafka.ErrFencedInstanceID:
			p.abortable(h, p.mismatch(err))
			return
		case kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable, kafka.ErrRequestTimedOut:
			p.groups = 0
			p.later(h, now, err)
			return
		case kafka.ErrUnknownTopicOrPartition, kafka.ErrCoordinatorLoadInProgress, kafka.ErrConcurrentTransactions:
			p.later(h, now, err)
			return
		default:
			p.accepted(h, now, commitOffsets, err)
			return
		}
	}
	p.attempts = 0
	if p.kept { // the commit goes on
		p.kept = false
		return
	}
	p.end(h, nil)
}

// identify takes on the producer id and the epoch of the next transaction. The epoch
// changes with each and is not worth a line (TransactionManager.setProducerIdAndEpoch).
func (p *Producer) identify(h Host, id int64, epoch int16) {
	other := id != p.id
	if p.id, p.epoch = id, epoch; other {
		p.info(h, p.epochText())
	}
}

// transactionEnded is EndTxnHandler.
func (p *Producer) transactionEnded(h Host, now clock.Time, r *kafka.EndTxnResponse) {
	if !p.accepted(h, now, endTransaction, r.Err) {
		return
	}
	p.enter(ready, nil)
	if r.ProducerID >= 0 {
		p.identify(h, r.ProducerID, r.Epoch)
	}
	p.end(h, nil)
}

// accepted tells whether a coordinator has done as it was told; else it is asked
// again, or the producer is of no more use.
func (p *Producer) accepted(h Host, now clock.Time, k kind, err kafka.ErrorCode) bool {
	switch {
	case err == kafka.ErrNone:
		p.attempts = 0
		return true
	case p.dialect().abortable && k != initProducer && (k == endTransaction || k == addOffsets || err != kafka.ErrConcurrentTransactions):
		p.failed(h, k, err)
	case err == kafka.ErrNotCoordinator || err == kafka.ErrCoordinatorNotAvailable:
		p.coordinator = 0
		p.later(h, now, err)
	case err == kafka.ErrCoordinatorLoadInProgress || err == kafka.ErrConcurrentTransactions:
		p.later(h, now, err)
	case err == kafka.ErrProducerFenced || err == kafka.ErrInvalidProducerEpoch:
		p.fatal(h, p.fenced())
	default:
		p.fatal(h, p.errorOf(err))
	}
	return false
}

// failed is an error that the library throws as it is: the transaction is to be
// aborted. One that cannot be ended leaves a producer that begins no other
// (kafkajs: the state machine stays at COMMITTING or ABORTING).
func (p *Producer) failed(h Host, k kind, err kafka.ErrorCode) {
	if k == endTransaction {
		p.fatal(h, p.errorOf(err))
		return
	}
	p.abortable(h, p.errorOf(err))
}
