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

// shard is the coordinator of the groups of one partition of __consumer_offsets
// (CoordinatorRuntime's unit: one shard a partition), which runs on the partition's
// leader, and what the engine does for it: its timers, and the appends that answers
// wait for.
type shard struct {
	w           *World
	index       uint32
	partition   int32 // of __consumer_offsets
	broker      int32 // where it runs; broker.NoLeader: nowhere
	coordinator *group.Coordinator
	linger      clock.Duration // group.coordinator.append.linger.ms
	timeout     clock.Duration // offsets.commit.timeout.ms
	muted       bool           // its broker has died: nobody hears it
	loads       uint32         // how often it has begun to load, or has died
	active      bool           // loaded
	dead        bool           // its broker has died, and nobody has taken it over yet

	timers groupTimers

	// Records that have been written and not replicated, and the answers that
	// may not leave before them (CoordinatorRuntime, deferred events).
	appends   []group.AppendID
	held      []heldReply
	flush     clock.Timer
	flushWhen cause
	since     clock.Time // when the append began
}

// heldReply is an answer that waits for an append.
type heldReply struct {
	to    kafka.RequestID
	r     kafka.Response
	cause cause
}

// shardOf is the shard of a group, made when the first group of its partition asks
// for it.
func (w *World) shardOf(groupID string) uint32 {
	partition := w.cluster.OffsetsPartition(groupID)
	i := slices.IndexFunc(w.shards, func(s shard) bool { return s.partition == partition })
	if i < 0 {
		i = len(w.shards)
		config := &w.scenario.Cluster
		w.shards = append(w.shards, shard{
			w: w, index: uint32(i), partition: partition, broker: w.cluster.Coordinator(groupID), active: true,
			coordinator: group.New(shardConfig(config)),
			linger:      appendLinger(config),
			timeout:     config.Config.Millis("offsets.commit.timeout.ms"),
		})
	}
	return uint32(i)
}

// appendLinger is how long the coordinator gathers writes. The old coordinator, the
// only one before 3.7 and the default before 4.0, writes each for itself.
func appendLinger(c *scenario.Cluster) clock.Duration {
	if c.Version < kafka.V(4, 1, 0) && !c.Config.Bool("group.coordinator.new.enable") {
		return 0
	}
	return max(0, c.Config.Millis("group.coordinator.append.linger.ms"))
}

// coordinate hands a request to the shard of its group, if this broker has it.
func (w *World) coordinate(m *message, groupID string) {
	i := slices.IndexFunc(w.groups, func(g groupState) bool { return g.id == groupID })
	s := &w.shards[w.groups[i].shard]
	if s.broker != m.broker {
		s = &shard{w: w, broker: m.broker, coordinator: w.elsewhere}
	}
	s.serve(m)
}

// serve gives a request to the coordinator.
func (s *shard) serve(m *message) {
	now, h := s.w.Now(), (*groupPort)(s)
	switch r := m.request.(type) {
	case *kafka.JoinGroupRequest:
		s.coordinator.Join(h, now, m.id, r)
	case *kafka.SyncGroupRequest:
		s.coordinator.Sync(h, now, m.id, r)
	case *kafka.HeartbeatRequest:
		s.coordinator.Heartbeat(h, now, m.id, r)
	case *kafka.LeaveGroupRequest:
		s.coordinator.Leave(h, now, m.id, r)
	case *kafka.OffsetCommitRequest:
		s.coordinator.CommitOffsets(h, now, m.id, r)
	case *kafka.OffsetFetchRequest:
		s.coordinator.FetchOffsets(h, now, m.id, r)
	case *kafka.TxnOffsetCommitRequest:
		s.commitTransactionally(m, r)
	case *kafka.ConsumerGroupHeartbeatRequest:
		s.coordinator.ConsumerHeartbeat(h, now, m.id, r)
	case *kafka.ShareGroupHeartbeatRequest:
		s.coordinator.ShareHeartbeat(h, now, m.id, r)
	default:
		panic(fmt.Sprintf("sim: coordinator cannot serve %T", m.request))
	}
}

// timerFired fires one of the coordinator's timers.
func (s *shard) timerFired(slot uint32) {
	s.w.cause = s.timers.causes[slot]
	s.coordinator.Fire((*groupPort)(s), s.w.Now(), s.timers.ids[slot])
}

func (s *shard) clone(w *World) shard {
	c := *s
	c.w = w
	c.coordinator = s.coordinator.Clone()
	c.timers = s.timers.clone()
	c.appends = slices.Clone(s.appends)
	c.held = slices.Clone(s.held)
	return c
}

// groupTimers are the coordinator's timers in the queue, in dense slots.
type groupTimers struct {
	ids     []group.TimerID
	handles []clock.Timer
	causes  []cause
	slots   [group.TimerKinds][][]uint32 // by group and member: slot + 1
}

// slot finds or makes the slot of a timer.
func (t *groupTimers) slot(s *shard, id group.TimerID) uint32 {
	table := &t.slots[id.Kind]
	for int(id.Group) >= len(*table) {
		*table = append(*table, nil)
	}
	row := &(*table)[id.Group]
	for int(id.Member) >= len(*row) {
		*row = append(*row, 0)
	}
	if (*row)[id.Member] == 0 {
		n := uint32(len(t.ids))
		t.ids = append(t.ids, id)
		t.handles = append(t.handles, s.w.queue.NewTimer(clock.NewEvent(evGroupTimer, s.index, n)))
		t.causes = append(t.causes, cause{})
		(*row)[id.Member] = n + 1
	}
	return (*row)[id.Member] - 1
}

func (t *groupTimers) clone() groupTimers {
	c := groupTimers{ids: slices.Clone(t.ids), handles: slices.Clone(t.handles), causes: slices.Clone(t.causes)}
	for kind := range t.slots {
		for _, r := range t.slots[kind] {
			c.slots[kind] = append(c.slots[kind], slices.Clone(r))
		}
	}
	return c
}

// groupPort is the world as a coordinator sees it (group.Host).
type groupPort shard

// Arm sets a timer.
func (g *groupPort) Arm(id group.TimerID, at clock.Time) {
	s := g.timers.slot((*shard)(g), id)
	g.timers.causes[s] = g.w.cause
	g.w.queue.Arm(g.timers.handles[s], at)
}

// Cancel unsets a timer.
func (g *groupPort) Cancel(id group.TimerID) {
	g.w.queue.Cancel(g.timers.handles[g.timers.slot((*shard)(g), id)])
}

// Reply answers a request. Joins and syncs are answered as the coordinator says;
// everything else waits for the records written before it.
func (g *groupPort) Reply(to kafka.RequestID, r kafka.Response) {
	if g.muted {
		return
	}
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

// NewUUID draws a random UUID and prints it as java.util.UUID does.
func (g *groupPort) NewUUID() string {
	id := kafka.RandomUUID(&g.w.brokers[g.broker-1].rand).Bytes()
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// Log prints a line of the broker.
func (g *groupPort) Log(level, text string) {
	if g.muted {
		return
	}
	g.w.emit(trace.Event{Type: trace.Log, Broker: g.broker, Level: level, Text: text})
}

// groupEvents is the trace's word for what happens in a coordinator.
var groupEvents = [...]trace.Type{
	group.Rebalancing:   trace.GroupRebalancing,
	group.Stabilized:    trace.GroupStabilized,
	group.Emptied:       trace.GroupEmptied,
	group.MemberLeft:    trace.MemberLeft,
	group.MemberRemoved: trace.MemberRemoved,
	group.EpochBumped:   trace.GroupEpoch,
}

// Emit records something that happened in the coordinator.
func (g *groupPort) Emit(e group.Event) {
	if g.muted {
		return
	}
	if e.Kind == group.MemberRemoved && e.Reason == trace.ReasonSessionTimeout {
		g.w.blameSilence(e.ClientID)
	}
	g.w.emit(trace.Event{Type: groupEvents[e.Kind], Group: e.Group, Member: e.ClientID,
		Generation: e.Generation, Epoch: e.Epoch, Members: e.Members, Reason: e.Reason})
}
