package sim

import (
	"slices"

	"ksim/sim/app"
	"ksim/sim/client"
	"ksim/sim/client/transactional"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/sim/txn"
)

// transactions is the transaction coordinator and what the engine does for it.
type transactions struct {
	coordinator *txn.Coordinator
	timers      []timer // by index of the transactional id
}

func newTransactions(c *scenario.Cluster) transactions {
	return transactions{coordinator: txn.New(txn.Config{
		MaxTimeout:          c.Config.Millis("transaction.max.timeout.ms"),
		CheckInterval:       max(clock.Millisecond, c.Config.Millis("transaction.abort.timed.out.transaction.cleanup.interval.ms")),
		MarkerDelay:         c.Latency,
		EpochPerTransaction: c.Version >= epochPerTransaction,
		RotateOnFence:       c.Version >= rotateOnFence,
	})}
}

// epochPerTransaction is the version since which brokers have transactions of KIP-890
// (transaction.version 2).
var epochPerTransaction = kafka.V(4, 0, 0)

// rotateOnFence is the version since which brokers give a new producer id in a
// transaction that they abort themselves (KAFKA-20090).
var rotateOnFence = kafka.V(4, 3, 0)

// newProducer makes the producer of a process's next incarnation, nil if its
// application has none.
func newProducer(p *process) *transactional.Producer {
	w, v := p.w, p.w.scenario.Cluster.Version
	if p.member.App.Model != scenario.Transactional {
		return nil
	}
	var nodes []string
	for b := range w.brokers {
		nodes = append(nodes, w.brokers[b].address())
	}
	version, library := p.member.Client.Version, transactional.Libraries[p.member.Client.Profile]
	return transactional.New(p.member.App.Producer, transactional.Options{
		TransactionalID: p.transactionalID(), Output: p.member.App.Output, Nodes: nodes,
		Library:             library,
		EpochPerTransaction: v >= epochPerTransaction && library.EpochPerTransaction(version),
		WithMember:          v >= memberInOffsets && library.WithMember(version),
		OneFence:            library.OneFence(version),
	})
}

// memberInOffsets is the version since which brokers take in which member's offsets a
// producer sends (KIP-447).
var memberInOffsets = kafka.V(2, 5, 0)

// transactionalID is the transactional.id of a member: GROUP-MEMBER.
func (p *process) transactionalID() string { return p.w.groups[p.group].id + "-" + p.member.Name }

// producerPort is the world as a member's producer sees it (transactional.Host).
type producerPort process

// Send puts a request on the wire. The end of a transaction carries what it
// completes.
func (p *producerPort) Send(to int32, r kafka.Request) kafka.RequestID {
	m := message{process: p.index, incarnation: p.incarnation, broker: to, request: r, producer: true, cause: p.w.cause}
	if end, ok := r.(*kafka.EndTxnRequest); ok && end.Commit {
		m.completes = p.completes
	}
	return p.w.post(m)
}

// Arm sets the producer's timer.
func (p *producerPort) Arm(at clock.Time) {
	p.producerTimer.cause = p.w.cause
	p.w.queue.Arm(p.producerTimer.handle, at)
}

// Cancel unsets it.
func (p *producerPort) Cancel() { p.w.queue.Cancel(p.producerTimer.handle) }

// Log prints a line of the producer.
func (p *producerPort) Log(level, text string) {
	(*process)(p).emit(trace.Event{Type: trace.Log, Level: level, Text: text})
}

// Transacted ends the running call.
func (p *producerPort) Transacted(err *client.Error) {
	p.results = append(p.results, result{kind: callInitTransactions, error: err})
}

// fireProducer fires the producer's timer; a process that does not run has it
// looked at when it goes on.
func (p *process) fireProducer() {
	if p.state == frozen {
		p.backlog = append(p.backlog, delayed{producer: true})
		return
	}
	p.w.cause = p.producerTimer.cause
	p.producer.Timer((*producerPort)(p), p.w.Now())
	p.proceed()
}

// callProducer makes a call of the producer that blocks.
func (p *process) callProducer(n nextCall) {
	now, h := p.w.Now(), (*producerPort)(p)
	p.ending = n.kind == callCommitTransaction
	switch n.kind {
	case callInitTransactions:
		p.producer.InitTransactions(h, now)
	case callSendOffsets:
		p.sent = n.offsets
		p.producer.SendOffsets(h, now, n.offsets, p.groupMetadata())
	case callCommitTransaction:
		p.completes = n.records
		p.producer.Commit(h, now)
	case callAbortTransaction:
		p.producer.Abort(h, now)
	}
}

// groupMetadata is consumer.groupMetadata().
func (p *process) groupMetadata() transactional.Member {
	m := transactional.Member{Group: p.w.groups[p.group].id, Generation: -1}
	if c, ok := p.consumer.(client.GroupMember); ok {
		m.MemberID, m.InstanceID, m.Generation = c.GroupMetadata()
	}
	return m
}

// transacted gives the end of a producer's call to the application.
func (p *process) transacted(err *client.Error) {
	if err != nil && err.Fatal {
		p.fatal = *err
	}
	p.noteCommit(err)
	if c, ok := p.consumer.(client.Transactor); ok && p.ending && err == nil {
		c.Transacted(p.sent)
	}
	p.app.(app.Producing).Transacted((*appPort)(p), p.w.Now(), err)
}

// produce calls the producer: from the one thread of a loop, or from a handler, beside
// the session that runs.
func (a *appPort) produce(n nextCall) {
	if _, beside := a.app.(*app.Claims); beside {
		a.producerCalls = append(a.producerCalls, n)
		return
	}
	a.next = n
}

// InitTransactions calls the producer's initTransactions.
func (a *appPort) InitTransactions() { a.produce(nextCall{kind: callInitTransactions}) }

// Send calls the producer's send, which does not block.
func (a *appPort) Send(n, size int64) {
	p := (*process)(a)
	p.producer.Send((*producerPort)(p), p.w.Now(), n, size)
}

// SendOffsets calls the producer's sendOffsetsToTransaction.
func (a *appPort) SendOffsets(offsets []kafka.OffsetCommit) {
	a.produce(nextCall{kind: callSendOffsets, offsets: offsets})
}

// CommitTransaction calls the producer's commitTransaction.
func (a *appPort) CommitTransaction(records []client.Range) {
	a.produce(nextCall{kind: callCommitTransaction, records: slices.Clone(records)})
}

// AbortTransaction calls the producer's abortTransaction.
func (a *appPort) AbortTransaction() { a.produce(nextCall{kind: callAbortTransaction}) }

// ForceHeartbeat calls for a heartbeat before a commit.
func (a *appPort) ForceHeartbeat() { a.next = nextCall{kind: callForceHeartbeat} }

// Rewind makes the consumer seek to what is committed.
func (a *appPort) Rewind() {
	if c, ok := a.consumer.(client.Rewinder); ok {
		c.Rewind()
	}
}

// Released books records of a committed transaction that the application holds no
// more.
func (a *appPort) Released(records int64) { a.open -= records }

// produce serves a Produce request: the partitions become part of the transaction,
// if they are not yet, then the records are written. The answer waits for replicas.
func (w *World) produce(m *message, r *kafka.ProduceRequest) {
	partitions := make([]kafka.TopicPartition, len(r.Batches))
	for i := range r.Batches {
		partitions[i] = r.Batches[i].TopicPartition
	}
	port := (*brokerPort)(w)
	if err := w.txns.coordinator.Add((*txnPort)(w), w.Now(), &r.Producing, partitions, ""); err != kafka.ErrNone {
		if err == kafka.ErrProducerFenced { // in the words of this request
			err = kafka.ErrInvalidProducerEpoch
		}
		w.reply(m.id, &kafka.ProduceResponse{Errs: slices.Repeat([]kafka.ErrorCode{err}, len(r.Batches))}, w.cause)
		return
	}
	response, wait := w.cluster.Produce(port, w.Now(), m.broker, r)
	w.replyAfter(wait, m.id, response, w.cause)
}

// commitTransactionally serves TxnOffsetCommit: the group becomes part of the
// transaction, if it is not yet.
func (s *shard) commitTransactionally(m *message, r *kafka.TxnOffsetCommitRequest) {
	w := s.w
	if err := w.txns.coordinator.Add((*txnPort)(w), w.Now(), &r.Producing, nil, r.Group); err != kafka.ErrNone {
		w.reply(m.id, &kafka.TxnOffsetCommitResponse{Errs: slices.Repeat([]kafka.ErrorCode{err}, len(r.Offsets))}, w.cause)
		return
	}
	s.coordinator.CommitTransactionalOffsets((*groupPort)(s), w.Now(), m.id, r)
}

// coordinateTransaction serves a request to the transaction coordinator, if this
// broker has it.
func (w *World) coordinateTransaction(m *message, r kafka.TransactionRequest) {
	h, now, c := (*txnPort)(w), w.Now(), w.txns.coordinator
	here := kafka.ErrNone
	if w.cluster.TransactionCoordinator(r.TransactionalID()) != m.broker {
		here = kafka.ErrNotCoordinator
	}
	switch r := r.(type) {
	case *kafka.InitProducerIDRequest:
		if here != kafka.ErrNone {
			h.Reply(m.id, &kafka.InitProducerIDResponse{Err: here})
			return
		}
		c.Init(h, now, m.id, r)
	case *kafka.AddPartitionsToTxnRequest:
		if here == kafka.ErrNone {
			here = c.Add(h, now, &r.Producing, r.Partitions, "")
		}
		h.Reply(m.id, &kafka.AddPartitionsToTxnResponse{Err: here})
	case *kafka.AddOffsetsToTxnRequest:
		if here == kafka.ErrNone {
			here = c.Add(h, now, &r.Producing, nil, r.Group)
		}
		h.Reply(m.id, &kafka.AddOffsetsToTxnResponse{Err: here})
	case *kafka.EndTxnRequest:
		if here != kafka.ErrNone {
			h.Reply(m.id, &kafka.EndTxnResponse{Err: here})
			return
		}
		c.End(h, now, m.id, r)
	}
}

// txnDue fires the timer of a transactional id.
func (w *World) txnDue(index uint32) {
	w.cause = w.txns.timers[index].cause
	w.txns.coordinator.Fire((*txnPort)(w), w.Now(), index)
}

// txnPort is the world as the transaction coordinator sees it (txn.Host).
type txnPort World

// Reply answers a request.
func (t *txnPort) Reply(to kafka.RequestID, r kafka.Response) { (*brokerPort)(t).Reply(to, r) }

// Arm sets the timer of a transactional id.
func (t *txnPort) Arm(index uint32, at clock.Time) {
	for int(index) >= len(t.txns.timers) {
		t.txns.timers = append(t.txns.timers, timer{handle: t.queue.NewTimer(clock.NewEvent(evTxn, 0, uint32(len(t.txns.timers))))})
	}
	t.txns.timers[index].cause = t.cause
	t.queue.Arm(t.txns.timers[index].handle, at)
}

// WriteMarkers writes the end of a transaction to its partitions and groups.
func (t *txnPort) WriteMarkers(m txn.Markers) {
	w := (*World)(t)
	for _, tp := range m.Partitions {
		w.cluster.WriteMarker((*brokerPort)(w), w.Now(), tp, m.ProducerID, m.Epoch, m.Commit)
	}
	for _, id := range m.Groups {
		g := &w.groups[slices.IndexFunc(w.groups, func(g groupState) bool { return g.id == id })]
		s := &w.shards[g.shard]
		if committed := s.coordinator.CompleteTransaction((*groupPort)(s), id, m.ProducerID, m.Commit); len(committed) > 0 {
			w.detail(func() trace.Event {
				return trace.Event{Type: trace.CommitDone, Group: id, Member: t.owner(m.Transactional).member.Name, Committed: committed}
			})
		}
	}
}

// Decided books the records of a transaction that will be committed: they are
// processed, whether their application lives or not.
func (t *txnPort) Decided(request kafka.RequestID) {
	m := &t.messages.slots[slotOf(request)]
	p := &t.procs[m.process]
	for _, r := range m.completes {
		t.groups[p.group].ledger.Completed(p.member.Name, r)
	}
	p.figures.Commits++
}

// txnEvents is the trace's word for what happens to a transaction, not committed
// and committed.
var txnEvents = [...][2]trace.Type{
	txn.Initialized: {trace.TxnInitialized, trace.TxnInitialized},
	txn.Begun:       {trace.TxnBegun, trace.TxnBegun},
	txn.Ending:      {trace.TxnAborting, trace.TxnCommitting},
	txn.Ended:       {trace.TxnAborted, trace.TxnCommitted},
}

// Emit records something that happened to a transactional id.
func (t *txnPort) Emit(e txn.Event) {
	(*World)(t).detail(func() trace.Event {
		p := t.owner(e.Transactional)
		x := trace.Event{Type: txnEvents[e.Kind][0], Group: t.groups[p.group].id, Member: p.member.Name, What: e.Transactional, Epoch: int32(e.Epoch), Reason: e.Reason}
		if e.Commit {
			x.Type = txnEvents[e.Kind][1]
		}
		return x
	})
}

// owner is whose transactional id it is.
func (t *txnPort) owner(id string) *process {
	return &t.procs[slices.IndexFunc(t.procs, func(p process) bool { return p.producer != nil && p.transactionalID() == id })]
}

// setIsolation makes a request read what the client's isolation.level allows, whichever
// client it is. It has not been sent yet.
func (p *process) setIsolation(r kafka.Request) {
	switch r := r.(type) {
	case *kafka.FetchRequest:
		r.ReadCommitted = p.readCommitted
	case *kafka.ListOffsetsRequest:
		r.ReadCommitted = p.readCommitted
	}
}

// readsCommitted is a client's isolation.level, as each writes it.
func readsCommitted(m *scenario.Member) bool {
	switch m.Client.Profile {
	case "kafkajs":
		return !m.Config.Bool("readUncommitted")
	case "kafka-python", "aiokafka":
		return m.Config.String("isolation_level") == "read_committed"
	case "sarama":
		return m.Config.String("Consumer.IsolationLevel") == "ReadCommitted"
	case "franz-go":
		return m.Config.String("FetchIsolationLevel") == "ReadCommitted"
	case "kafka-go":
		return m.Config.String("IsolationLevel") == "ReadCommitted"
	case "java", "librdkafka":
		return m.Config.String("isolation.level") == "read_committed"
	}
	return false
}

// visible leaves out of a poll's records what no application is ever handed:
// markers of transactions, and what was aborted if the consumer reads committed
// records only. A client passes it over as it looks through what it has fetched
// (Java: CompletedFetch.nextFetchedRecord).
func (w *World) visible(p *process, records []client.Range) []client.Range {
	if len(w.txns.timers) == 0 { // no transaction has begun yet
		return records
	}
	var out []client.Range
	for _, r := range records {
		from := r.From
		for _, h := range w.cluster.Hidden(nil, r.TopicPartition, r.From, r.To, p.readCommitted) {
			if h[0] > from {
				out = append(out, client.Range{TopicPartition: r.TopicPartition, From: from, To: h[0], Size: r.Size})
			}
			w.groups[p.group].ledger.PassedOver(r.TopicPartition, h[0], h[1])
			from = max(from, h[1])
		}
		if from < r.To {
			out = append(out, client.Range{TopicPartition: r.TopicPartition, From: from, To: r.To, Size: r.Size})
		}
	}
	return out
}

func (t *transactions) clone() transactions {
	return transactions{coordinator: t.coordinator.Clone(), timers: slices.Clone(t.timers)}
}
