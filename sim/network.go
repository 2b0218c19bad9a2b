package sim

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// message is a request on its way to a broker, at the broker, or answered and
// on its way back.
type message struct {
	id          kafka.RequestID
	process     uint32
	incarnation uint32 // of the process: another one never gets the answer
	broker      int32
	request     kafka.Request
	response    kafka.Response // nil: the connection broke
	producer    bool           // it is the producer's, not the consumer's
	completes   []client.Range // of EndTxn: the records that a commit completes
	arrived     bool           // the request, at the broker
	answered    bool
	answer      queueAnswer // of a queueRequest
	cause       cause
}

// messages is the messages that are under way, in slots that are used again. A
// request id is the slot with a running number, so that an answer finds its
// request without a search.
type messages struct {
	slots []message
	free  []uint32
	sent  uint64
}

const slotBits = 24 // an event's argument holds a slot

func slotOf(id kafka.RequestID) uint32 { return uint32(id & (1<<slotBits - 1)) }

// add stores a message and gives it an id.
func (m *messages) add(x message) (uint32, kafka.RequestID) {
	m.sent++
	var slot uint32
	if n := len(m.free); n > 0 {
		slot = m.free[n-1]
		m.free = m.free[:n-1]
	} else {
		m.slots = append(m.slots, message{})
		slot = uint32(len(m.slots) - 1)
	}
	x.id = kafka.RequestID(m.sent<<slotBits | uint64(slot))
	m.slots[slot] = x
	return slot, x.id
}

// take removes a message that has arrived.
func (m *messages) take(slot uint32) message {
	x := m.slots[slot]
	m.slots[slot] = message{}
	m.free = append(m.free, slot)
	return x
}

func (m *messages) clone() messages {
	return messages{slots: slices.Clone(m.slots), free: slices.Clone(m.free), sent: m.sent}
}

// post puts a request on the wire.
func (w *World) post(m message) kafka.RequestID {
	slot, id := w.messages.add(m)
	w.queue.Schedule(w.Now()+w.scenario.Cluster.Latency, clock.ClassMessage, clock.NewEvent(evRequest, 0, slot))
	return id
}

// requestArrives hands a request to the part of the broker that serves it.
func (w *World) requestArrives(slot uint32) {
	m := w.messages.slots[slot]
	if m.answered || w.isLost(slot, &m, evRequest) {
		return
	}
	w.messages.slots[slot].arrived = true
	if r, ok := m.request.(*queueRequest); ok {
		w.serveQueue(&m, r)
		return
	}
	if m.broker < 1 || w.brokers[m.broker-1].down { // nobody listens; a client that knows no broker asks broker 0
		w.reply(m.id, nil, m.cause)
		return
	}
	if w.inTurn(&m) && !w.mayRead(&m) {
		return
	}
	w.cause = m.cause
	w.detail(func() trace.Event { return w.netEvent(trace.NetRequest, &m) })
	w.messages.slots[slot].cause = w.cause
	now, port := w.Now(), (*brokerPort)(w)
	switch r := m.request.(type) {
	case *kafka.FetchRequest:
		w.cluster.Fetch(port, now, m.broker, m.id, r)
	case *kafka.ShareFetchRequest:
		w.cluster.ShareFetch(port, now, m.broker, m.id, r)
	case *kafka.ShareAcknowledgeRequest:
		w.cluster.ShareAcknowledge(port, now, m.broker, m.id, r)
	case *kafka.MetadataRequest:
		port.Reply(m.id, w.cluster.Metadata(r))
	case *kafka.ApiVersionsRequest:
		port.Reply(m.id, &kafka.ApiVersionsResponse{})
	case *kafka.ListOffsetsRequest:
		port.Reply(m.id, w.cluster.ListOffsets(now, m.broker, r))
	case *kafka.OffsetsForLeaderEpochRequest:
		port.Reply(m.id, w.cluster.OffsetsForLeaderEpoch(m.broker, r))
	case *kafka.FindCoordinatorRequest:
		port.Reply(m.id, w.cluster.FindCoordinator(r))
	case *kafka.ProduceRequest:
		w.produce(&m, r)
	case kafka.GroupRequest:
		w.coordinate(&m, r.GroupID())
	case kafka.TransactionRequest:
		w.coordinateTransaction(&m, r)
	default:
		panic(fmt.Sprintf("sim: broker cannot serve %T", m.request))
	}
}

// reply sends an answer back.
func (w *World) reply(to kafka.RequestID, r kafka.Response, why cause) { w.replyAfter(0, to, r, why) }

// replyAfter sends an answer back that is ready and waits for something.
func (w *World) replyAfter(wait clock.Duration, to kafka.RequestID, r kafka.Response, why cause) {
	slot := slotOf(to)
	m := &w.messages.slots[slot]
	if m.id != to {
		panic("sim: answer to a request that is not there")
	}
	m.response, m.answered, m.cause = r, true, why
	w.queue.Schedule(w.Now()+wait+w.scenario.Cluster.Latency, clock.ClassMessage, clock.NewEvent(evResponse, 0, slot))
	w.answeredOn(m)
}

// responseArrives hands an answer to the process that asked, if it still lives.
func (w *World) responseArrives(slot uint32) {
	if m := &w.messages.slots[slot]; w.isLost(slot, m, evResponse) {
		return
	}
	m := w.messages.take(slot)
	p := &w.procs[m.process]
	if p.incarnation != m.incarnation || !p.alive() {
		return
	}
	w.cause = m.cause
	if p.state == frozen {
		p.backlog = append(p.backlog, delayed{message: m})
		return
	}
	p.answered(&m)
}

// netEvent is the detail event of a message's arrival.
func (w *World) netEvent(t trace.Type, m *message) trace.Event {
	p := &w.procs[m.process]
	if _, ofQueue := m.request.(*queueRequest); m.answered && m.response == nil && !ofQueue {
		return trace.Event{Type: t, Group: w.groups[p.group].id, Member: p.member.Name, What: m.request.Name(), Error: "disconnected"}
	}
	return trace.Event{Type: t, Group: w.groups[p.group].id, Member: p.member.Name, What: m.request.Name()}
}

// brokerPort is the world as the brokers' data plane sees it.
type brokerPort World

// Reply answers a request now.
func (b *brokerPort) Reply(to kafka.RequestID, r kafka.Response) {
	w := (*World)(b)
	w.reply(to, r, w.messages.slots[slotOf(to)].cause)
}

// ArmFetch sets when a parked fetch is looked at again.
func (b *brokerPort) ArmFetch(slot uint32, at clock.Time) {
	w := (*World)(b)
	for int(slot) >= len(w.fetches) {
		w.fetches = append(w.fetches, w.queue.NewTimer(clock.NewEvent(evFetch, 0, uint32(len(w.fetches)))))
	}
	w.queue.Arm(w.fetches[slot], at)
}

// DisarmFetch unsets that.
func (b *brokerPort) DisarmFetch(slot uint32) { (*World)(b).queue.Cancel(b.fetches[slot]) }
