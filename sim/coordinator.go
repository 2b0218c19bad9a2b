package sim

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/group"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// brokerState is a broker's group coordinator and what the engine does for it:
// its timers, and the appends to __consumer_offsets that answers wait for.
type brokerState struct {
	w           *World
	id          int32
	coordinator *group.Coordinator
	rand        clock.Stream
	linger      clock.Duration // group.coordinator.append.linger.ms

	timers groupTimers

	// Records that have been written and not replicated, and the answers that
	// may not leave before them (CoordinatorRuntime, deferred events).
	appends   []group.AppendID
	held      []heldReply
	flush     clock.Timer
	flushWhen cause
}

// heldReply is an answer that waits for an append.
type heldReply struct {
	to    kafka.RequestID
	r     kafka.Response
	cause cause
}

func newBroker(w *World, id int32, s *scenario.Scenario) brokerState {
	return brokerState{
		w:           w,
		id:          id,
		coordinator: group.New(groupConfig(s.Cluster.Version, s.Cluster.Config)),
		rand:        clock.NewStream(s.Seed, fmt.Sprintf("broker-%d", id), "uuid"),
		linger:      max(0, s.Cluster.Config.Millis("group.coordinator.append.linger.ms")),
	}
}

// address is how clients print the broker.
func (b *brokerState) address() string { return fmt.Sprintf("kafka-%d:9092", b.id) }

// serve hands a request to the group coordinator.
func (b *brokerState) serve(m *message) {
	now, h := b.w.Now(), (*groupPort)(b)
	switch r := m.request.(type) {
	case *kafka.JoinGroupRequest:
		b.coordinator.Join(h, now, m.id, r)
	case *kafka.SyncGroupRequest:
		b.coordinator.Sync(h, now, m.id, r)
	case *kafka.HeartbeatRequest:
		b.coordinator.Heartbeat(h, now, m.id, r)
	case *kafka.LeaveGroupRequest:
		b.coordinator.Leave(h, now, m.id, r)
	case *kafka.OffsetCommitRequest:
		b.coordinator.CommitOffsets(h, now, m.id, r)
	case *kafka.OffsetFetchRequest:
		b.coordinator.FetchOffsets(h, now, m.id, r)
	default:
		panic(fmt.Sprintf("sim: broker cannot serve %T", m.request))
	}
}

// timerFired fires one of the coordinator's timers.
func (b *brokerState) timerFired(slot uint32) {
	b.w.cause = b.timers.causes[slot]
	b.coordinator.Fire((*groupPort)(b), b.w.Now(), b.timers.ids[slot])
}

// appended is the end of the append that runs: what waits for it goes on.
func (b *brokerState) appended() {
	w, appends, held := b.w, b.appends, b.held
	b.appends, b.held = nil, nil
	h := (*groupPort)(b)
	for _, id := range appends {
		if id != 0 {
			w.cause = b.flushWhen
			b.coordinator.Appended(h, w.Now(), id, kafka.ErrNone)
		}
	}
	for _, r := range held {
		w.reply(r.to, r.r, r.cause)
	}
}

func (b *brokerState) clone(w *World) brokerState {
	c := *b
	c.w = w
	c.coordinator = b.coordinator.Clone()
	c.timers = b.timers.clone()
	c.appends = slices.Clone(b.appends)
	c.held = slices.Clone(b.held)
	return c
}

// groupTimers are the coordinator's timers in the queue, in dense slots.
type groupTimers struct {
	ids     []group.TimerID
	handles []clock.Timer
	causes  []cause
	session [][]uint32 // by group and member: slot + 1
	others  [][]uint32 // by group and kind: slot + 1
}

// slot finds or makes the slot of a timer.
func (t *groupTimers) slot(b *brokerState, id group.TimerID) uint32 {
	table, column := &t.others, uint32(id.Kind)
	if id.Kind == group.TimerSession {
		table, column = &t.session, id.Member
	}
	for int(id.Group) >= len(*table) {
		*table = append(*table, nil)
	}
	row := &(*table)[id.Group]
	for int(column) >= len(*row) {
		*row = append(*row, 0)
	}
	if (*row)[column] == 0 {
		n := uint32(len(t.ids))
		t.ids = append(t.ids, id)
		t.handles = append(t.handles, b.w.queue.NewTimer(clock.NewEvent(evGroupTimer, uint32(b.id-1), n)))
		t.causes = append(t.causes, cause{})
		(*row)[column] = n + 1
	}
	return (*row)[column] - 1
}

func (t *groupTimers) clone() groupTimers {
	c := groupTimers{ids: slices.Clone(t.ids), handles: slices.Clone(t.handles), causes: slices.Clone(t.causes)}
	for _, r := range t.session {
		c.session = append(c.session, slices.Clone(r))
	}
	for _, r := range t.others {
		c.others = append(c.others, slices.Clone(r))
	}
	return c
}

// groupPort is the world as a broker's coordinator sees it (group.Host).
type groupPort brokerState

// Arm sets a timer.
func (g *groupPort) Arm(id group.TimerID, at clock.Time) {
	s := g.timers.slot((*brokerState)(g), id)
	g.timers.causes[s] = g.w.cause
	g.w.queue.Arm(g.timers.handles[s], at)
}

// Cancel unsets a timer.
func (g *groupPort) Cancel(id group.TimerID) {
	g.w.queue.Cancel(g.timers.handles[g.timers.slot((*brokerState)(g), id)])
}

// Reply answers a request. Joins and syncs are answered as the coordinator says;
// everything else waits for the records written before it.
func (g *groupPort) Reply(to kafka.RequestID, r kafka.Response) {
	w, m := g.w, &g.w.messages.slots[slotOf(to)]
	why := w.cause
	g.noteCommit(m, r)
	switch r.(type) {
	case *kafka.JoinGroupResponse, *kafka.SyncGroupResponse:
	default:
		if len(g.appends) > 0 {
			g.held = append(g.held, heldReply{to, r, why})
			return
		}
	}
	w.reply(to, r, why)
}

// noteCommit records an accepted commit.
func (g *groupPort) noteCommit(m *message, r kafka.Response) {
	q, ok := m.request.(*kafka.OffsetCommitRequest)
	if !ok || slices.ContainsFunc(r.(*kafka.OffsetCommitResponse).Errs, func(e kafka.ErrorCode) bool { return e != kafka.ErrNone }) {
		return
	}
	p := &g.w.procs[m.process]
	p.figures.Commits++
	g.w.detail(func() trace.Event {
		return trace.Event{Type: trace.CommitDone, Group: q.Group, Member: p.member.Name, Committed: q.Offsets}
	})
}

// Append begins an append, or joins the one that lingers.
func (g *groupPort) Append(id group.AppendID) {
	if len(g.appends) == 0 {
		if g.flush == (clock.Timer{}) {
			g.flush = g.w.queue.NewTimer(clock.NewEvent(evAppend, uint32(g.id-1), 0))
		}
		g.flushWhen = g.w.cause
		g.w.queue.Arm(g.flush, g.w.Now()+g.linger)
	}
	g.appends = append(g.appends, id)
}

// NewUUID draws a random UUID.
func (g *groupPort) NewUUID() string {
	hi, lo := g.rand.Uint64(), g.rand.Uint64()
	hi = hi&^0xf000 | 0x4000         // version 4
	lo = lo&^(3<<62) | uint64(2)<<62 // variant 1
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&(1<<48-1))
}

// Log prints a line of the broker.
func (g *groupPort) Log(level, text string) {
	g.w.emit(trace.Event{Type: trace.Log, Broker: g.id, Level: level, Text: text})
}

// groupEvents is the trace's word for what happens in a coordinator.
var groupEvents = [...]trace.Type{
	group.Rebalancing:   trace.GroupRebalancing,
	group.Stabilized:    trace.GroupStabilized,
	group.Emptied:       trace.GroupEmptied,
	group.MemberLeft:    trace.MemberLeft,
	group.MemberRemoved: trace.MemberRemoved,
}

// Emit records something that happened in the coordinator.
func (g *groupPort) Emit(e group.Event) {
	g.w.emit(trace.Event{Type: groupEvents[e.Kind], Group: e.Group, Member: e.ClientID,
		Generation: e.Generation, Members: e.Members, Reason: e.Reason})
}
