package app

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// TestClaims plays a pushing client's side and the scenario's actions to the
// application with a handler a partition, and compares all that it does.
//
//	new MODEL KEY=VALUE…         as TestTranscripts; the first session is called for
//	claim P, feed, release P     what the client asks: feed has ranges in the input
//	watch P=N                    it waits until no more than N records are untaken
//	mark-committed P or worker=N, session-end [error=NAME [fatal]], and what TestTranscripts has
//	handlers                     what each has marked and not begun
func TestClaims(t *testing.T) {
	datadriven.Walk(t, "testdata/claims", func(t *testing.T, path string) {
		var w *claimsWorld
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "new" {
				c := NewClaims(settings(t, d))
				w = &claimsWorld{world: world{app: c}, claims: c}
				c.Start(w, 0)
			} else {
				w.play(t, d)
			}
			text := w.out.String()
			w.out.Reset()
			return cmp.Or(text, "ok\n")
		})
	})
}

// claimsWorld is the host of an application with handlers.
type claimsWorld struct {
	world
	claims *Claims
	calls  []func() // of the handlers: the client hears of them when it has returned
}

func (w *claimsWorld) play(t *testing.T, d *datadriven.TestData) {
	tp := kafka.TopicPartition{}
	if len(d.CmdArgs) > 0 {
		if tps := kafka.DecodeAssignment(d.CmdArgs[0].Key); len(tps) == 1 {
			tp = tps[0]
		}
	}
	c := w.claims
	switch d.Cmd {
	case "claim":
		c.Claim(w, tp)
	case "feed":
		for _, r := range ranges(t, d.Input) {
			c.Feed(w, w.now, r)
		}
	case "release":
		c.Release(w, w.now, tp, 2)
	case "watch":
		c.Watch(w, w.now, tp, number(t, d.CmdArgs[0].Vals[0]))
	case "mark-committed":
		by := client.Caller{Claim: tp}
		if d.CmdArgs[0].Key == "worker" {
			by = client.Caller{Worker: number(t, d.CmdArgs[0].Vals[0])}
		}
		c.MarkCommitted(w, w.now, by)
	case "session-end":
		c.Polled(w, w.now, client.PollResult{Err: failure(t, d)})
	case "run":
		w.run(duration(t, d.CmdArgs[0].Key))
	case "stop":
		c.Stop(w, w.now)
	case "callback":
		kind := map[string]client.Callback{"assigned": client.Assigned, "revoked": client.Revoked}[d.CmdArgs[0].Key]
		if !c.Callback(w, w.now, kind, kafka.DecodeAssignment(d.Input)) {
			w.see("Cleanup goes on")
		}
	case "committed":
		c.Committed(w, w.now, failure(t, d))
	case "enqueued":
		c.Enqueued(w, w.now, ranges(t, d.Input)[0], failure(t, d))
	case "transacted":
		c.Transacted(w, w.now, failure(t, d))
	case "slow":
		c.Slow(w, w.now, duration(t, d.CmdArgs[0].Key))
	case "settle":
		c.Settle(w, w.now)
	case "handlers":
		for _, x := range c.handlers {
			fmt.Fprintf(&w.out, "%s marked %d, untaken %d\n", x.tp, c.Marked(w, w.now, x.tp), c.Untaken(w.now, x.tp))
		}
		records, bytes := c.Channels(w.now)
		fmt.Fprintf(&w.out, "channels %d records %d bytes; held%s\n", records, bytes, rangesText(c.Held(nil)))
	default:
		w.world.app = c
		w.world.play(t, d)
	}
	w.deliver()
}

// run fires the timers as they fall due.
func (w *claimsWorld) run(until clock.Time) {
	for {
		switch c := w.claims; {
		case w.pool != 0 && w.pool <= until && (w.timer == 0 || w.pool <= w.timer):
			w.now, w.pool = max(w.now, w.pool), 0
			c.Workers(w, w.now)
		case w.timer != 0 && w.timer <= until:
			w.now, w.timer = max(w.now, w.timer), 0
			c.Timer(w, w.now)
		default:
			w.now = max(w.now, until)
			return
		}
		w.deliver()
	}
}

func (w *claimsWorld) deliver() {
	for len(w.calls) > 0 {
		next := w.calls[0]
		w.calls = w.calls[1:]
		next()
	}
}

func (w *claimsWorld) CallbackReturned() { w.see("Cleanup returns") }

func (w *claimsWorld) Poll(clock.Duration, int64) { w.see("calls for a session") }

func (w *claimsWorld) Drained(tp kafka.TopicPartition) {
	w.calls = append(w.calls, func() { w.see("%s drained", tp) })
}

func (w *claimsWorld) Exited(tp kafka.TopicPartition) {
	w.calls = append(w.calls, func() { w.see("%s exited", tp); w.claims.Gone(tp) })
}

func (w *claimsWorld) CancelSession() { w.see("cancels the session") }

func (w *claimsWorld) Mark(o kafka.OffsetCommit) {
	w.calls = append(w.calls, func() { w.see("marks %s@%d", o.TopicPartition, o.Offset) })
}

func (w *claimsWorld) CommitMarks(by client.Caller) {
	w.calls = append(w.calls, func() {
		if by.Worker != 0 {
			w.see("worker %d commits", by.Worker)
			return
		}
		var marks []string
		for _, x := range w.claims.handlers {
			marks = append(marks, fmt.Sprintf("%s@%d", x.tp, w.claims.Marked(w, w.now, x.tp)))
		}
		w.see("%s commits, marked %v", by.Claim, marks)
	})
}

// TestClaimsAnyOrder: whatever comes in whatever order, each record is completed
// once or given up, a handler's own in order, nothing is marked that has not ended (but
// where the commit comes first, or others may overtake), no timer lies in the past, and a
// released handler returns.
func TestClaimsAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &scenario.App{
			Commit:  rapid.SampledFrom([]scenario.Commit{scenario.CommitAuto, scenario.CommitRecord, scenario.CommitBatch, scenario.CommitBefore, scenario.CommitNone}).Draw(t, "commit"),
			Batch:   7,
			Ranges:  rapid.Bool().Draw(t, "range"),
			Process: clock.Fixed(clock.Ms(rapid.SampledFrom([]int64{0, 10}).Draw(t, "process"))),
		}
		switch rapid.SampledFrom([]string{"sequential", "buffer-flush", "worker-queue"}).Draw(t, "model") {
		case "buffer-flush":
			a.Model, a.Commit, a.FlushRecords, a.FlushAge, a.Upload = scenario.BufferFlush, scenario.CommitBatch, 20, clock.Second, clock.Fixed(500*clock.Millisecond)
			a.AgeOnPoll, a.Pool = rapid.Bool().Draw(t, "age-on-poll"), rapid.Bool().Draw(t, "pool")
			a.CommitOn = rapid.SampledFrom([]scenario.CommitOn{scenario.CommitOnComplete, scenario.CommitOnContiguous, scenario.CommitOnSubmit}).Draw(t, "commit-on")
		case "worker-queue":
			a.Model, a.Commit, a.Ranges, a.Contiguous = scenario.WorkerQueue, scenario.CommitRecord, false, rapid.Bool().Draw(t, "contiguous")
		}
		a.Workers, a.Queue = 2, int64(rapid.IntRange(0, 3).Draw(t, "queue"))
		if rapid.Bool().Draw(t, "poison") {
			a.Poison = scenario.Poison{Every: 7, Backoff: clock.Second, Attempts: 2,
				Action: rapid.SampledFrom([]scenario.PoisonAction{scenario.PoisonErrorTopic, scenario.PoisonSkip, scenario.PoisonRetry}).Draw(t, "action")}
		}
		g := &anyClaims{t: t, app: a, c: NewClaims(a), next: map[kafka.TopicPartition]int64{}, done: map[kafka.TopicPartition]int64{}, ended: map[kafka.TopicPartition]map[int64]bool{}}
		g.c.Start(g, 0)
		for range rapid.IntRange(20, 200).Draw(t, "steps") {
			g.step()
			g.deliver()
		}
		g.end()
	})
}

// anyClaims is a client that pushes anything.
type anyClaims struct {
	ProducerHost // nil: such programs have no producer, and a call fails
	QueueHost    // nor a queue

	t     *rapid.T
	app   *scenario.App
	c     *Claims
	now   clock.Time
	timer clock.Time // 0 when not set
	drawn int
	calls []func()

	next, done    map[kafka.TopicPartition]int64 // fed, and completed
	released      []kafka.TopicPartition
	committing    []client.Caller
	workers       clock.Time // their timer, 0 when not set
	ended         map[kafka.TopicPartition]map[int64]bool
	fed, finished int64
	gaveUp        int64
}

func (g *anyClaims) step() {
	tp := kafka.TopicPartition{Topic: "t", Partition: rapid.Int32Range(0, 2).Draw(g.t, "partition")}
	runs := slices.ContainsFunc(g.c.handlers, func(x handler) bool { return x.tp == tp })
	switch n := rapid.IntRange(0, 9).Draw(g.t, "input"); {
	case n == 0:
		g.c = g.c.Clone().(*Claims)
	case n == 1:
		g.c.Slow(g, g.now, 5*clock.Second)
	case n == 2 && len(g.committing) > 0:
		tp := g.committing[0]
		g.committing = g.committing[1:]
		g.c.MarkCommitted(g, g.now, tp)
	case !runs && n < 6:
		g.c.Claim(g, tp)
		delete(g.done, tp)
	case runs && n < 6 && !slices.Contains(g.released, tp):
		r := client.Range{TopicPartition: tp, From: g.next[tp], To: g.next[tp] + rapid.Int64Range(1, 30).Draw(g.t, "records"), Size: 10}
		g.next[tp] = r.To
		g.fed += r.Len()
		g.c.Feed(g, g.now, r)
	case runs && n == 6 && !slices.Contains(g.released, tp):
		g.released = append(g.released, tp)
		g.c.Release(g, g.now, tp, 2)
	case runs && n == 7 && !slices.Contains(g.released, tp):
		g.c.Watch(g, g.now, tp, 3)
	default:
		g.wait()
	}
}

// wait lets a timer fire, perhaps late.
func (g *anyClaims) wait() {
	if g.timer != 0 || g.workers != 0 {
		g.fire(clock.Ms(rapid.SampledFrom([]int64{0, 0, 0, 3, 2000}).Draw(g.t, "late")))
	}
}

// fire lets the timer fire that is due first.
func (g *anyClaims) fire(late clock.Duration) {
	if g.workers != 0 && (g.timer == 0 || g.workers <= g.timer) {
		g.now, g.workers = max(g.now, g.workers)+late, 0
		g.c.Workers(g, g.now)
		return
	}
	g.now, g.timer = max(g.now, g.timer)+late, 0
	g.c.Timer(g, g.now)
}

// end releases every handler, and waits until they have returned.
func (g *anyClaims) end() {
	for _, x := range slices.Clone(g.c.handlers) {
		if !slices.Contains(g.released, x.tp) {
			g.released = append(g.released, x.tp)
			g.c.Release(g, g.now, x.tp, 2)
			g.deliver()
		}
	}
	for len(g.c.handlers) > 0 {
		switch {
		case len(g.committing) > 0:
			tp := g.committing[0]
			g.committing = g.committing[1:]
			g.c.MarkCommitted(g, g.now, tp)
		case g.timer != 0 || g.workers != 0:
			g.fire(0)
		default:
			g.t.Fatalf("%+v will never return", g.c.handlers)
		}
		g.deliver()
	}
	if left, _ := sizeOf(g.c.Held(nil)); g.fed != g.finished+g.gaveUp+left {
		g.t.Fatalf("%d records fed, %d completed, %d given up, %d held", g.fed, g.finished, g.gaveUp, left)
	}
}

func (g *anyClaims) deliver() {
	for len(g.calls) > 0 {
		next := g.calls[0]
		g.calls = g.calls[1:]
		next()
	}
}

func (g *anyClaims) Drained(tp kafka.TopicPartition) {
	if n := g.c.Untaken(g.now, tp); n > 3 {
		g.t.Fatalf("%s is drained with %d records untaken", tp, n)
	}
}

func (g *anyClaims) Exited(tp kafka.TopicPartition) {
	g.calls = append(g.calls, func() {
		if !slices.Contains(g.released, tp) {
			g.t.Fatalf("%s returns, and is not released", tp)
		}
		g.released = slices.DeleteFunc(g.released, func(x kafka.TopicPartition) bool { return x == tp })
		g.c.Gone(tp)
	})
}

// Mark is of what has been completed, with all before it where it is contiguous.
func (g *anyClaims) Mark(o kafka.OffsetCommit) {
	ended := g.ended[o.TopicPartition]
	contiguous := g.app.Contiguous || g.app.CommitOn == scenario.CommitOnContiguous
	for offset := int64(0); contiguous && g.gaveUp == 0 && offset < o.Offset; offset++ {
		if !ended[offset] {
			g.t.Fatalf("%s is marked to %d, and %d is not done", o.TopicPartition, o.Offset, offset)
		}
	}
	if !contiguous && g.app.CommitOn != scenario.CommitOnSubmit && g.app.Poison.Action != scenario.PoisonSkip && !ended[o.Offset-1] {
		g.t.Fatalf("%s is marked to %d, which is not done", o.TopicPartition, o.Offset)
	}
}

func (g *anyClaims) CommitMarks(by client.Caller) {
	g.calls = append(g.calls, func() {
		for i := range g.c.handlers {
			x := &g.c.handlers[i]
			if m := g.c.Marked(g, g.now, x.tp); g.app.Commit != scenario.CommitBefore && g.app.Poison.Every == 0 && m > max(g.done[x.tp], -1) {
				g.t.Fatalf("%s is marked to %d, done to %d", x.tp, m, g.done[x.tp])
			}
		}
		g.committing = append(g.committing, by)
	})
}

// Completed is in order, and nothing twice.
func (g *anyClaims) Completed(r client.Range) {
	if done, ok := g.done[r.TopicPartition]; ok && g.app.Model == scenario.Sequential && g.app.Poison.Every == 0 && r.From != done {
		g.t.Fatalf("%s[%d,%d) completed after %d", r.TopicPartition, r.From, r.To, done)
	}
	if g.ended[r.TopicPartition] == nil {
		g.ended[r.TopicPartition] = map[int64]bool{}
	}
	for offset := r.From; offset < r.To; offset++ {
		if g.ended[r.TopicPartition][offset] {
			g.t.Fatalf("%s@%d completed twice", r.TopicPartition, offset)
		}
		g.ended[r.TopicPartition][offset] = true
	}
	g.done[r.TopicPartition] = r.To
	g.finished += r.Len()
}

func (g *anyClaims) Arm(at clock.Time) {
	if at < g.now {
		g.t.Fatalf("timer set to %s at %s", at, g.now)
	}
	g.timer = max(at, 1)
}

func (g *anyClaims) Pause()         {}
func (g *anyClaims) Resume()        {}
func (g *anyClaims) GaveUp(n int64) { g.gaveUp += n }
func (g *anyClaims) Cancel()        { g.timer = 0 }

func (g *anyClaims) Draw(d *clock.Dist) clock.Duration { return d.Draw(nil, &g.drawn) }

func (g *anyClaims) Poll(clock.Duration, int64)   {}
func (g *anyClaims) CallbackReturned()            { g.t.Fatal("Cleanup returns, and was not called") }
func (g *anyClaims) Commit([]kafka.OffsetCommit)  { g.t.Fatal("commits beside its handlers") }
func (g *anyClaims) Close()                       {}
func (g *anyClaims) Exit()                        {}
func (g *anyClaims) Crash(string, clock.Duration) { g.t.Fatal("crashes") }
func (g *anyClaims) CancelSession()               { g.t.Fatal("ends") }

func (g *anyClaims) ArmWorkers(at clock.Time) {
	switch {
	case at == clock.Never:
		g.workers = 0
	case at < g.now:
		g.t.Fatalf("workers' timer set to %s at %s", at, g.now)
	default:
		g.workers = max(at, 1)
	}
}

func (g *anyClaims) Cause() Cause       { return Cause{} }
func (g *anyClaims) Blame(Cause)        {}
func (g *anyClaims) Emit(trace.Event)   {}
func (g *anyClaims) Log(string, string) {}
