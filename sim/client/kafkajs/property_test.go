package kafkajs

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
// in any order. Whatever happens it must not panic, must keep to the protocol, must
// never commit what the handler has not been called with, and must not fall asleep:
// something that is under way must always be there to wake it.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := defaults()
		s.autoCommit = rapid.Bool().Draw(t, "auto-commit")
		s.autoCommitInterval = rapid.SampledFrom([]clock.Duration{0, 300 * clock.Millisecond}).Draw(t, "interval")
		s.autoCommitThreshold = rapid.SampledFrom([]int64{0, 7}).Draw(t, "threshold")
		s.metadataMaxAge = 2 * clock.Second
		s.requestTimeout = 4 * clock.Second
		s.retry.retries = 2
		s.retry.factor = 200
		g := &anyHost{t: t, c: newConsumer(s, client.Options{Group: "g", Topics: []string{"t", "u"}, ClientID: "A", Nodes: []string{"b1:9092", "b2:9092"}, Version: kafka.V(2, 2, 0)}),
			handed: make(map[kafka.TopicPartition]int64), random: clock.NewStream(1, "A", "client")}
		for i := range g.timers {
			g.timers[i] = clock.Never
		}
		g.c.Subscribe(g, 0)
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			g.step()
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
	random clock.Stream

	requests []sent
	lastID   kafka.RequestID
	joins    int32 // generations so far

	calling  call
	total    int64 // messages of the latest result
	taken    int64
	result   []client.Range
	handed   map[kafka.TopicPartition]int64 // offset after the latest message handed over, of this assignment
	assigned []kafka.TopicPartition
	before   []kafka.TopicPartition // the assignment before
	closed   bool
}

// step is one input of any kind.
func (g *anyHost) step() {
	if g.closed {
		return
	}
	switch n := rapid.IntRange(0, 9).Draw(g.t, "input"); {
	case n < 5 && len(g.requests) > 0:
		g.answerAny()
	case n < 8 && g.calling == callNone:
		g.callAny()
	case n == 8 && g.calling == callPoll && rapid.IntRange(0, 20).Draw(g.t, "interrupt") == 0:
		g.c.Interrupt(g, g.now)
	default:
		g.wait()
	}
}

// wait lets the next timer fire, perhaps late, as after a freeze.
func (g *anyHost) wait() {
	first := slices.Index(g.timers[:], slices.Min(g.timers[:]))
	if g.timers[first] == clock.Never {
		return
	}
	g.now = max(g.now, g.timers[first]) + clock.Ms(rapid.SampledFrom([]int64{0, 0, 0, 1, 700, 20000}).Draw(g.t, "late"))
	g.timers[first] = clock.Never
	g.c.Timer(g, g.now, client.TimerID(first))
}

// callAny works on some of the messages in hand, then polls, commits or closes.
func (g *anyHost) callAny() {
	g.now += clock.Ms(rapid.SampledFrom([]int64{0, 1, 400, 9000}).Draw(g.t, "work"))
	switch n := rapid.IntRange(0, 30).Draw(g.t, "call"); {
	case n == 0:
		g.taken = min(g.total, max(g.taken, 1))
		g.calling = callClose
		g.c.Close(g, g.now)
	case n < 4:
		g.taken = rapid.Int64Range(min(g.total, max(g.taken, 1)), g.total).Draw(g.t, "taken")
		g.calling = callCommit
		g.c.Commit(g, g.now, nil)
	default:
		g.taken = g.total
		g.calling = callPoll
		g.c.Poll(g, g.now, clock.Second, rapid.Int64Range(1, 40).Draw(g.t, "most"))
	}
}

// answerAny answers any request, well or badly.
func (g *anyHost) answerAny() {
	i := rapid.IntRange(0, len(g.requests)-1).Draw(g.t, "request")
	q := g.requests[i]
	g.requests = slices.Delete(g.requests, i, i+1)
	code := rapid.SampledFrom([]kafka.ErrorCode{
		kafka.ErrNone, kafka.ErrNone, kafka.ErrNone, kafka.ErrNone, kafka.ErrNone, kafka.ErrRebalanceInProgress, kafka.ErrUnknownMemberID,
		kafka.ErrIllegalGeneration, kafka.ErrNotCoordinator, kafka.ErrMemberIDRequired, kafka.ErrCoordinatorLoadInProgress, kafka.ErrInvalidSessionTimeout,
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
		m := &kafka.MetadataResponse{Brokers: []int32{1, 2}[:rapid.IntRange(1, 2).Draw(g.t, "brokers")]}
		for _, name := range r.Topics {
			leaders := make([]int32, rapid.IntRange(2, 3).Draw(g.t, "partitions"))
			for i := range leaders {
				leaders[i] = rapid.SampledFrom([]int32{1, 1, 2, -1}).Draw(g.t, "leader")
			}
			m.Topics = append(m.Topics, kafka.TopicMetadata{Topic: name, Leaders: leaders})
		}
		return m
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
		return &kafka.SyncGroupResponse{Err: code, Assignment: rapid.SampledFrom([]string{"", "t-0", "t-1,u-0", "t-2,t-0,u-1"}).Draw(g.t, "assignment")}
	case *kafka.HeartbeatRequest:
		return &kafka.HeartbeatResponse{Err: code}
	case *kafka.LeaveGroupRequest:
		return &kafka.LeaveGroupResponse{Err: code}
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

func (g *anyHost) fetchResponse(r *kafka.FetchRequest) *kafka.FetchResponse {
	f := &kafka.FetchResponse{}
	for _, p := range r.Partitions {
		x := kafka.FetchedRange{TopicPartition: p.TopicPartition, From: p.Offset, To: p.Offset + rapid.Int64Range(1, 30).Draw(g.t, "records"), Size: 10}
		switch rapid.IntRange(0, 12).Draw(g.t, "kind") {
		case 0:
			x.Err = kafka.ErrOffsetOutOfRange
		case 1:
			x.Err = kafka.ErrNotLeaderOrFollower
		case 2, 3:
			continue
		case 4: // records of two sizes
			f.Partitions = append(f.Partitions, x)
			x.From, x.To, x.Size = x.To, x.To+5, 10
		}
		f.Partitions = append(f.Partitions, x)
	}
	return f
}

// check is what must hold between any two inputs.
func (g *anyHost) check() {
	records, bytes := g.c.Buffered()
	if records < 0 || bytes != records*10 {
		g.t.Fatalf("buffered %d records of %d bytes", records, bytes)
	}
	if g.c.runner.state != runnerConsuming && (len(g.c.worker.queue) > 0 || g.c.worker.step != idle) {
		g.t.Fatalf("the worker is at step %d with %d batches while the runner is in state %d", g.c.worker.step, len(g.c.worker.queue), g.c.runner.state)
	}
	asleep := len(g.c.inflight) == 0 && !g.c.worker.called &&
		slices.Min(g.timers[timerSleep:]) == clock.Never
	if free := g.calling == callPoll || g.calling == callClose; asleep && free && g.c.runner.state != runnerDead && !g.closed {
		g.t.Fatalf("nothing is under way in runner state %d, fetchers %+v", g.c.runner.state, g.c.fetchers)
	}
	if c, ok := g.c.Clone().(*Consumer); !ok || c.runner.state != g.c.runner.state {
		g.t.Fatal("a clone that is another")
	}
}

// Send checks each request against the state in which it may be sent.
func (g *anyHost) Send(_ int32, r kafka.Request) kafka.RequestID {
	pending := func(a api) bool { return slices.ContainsFunc(g.c.inflight, func(q request) bool { return q.api == a }) }
	switch r := r.(type) {
	case *kafka.JoinGroupRequest:
		if pending(apiJoin) || pending(apiSync) {
			g.t.Fatal("a second join in flight")
		}
	case *kafka.HeartbeatRequest:
		if pending(apiHeartbeat) {
			g.t.Fatal("a second heartbeat in flight")
		}
		if r.MemberID == "" {
			g.t.Fatal("a heartbeat without a member id")
		}
	case *kafka.FetchRequest:
		if g.c.runner.state != runnerConsuming {
			g.t.Fatalf("fetches in runner state %d", g.c.runner.state)
		}
	case *kafka.OffsetCommitRequest:
		for _, o := range r.Offsets {
			if o.Offset >= 0 && o.Offset > g.handed[o.TopicPartition] {
				g.t.Fatalf("commits %s@%d of which the handler has been called with %d", o.TopicPartition, o.Offset, g.handed[o.TopicPartition])
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

// Callback takes an assignment: kafkajs has no other callbacks.
func (g *anyHost) Callback(kind client.Callback, partitions []kafka.TopicPartition) bool {
	if kind != client.Assigned || !slices.IsSortedFunc(partitions, kafka.TopicPartition.Compare) {
		g.t.Fatalf("callback %d with %v", kind, partitions)
	}
	g.before, g.assigned = g.assigned, partitions
	return true
}

// Polled checks that each message is of a partition that is assigned, or was before:
// a fetcher that joins again because a topic has changed does not wait for the
// batches of the others.
func (g *anyHost) Polled(r client.PollResult) {
	g.returns(callPoll)
	for _, x := range r.Records {
		if !slices.Contains(g.assigned, x.TopicPartition) && !slices.Contains(g.before, x.TopicPartition) {
			g.t.Fatalf("messages of %s, which is not assigned", x.TopicPartition)
		}
		g.handed[x.TopicPartition] = max(g.handed[x.TopicPartition], x.To)
	}
	g.result, g.total, g.taken = slices.Clone(r.Records), r.Len(), min(1, r.Len())
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

func (g *anyHost) Taken() (int64, clock.Time) { return g.taken, g.now }
func (g *anyHost) Cut()                       { g.total = g.taken }
func (g *anyHost) Log(string, string)         {}
func (g *anyHost) Emit(trace.Event)           {}
func (g *anyHost) BlameApp()                  {}
func (g *anyHost) Rand() *clock.Stream        { return &g.random }
