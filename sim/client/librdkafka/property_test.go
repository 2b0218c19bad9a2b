package librdkafka

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// TestAnyOrder throws answers, errors, silences and application calls at a consumer
// in any order. Whatever happens it must not panic, must keep to the protocol, and
// must never commit for the application what the application has not begun.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		version := rapid.SampledFrom([]kafka.Version{
			kafka.V(0, 11, 0), kafka.V(1, 0, 0), kafka.V(1, 1, 0), kafka.V(1, 5, 0), kafka.V(1, 6, 0), kafka.V(1, 8, 0), kafka.V(2, 0, 0), kafka.V(2, 1, 0), kafka.V(2, 10, 0), kafka.V(2, 14, 0), kafka.V(2, 15, 0), kafka.V(2, 16, 0),
		}).Draw(t, "version")
		s := defaults()
		s.maxPoll = 8 * clock.Second
		s.autoCommit = rapid.Bool().Draw(t, "auto-commit")
		s.autoCommitInterval = 700 * clock.Millisecond
		s.queuedMessages = 50
		s.metadataRefresh = 3 * clock.Second
		s.reset = rapid.SampledFrom([]reset{resetEarliest, resetLatest, resetError}).Draw(t, "reset")
		if rapid.Bool().Draw(t, "cooperative") && version >= lostSince {
			s.assignors = []string{cooperativeSticky}
		}
		if rapid.Bool().Draw(t, "static") {
			s.instance = "x"
		}
		s.logsChannel = rapid.Bool().Draw(t, "logs channel")
		s.consumerProtocol = rapid.Bool().Draw(t, "consumer protocol") && version >= lostSince
		g := &anyHost{t: t, rand: clock.NewStream(1, "A", "client"), c: newConsumer(s, client.Options{Nodes: []string{"b1:9092", "b2:9092", "b3:9092"}, Group: "g", Topics: []string{"t"}, ClientID: "A", Version: version})}
		for i := range g.timers {
			g.timers[i] = clock.Never
		}
		g.c.Subscribe(g, 0)
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			g.step()
			g.forget()
			g.check()
		}
	})
}

// sent is a request without an answer yet.
type sent struct {
	id      kafka.RequestID
	request kafka.Request
}

// anyHost is a host whose answers and application are drawn at random.
type anyHost struct {
	t      *rapid.T
	c      *Consumer
	now    clock.Time
	timers [client.MaxTimers]clock.Time

	requests []sent
	lastID   kafka.RequestID
	joins    int32 // generations so far
	rand     clock.Stream

	calling call
	// listening: the listener goes on, within that call.
	listening bool
	within    call
	result    []client.Range // of the latest poll, what has not been begun
	total     int64
	taken     int64
	since     clock.Time
	assigned  bool                           // eager: between the callbacks
	owned     []kafka.TopicPartition         // by the callbacks
	begun     map[kafka.TopicPartition]int64 // offset after the latest record begun, of this assignment
	late      bool                           // it has been to give everything up
	forgets   bool                           // and does not know that any more; see step
	closed    bool
}

// step is one input of any kind. A member of the consumer protocol that is to give
// everything up, when the callback that runs is over, forgets that with the end of its
// leaving: rd_kafka_cgrp_consumer_reset keeps no WAIT_REJOIN. It joins with what it has.
func (g *anyHost) step() {
	if g.closed {
		return
	}
	g.late = g.c.kip848.rejoin
	switch n := rapid.IntRange(0, 9).Draw(g.t, "input"); {
	case n < 4 && len(g.requests) > 0:
		g.answerAny()
	case n >= 4 && g.listening && g.calling == callNone && rapid.Bool().Draw(g.t, "returns"):
		g.callBack()
	case n < 7 && g.calling == callNone:
		g.callAny()
	default:
		g.wait()
	}
}

// forget notes that it has forgotten, in this step.
func (g *anyHost) forget() {
	k := &g.c.kip848
	g.forgets = g.forgets || g.late && !k.rejoin && !k.rejoining
}

// wait lets the next timer fire, perhaps late, as after a freeze.
func (g *anyHost) wait() {
	first := 0
	for i := range g.timers {
		if g.timers[i] < g.timers[first] {
			first = i
		}
	}
	if g.timers[first] == clock.Never {
		return
	}
	g.now = max(g.now, g.timers[first]) + clock.Ms(rapid.SampledFrom([]int64{0, 0, 0, 1, 700, 20000}).Draw(g.t, "late"))
	g.timers[first] = clock.Never
	g.c.Timer(g, g.now, client.TimerID(first))
}

// callAny begins some of the records in hand, then polls, commits or closes.
func (g *anyHost) callAny() {
	g.now += clock.Ms(rapid.SampledFrom([]int64{0, 1, 400, 9000}).Draw(g.t, "work"))
	g.begin(rapid.Int64Range(0, g.total-g.taken).Draw(g.t, "begin"))
	switch n := rapid.IntRange(0, 19).Draw(g.t, "call"); {
	case n == 0 && !g.listening:
		g.calling = callClose
		g.c.Close(g, g.now)
	case n < 4, g.listening:
		g.calling = callCommit
		g.c.Commit(g, g.now, nil)
	default:
		g.calling = callPoll
		g.c.Poll(g, g.now, clock.Second, rapid.Int64Range(1, 40).Draw(g.t, "most"))
	}
}

// begin starts to work on n more records.
func (g *anyHost) begin(n int64) {
	g.taken += n
	if n > 0 {
		g.since = g.now
	}
	for ; n > 0; n-- {
		r := &g.result[0]
		r.From++
		g.begun[r.TopicPartition] = r.From
		if r.Len() == 0 {
			g.result = g.result[1:]
		}
	}
}

// answerAny answers any request, well or badly.
func (g *anyHost) answerAny() {
	i := rapid.IntRange(0, len(g.requests)-1).Draw(g.t, "request")
	q := g.requests[i]
	g.requests = slices.Delete(g.requests, i, i+1)
	code := rapid.SampledFrom([]kafka.ErrorCode{
		kafka.ErrNone, kafka.ErrNone, kafka.ErrNone, kafka.ErrNone, kafka.ErrRebalanceInProgress, kafka.ErrUnknownMemberID,
		kafka.ErrIllegalGeneration, kafka.ErrNotCoordinator, kafka.ErrMemberIDRequired, kafka.ErrCoordinatorLoadInProgress, kafka.ErrFencedInstanceID,
	}).Draw(g.t, "code")
	if rapid.IntRange(0, 30).Draw(g.t, "lost") == 0 {
		g.c.Response(g, g.now, q.id, nil)
		return
	}
	g.c.Response(g, g.now, q.id, g.response(q.request, code))
}

func (g *anyHost) response(r kafka.Request, code kafka.ErrorCode) kafka.Response {
	switch r := r.(type) {
	case *kafka.MetadataRequest:
		leaders := make([]int32, rapid.IntRange(2, 3).Draw(g.t, "partitions"))
		for i := range leaders {
			leaders[i] = rapid.SampledFrom([]int32{1, 1, 2, -1}).Draw(g.t, "leader")
		}
		return &kafka.MetadataResponse{Brokers: []int32{1, 2}, Topics: []kafka.TopicMetadata{{Topic: "t", Leaders: leaders}}}
	case *kafka.FindCoordinatorRequest:
		return &kafka.FindCoordinatorResponse{Err: code, Broker: rapid.Int32Range(1, 2).Draw(g.t, "coordinator")}
	case *kafka.JoinGroupRequest:
		g.joins++
		j := &kafka.JoinGroupResponse{Err: code, MemberID: "A-1", Generation: g.joins, Protocol: r.Protocols[0].Name, Leader: "B-1"}
		if rapid.Bool().Draw(g.t, "leads") {
			j.Leader = "A-1"
			j.Members = []kafka.JoinGroupMember{{MemberID: "A-1", Metadata: r.Protocols[0].Metadata}}
		}
		return j
	case *kafka.SyncGroupRequest:
		return &kafka.SyncGroupResponse{Err: code, Assignment: rapid.SampledFrom([]string{"", "t-0", "t-1,t-0"}).Draw(g.t, "assignment")}
	case *kafka.HeartbeatRequest:
		return &kafka.HeartbeatResponse{Err: code}
	case *kafka.LeaveGroupRequest:
		return &kafka.LeaveGroupResponse{Err: code}
	case *kafka.ConsumerGroupHeartbeatRequest:
		return g.memberResponse(code)
	case *kafka.OffsetCommitRequest:
		return &kafka.OffsetCommitResponse{Errs: slices.Repeat([]kafka.ErrorCode{code}, len(r.Offsets))}
	case *kafka.OffsetFetchRequest:
		o := &kafka.OffsetFetchResponse{Err: code}
		for range r.Partitions {
			o.Offsets = append(o.Offsets, rapid.SampledFrom([]int64{-1, 0, 7}).Draw(g.t, "committed"))
		}
		return o
	case *kafka.ListOffsetsRequest:
		return &kafka.ListOffsetsResponse{Offsets: make([]int64, len(r.Partitions))}
	case *kafka.FetchRequest:
		return g.fetchResponse(r)
	}
	panic(fmt.Sprintf("no answer for %T", r))
}

func (g *anyHost) memberResponse(code kafka.ErrorCode) kafka.Response {
	if code == kafka.ErrIllegalGeneration {
		code = kafka.ErrFencedMemberEpoch
	}
	g.joins++
	m := &kafka.ConsumerGroupHeartbeatResponse{Err: code, MemberEpoch: g.joins, HeartbeatInterval: 5 * clock.Second}
	if rapid.Bool().Draw(g.t, "tells") {
		m.Assigned = true
		m.Assignment = kafka.DecodeAssignment(rapid.SampledFrom([]string{"", "t-0", "t-1", "t-0,t-1"}).Draw(g.t, "target"))
	}
	return m
}

func (g *anyHost) fetchResponse(r *kafka.FetchRequest) *kafka.FetchResponse {
	f := &kafka.FetchResponse{}
	for _, p := range r.Partitions {
		x := kafka.FetchedRange{TopicPartition: p.TopicPartition, From: p.Offset, To: p.Offset + rapid.Int64Range(1, 30).Draw(g.t, "records"), Size: 10}
		switch rapid.IntRange(0, 9).Draw(g.t, "kind") {
		case 0:
			x.Err = kafka.ErrOffsetOutOfRange
		case 1:
			x.Err = kafka.ErrNotLeaderOrFollower
		case 2, 3:
			continue
		}
		f.Partitions = append(f.Partitions, x)
	}
	return f
}

// check is what must hold between any two inputs.
func (g *anyHost) check() {
	count := make(map[string]int)
	for _, q := range g.requests {
		count[fmt.Sprintf("%T", q.request)]++
	}
	if n := count["*kafka.HeartbeatRequest"]; n > 1 && len(g.c.inflight) >= n && !g.lostRequests() {
		g.t.Fatalf("%d heartbeats in flight", n)
	}
	records, bytes := g.c.Buffered()
	if records < 0 || bytes != records*10 {
		g.t.Fatalf("buffered %d records of %d bytes", records, bytes)
	}
	if c, ok := g.c.Clone().(*Consumer); !ok || c.group.join != g.c.group.join {
		g.t.Fatal("a clone that is another")
	}
}

// lostRequests tells whether some request without an answer has been given up.
func (g *anyHost) lostRequests() bool { return len(g.requests) != len(g.c.inflight) }

// Send checks each request against the state in which it may be sent.
func (g *anyHost) Send(broker int32, r kafka.Request) kafka.RequestID {
	state := g.c.group.join
	switch r := r.(type) {
	case *kafka.JoinGroupRequest:
		if g.c.pending(apiJoin) || g.c.pending(apiSync) {
			g.t.Fatal("a second join in flight")
		}
		if g.assigned && !g.c.cooperative() {
			g.t.Fatal("joins with partitions that the application has not given back")
		}
	case *kafka.HeartbeatRequest:
		if state != steady && state != waitAssignCall && state != waitUnassignCall {
			g.t.Fatalf("heartbeat in join state %s", state)
		}
		if g.c.pending(apiHeartbeat) {
			g.t.Fatal("a second heartbeat in flight")
		}
	case *kafka.ConsumerGroupHeartbeatRequest:
		if g.c.pending(apiMemberHeartbeat) && r.MemberEpoch >= 0 {
			g.t.Fatal("a second heartbeat in flight")
		}
		g.forget()
		if r.MemberEpoch == 0 && g.assigned && len(g.owned) > 0 && !g.forgets {
			g.t.Fatalf("joins with %v, which the application has not given back", g.owned)
		}
		for _, tp := range r.Owned {
			if !slices.Contains(g.owned, tp) {
				g.t.Fatalf("acknowledges %s, which the application does not have", tp)
			}
		}
	case *kafka.FetchRequest:
		if slices.ContainsFunc(g.c.inflight, func(q request) bool { return q.api == apiFetch && q.broker == broker }) {
			g.t.Fatalf("a second fetch from broker %d in flight", broker)
		}
		if g.c.group.waitsForCall() || state != steady && !g.c.cooperative() {
			g.t.Fatalf("fetches in join state %s", state)
		}
	case *kafka.OffsetCommitRequest:
		for _, o := range r.Offsets {
			if begun, ok := g.begun[o.TopicPartition]; !ok || o.Offset > begun {
				g.t.Fatalf("commits %s@%d of which the application has begun %d", o.TopicPartition, o.Offset, begun)
			}
		}
	}
	g.lastID++
	g.requests = append(g.requests, sent{g.lastID, r})
	return g.lastID
}

func (g *anyHost) Arm(t client.TimerID, at clock.Time) {
	if at < g.now {
		g.t.Fatalf("timer %s set to the past", timerNames[t])
	}
	g.timers[t] = at
}

func (g *anyHost) Cancel(t client.TimerID) { g.timers[t] = clock.Never }

// returned tells whether the listener returns at once: now and then one that is to
// give something back goes on, inside the call that it is in.
func (g *anyHost) returned() bool {
	if rapid.IntRange(0, 3).Draw(g.t, "listens") > 0 {
		return true
	}
	g.listening, g.within, g.calling = true, g.calling, callNone
	return false
}

// callBack returns from the listener.
func (g *anyHost) callBack() {
	g.listening, g.calling = false, g.within
	g.c.CalledBack(g, g.now)
}

// Callback checks that assignments and their ends take turns, partition by
// partition, and that none is given back that was not assigned.
func (g *anyHost) Callback(kind client.Callback, partitions []kafka.TopicPartition) bool {
	if g.calling != callPoll && g.calling != callClose {
		g.t.Fatal("a callback outside poll() and close()")
	}
	if !g.c.cooperative() && g.assigned == (kind == client.Assigned) {
		g.t.Fatalf("callback %d with assigned %v", kind, g.assigned)
	}
	g.assigned = kind == client.Assigned
	for _, tp := range partitions {
		if slices.Contains(g.owned, tp) == (kind == client.Assigned) {
			g.t.Fatalf("callback %d of %s with %v", kind, tp, g.owned)
		}
	}
	if kind == client.Assigned {
		g.owned = append(g.owned, partitions...)
		return true
	}
	g.owned = kafka.Without(g.owned, partitions)
	g.forgets = g.forgets && len(g.owned) > 0
	return g.returned()
}

// Polled checks that each record is of a partition that the application owns.
func (g *anyHost) Polled(r client.PollResult) {
	g.returns(callPoll)
	for _, x := range r.Records {
		if !slices.Contains(g.owned, x.TopicPartition) {
			g.t.Fatalf("records of %s, which is not assigned", x.TopicPartition)
		}
	}
	if r.Err != nil {
		g.closed = r.Err.Name == nameFatal // the application ends
	}
	g.result = slices.Clone(r.Records)
	g.total, g.taken = r.Len(), 0
	if g.begun == nil {
		g.begun = make(map[kafka.TopicPartition]int64)
	}
	if g.total > 0 {
		g.begin(1)
	}
}

func (g *anyHost) Committed(*client.Error) { g.returns(callCommit) }

func (g *anyHost) Closed() {
	g.returns(callClose)
	g.closed = true
}

// returns checks that a call ends only while it runs.
func (g *anyHost) returns(k call) {
	if g.calling != k {
		g.t.Fatalf("call %d returns while %d runs", k, g.calling)
	}
	g.calling = callNone
}

func (g *anyHost) Taken() (int64, clock.Time) { return g.taken, g.since }
func (g *anyHost) Cut()                       { g.total, g.result = g.taken, nil }
func (g *anyHost) Log(string, string)         {}
func (g *anyHost) Emit(trace.Event)           {}
func (g *anyHost) BlameApp()                  {}
func (g *anyHost) Rand() *clock.Stream        { return &g.rand }
