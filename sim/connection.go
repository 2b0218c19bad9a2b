package sim

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// connection is a process's connection to a broker for requests to group
// coordinators. A broker reads the next request of a connection only after it has
// answered the one before (SocketServer, which mutes the channel), so while a
// JoinGroup waits for other members, a commit or a LeaveGroup behind it waits too,
// and finds the group as it is afterwards.
type connection struct {
	broker  int32
	serving kafka.RequestID // 0: none
	waiting []uint32        // slots of the messages behind it, in order
}

// joinsApart are the clients that send JoinGroup and SyncGroup on a connection of
// their own (franz-go: brokerCxn cxnGroup), where they hold up nothing.
var joinsApart = map[string]bool{"franz-go": true}

// oneConnection are the clients that have one connection to a broker, which
// fetches use too: what is sent behind a fetch waits for records (sarama's Broker).
var oneConnection = map[string]bool{"sarama": true}

// inTurn tells whether a request comes on a connection whose order counts.
func (w *World) inTurn(m *message) bool {
	if m.producer {
		return false // one request at a time
	}
	_, coordinates := m.request.(kafka.GroupRequest)
	return coordinates || oneConnection[w.procs[m.process].member.Client.Profile]
}

// connection is the one that a request of this process comes on, nil when nothing
// shares it.
func (p *process) connection(broker int32, r kafka.Request) *connection {
	if joinsApart[p.member.Client.Profile] {
		switch r.(type) {
		case *kafka.JoinGroupRequest, *kafka.SyncGroupRequest:
			return nil
		}
	}
	i := slices.IndexFunc(p.connections, func(c connection) bool { return c.broker == broker })
	if i < 0 {
		i = len(p.connections)
		p.connections = append(p.connections, connection{broker: broker})
	}
	return &p.connections[i]
}

// mayRead tells whether the broker reads a request to a coordinator now; if not it
// comes again when its turn has come. What a process has sent before it was killed
// waits for nothing.
func (w *World) mayRead(m *message) bool {
	p := &w.procs[m.process]
	if p.incarnation != m.incarnation {
		return true
	}
	c := p.connection(m.broker, m.request)
	if c == nil || c.serving == m.id {
		return true
	}
	if _, joins := m.request.(*kafka.JoinGroupRequest); joins && w.serves(c.serving, m) {
		w.hangUp(c)
	}
	if c.serving == 0 {
		c.serving = m.id
		return true
	}
	c.waiting = append(c.waiting, slotOf(m.id))
	return false
}

// serves tells whether what is served is a JoinGroup too: a client that sends
// another one has given up the first, and its connection.
func (w *World) serves(id kafka.RequestID, m *message) bool {
	if id == 0 {
		return false
	}
	other := &w.messages.slots[slotOf(id)]
	_, joins := other.request.(*kafka.JoinGroupRequest)
	return joins && other.id == id && other.process == m.process
}

// answeredOn lets the broker read on after it has answered a request.
func (w *World) answeredOn(m *message) {
	p := &w.procs[m.process]
	i := slices.IndexFunc(p.connections, func(c connection) bool { return c.serving == m.id })
	if i < 0 || p.incarnation != m.incarnation {
		return
	}
	c := &p.connections[i]
	c.serving = 0
	if len(c.waiting) == 0 {
		return
	}
	next := c.waiting[0]
	c.waiting = slices.Delete(c.waiting, 0, 1)
	c.serving = w.messages.slots[next].id
	w.queue.Schedule(w.Now(), clock.ClassMessage, clock.NewEvent(evRequest, 0, next))
}

// hangUp ends a connection: what the broker has not read is not answered.
func (w *World) hangUp(c *connection) {
	unread := c.waiting
	c.serving, c.waiting = 0, nil
	for _, slot := range unread {
		m := &w.messages.slots[slot]
		w.reply(m.id, nil, m.cause)
	}
}

// breakConnections ends all connections to a broker that has died: requests without
// an answer never get one, and the clients see it when the broken connection reaches
// them.
func (w *World) breakConnections(broker int32) {
	for i := range w.procs {
		p := &w.procs[i]
		p.connections = slices.DeleteFunc(p.connections, func(c connection) bool { return c.broker == broker })
	}
	for slot := range w.messages.slots {
		if m := &w.messages.slots[slot]; m.id != 0 && m.broker == broker && m.arrived && !m.answered {
			w.reply(m.id, nil, m.cause)
		}
	}
	for i := range w.procs {
		p := &w.procs[i]
		if _, watches := p.consumer.(client.ConnectionWatcher); watches && p.alive() {
			slot, _ := w.messages.add(message{process: p.index, incarnation: p.incarnation, broker: broker, answered: true, cause: w.cause})
			w.queue.Schedule(w.Now()+w.scenario.Cluster.Latency, clock.ClassMessage, clock.NewEvent(evResponse, 0, slot))
		}
	}
}

// leaveConnections lets the brokers read what a process that has ended had sent.
func (p *process) leaveConnections() {
	for i := range p.connections {
		for _, slot := range p.connections[i].waiting {
			p.w.queue.Schedule(p.w.Now(), clock.ClassMessage, clock.NewEvent(evRequest, 0, slot))
		}
	}
	p.connections = nil
}

func cloneConnections(list []connection) []connection {
	list = slices.Clone(list)
	for i := range list {
		list[i].waiting = slices.Clone(list[i].waiting)
	}
	return list
}
