package sim

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// isolation is a process whose packets are dropped, both ways, or that was so until
// a moment ago.
type isolation struct {
	now   bool
	since clock.Time
	until clock.Time
	lanes []lane
}

// lane is one direction of one TCP connection on which something is lost. TCP sends
// it again, and what comes after it waits behind it.
type lane struct {
	broker      int32
	coordinator bool // the connection for the group, which is apart from that for records
	kind        uint8
	sent        clock.Time // when the first was sent that is lost
	until       clock.Time // when it is sent again successfully, once that is known
	slots       []uint32   // messages that are lost
}

// Retransmission times of Linux: the first after 200 ms on a connection that is
// open (TCP_RTO_MIN), after a second for one that is being opened (TCP_TIMEOUT_INIT),
// and each time twice as long after the one before.
const (
	retransmitData = 200 * clock.Millisecond
	retransmitOpen = clock.Second
)

// isolate drops the packets of the process for a time.
func (p *process) isolate(d clock.Duration) {
	if !p.alive() {
		return
	}
	now := p.w.Now()
	x := &p.isolation
	if !x.now {
		x.now, x.since = true, now
		p.emit(trace.Event{Type: trace.MemberIsolated})
		p.silence = p.w.cause
	}
	x.until = max(x.until, now+d)
	p.w.queue.Schedule(now+d, clock.ClassTimeline, clock.NewEvent(evReach, p.index, p.incarnation&clock.MaxArg))
}

// reach ends the isolation: what is lost comes with its next retransmission.
func (p *process) reach(incarnation uint32) {
	w, now := p.w, p.w.Now()
	x := &p.isolation
	if !x.now || x.until != now {
		return // it is isolated for longer
	}
	x.now = false
	if p.alive() && p.incarnation&clock.MaxArg == incarnation {
		p.emit(trace.Event{Type: trace.MemberReached})
	}
	for i := range x.lanes {
		l := &x.lanes[i]
		if len(l.slots) == 0 {
			continue
		}
		first := retransmitData
		if p.started >= x.since { // its connections were not open yet
			first = retransmitOpen
		}
		l.until = retransmitted(l.sent, first, now) + w.scenario.Cluster.Latency
		for _, slot := range l.slots {
			w.queue.Schedule(l.until, clock.ClassMessage, clock.NewEvent(l.kind, 0, slot))
		}
		l.slots = nil
	}
}

// retransmitted is the first time at or after t at which something is sent again.
func retransmitted(sent clock.Time, wait clock.Duration, t clock.Time) clock.Time {
	for sent < t {
		sent += wait
		wait *= 2
	}
	return sent
}

// isLost tells whether a message that would arrive now does not: its process is
// isolated, or something before it on the same connection has still to come.
func (w *World) isLost(slot uint32, m *message, kind uint8) bool {
	p := &w.procs[m.process]
	x := &p.isolation
	if x.until == 0 || m.incarnation != p.incarnation && kind == evResponse {
		return false
	}
	_, coordinator := m.request.(kafka.GroupRequest)
	i := slices.IndexFunc(x.lanes, func(l lane) bool { return l.broker == m.broker && l.coordinator == coordinator && l.kind == kind })
	switch now := w.Now(); {
	case x.now:
		if i < 0 {
			i = len(x.lanes)
			x.lanes = append(x.lanes, lane{broker: m.broker, coordinator: coordinator, kind: kind})
		}
		l := &x.lanes[i]
		if len(l.slots) == 0 {
			l.sent = now - w.scenario.Cluster.Latency
		}
		l.slots = append(l.slots, slot)
		return true
	case i >= 0 && now < x.lanes[i].until:
		w.queue.Schedule(x.lanes[i].until, clock.ClassMessage, clock.NewEvent(kind, 0, slot))
		return true
	}
	return false
}

func (x *isolation) clone() isolation {
	c := *x
	c.lanes = slices.Clone(x.lanes)
	for i := range c.lanes {
		c.lanes[i].slots = slices.Clone(c.lanes[i].slots)
	}
	return c
}
