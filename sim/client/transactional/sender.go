package transactional

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// request is a request without an answer yet.
type request struct {
	id      kafka.RequestID
	kind    kind
	broker  int32
	batches []kafka.ProduceBatch
	// partitions that AddPartitionsToTxn is about.
	partitions []kafka.TopicPartition
}

// kind is what a request is for.
type kind uint8

const (
	askMetadata kind = iota
	askCoordinator
	askGroup
	initProducer
	addPartitions
	addOffsets
	commitOffsets
	endTransaction
	produce
)

// transactional tells whether only one such request may be under way
// (TransactionManager.hasInFlightRequest).
func (k kind) transactional() bool { return k != askMetadata && k != produce }

// coordinated tells whether the coordinator of the transactional id serves it.
func (k kind) coordinated() bool {
	return k == initProducer || k == addPartitions || k == addOffsets || k == endTransaction
}

// run is a turn of the sender's loop: it sends what may be sent, and ends the
// running call when there is nothing left to do for it.
func (p *Producer) run(h Host, now clock.Time) {
	switch {
	case p.call != callNone && p.err != nil:
		err := *p.err
		p.end(h, &err)
		return
	case p.call != callNone && p.until != clock.Never && now >= p.until:
		p.end(h, p.timedOut())
		return
	case now < p.retryAt:
		p.wait(h, p.retryAt)
		return
	}
	if !p.metadata && !p.sent(askMetadata) {
		p.send(h, p.node, askMetadata, &kafka.MetadataRequest{Topics: []string{p.o.Output}})
	}
	if p.metadata && p.id >= 0 {
		p.produce(h)
	}
	if !slices.ContainsFunc(p.inflight, func(r request) bool { return r.kind.transactional() }) {
		p.step(h, now)
	}
	if p.call != callNone && p.until != clock.Never {
		p.wait(h, p.until)
	}
}

func (p *Producer) wait(h Host, at clock.Time) {
	if p.call != callNone && p.until != clock.Never {
		at = min(at, p.until)
	}
	h.Arm(at)
}

// step sends the next request of the transaction, or ends the running call
// (TransactionManager.nextRequest, by priority).
func (p *Producer) step(h Host, now clock.Time) {
	unadded, ending := p.unadded(), p.call == callCommit || p.call == callAbort
	flushed := len(p.batches) == 0 && len(p.early) == 0 && !p.sent(produce)
	offsets := p.call == callOffsets && (flushed || !p.dialect().flushes) || p.call == callCommit && p.kept && flushed
	next := p.due(unadded, offsets, ending && flushed)
	switch {
	case next == endTransaction && (p.state != inTransaction || !p.begun):
		p.enter(ready, nil) // nothing was sent: no EndTxn
		p.end(h, nil)
	case next.coordinated() && p.coordinator == 0:
		p.send(h, p.node, askCoordinator, &kafka.FindCoordinatorRequest{Transactional: p.o.TransactionalID})
	case next == initProducer:
		p.send(h, p.coordinator, initProducer, &kafka.InitProducerIDRequest{
			Producing: kafka.Producing{Transactional: p.o.TransactionalID, ProducerID: -1, Epoch: -1}, Timeout: p.s.timeout})
	case next == addPartitions:
		p.send(h, p.coordinator, addPartitions, &kafka.AddPartitionsToTxnRequest{Producing: p.producing(), Partitions: unadded}).partitions = unadded
	case next == addOffsets:
		p.send(h, p.coordinator, addOffsets, &kafka.AddOffsetsToTxnRequest{Producing: p.producing(), Group: p.member.Group})
	case next == commitOffsets:
		p.sendOffsets(h)
	case next == endTransaction:
		p.send(h, p.coordinator, endTransaction, &kafka.EndTxnRequest{Producing: p.producing(), Commit: p.call == callCommit})
	}
}

// due is the kind of request that is due: partitions to add, offsets to send, or
// the end of the transaction; produce when none is.
func (p *Producer) due(unadded []kafka.TopicPartition, offsets, end bool) kind {
	switch {
	case p.call == callInit || p.id < 0 && p.state == inTransaction:
		return initProducer
	case len(unadded) > 0:
		return addPartitions
	case offsets && !p.o.EpochPerTransaction && !p.groupIn:
		return addOffsets
	case offsets:
		return commitOffsets
	case end:
		return endTransaction
	}
	return produce
}

// sendOffsets sends the offsets to the group's coordinator.
func (p *Producer) sendOffsets(h Host) {
	if p.groups == 0 {
		p.send(h, p.node, askGroup, &kafka.FindCoordinatorRequest{Group: p.member.Group})
		return
	}
	r := &kafka.TxnOffsetCommitRequest{Producing: p.producing(), Group: p.member.Group, Generation: -1, Offsets: p.offsets}
	if p.o.WithMember {
		r.MemberID, r.InstanceID, r.Generation = p.member.MemberID, p.member.InstanceID, p.member.Generation
	}
	p.begun = true
	p.send(h, p.groups, commitOffsets, r)
}

// unadded is the partitions that must be part of the transaction before they are
// written to.
func (p *Producer) unadded() []kafka.TopicPartition {
	if p.o.EpochPerTransaction {
		return nil
	}
	var out []kafka.TopicPartition
	for _, b := range p.batches {
		if !slices.Contains(p.added, b.TopicPartition) {
			out = append(out, b.TopicPartition)
		}
	}
	return out
}

// produce sends the batches of partitions that have a leader and none under way.
func (p *Producer) produce(h Host) {
	for _, broker := range p.brokers() {
		var due []kafka.ProduceBatch
		p.batches = slices.DeleteFunc(p.batches, func(b pending) bool {
			mine := p.leaders[b.Partition] == broker && (p.o.EpochPerTransaction || slices.Contains(p.added, b.TopicPartition))
			if mine && !b.sent {
				b.Sequence = p.sequences[b.Partition]
				p.sequences[b.Partition] += b.Records
			}
			if mine {
				due = append(due, b.ProduceBatch)
			}
			return mine
		})
		if len(due) > 0 {
			p.begun = true
			p.send(h, broker, produce, &kafka.ProduceRequest{Producing: p.producing(), Batches: due}).batches = due
		}
	}
	if slices.ContainsFunc(p.batches, func(b pending) bool { return p.leaders[b.Partition] <= 0 }) && !p.sent(askMetadata) {
		p.metadata = false
		p.send(h, p.node, askMetadata, &kafka.MetadataRequest{Topics: []string{p.o.Output}})
	}
}

// brokers is the leaders of the batches that wait, ascending.
func (p *Producer) brokers() []int32 {
	var ids []int32
	for _, b := range p.batches {
		if id := p.leaders[b.Partition]; id > 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

func (p *Producer) producing() kafka.Producing {
	return kafka.Producing{Transactional: p.o.TransactionalID, ProducerID: p.id, Epoch: p.epoch, EpochPerTransaction: p.o.EpochPerTransaction}
}

func (p *Producer) send(h Host, broker int32, k kind, r kafka.Request) *request {
	p.inflight = append(p.inflight, request{id: h.Send(broker, r), kind: k, broker: broker})
	return &p.inflight[len(p.inflight)-1]
}

func (p *Producer) sent(k kind) bool {
	return slices.ContainsFunc(p.inflight, func(r request) bool { return r.kind == k })
}

// Timer is the producer's timer: a backoff is over, or a call's max.block.ms.
func (p *Producer) Timer(h Host, now clock.Time) { p.run(h, now) }

// later lets the sender wait for the backoff, after err. A library that does not try
// for ever gives up instead.
func (p *Producer) later(h Host, now clock.Time, err kafka.ErrorCode) {
	if p.attempts == 0 {
		p.failing = now
	}
	if p.s.retries >= 0 && p.attempts >= p.s.retries {
		p.attempts = 0
		p.abortable(h, p.exhausted(err))
		return
	}
	p.retryAt = now + p.pause(now, err)
	p.attempts++
}
