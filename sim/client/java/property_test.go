package java

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
// end each call once, and must hand out each partition's records without gap or
// repetition from where an assignment or a reset has put it.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := defaults()
		s.session, s.maxPoll = 10*clock.Second, 8*clock.Second
		s.autoCommit = rapid.Bool().Draw(t, "auto-commit")
		s.autoCommitInterval = 700 * clock.Millisecond
		s.metadataMaxAge, s.apiTimeout = 3*clock.Second, 2*clock.Second
		s.maxPollRecords = 20
		s.reset = rapid.SampledFrom([]string{"earliest", "earliest", "latest", "none"}).Draw(t, "reset")
		if rapid.Bool().Draw(t, "sticky") {
			s.assignors = []string{"sticky", "range"}
		}
		if rapid.Bool().Draw(t, "static") {
			s.instance = "x"
		}
		major := rapid.Int32Range(3, 4).Draw(t, "major")
		g := &anyHost{t: t, s: &s, next: make(map[kafka.TopicPartition]int64)}
		g.c = newConsumer(&s, client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Version: kafka.V(major, 1, 0), Nodes: []string{"b1", "b2"}})
		g.c.Subscribe(g, 0)
		for range rapid.IntRange(50, 400).Draw(t, "steps") {
			g.step()
		}
	})
}

// sent is a request without an answer yet.
type sent struct {
	id      kafka.RequestID
	broker  int32
	request kafka.Request
}

// anyHost is a host whose answers and application are drawn at random.
type anyHost struct {
	t   *rapid.T
	s   *settings
	c   *Consumer
	now clock.Time

	rand     clock.Stream
	timers   [client.MaxTimers]clock.Time // 0 when not set
	requests []sent
	lastID   kafka.RequestID
	joins    int32 // generations so far

	calling call
	owned   []kafka.TopicPartition         // by the callbacks
	next    map[kafka.TopicPartition]int64 // the record that poll has to return next, once known
	over    bool                           // closed, or of no more use
}

// step is one input of any kind; now and then the consumer goes on as its copy.
func (g *anyHost) step() {
	if g.over {
		return
	}
	switch n := rapid.IntRange(0, 11).Draw(g.t, "input"); {
	case n == 11:
		g.breakAny()
	case n == 10:
		g.c = g.c.Clone().(*Consumer)
	case n < 5 && len(g.requests) > 0:
		g.answerAny()
	case n < 8 && g.calling == callNone:
		g.callAny()
	default:
		g.wait()
	}
}

// wait lets the next timer fire, perhaps late, as after a freeze.
func (g *anyHost) wait() {
	first := -1
	for i, at := range g.timers {
		if at != 0 && (first < 0 || at < g.timers[first]) {
			first = i
		}
	}
	if first < 0 {
		return
	}
	g.now = max(g.now, g.timers[first]) + clock.Ms(rapid.SampledFrom([]int64{0, 0, 0, 1, 700, 20000}).Draw(g.t, "late"))
	g.timers[first] = 0
	g.c.Timer(g, g.now, client.TimerID(first))
}

func (g *anyHost) callAny() {
	g.now += clock.Ms(rapid.SampledFrom([]int64{0, 1, 400, 9000}).Draw(g.t, "work"))
	switch n := rapid.IntRange(0, 19).Draw(g.t, "call"); {
	case n == 19 && rapid.IntRange(0, 9).Draw(g.t, "close") == 5:
		g.calling = callClose
		g.c.Close(g, g.now)
	case n > 14:
		g.calling = callCommit
		g.c.Commit(g, g.now, nil)
	default:
		g.calling = callPoll
		g.c.Poll(g, g.now, clock.Ms(rapid.SampledFrom([]int64{0, 100, 1000, 30000}).Draw(g.t, "timeout")), 1)
	}
}

// breakAny breaks the connections to a broker now and then: what waits for it gets no
// answer.
func (g *anyHost) breakAny() {
	if rapid.IntRange(0, 3).Draw(g.t, "breaks") != 0 {
		return
	}
	broker := rapid.Int32Range(1, 2).Draw(g.t, "gone")
	var waiting []sent
	g.requests = slices.DeleteFunc(g.requests, func(s sent) bool {
		if s.broker == broker {
			waiting = append(waiting, s)
		}
		return s.broker == broker
	})
	for _, s := range waiting {
		g.c.Response(g, g.now, s.id, nil)
	}
	if !g.over {
		g.c.Disconnected(g, g.now, broker)
	}
}

// answerAny answers any request, well or badly, in any order, also one that the
// consumer has given up.
func (g *anyHost) answerAny() {
	i := rapid.IntRange(0, len(g.requests)-1).Draw(g.t, "request")
	q := g.requests[i]
	g.requests = slices.Delete(g.requests, i, i+1)
	code := kafka.ErrNone
	if rapid.IntRange(0, 9).Draw(g.t, "fails") > 7 {
		code = rapid.SampledFrom([]kafka.ErrorCode{
			kafka.ErrRebalanceInProgress, kafka.ErrUnknownMemberID, kafka.ErrIllegalGeneration, kafka.ErrNotCoordinator,
			kafka.ErrMemberIDRequired, kafka.ErrCoordinatorLoadInProgress, kafka.ErrFencedInstanceID,
		}).Draw(g.t, "code")
	}
	if code == kafka.ErrFencedInstanceID && g.s.instance == "" || code == kafka.ErrMemberIDRequired && q.request.Name() != "JoinGroup" {
		code = kafka.ErrRebalanceInProgress
	}
	g.c.Response(g, g.now, q.id, g.response(q.request, code))
}

func (g *anyHost) response(r kafka.Request, code kafka.ErrorCode) kafka.Response {
	switch r := r.(type) {
	case *kafka.MetadataRequest:
		leaders := slices.Repeat([]int32{1, 2}, 2)[:rapid.IntRange(2, 4).Draw(g.t, "partitions")]
		return &kafka.MetadataResponse{Brokers: []int32{1, 2}, Topics: []kafka.TopicMetadata{{Topic: "t", Leaders: leaders}}}
	case *kafka.FindCoordinatorRequest:
		return &kafka.FindCoordinatorResponse{Err: code, Broker: rapid.Int32Range(1, 2).Draw(g.t, "coordinator")}
	case *kafka.JoinGroupRequest:
		g.joins++
		p := rapid.SampledFrom(r.Protocols).Draw(g.t, "protocol")
		j := &kafka.JoinGroupResponse{Err: code, MemberID: "A-1", Generation: g.joins, Protocol: p.Name, Leader: "B-1"}
		if rapid.Bool().Draw(g.t, "leads") {
			j.Leader, j.Members = "A-1", []kafka.JoinGroupMember{{MemberID: "A-1", Metadata: p.Metadata}}
		}
		return j
	case *kafka.SyncGroupRequest:
		return &kafka.SyncGroupResponse{Err: code, Assignment: rapid.SampledFrom([]string{"", "t-0", "t-1,t-0"}).Draw(g.t, "assignment")}
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
		l := &kafka.ListOffsetsResponse{Offsets: make([]int64, len(r.Partitions))}
		if rapid.IntRange(0, 4).Draw(g.t, "no leader") == 0 {
			l.Errs = slices.Repeat([]kafka.ErrorCode{kafka.ErrNotLeaderOrFollower}, len(r.Partitions))
		}
		return l
	case *kafka.FetchRequest:
		return g.fetchResponse(r)
	}
	panic(fmt.Sprintf("no answer for %T", r))
}

func (g *anyHost) fetchResponse(r *kafka.FetchRequest) *kafka.FetchResponse {
	f := &kafka.FetchResponse{}
	for _, p := range r.Partitions {
		x := kafka.FetchedRange{TopicPartition: p.TopicPartition, From: p.Offset, To: p.Offset + rapid.SampledFrom([]int64{1, 5, 20, 33}).Draw(g.t, "records"), Size: 10}
		switch rapid.IntRange(0, 9).Draw(g.t, "kind") {
		case 0:
			x.Err = kafka.ErrOffsetOutOfRange
		case 1, 2:
			continue
		}
		f.Partitions = append(f.Partitions, x)
	}
	return f
}

// Send checks each request against the state in which it may be sent.
func (g *anyHost) Send(broker int32, r kafka.Request) kafka.RequestID {
	switch r := r.(type) {
	case *kafka.JoinGroupRequest:
		if g.c.pending(apiJoin) || g.c.pending(apiSync) {
			g.t.Fatal("a second join in flight")
		}
		if len(g.owned) > 0 {
			g.t.Fatalf("joins with %v, which it has not given back", g.owned)
		}
	case *kafka.HeartbeatRequest:
		if g.c.state != completingRebalance && g.c.state != stable {
			g.t.Fatalf("heartbeat while %s", g.c.state)
		}
	case *kafka.FetchRequest:
		if g.c.fetching(broker) {
			g.t.Fatalf("a second fetch from broker %d in flight", broker)
		}
		if g.calling != callPoll {
			g.t.Fatal("a fetch outside poll()")
		}
	case *kafka.ListOffsetsRequest:
		for _, tp := range r.Partitions {
			delete(g.next, tp) // a reset
		}
	case *kafka.OffsetCommitRequest:
		if g.c.state != stable {
			g.t.Fatalf("commit while %s", g.c.state)
		}
		g.checkCommit(r.Offsets)
	}
	g.lastID++
	g.requests = append(g.requests, sent{g.lastID, broker, r})
	return g.lastID
}

// checkCommit: what is committed is what polls have returned, no more and no less.
func (g *anyHost) checkCommit(offsets []kafka.OffsetCommit) {
	for _, o := range offsets {
		if next, ok := g.next[o.TopicPartition]; ok && o.Offset != next {
			g.t.Fatalf("commits %s@%d where poll has come to %d", o.TopicPartition, o.Offset, next)
		}
	}
}

func (g *anyHost) Arm(t client.TimerID, at clock.Time) {
	if at < g.now {
		g.t.Fatalf("timer %s set to the past", timerNames[t])
	}
	g.timers[t] = max(at, 1)
}

func (g *anyHost) Cancel(t client.TimerID) { g.timers[t] = 0 }

// Callback checks that assignments and their ends take turns, in the
// application's thread.
func (g *anyHost) Callback(kind client.Callback, partitions []kafka.TopicPartition) {
	if g.calling != callPoll && g.calling != callClose {
		g.t.Fatal("a callback outside poll() and close()")
	}
	if kind == client.Assigned {
		if len(g.owned) > 0 {
			g.t.Fatalf("assigned %v on top of %v", partitions, g.owned)
		}
		g.owned = partitions
		clear(g.next)
		return
	}
	if !slices.Equal(partitions, g.owned) {
		g.t.Fatalf("gives back %v of %v", partitions, g.owned)
	}
	g.owned = nil
}

// Polled checks the records against what poll has returned before.
func (g *anyHost) Polled(r client.PollResult) {
	g.returns(callPoll)
	if r.Len() > g.s.maxPollRecords {
		g.t.Fatalf("%d records in one poll", r.Len())
	}
	for _, x := range r.Records {
		if !slices.Contains(g.owned, x.TopicPartition) {
			g.t.Fatalf("records of %s, which is not assigned", x.TopicPartition)
		}
		if next, ok := g.next[x.TopicPartition]; ok && x.From != next {
			g.t.Fatalf("%s goes on with %d, not %d", x.TopicPartition, x.From, next)
		}
		g.next[x.TopicPartition] = x.To
	}
	g.over = r.Err != nil && r.Err.Fatal
}

func (g *anyHost) Committed(err *client.Error) {
	g.returns(callCommit)
	g.over = err != nil && err.Fatal
}

func (g *anyHost) Closed() {
	g.returns(callClose)
	g.over = true
	if g.timers != [client.MaxTimers]clock.Time{} {
		g.t.Fatalf("closed with timers %v", g.timers)
	}
	if len(g.owned) > 0 {
		g.t.Fatalf("closed with %v", g.owned)
	}
}

// returns checks that a call ends only while it runs.
func (g *anyHost) returns(k call) {
	if g.calling != k {
		g.t.Fatalf("call %d returns while %d runs", k, g.calling)
	}
	g.calling = callNone
}

func (g *anyHost) Taken() (int64, clock.Time) { panic("a batch client does not ask") }
func (g *anyHost) Cut()                       { panic("a batch client does not cut") }
func (g *anyHost) Log(string, string)         {}
func (g *anyHost) Emit(trace.Event)           {}
func (g *anyHost) BlameApp()                  {}
func (g *anyHost) Rand() *clock.Stream        { return &g.rand }
