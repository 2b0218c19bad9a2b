package clienttest

import (
	"slices"

	"pgregory.net/rapid"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// AnyHost throws answers, errors, silences and application calls at a consumer in
// any order. Whatever happens the consumer must keep to the protocol, end each
// call once, and hand out each partition's records without gap or repetition from
// where an assignment or a reset has put it.
type AnyHost struct {
	T        *rapid.T
	Consumer client.Consumer
	Static   bool  // the member has a group.instance.id
	Most     int64 // records that one poll may return
	// Background tells that listener and fetches run whatever the application does.
	Background bool
	// Keeps tells that a partition that stays assigned keeps its position.
	Keeps bool
	// Incremental tells that the listener hears of what goes and of what comes, not
	// of all.
	Incremental bool
	// Releases tells that what the listener was told to give back is given back by
	// then, not when the next assignment comes.
	Releases bool
	// Cancels tells that a fetch without an answer may be given up for another.
	Cancels bool
	// Behind tells that commits may be of less than polls have returned.
	Behind bool
	// Moves tells that partitions have other leaders now and then, or none.
	Moves bool
	// GivesUp tells that any request may be given up: Sent has to see whether one is
	// still in flight.
	GivesUp bool
	// Held tells that a request was decided upon before and has waited for its
	// connection: a commit may be of less than polls have returned since. Nil for never.
	Held func(c client.Consumer, r kafka.Request) bool
	// Sent checks a request against the consumer's own state; nil for nothing more.
	Sent func(c client.Consumer, broker int32, r kafka.Request)

	now      clock.Time
	timers   [client.MaxTimers]clock.Time // 0 when not set
	requests []sent
	lastID   kafka.RequestID
	joins    int32 // generations so far
	joining  int   // joins and syncs without an answer
	fetching map[int32]int
	rand     clock.Stream

	calling string // "" for none
	// listening: the listener goes on, within that call unless it is Background.
	listening bool
	within    string
	releases  bool // it is about all that is owned
	owned     []kafka.TopicPartition
	paused    []kafka.TopicPartition         // owned without a break since the pause
	next      map[kafka.TopicPartition]int64 // the record that poll has to return next, once known
	reached   map[kafka.TopicPartition]int64 // the furthest that polls have returned, or handlers marked
	over      bool                           // closed, or of no more use

	twin   client.Consumer // a copy, which must go on alike; nil before the first
	claims []anyClaim      // the handlers of a client that pushes
	// workers are those beside the handlers whose commits run; the number of the last.
	workers    []int64
	lastWorker int64
}

// Run plays some hundred random inputs.
func (g *AnyHost) Run() {
	g.next, g.fetching = make(map[kafka.TopicPartition]int64), make(map[int32]int)
	g.reached = make(map[kafka.TopicPartition]int64)
	g.rand = clock.NewStream(1, "A", "client")
	g.input(func(c client.Consumer, h client.Host) { c.Subscribe(h, 0) })
	for range rapid.IntRange(50, 400).Draw(g.T, "steps") {
		g.step()
		g.check()
	}
}

// check is what holds between any two inputs: the consumer is nowhere but behind the
// latest record that it has handed out, and if it is called it waits for something.
func (g *AnyHost) check() {
	for _, o := range g.Consumer.Positions(nil) {
		if next, ok := g.next[o.TopicPartition]; ok && o.Offset != next {
			g.T.Fatalf("is at %s@%d, has handed out %d", o.TopicPartition, o.Offset, next)
		}
	}
	if !g.over && !g.listening && g.calling != "" && len(g.requests) == 0 && len(g.claims) == 0 && g.timers == [client.MaxTimers]clock.Time{} {
		g.T.Fatalf("nothing will ever end %s", g.calling)
	}
}

// step is one input of any kind; now and then the consumer goes on as its copy.
func (g *AnyHost) step() {
	if g.over {
		return
	}
	_, pushes := g.Consumer.(client.HandlerConsumer)
	switch n := rapid.IntRange(0, 10).Draw(g.T, "input"); {
	case n == 10:
		g.Consumer, g.twin = g.Consumer.Clone(), g.Consumer
	case n < 5 && len(g.requests) > 0:
		g.answerAny()
	case n < 8 && pushes && len(g.claims) > 0:
		g.handleAny()
	case n >= 5 && g.listening && g.calling != "commit" && rapid.Bool().Draw(g.T, "returns"):
		g.callBack()
	case n < 8 && g.calling == "", pushes && n == 8 && g.calling == "poll":
		g.callAny()
	case n == 8 && g.calling == "poll":
		if _, ok := g.Consumer.(client.Interrupter); !ok || rapid.IntRange(0, 9).Draw(g.T, "interrupt") > 0 {
			g.wait()
			return
		}
		g.input(func(c client.Consumer, h client.Host) { c.(client.Interrupter).Interrupt(h, g.now) })
	default:
		g.wait()
	}
}

// wait lets the next timer fire, perhaps late, as after a freeze.
func (g *AnyHost) wait() {
	first := -1
	for i, at := range g.timers {
		if at != 0 && (first < 0 || at < g.timers[first]) {
			first = i
		}
	}
	if first < 0 {
		return
	}
	g.now = max(g.now, g.timers[first]) + clock.Ms(rapid.SampledFrom([]int64{0, 0, 0, 1, 700, 20000}).Draw(g.T, "late"))
	g.timers[first] = 0
	g.input(func(c client.Consumer, h client.Host) { c.Timer(h, g.now, client.TimerID(first)) })
}

func (g *AnyHost) callAny() {
	g.now += clock.Ms(rapid.SampledFrom([]int64{0, 1, 400, 9000}).Draw(g.T, "work"))
	if _, pauses := g.Consumer.(client.Pauser); pauses && g.calling == "" && g.within == "" && rapid.IntRange(0, 5).Draw(g.T, "pauses") == 0 {
		g.pauseAny()
		return
	}
	switch n := rapid.IntRange(0, 19).Draw(g.T, "call"); {
	case n == 19 && !g.listening && rapid.IntRange(0, 9).Draw(g.T, "close") == 5:
		g.calling = "close"
		g.input(func(c client.Consumer, h client.Host) { c.Close(h, g.now) })
	case g.calling == "poll": // a session, which goes on
	case n > 14, g.within != "":
		g.calling = "commit"
		g.input(func(c client.Consumer, h client.Host) { c.Commit(h, g.now, nil) })
	default:
		g.calling = "poll"
		timeout := clock.Ms(rapid.SampledFrom([]int64{0, 100, 1000, 30000}).Draw(g.T, "timeout"))
		g.input(func(c client.Consumer, h client.Host) { c.Poll(h, g.now, timeout, 1) })
	}
}

// pauseAny pauses what is owned, or resumes it.
func (g *AnyHost) pauseAny() {
	if rapid.Bool().Draw(g.T, "resumes") {
		g.paused = nil
		g.input(func(c client.Consumer, h client.Host) { c.(client.Pauser).Resume(h, g.now) })
		return
	}
	g.paused = slices.Clone(g.owned)
	g.input(func(c client.Consumer, h client.Host) { c.(client.Pauser).Pause(h, g.now) })
}

// Send checks each request against what may be in flight beside it.
func (g *AnyHost) Send(broker int32, r kafka.Request) kafka.RequestID {
	if broker < 1 {
		g.T.Fatalf("sends %s to nobody", requestText(r))
	}
	if g.Sent != nil {
		g.Sent(g.Consumer, broker, r)
	}
	switch r := r.(type) {
	case *kafka.JoinGroupRequest:
		if g.joining > 0 && !g.GivesUp {
			g.T.Fatal("a second join in flight")
		}
		if g.Releases && !g.Incremental && len(g.owned) > 0 {
			g.T.Fatalf("joins with %v, which it has not given back", g.owned)
		}
		g.joining++
	case *kafka.SyncGroupRequest:
		g.joining++
	case *kafka.FetchRequest:
		if g.fetching[broker] > 0 && !g.Cancels && !g.GivesUp {
			g.T.Fatalf("a second fetch from broker %d in flight", broker)
		}
		if g.calling != "poll" && !g.Background {
			g.T.Fatal("a fetch outside poll()")
		}
		g.fetching[broker]++
	case *kafka.ListOffsetsRequest:
		for _, tp := range r.Partitions {
			delete(g.next, tp) // a reset
		}
	case *kafka.OffsetCommitRequest:
		if g.Held == nil || !g.Held(g.Consumer, r) {
			g.checkCommit(r.Offsets)
		}
	}
	g.lastID++
	g.requests = append(g.requests, sent{g.lastID, broker, r})
	return g.lastID
}

// checkCommit: what is committed is what polls have returned, no more and, but for
// clients that commit later, no less; or what handlers have marked.
func (g *AnyHost) checkCommit(offsets []kafka.OffsetCommit) {
	for _, o := range offsets {
		if g.Behind {
			if reached := g.reached[o.TopicPartition]; o.Offset > reached {
				g.T.Fatalf("commits %s@%d where nothing is handed out but to %d", o.TopicPartition, o.Offset, reached)
			}
			continue
		}
		if next, ok := g.next[o.TopicPartition]; ok && o.Offset != next {
			g.T.Fatalf("commits %s@%d where poll has come to %d", o.TopicPartition, o.Offset, next)
		}
	}
}

// Arm sets a timer, never to the past.
func (g *AnyHost) Arm(t client.TimerID, at clock.Time) {
	if at < g.now {
		g.T.Fatalf("timer %d set to the past", t)
	}
	g.timers[t] = max(at, 1)
}

// Cancel unsets a timer.
func (g *AnyHost) Cancel(t client.TimerID) { g.timers[t] = 0 }

// Callback checks that what is given back is what was owned.
func (g *AnyHost) Callback(kind client.Callback, partitions []kafka.TopicPartition) bool {
	if g.calling != "poll" && g.calling != "close" && !g.Background {
		g.T.Fatal("a callback outside poll() and close()")
	}
	g.paused = slices.DeleteFunc(g.paused, func(tp kafka.TopicPartition) bool { return slices.Contains(partitions, tp) })
	if g.Incremental && kind != client.Lost && (g.calling != "close" || g.Releases) {
		g.changed(kind, partitions)
		g.releases = false
		return g.returned(kind)
	}
	if kind != client.Assigned {
		if !slices.Equal(partitions, g.owned) {
			g.T.Fatalf("gives back %v of %v", partitions, g.owned)
		}
		returned := g.returned(kind)
		if g.releases = kind == client.Lost || g.Releases; g.releases && (returned || !g.Background) {
			g.owned = nil
			clear(g.next)
		}
		return returned
	}
	if g.Releases && len(g.owned) > 0 {
		g.T.Fatalf("assigned %v on top of %v", partitions, g.owned)
	}
	g.owned = partitions
	for _, tp := range []kafka.TopicPartition{{Topic: "t", Partition: 0}, {Topic: "t", Partition: 1}} {
		if !g.Keeps || !slices.Contains(partitions, tp) {
			delete(g.next, tp)
		}
	}
	return true
}

// returned tells whether the listener returns at once: now and then one that is to
// give something back goes on, inside the call that it is in.
func (g *AnyHost) returned(kind client.Callback) bool {
	if _, ok := g.Consumer.(client.Listened); !ok || kind == client.Assigned || rapid.IntRange(0, 3).Draw(g.T, "listens") > 0 {
		return true
	}
	g.listening = true
	if !g.Background {
		g.within, g.calling = g.calling, ""
	}
	return false
}

// callBack returns from the listener.
func (g *AnyHost) callBack() {
	g.listening = false
	if g.releases && g.Background { // what it had may have been read until now
		g.owned = nil
		clear(g.next)
	}
	if !g.Background {
		g.calling, g.within = g.within, ""
	}
	g.input(func(c client.Consumer, h client.Host) { c.(client.Listened).CalledBack(h, g.now) })
}

// changed takes in what the listener of a cooperative member hears.
func (g *AnyHost) changed(kind client.Callback, partitions []kafka.TopicPartition) {
	for _, tp := range partitions {
		delete(g.next, tp)
		if owned := slices.Contains(g.owned, tp); owned == (kind == client.Assigned) {
			g.T.Fatalf("callback %d for %v with %v", kind, partitions, g.owned)
		}
	}
	if kind == client.Assigned {
		g.owned = slices.SortedFunc(slices.Values(append(slices.Clone(g.owned), partitions...)), kafka.TopicPartition.Compare)
		return
	}
	g.owned = slices.DeleteFunc(slices.Clone(g.owned), func(tp kafka.TopicPartition) bool { return slices.Contains(partitions, tp) })
}

// Polled checks the records against what poll has returned before.
func (g *AnyHost) Polled(r client.PollResult) {
	g.returns("poll")
	if r.Len() > g.Most {
		g.T.Fatalf("%d records in one poll", r.Len())
	}
	for _, x := range r.Records {
		if !slices.Contains(g.owned, x.TopicPartition) {
			g.T.Fatalf("records of %s, which is not assigned", x.TopicPartition)
		}
		if slices.Contains(g.paused, x.TopicPartition) {
			g.T.Fatalf("records of %s, which is paused", x.TopicPartition)
		}
		if next, ok := g.next[x.TopicPartition]; ok && x.From != next {
			g.T.Fatalf("%s goes on with %d, not %d", x.TopicPartition, x.From, next)
		}
		g.next[x.TopicPartition] = x.To
		g.reached[x.TopicPartition] = max(g.reached[x.TopicPartition], x.To)
	}
	g.over = r.Err != nil && r.Err.Fatal
}

// Committed ends a commit.
func (g *AnyHost) Committed(err *client.Error) {
	g.returns("commit")
	g.over = err != nil && err.Fatal
}

// Closed ends close; nothing may be left that could wake the consumer.
func (g *AnyHost) Closed() {
	g.returns("close")
	g.over = true
	if g.timers != [client.MaxTimers]clock.Time{} {
		g.T.Fatalf("closed with timers %v", g.timers)
	}
	if g.Releases && len(g.owned) > 0 {
		g.T.Fatalf("closed with %v", g.owned)
	}
}

// returns checks that a call ends only while it runs.
func (g *AnyHost) returns(call string) {
	if g.calling != call {
		g.T.Fatalf("%s returns while %q runs", call, g.calling)
	}
	g.calling = ""
}

// Taken is not asked by a client that returns batches.
func (g *AnyHost) Taken() (int64, clock.Time) { panic("a batch client does not ask") }

// Cut is not asked by a client that returns batches.
func (g *AnyHost) Cut() { panic("a batch client does not cut") }

// Log, Emit and BlameApp are of no consequence here.
func (g *AnyHost) Log(string, string) {}

// Emit is of no consequence.
func (g *AnyHost) Emit(trace.Event) {}

// BlameApp is of no consequence.
func (g *AnyHost) BlameApp() {}

// Rand is the consumer's random stream.
func (g *AnyHost) Rand() *clock.Stream { return &g.rand }
