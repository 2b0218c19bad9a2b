package group

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// chaos sends random requests, most of them sensible, to one group.
type chaos struct {
	w        *world
	requests kafka.RequestID
	known    []string // member ids that were ever answered
	parked   map[kafka.RequestID]clock.Time
	answered map[kafka.RequestID]bool
	twice    kafka.RequestID // a request that was answered twice
	last     int32           // generation
	held     clock.Time      // when appends began to wait
}

const (
	chaosSteps       = 80 // long enough for several rebalances
	longestRebalance = 60 * clock.Second
	initialDelay3s   = 3 * clock.Second
	// No append takes longer than offsets.commit.timeout.ms, which is shorter than
	// any session: else Kafka would leave a replaced static member without timer.
	writeTimeout = 5 * clock.Second
)

func newChaos(maxSize int64) *chaos {
	w := newWorld(Config{
		Version: kafka.V(4, 3, 0), InitialRebalanceDelay: initialDelay3s, MinSessionTimeout: 6 * clock.Second, MaxSessionTimeout: clock.Minute, MaxSize: maxSize,
		OffsetsRetention: 5 * clock.Minute, RetentionCheckInterval: clock.Minute, OffsetMetadataMaxBytes: 10,
	})
	w.c.SetTopic("t0", kafka.UUID{Lo: 1}, 2)
	return &chaos{w: w, parked: map[kafka.RequestID]clock.Time{}, answered: map[kafka.RequestID]bool{}}
}

// step is one thing that happens: a request, or something around the coordinator.
type step struct {
	request kafka.Request
	advance clock.Duration
	what    string // hold, flush, failover
	err     kafka.ErrorCode
}

// draw decides what happens next.
func (c *chaos) draw(t *rapid.T) step {
	v, _ := c.w.c.Group("g")
	id := rapid.SampledFrom(append([]string{"", "nobody"}, c.known...)).Draw(t, "member")
	instance := rapid.SampledFrom([]string{"", "", "", "i1", "i2"}).Draw(t, "instance")
	if instance != "" && rapid.Bool().Draw(t, "restarts") {
		id = ""
	}
	generation := v.Generation + rapid.SampledFrom([]int32{0, 0, 0, 0, -1, 1}).Draw(t, "generation")
	if awaited := awaited(v); awaited != nil && rapid.IntRange(0, 2).Draw(t, "who is awaited") > 0 {
		id, instance, generation = awaited.ID, "", v.Generation
	}
	switch rapid.SampledFrom([]string{"join", "join", "join", "sync", "sync", "heartbeat", "heartbeat", "leave", "commit", "time", "time", "time", "hold", "flush", "failover"}).Draw(t, "step") {
	case "join":
		protocols := rapid.SampledFrom([][]string{{"range"}, {"range", "sticky"}, {"sticky", "range"}, {"sticky"}}).Draw(t, "protocols")
		r := &kafka.JoinGroupRequest{
			Group: "g", ClientID: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "client"), MemberID: id, InstanceID: instance,
			APIVersion:       rapid.SampledFrom([]int16{3, 5, 9}).Draw(t, "version"),
			SessionTimeout:   rapid.SampledFrom([]clock.Duration{6 * clock.Second, 30 * clock.Second}).Draw(t, "session"),
			RebalanceTimeout: rapid.SampledFrom([]clock.Duration{clock.Second, 10 * clock.Second, longestRebalance}).Draw(t, "rebalance"),
			ProtocolType:     consumerType,
		}
		for _, p := range protocols {
			r.Protocols = append(r.Protocols, kafka.GroupProtocol{Name: p, Metadata: "t0;"})
		}
		return step{request: r}
	case "sync":
		r := &kafka.SyncGroupRequest{Group: "g", MemberID: id, InstanceID: instance, Generation: generation}
		for i, m := range v.Members {
			r.Assignments = append(r.Assignments, kafka.MemberAssignment{MemberID: m.ID, Assignment: fmt.Sprint("t0-", i)})
		}
		return step{request: r}
	case "heartbeat":
		return step{request: &kafka.HeartbeatRequest{Group: "g", MemberID: id, InstanceID: instance, Generation: generation}}
	case "leave":
		return step{request: &kafka.LeaveGroupRequest{Group: "g", Members: []kafka.LeavingMember{{MemberID: id, InstanceID: instance}}}}
	case "commit":
		return step{request: &kafka.OffsetCommitRequest{APIVersion: 9, Group: "g", MemberID: id, InstanceID: instance, Generation: generation,
			Offsets: []kafka.OffsetCommit{{TopicPartition: kafka.TopicPartition{Topic: "t0"}, Offset: 1}}}}
	case "hold":
		return step{what: "hold"}
	case "flush":
		return step{what: "flush", err: rapid.SampledFrom([]kafka.ErrorCode{kafka.ErrNone, kafka.ErrNone, kafka.ErrNotEnoughReplicas}).Draw(t, "error")}
	case "failover":
		return step{what: "failover"}
	}
	if due := c.w.inOrder(); rapid.Bool().Draw(t, "to a timer") {
		return step{advance: max(0, due[0].at-c.w.now)}
	}
	return step{advance: clock.Ms(rapid.Int64Range(1, 20000).Draw(t, "ms"))}
}

// awaited is a member that the group waits for: one that has not joined, or the
// leader's SyncGroup.
func awaited(v View) *MemberView {
	for i, m := range v.Members {
		if v.State == PreparingRebalance && !m.AwaitingJoin || v.State == CompletingRebalance && m.ID == v.Leader {
			return &v.Members[i]
		}
	}
	return nil
}

// do lets the step happen.
func (c *chaos) do(s step) {
	w := c.w
	w.replies = nil
	switch {
	case s.request != nil:
		c.requests++
		if _, ok := s.request.(*kafka.JoinGroupRequest); ok {
			c.parked[c.requests] = w.now
		}
		w.request(c.requests, s.request)
	case s.what == "hold":
		if !w.holding {
			w.holding, c.held = true, w.now
		}
	case s.what == "flush":
		w.flush(s.err)
	case s.what == "failover":
		w.failover()
		c.last = 0
	default:
		if w.holding && w.now+s.advance-c.held > writeTimeout {
			w.flush(kafka.ErrRequestTimedOut)
		}
		w.advance(w.now+s.advance, func(TimerID) {})
	}
	for _, r := range w.replies {
		delete(c.parked, r.to)
		if c.answered[r.to] {
			c.twice = r.to
		}
		c.answered[r.to] = true
		if j, ok := r.r.(*kafka.JoinGroupResponse); ok && j.MemberID != "" && !slices.Contains(c.known, j.MemberID) {
			c.known = append(c.known, j.MemberID)
		}
	}
}

// TestInvariants: whatever the clients do, the group stays in order.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newChaos(rapid.SampledFrom([]int64{2, 100}).Draw(t, "max size"))
		for range chaosSteps {
			before, existed := c.w.c.Group("g")
			s := c.draw(t)
			c.do(s)
			if c.twice != 0 {
				t.Fatalf("request #%d was answered twice", c.twice)
			}
			c.checkCommit(t, s, before, existed)
			c.checkGeneration(t)
			c.checkParked(t)
			c.checkAssignments(t)
			for _, g := range c.w.c.groups {
				checkMembers(t, g)
				checkTimers(t, c.w, g)
			}
		}
	})
}

// checkGeneration: it never falls, but for a failover or a new group.
func (c *chaos) checkGeneration(t *rapid.T) {
	v, ok := c.w.c.Group("g")
	if ok && v.Generation < c.last {
		t.Fatalf("the generation fell from %d to %d", c.last, v.Generation)
	}
	c.last = v.Generation
}

// checkCommit: only members of the current generation commit, or anybody where
// nobody is.
func (c *chaos) checkCommit(t *rapid.T, s step, before View, existed bool) {
	r, ok := s.request.(*kafka.OffsetCommitRequest)
	if !ok || c.w.replies[0].r.(*kafka.OffsetCommitResponse).Errs[0] != kafka.ErrNone {
		return
	}
	member := slices.ContainsFunc(before.Members, func(m MemberView) bool { return m.ID == r.MemberID })
	free := r.Generation < 0 && (!existed || before.State == Empty)
	if !free && (!member || r.Generation != before.Generation || before.State == CompletingRebalance || before.State == Empty) {
		t.Fatalf("commit %+v was accepted by %+v", r, before)
	}
}

// checkParked: a JoinGroup that is parked for the join phase is answered within
// the longest rebalance timeout and the initial delay.
func (c *chaos) checkParked(t *rapid.T) {
	for _, g := range c.w.c.groups {
		for i := range g.slots {
			id := g.slots[i].awaitingJoin
			if id == 0 {
				continue
			}
			if g.state != PreparingRebalance && !(g.state == Stable && c.w.holding) {
				t.Fatalf("JoinGroup #%d is parked in %s", id, g.state)
			}
			since, ok := c.parked[id]
			if !ok {
				t.Fatalf("JoinGroup #%d is parked and was answered", id)
			}
			since = max(since, g.since) // of the join phase, or in it
			if g.state == PreparingRebalance && c.w.now-since > longestRebalance+initialDelay3s {
				t.Fatalf("JoinGroup #%d waits since %s", id, since)
			}
		}
	}
}

// checkAssignments: a stable group has one for each member, any other none that
// counts.
func (c *chaos) checkAssignments(t *rapid.T) {
	v, _ := c.w.c.Group("g")
	want := 0
	if v.State == Stable {
		want = len(v.Members)
	}
	if got := len(v.Assignments()); got != want {
		t.Fatalf("%d assignments in %s with %d members", got, v.State, len(v.Members))
	}
}

// checkMembers: what the group counts is what its members are.
func checkMembers(t *rapid.T, g *classicGroup) {
	var members, pending, awaiting, static int
	offered := map[string]int{}
	for i := range g.slots {
		m := &g.slots[i]
		switch m.role {
		case rolePending:
			pending++
		case roleMember:
			members++
			for _, p := range m.protocols {
				offered[p.Name]++
			}
		}
		if m.instance != "" {
			static++
			if g.byInstance[m.instance] != m.slot {
				t.Fatalf("instance %s is not that of %s", m.instance, m.id)
			}
		}
		if m.awaitingJoin != 0 {
			awaiting++
		}
		if m.awaitingJoin != 0 && m.awaitingSync != 0 || m.awaitingSync != 0 && g.state != CompletingRebalance {
			t.Fatalf("in %s, %s awaits join #%d and sync #%d", g.state, m.id, m.awaitingJoin, m.awaitingSync)
		}
		if m.role != roleFree && g.byID[m.id] != m.slot {
			t.Fatalf("%s is not found", m.id)
		}
	}
	if members != g.members.Len() || pending != g.pendingJoin || awaiting != g.awaitingJoin || static != g.staticMembers() {
		t.Fatalf("%d members, %d pending, %d awaiting, %d static; the group counts %d, %d, %d, %d",
			members, pending, awaiting, static, g.members.Len(), g.pendingJoin, g.awaitingJoin, g.staticMembers())
	}
	for _, s := range g.supported {
		if offered[s.name] != s.members {
			t.Fatalf("%d members offer %s, the group counts %d", offered[s.name], s.name, s.members)
		}
	}
	if (g.leader == "") != (members == 0) || members > 0 && g.member(g.leader) == nil {
		t.Fatalf("leader %q of %d members", g.leader, members)
	}
	if g.state == Empty && members > 0 || (g.state == Stable || g.state == CompletingRebalance) && members == 0 {
		t.Fatalf("%d members in %s", members, g.state)
	}
}

// checkTimers: there is a timer where something must end, and no other.
func checkTimers(t *rapid.T, w *world, g *classicGroup) {
	runs := func(id TimerID) bool {
		return slices.ContainsFunc(w.timers, func(t armedTimer) bool { return t.id == id })
	}
	if runs(g.timer(TimerJoin)) != (g.state == PreparingRebalance) {
		t.Fatalf("in %s, a join timer: %v", g.state, runs(g.timer(TimerJoin)))
	}
	if runs(g.timer(TimerSync)) != (g.pendingSync.Len() > 0) {
		t.Fatalf("in %s, %d pending syncs, a sync timer: %v", g.state, g.pendingSync.Len(), runs(g.timer(TimerSync)))
	}
	for i := range g.slots {
		m := &g.slots[i]
		armed := runs(sessionTimer(g, m))
		switch {
		case armed != m.sessionArmed:
			t.Fatalf("%s believes that its timer runs: %v", m.id, m.sessionArmed)
		case m.role == roleFree && armed, m.role == roleGone && !armed, m.role == rolePending && !armed:
			t.Fatalf("slot %d (%q, role %d), a timer: %v", i, m.id, m.role, armed)
		case m.role == roleMember && !armed && !m.protectedFromExpiry():
			t.Fatalf("nothing ends the session of %s in %s", m.id, g.state)
		}
	}
}

// TestClone: a clone goes on as the original does, and neither feels the other.
// The world is copied for stepping back.
func TestClone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := newChaos(100)
		var steps []step
		cut := rapid.IntRange(0, chaosSteps-1).Draw(t, "clone after")
		var twin *chaos
		var mine, its strings.Builder
		for i := range chaosSteps {
			if i == cut {
				twin = &chaos{w: c.w.clone(), requests: c.requests, held: c.held, parked: map[kafka.RequestID]clock.Time{}, answered: map[kafka.RequestID]bool{}}
				c.w.tell = func(f string, a ...any) { fmt.Fprintf(&mine, f+"\n", a...) }
				twin.w.tell = func(f string, a ...any) { fmt.Fprintf(&its, f+"\n", a...) }
			}
			s := c.draw(t)
			steps = append(steps, s)
			c.do(s)
		}
		for _, s := range steps[cut:] {
			twin.do(s)
		}
		if mine.String() != its.String() {
			t.Fatalf("the original:\n%s\nits clone:\n%s", &mine, &its)
		}
	})
}
