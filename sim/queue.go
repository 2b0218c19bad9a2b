package sim

import (
	"slices"
	"strconv"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/sqs"
	"ksim/sim/trace"
)

// queueState is one SQS queue and what the engine keeps of it.
type queueState struct {
	conf       *scenario.Queue
	queue      *sqs.Queue
	deadLetter int // index of its dead-letter queue, −1: none
	numbered   int64
	timer      clock.Timer
	samples    clock.Stream // which short polls miss what there is
}

// letter is what the engine knows of a message beside the queue that has it.
type letter struct {
	origin int   // the queue that it was sent to
	number int64 // which of that queue's messages, from 1
	size   int64
	holder int   // the process that received it last, −1: none has
	cause  cause // the latest event of its life
}

// addQueues makes the queues of the scenario.
func (w *World) addQueues() {
	for i := range w.scenario.Queues {
		c := &w.scenario.Queues[i]
		w.queues = append(w.queues, queueState{
			conf: c, deadLetter: w.queueIndex(c.DeadLetter),
			queue: sqs.NewQueue(sqs.Settings{
				FIFO: c.FIFO, Visibility: c.Visibility, Delay: c.Delay, Retention: sqs.DefaultRetention,
				MaxReceives: c.MaxReceives, MaxInFlight: sqs.DefaultMaxInFlight, StaleDeletes: c.StaleDeletes,
			}),
			timer:   w.queue.NewTimer(clock.NewEvent(evQueue, uint32(i), 0)),
			samples: clock.NewStream(w.scenario.Seed, c.Name, "short polls"),
		})
	}
}

// cloneQueues copies the queues of another world.
func (w *World) cloneQueues(of *World) {
	w.queues, w.letters, w.senders = slices.Clone(of.queues), slices.Clone(of.letters), slices.Clone(of.senders)
	for i := range w.queues {
		w.queues[i].queue = of.queues[i].queue.Clone()
	}
	for i := range w.senders {
		w.senders[i].keys = of.senders[i].keys.Clone()
	}
}

// queueIndex finds a queue by its name; −1: there is none.
func (w *World) queueIndex(name string) int {
	return slices.IndexFunc(w.scenario.Queues, func(q scenario.Queue) bool { return q.Name == name })
}

// misses tells whether a receive finds nothing whatever there is (false-empty): a
// short poll asks a sample of the service's servers.
func (q *queueState) misses(wait clock.Duration) bool {
	return wait == 0 && q.conf.FalseEmpty > 0 && q.samples.Below(100) < q.conf.FalseEmpty
}

// queueDue is when a queue wants to be looked at.
func (w *World) queueDue(i uint32) {
	w.cause = cause{}
	w.queues[i].queue.Advance(queuePort{w, int(i), nobody}, w.Now())
	w.armQueue(int(i))
}

// armQueue sets when a queue is looked at next, and its dead-letter queue, which may
// have got something from it.
func (w *World) armQueue(i int) {
	for _, k := range []int{i, w.queues[i].deadLetter} {
		if k < 0 {
			continue
		}
		q := &w.queues[k]
		if at := q.queue.Due(); at == clock.Never {
			w.queue.Cancel(q.timer)
		} else {
			w.queue.Arm(q.timer, at)
		}
	}
}

// sendMessage is SendMessage at the queue. The message's number is its place among
// all that were ever sent to it.
func (w *World) sendMessage(i, sender int, size int64, group, dedup string) {
	q := &w.queues[i]
	id := int64(len(w.letters))
	w.letters = append(w.letters, letter{origin: i, number: q.numbered + 1, size: size, holder: nobody, cause: w.cause})
	port := queuePort{w, i, sender}
	if q.queue.Send(port, w.Now(), sqs.Message{ID: id, Group: group, Dedup: dedup}) {
		q.numbered++
		w.armQueue(i)
		return
	}
	w.letters = w.letters[:id]
	w.detail(func() trace.Event { return port.by(trace.Event{Type: trace.QueueDeduplicated, Message: dedup}, sender) })
}

// letterName is a message's name in the trace.
func (w *World) letterName(id int64) string {
	l := &w.letters[id]
	return w.queues[l.origin].conf.Name + "-" + strconv.FormatInt(l.number, 10)
}

// rangeOf is a message as the ledger and applications have it.
func (w *World) rangeOf(id int64) client.Range {
	l := &w.letters[id]
	return client.Range{TopicPartition: kafka.TopicPartition{Topic: w.queues[l.origin].conf.Name}, From: l.number - 1, To: l.number, Size: l.size}
}

// nobody is no process.
const nobody = -1

// queuePort is the world as a queue sees it (sqs.Host), with the process whose
// request is served.
type queuePort struct {
	w     *World
	queue int
	actor int
}

// by fills in the queue, and the process that an event is about.
func (p queuePort) by(e trace.Event, process int) trace.Event {
	e.Queue = p.w.queues[p.queue].conf.Name
	if process >= 0 {
		x := &p.w.procs[process]
		e.Group, e.Member = p.w.groups[x.group].id, x.member.Name
	}
	return e
}

// tell records an event of a message's life, whose cause is the one before.
func (p queuePort) tell(t trace.Type, m *sqs.Message, process int, what string) {
	l := &p.w.letters[m.ID]
	p.w.cause = l.cause
	p.w.detail(func() trace.Event {
		return p.by(trace.Event{Type: t, Message: p.w.letterName(m.ID), Receives: m.Receives, What: what}, process)
	})
	l.cause = p.w.cause
}

// Changed records what has become of a message. What it was received for is told
// with the answer, a deletion with its request.
func (p queuePort) Changed(m sqs.Message, from, to sqs.State) {
	w, before := p.w, p.w.cause
	l := &w.letters[m.ID]
	switch {
	case from == sqs.New && m.Receives == 0 && l.origin == p.queue:
		p.tell(trace.QueueSent, &m, p.actor, "")
	case from == sqs.InFlight && to == sqs.Visible:
		p.tell(trace.QueueExpired, &m, l.holder, "")
	case to == sqs.DeadLettered:
		dead := w.queues[p.queue].deadLetter
		p.tell(trace.QueueDeadLettered, &m, l.holder, w.queues[dead].conf.Name)
		w.queues[dead].queue.Redrive(queuePort{w, dead, nobody}, w.Now(), m)
	case to == sqs.Expired:
		p.tell(trace.QueueDiscarded, &m, nobody, "")
		w.miss(p.queue, nobody, m.ID)
	case to == sqs.Deleted:
		w.miss(p.queue, p.actor, m.ID)
	}
	w.cause = before
}

// Answer ends a receive.
func (p queuePort) Answer(receive uint64, got []sqs.Delivery, err *sqs.Error) {
	w, id := p.w, kafka.RequestID(receive)
	m := &w.messages.slots[slotOf(id)]
	why := m.cause
	for i := range got {
		w.letters[got[i].ID].holder = int(m.process)
		p.tell(trace.QueueReceived, &got[i].Message, int(m.process), "")
		why = w.cause
	}
	w.answerQueue(id, queueAnswer{got: got, err: err}, why)
}

// miss notes that a message has gone which those who should have processed it have
// not: the group that deleted it, or all that read the queue.
func (w *World) miss(queue, by int, id int64) {
	r := w.rangeOf(id)
	for i := range w.groups {
		g := &w.groups[i]
		if by >= 0 && w.procs[by].group != i || by < 0 && !slices.Contains(g.queues, queue) {
			continue
		}
		if !g.ledger.Has(r) {
			g.missed = append(g.missed, r)
		}
	}
}

// missing counts the messages that have gone, and that nobody of the group has
// completed or holds.
func (g *groupState) missing(held []client.Range) (n int64) {
	for _, r := range g.missed {
		if !g.ledger.Has(r) && !slices.Contains(held, r) {
			n++
		}
	}
	return n
}

// sampleQueue is what a queue holds.
func (w *World) sampleQueue(i int) QueueSample {
	q := &w.queues[i]
	s := QueueSample{Name: q.conf.Name, InFlight: q.queue.Count(sqs.InFlight), Delayed: q.queue.Count(sqs.Delayed)}
	for id := range q.queue.Visible() {
		s.Waiting, s.Bytes = s.Waiting+1, s.Bytes+w.letters[id].size
	}
	return s
}

// emitDepths says what each queue holds, each full second.
func (w *World) emitDepths() {
	for i := range w.queues {
		w.cause = cause{}
		w.detail(func() trace.Event {
			q := &w.queues[i]
			return trace.Event{Type: trace.QueueDepth, Queue: q.conf.Name,
				Records: q.queue.Count(sqs.Visible), InFlight: q.queue.Count(sqs.InFlight), Delayed: q.queue.Count(sqs.Delayed)}
		})
	}
}
