package transactional

import (
	"cmp"
	"slices"

	"ksim/sim/client"
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
	switch r := r.(type) {
	case nil:
		p.disconnected(now, q)
	case *kafka.MetadataResponse:
		p.metadataArrived(now, r)
	case *kafka.FindCoordinatorResponse:
		p.coordinatorFound(h, now, q, r)
	case *kafka.InitProducerIDResponse:
		p.initialized(h, now, r)
	case *kafka.AddPartitionsToTxnResponse:
		if p.accepted(h, now, r.Err) {
			p.added = append(p.added, q.partitions...)
			p.begun = true
		}
	case *kafka.AddOffsetsToTxnResponse:
		if p.accepted(h, now, r.Err) {
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
func (p *Producer) disconnected(now clock.Time, q *request) {
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
	p.later(now)
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

func (p *Producer) metadataArrived(now clock.Time, r *kafka.MetadataResponse) {
	t := &r.Topics[0]
	if t.Err != kafka.ErrNone {
		p.later(now)
		return
	}
	p.leaders, p.metadata = t.Leaders, true
	if slices.ContainsFunc(p.batches, func(b pending) bool { return p.leaders[b.Partition] <= 0 }) {
		p.later(now)
	}
}

func (p *Producer) coordinatorFound(h Host, now clock.Time, q *request, r *kafka.FindCoordinatorResponse) {
	if r.Err != kafka.ErrNone {
		p.later(now)
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
	if !p.accepted(h, now, r.Err) {
		return
	}
	p.id, p.epoch, p.state = r.ProducerID, r.Epoch, ready
	p.info(h, p.epochText())
	p.end(h, nil)
}

// produced is Sender.completeBatch, batch by batch.
func (p *Producer) produced(h Host, now clock.Time, q *request, r *kafka.ProduceResponse) {
	for i, err := range r.Errs {
		switch {
		case err == kafka.ErrNone:
		case err == kafka.ErrInvalidProducerEpoch && p.o.Librdkafka:
			p.fatal(h, p.fenced())
		case err == kafka.ErrInvalidProducerEpoch && p.state == inTransaction:
			p.abortable(h, &client.Error{Name: "InvalidProducerEpochException", Text: p.oldEpoch()})
		case err == kafka.ErrProducerFenced || err == kafka.ErrInvalidProducerIDMapping:
			p.accepted(h, now, err)
		case err == kafka.ErrInvalidProducerEpoch:
		default:
			if err != kafka.ErrConcurrentTransactions {
				p.metadata = false
			}
			p.again(q.batches[i : i+1])
			p.later(now)
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
			p.later(now)
			return
		case kafka.ErrUnknownTopicOrPartition, kafka.ErrCoordinatorLoadInProgress, kafka.ErrConcurrentTransactions:
			p.later(now)
			return
		default:
			p.accepted(h, now, err)
			return
		}
	}
	p.end(h, nil)
}

// transactionEnded is EndTxnHandler.
func (p *Producer) transactionEnded(h Host, now clock.Time, r *kafka.EndTxnResponse) {
	if !p.accepted(h, now, r.Err) {
		return
	}
	p.epoch, p.state, p.err = r.Epoch, ready, nil
	p.end(h, nil)
}

// accepted tells whether a coordinator has done as it was told; else it is asked
// again, or the producer is of no more use.
func (p *Producer) accepted(h Host, now clock.Time, err kafka.ErrorCode) bool {
	switch err {
	case kafka.ErrNone:
		return true
	case kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable:
		p.coordinator = 0
		p.later(now)
	case kafka.ErrCoordinatorLoadInProgress:
		p.later(now)
	case kafka.ErrConcurrentTransactions:
		p.later(now)
		if p.call != callInit && !p.begun {
			p.retryAt = now + min(p.s.retryBackoff, addPartitionsBackoff)
		}
	case kafka.ErrProducerFenced, kafka.ErrInvalidProducerEpoch:
		p.fatal(h, p.fenced())
	default:
		p.fatal(h, p.useless(err))
	}
	return false
}

// addPartitionsBackoff is how soon a transaction's first partition is added again
// while the transaction before it is still ending
// (TransactionManager.ADD_PARTITIONS_RETRY_BACKOFF_MS).
const addPartitionsBackoff = 20 * clock.Millisecond
