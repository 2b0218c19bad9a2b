package sim

import (
	"fmt"

	"ksim/sim/app"
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/sqs"
	"ksim/sim/trace"
)

// queueRequest is a request to SQS. It travels like one to a broker: one way through
// the network, and one way back.
type queueRequest struct {
	action   string // ReceiveMessage, …
	queue    int
	most     int
	wait     clock.Duration
	receipts []sqs.Receipt // DeleteMessage and ChangeMessageVisibility: one
	ids      []int64       // of the messages of the receipts
	timeout  clock.Duration
	group    string // SendMessage: MessageGroupId, MessageDeduplicationId
	dedup    string
	record   client.Range // SendMessage: whose task it is
}

// The requests, by their names in Amazon's API.
const (
	receiveMessage = "ReceiveMessage"
	deleteMessage  = "DeleteMessage"
	giveBack       = "ChangeMessageVisibility"
	extend         = "ChangeMessageVisibilityBatch"
	sendMessage    = "SendMessage"
)

// Name is the request's name in Amazon's API.
func (r *queueRequest) Name() string { return r.action }

// queueAnswer is its answer.
type queueAnswer struct {
	got []sqs.Delivery
	err *sqs.Error
}

// leastQueueLatency keeps a worker that never waits from turning for ever at one
// instant.
const leastQueueLatency = clock.Microsecond

// queueLatency is one way between a process and SQS.
func (w *World) queueLatency() clock.Duration {
	return max(w.scenario.Cluster.Latency, leastQueueLatency)
}

// ask sends a request to SQS, which takes so long there.
func (a *appPort) ask(r queueRequest, takes clock.Duration) {
	p := (*process)(a)
	w := p.w
	r.queue = w.queueIndex(p.member.App.QueueName)
	slot, _ := w.messages.add(message{process: p.index, incarnation: p.incarnation, request: &r, cause: w.cause})
	w.queue.Schedule(w.Now()+w.queueLatency()+takes, clock.ClassMessage, clock.NewEvent(evRequest, 0, slot))
}

// Receive asks for messages.
func (a *appPort) Receive(most int, wait clock.Duration) {
	(*process)(a).notePoll(a.w.Now())
	a.ask(queueRequest{action: receiveMessage, most: most, wait: wait}, 0)
}

// Delete deletes a message.
func (a *appPort) Delete(m app.Message) {
	a.ask(queueRequest{action: deleteMessage, receipts: []sqs.Receipt{m.Receipt}, ids: []int64{m.ID}}, 0)
}

// GiveBack lets a message be received again after a while.
func (a *appPort) GiveBack(m app.Message, after clock.Duration) {
	a.ask(queueRequest{action: giveBack, receipts: []sqs.Receipt{m.Receipt}, ids: []int64{m.ID}, timeout: after}, 0)
}

// Extend hides messages for longer.
func (a *appPort) Extend(messages []app.Message, timeout clock.Duration) {
	r := queueRequest{action: extend, timeout: timeout}
	for _, m := range messages {
		r.receipts, r.ids = append(r.receipts, m.Receipt), append(r.ids, m.ID)
	}
	a.ask(r, 0)
}

// Enqueue sends a task of a record. Its deduplication id says which task of which
// record it is, so that a FIFO queue takes it once; the tasks of a record are a
// message group.
func (a *appPort) Enqueue(record client.Range, task int64, takes clock.Duration) {
	group := fmt.Sprintf("%s@%d", record.TopicPartition, record.From)
	a.ask(queueRequest{action: sendMessage, record: record, group: group, dedup: fmt.Sprintf("%s/%d", group, task)},
		max(0, takes-2*a.w.queueLatency()))
}

// serveQueue does what a request asks that has arrived.
func (w *World) serveQueue(m *message, r *queueRequest) {
	w.cause = m.cause
	w.detail(func() trace.Event { return w.netEvent(trace.NetRequest, m) })
	w.messages.slots[slotOf(m.id)].cause = w.cause
	q, port, now := w.queues[r.queue].queue, queuePort{w, r.queue, int(m.process)}, w.Now()
	var err *sqs.Error
	switch r.action {
	case receiveMessage:
		if w.queues[r.queue].misses(r.wait) {
			w.answerQueue(m.id, queueAnswer{}, w.cause)
			return
		}
		q.Receive(port, now, uint64(m.id), r.most, r.wait)
		w.armQueue(r.queue)
		return
	case deleteMessage:
		err = w.deleteFrom(q, port, r)
	case giveBack, extend:
		err = w.changeVisibility(q, port, r)
	case sendMessage:
		w.sendMessage(r.queue, int(m.process), r.record.Size, r.group, r.dedup)
	}
	w.answerQueue(m.id, queueAnswer{err: err}, w.cause)
	w.armQueue(r.queue)
}

// deleteFrom is DeleteMessage at the queue, with its event.
func (w *World) deleteFrom(q *sqs.Queue, port queuePort, r *queueRequest) *sqs.Error {
	stale := !q.Holds(r.receipts[0])
	outcome, err := q.Delete(port, w.Now(), r.receipts[0])
	if outcome != sqs.Refused {
		w.detail(func() trace.Event {
			return port.by(trace.Event{Type: trace.QueueDeleted, Message: w.letterName(r.ids[0]),
				Receives: r.receipts[0].Receives(), Stale: stale, Ignored: outcome != sqs.Removed}, port.actor)
		})
	}
	return err
}

// changeVisibility is ChangeMessageVisibility of each message, with its events; the
// error is that of the last one that is refused.
func (w *World) changeVisibility(q *sqs.Queue, port queuePort, r *queueRequest) (err *sqs.Error) {
	told := trace.QueueExtended
	if r.action == giveBack {
		told = trace.QueueGivenBack
	}
	for i, x := range r.receipts {
		if e := q.MayChange(w.Now(), x, r.timeout); e != nil {
			err = e
			continue
		}
		port.tell(told, &sqs.Message{ID: r.ids[i], Receives: x.Receives()}, port.actor, scenario.FormatDuration(r.timeout))
		q.ChangeVisibility(port, w.Now(), x, r.timeout)
	}
	return err
}

// answerQueue sends an answer back.
func (w *World) answerQueue(to kafka.RequestID, answer queueAnswer, why cause) {
	slot := slotOf(to)
	m := &w.messages.slots[slot]
	m.answer, m.answered, m.cause = answer, true, why
	w.queue.Schedule(w.Now()+w.queueLatency(), clock.ClassMessage, clock.NewEvent(evResponse, 0, slot))
}

// queueAnswered gives an answer to the application.
func (p *process) queueAnswered(m *message, r *queueRequest) {
	h, now := (*appPort)(p), p.w.Now()
	var err *client.Error
	if e := m.answer.err; e != nil {
		err = &client.Error{Name: e.Code, Text: e.Text}
	}
	if r.action == sendMessage {
		p.app.(app.TaskSender).Enqueued(h, now, r.record, err)
		return
	}
	user := p.app.(app.QueueUser)
	switch r.action {
	case receiveMessage:
		user.Received(h, now, p.received(m.answer.got), err)
	case deleteMessage:
		if err == nil {
			p.figures.Commits++
		}
		user.Deleted(h, now, err)
	case giveBack:
		user.GivenBack(h, now, err)
	case extend:
		user.Extended(h, now, err)
	}
}

// received notes that a receive has returned, and gives its messages.
func (p *process) received(got []sqs.Delivery) []app.Message {
	var messages []app.Message
	var result client.PollResult
	for i := range got {
		r := p.w.rangeOf(got[i].ID)
		messages = append(messages, app.Message{Range: r, ID: got[i].ID, Receipt: got[i].Receipt, Receives: int64(got[i].Receives)})
		result.Records = append(result.Records, r)
	}
	p.polling, p.polled = false, p.w.Now()
	p.notePolled(&result)
	return messages
}

// hangUpQueue lets the queues know that a process has ended: the operating system
// closes its connections, and with them end its long polls. Of a process that is
// isolated they hear nothing.
func (p *process) hangUpQueue() {
	if p.member.App.Model == scenario.QueueWorker && p.member.App.WaitTime > 0 && !p.isolation.now {
		p.w.queue.Schedule(p.w.Now()+p.w.queueLatency(), clock.ClassMessage, clock.NewEvent(evHungUp, p.index, p.incarnation&clock.MaxArg))
	}
}

// hungUp is when they hear of it.
func (w *World) hungUp(process, incarnation uint32) {
	for slot := range w.messages.slots {
		m := &w.messages.slots[slot]
		r, ok := m.request.(*queueRequest)
		if !ok || m.process != process || m.incarnation&clock.MaxArg != incarnation || !m.arrived || m.answered {
			continue
		}
		w.queues[r.queue].queue.HangUp(uint64(m.id))
		w.armQueue(r.queue)
		w.messages.take(uint32(slot))
	}
}
