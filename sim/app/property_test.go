package app

import (
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// TestEachRecordOnce plays polls, commits, cuts, slow records, freezes, a stop and
// copies to an application at random instants. However its run is cut up, records
// are completed exactly once and in the order in which poll returned them, none
// vanishes, and at any time it is where a program that takes one record after the
// other would be.
func TestEachRecordOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &scenario.App{
			Commit: rapid.SampledFrom([]scenario.Commit{scenario.CommitAuto, scenario.CommitRecord, scenario.CommitBatch, scenario.CommitBefore}).Draw(t, "commit"),
			Batch:  rapid.Int64Range(1, 6).Draw(t, "batch"), PollTimeout: clock.Second,
			Drain:   rapid.Bool().Draw(t, "drain"),
			Process: clock.Fixed(clock.Time(rapid.Int64Range(0, 10).Draw(t, "process"))),
		}
		if rapid.Bool().Draw(t, "varies") {
			a.Process = clock.Dist{Kind: clock.Sequence, Values: []clock.Duration{3, 0, 7}}
		}
		if rapid.Bool().Draw(t, "buffers") {
			a.Model, a.Commit, a.Drain = scenario.BufferFlush, scenario.CommitBatch, false
			a.FlushRecords, a.FlushSize = rapid.Int64Range(0, 5).Draw(t, "flush-records"), rapid.Int64Range(0, 9).Draw(t, "flush-size")
			a.FlushAge, a.AgeOnPoll = clock.Time(rapid.Int64Range(0, 30).Draw(t, "flush-age")), true
			a.Upload = clock.Fixed(20)
		}
		h := &anyHost{t: t, app: New(a), oneByOne: rapid.Bool().Draw(t, "one-by-one")}
		h.program = program{settings: a, oneByOne: h.oneByOne}
		h.app.Start(h, 0)
		for range rapid.IntRange(20, 100).Draw(t, "steps") {
			h.step()
			h.check()
		}
	})
}

// TestNothingVanishes does the same to programs with workers, poisonous records,
// a wait for the assignment and an end that drains: every record that was handed
// out is completed once, given up, or held; there is one call at a time; what is
// committed without a gap has nothing unfinished below.
func TestNothingVanishes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &scenario.App{Commit: scenario.CommitRecord, PollTimeout: clock.Second, Drain: true, Batch: 3,
			Process: clock.Dist{Kind: clock.Sequence, Values: []clock.Duration{9, 0, 4, 30}},
			Upload:  clock.Dist{Kind: clock.Sequence, Values: []clock.Duration{60, 5, 0}},
			Workers: rapid.IntRange(1, 3).Draw(t, "workers"), Queue: rapid.Int64Range(1, 4).Draw(t, "queue"),
			WhenFull: rapid.SampledFrom([]scenario.WhenFull{scenario.WhenFullBlock, scenario.WhenFullPause, scenario.WhenFullPauseAndBlock}).Draw(t, "when-full"),
		}
		a.Model = rapid.SampledFrom([]scenario.Model{scenario.Sequential, scenario.BufferFlush, scenario.WorkerQueue, scenario.Router}).Draw(t, "model")
		switch a.Model {
		case scenario.BufferFlush:
			a.Commit, a.Drain, a.FlushRecords = scenario.CommitBatch, false, rapid.Int64Range(1, 6).Draw(t, "flush-records")
			a.Pool = rapid.Bool().Draw(t, "pool")
			a.CommitOn = rapid.SampledFrom([]scenario.CommitOn{scenario.CommitOnComplete, scenario.CommitOnSubmit, scenario.CommitOnContiguous}).Draw(t, "commit-on")
			a.Queue = rapid.Int64Range(-1, 2).Draw(t, "queue of buffers")
			a.OnRevoke = rapid.SampledFrom([]scenario.OnRevoke{scenario.OnRevokeKeep, scenario.OnRevokeFlush}).Draw(t, "on-revoke")
		case scenario.WorkerQueue:
			a.Contiguous, a.Shared = rapid.Bool().Draw(t, "contiguous"), rapid.Bool().Draw(t, "shared")
			a.Hops, a.IdleSleep = rapid.IntRange(0, 3).Draw(t, "hops"), clock.Duration(rapid.IntRange(0, 20).Draw(t, "idle-sleep"))
		case scenario.Router:
			a.Routes = []scenario.Route{{Topic: rapid.SampledFrom([]string{"t", "u"}).Draw(t, "route"), Process: a.Process}}
			a.Unknown = rapid.SampledFrom([]scenario.Unknown{scenario.UnknownWarnAndCommit, scenario.UnknownIgnore}).Draw(t, "unknown")
		}
		a.Poison = scenario.Poison{Every: rapid.Int64Range(0, 4).Draw(t, "every"), Backoff: 5, Attempts: rapid.Int64Range(0, 3).Draw(t, "attempts"),
			Action: rapid.SampledFrom([]scenario.PoisonAction{scenario.PoisonErrorTopic, scenario.PoisonSkip, scenario.PoisonRetry}).Draw(t, "action")}
		if rapid.Bool().Draw(t, "waits") {
			a.Startup = scenario.Startup{Wait: 1 << 40, Discard: rapid.Bool().Draw(t, "discard")}
		}
		if rapid.Bool().Draw(t, "drains") {
			a.Shutdown = scenario.Shutdown{Given: true, Leave: rapid.Bool().Draw(t, "leave"), Drain: 50}
		}
		h := &anyHost{t: t, app: New(a), anyOrder: true, oneByOne: rapid.Bool().Draw(t, "one-by-one"), beside: rapid.Bool().Draw(t, "beside")}
		h.program = program{settings: &scenario.App{Model: scenario.BufferFlush, OnRevoke: a.OnRevoke}, oneByOne: h.oneByOne} // which is not compared
		h.app.Start(h, 0)
		for range rapid.IntRange(20, 100).Draw(t, "steps") {
			if rapid.IntRange(0, 9).Draw(t, "assigned") == 0 {
				h.app.Callback(h, h.now, client.Assigned, []kafka.TopicPartition{{Topic: "t"}})
			}
			h.step()
			h.check()
			if a.Contiguous || a.Pool && a.CommitOn == scenario.CommitOnContiguous {
				h.checkGaps()
			}
		}
	})
}

// checkGaps: nothing below the latest commits is held.
func (h *anyHost) checkGaps() {
	for _, offsets := range h.commits {
		for _, o := range offsets {
			for _, r := range h.app.Held(nil) {
				if r.TopicPartition == o.TopicPartition && r.From < o.Offset {
					h.t.Fatalf("%s is committed to %d, %d is not done", o.TopicPartition, o.Offset, r.From)
				}
			}
		}
	}
}

// program is the sequential application, one record after the other.
type program struct {
	settings *scenario.App
	oneByOne bool

	left    []client.Range // one record each, not begun
	slow    []clock.Duration
	drawn   int
	running bool // may take records: no call is out
	inHand  bool
	end     clock.Time // of the record in hand

	taken int64 // of the latest result
	since clock.Time
	done  int64 // of all results
	stop  bool
}

// load takes a result; with commit: before work begins only after the commit.
func (p *program) load(now clock.Time, ranges []client.Range) {
	p.left, p.taken = nil, 0
	for _, r := range ranges {
		for o := r.From; o < r.To; o++ {
			p.left = append(p.left, client.Range{TopicPartition: r.TopicPartition, From: o, To: o + 1, Size: r.Size})
		}
	}
	switch {
	case p.stop && p.oneByOne:
		p.left = p.left[:1] // this poll had begun; there is no other
	case p.stop && p.settings.Commit != scenario.CommitBefore:
		p.left = nil
	}
	p.running = p.settings.Commit != scenario.CommitBefore
	p.run(now)
}

// run goes on until now.
func (p *program) run(now clock.Time) {
	at := now // when it was last idle
	for p.running {
		if !p.inHand {
			if len(p.left) == 0 {
				p.running = false
				return
			}
			p.begin(at)
		}
		if p.end > now {
			return
		}
		at = p.end
		p.inHand = false
		p.done++
		if p.settings.Commit == scenario.CommitRecord {
			p.running = false
		}
	}
}

func (p *program) begin(at clock.Time) {
	var d clock.Duration
	if len(p.slow) > 0 {
		d, p.slow = p.slow[0], p.slow[1:]
	} else {
		d = p.settings.Process.Draw(nil, &p.drawn)
	}
	p.left, p.inHand, p.end = p.left[1:], true, at+d
	p.taken++
	p.since = at
}

// drop forgets what is not in hand; a record whose commit comes first is.
func (p *program) drop() {
	keep := 0
	if p.oneByOne && !p.running && p.taken == 0 && len(p.left) > 0 {
		keep = 1
	}
	p.left = p.left[:keep]
}

// anyHost is a host with a consumer and a scenario that are drawn at random.
type anyHost struct {
	noProducer
	noQueue
	t        *rapid.T
	app      App
	oneByOne bool
	paused   bool
	now      clock.Time
	timer    clock.Time // Never when not set
	workers  clock.Time // the workers' timer, likewise
	anyOrder bool       // workers complete records as they can
	commits  [][]kafka.OffsetCommit
	drawn    int
	program  program // what a sequential application has to be like

	polling, committing, closing bool
	// listening: the listener goes on, inside the poll, or beside it.
	listening, beside         bool
	most                      int64
	next                      [2]int64       // the next offset of each partition
	expect                    []client.Range // handed out, one record each, and not completed
	completed, gaveUp, handed int64
}

func (h *anyHost) step() {
	if h.timer == 0 {
		h.timer, h.workers = clock.Never, clock.Never
	}
	switch rapid.IntRange(0, 9).Draw(h.t, "input") {
	case 7:
		h.revoke()
	case 0:
		h.app.Slow(h, h.now, h.slow())
	case 1:
		h.app.Cut(h, h.now)
		if h.oneByOne {
			h.program.drop()
		}
	case 2:
		h.freeze()
	case 3:
		old := h.app
		h.app = old.Clone()
		old.Timer(nobody{}, h.now) // what the one goes through is not the other's
	case 4:
		if rapid.IntRange(0, 5).Draw(h.t, "stop") == 3 {
			h.app.Stop(h, h.now)
			if h.oneByOne || !h.program.settings.Drain {
				h.program.stop = true
				h.program.drop()
			}
		}
	case 5, 6:
		h.answer()
	default:
		h.run(h.now + clock.Time(rapid.Int64Range(0, 25).Draw(h.t, "time")))
	}
}

// revoke calls the listener, inside a poll or close() or, by some clients, at any time.
func (h *anyHost) revoke() {
	if h.program.settings.OnRevoke != scenario.OnRevokeFlush || h.listening || !h.polling && !h.closing && !h.beside {
		return
	}
	polling := h.polling
	h.listening, h.polling = true, h.beside && polling
	if h.app.Callback(h, h.now, client.Revoked, kafka.DecodeAssignment("t-0,t-1")) {
		h.listening, h.polling = false, polling
	}
}

// CallbackReturned is the end of the listener: the poll goes on.
func (h *anyHost) CallbackReturned() {
	if !h.listening {
		h.t.Fatal("the listener returns, and was not called")
	}
	h.listening = false
	if !h.beside && !h.closing {
		h.polling = true
	}
}

// slow draws the length of a slow record; one by one it ends the result.
func (h *anyHost) slow() clock.Duration {
	d := clock.Time(rapid.Int64Range(0, 40).Draw(h.t, "slow"))
	h.program.slow = append(h.program.slow, d)
	if h.oneByOne {
		h.program.drop()
	}
	return d
}

// freeze: what falls due meanwhile is done at the end, by the clock of then.
func (h *anyHost) freeze() {
	h.app.Settle(h, h.now)
	h.app.Cut(h, h.now)
	if h.oneByOne {
		h.program.drop()
	}
	thaw := h.now + clock.Time(rapid.Int64Range(0, 50).Draw(h.t, "frozen"))
	if h.program.inHand {
		h.program.end = max(h.program.end, thaw)
	}
	h.now = thaw
	h.run(thaw)
}

func (h *anyHost) run(until clock.Time) {
	for min(h.timer, h.workers) <= until {
		if h.workers <= h.timer {
			h.now, h.workers = max(h.now, h.workers), clock.Never
			h.app.Workers(h, h.now)
			continue
		}
		h.now, h.timer = max(h.now, h.timer), clock.Never
		h.program.run(h.now)
		h.app.Timer(h, h.now)
	}
	h.now = until
	h.program.run(h.now)
}

// answer ends the call that is out.
func (h *anyHost) answer() {
	switch {
	case h.polling && (!h.committing || rapid.Bool().Draw(h.t, "polls")):
		h.polling = false
		r := h.records()
		if r.Len() > 0 {
			h.program.load(h.now, r.Records)
		}
		h.app.Polled(h, h.now, r)
	case h.committing:
		h.committing = false
		h.program.running = true
		if h.program.stop && !h.oneByOne {
			h.program.left = nil
		}
		h.program.run(h.now)
		h.app.Committed(h, h.now, nil)
	}
	h.run(h.now) // records that take no time
}

// records draws a result: stretches of two partitions.
func (h *anyHost) records() client.PollResult {
	r := client.PollResult{OneByOne: h.oneByOne}
	left := h.most
	for range rapid.IntRange(0, 3).Draw(h.t, "stretches") {
		p := rapid.Int32Range(0, 1).Draw(h.t, "partition")
		n := min(left, rapid.Int64Range(1, 6).Draw(h.t, "records"))
		if n == 0 {
			break
		}
		if h.oneByOne {
			left -= n
		}
		x := client.Range{TopicPartition: kafka.TopicPartition{Topic: "t", Partition: p}, From: h.next[p], To: h.next[p] + n, Size: int64(p + 1)}
		h.next[p] += n
		h.handed += n
		r.Records = append(r.Records, x)
		for o := x.From; o < x.To; o++ {
			h.expect = append(h.expect, client.Range{TopicPartition: x.TopicPartition, From: o, To: o + 1})
		}
	}
	return r
}

// Completed checks the order: what is skipped has been given up.
func (h *anyHost) Completed(r client.Range) {
	for o := r.From; o < r.To; o++ {
		i := 0
		for ; i < len(h.expect) && (h.expect[i].TopicPartition != r.TopicPartition || h.expect[i].From != o); i++ {
			if !h.anyOrder && h.expect[i].TopicPartition == r.TopicPartition && h.expect[i].From > o {
				h.t.Fatalf("%s@%d completed late or twice", r.TopicPartition, o)
			}
		}
		if i == len(h.expect) {
			h.t.Fatalf("%s@%d completed twice, or out of nothing", r.TopicPartition, o)
		}
		if h.program.settings.Model == scenario.Sequential {
			h.expect = h.expect[i+1:]
		} else { // the buffer joins stretches of one partition
			h.expect = append(h.expect[:i:i], h.expect[i+1:]...)
		}
		h.completed++
	}
}

func (h *anyHost) GaveUp(records int64) { h.gaveUp += records }

// check compares with the program, and that no record has vanished.
func (h *anyHost) check() {
	h.app.Settle(h, h.now)
	var held int64
	for _, r := range h.app.Held(nil) {
		held += r.Len()
	}
	if h.completed+h.gaveUp+held != h.handed {
		h.t.Fatalf("%d handed out: %d completed, %d given up, %d held", h.handed, h.completed, h.gaveUp, held)
	}
	if h.program.settings.Model != scenario.Sequential {
		return
	}
	if h.completed != h.program.done {
		h.t.Fatalf("%d completed at %d, want %d", h.completed, h.now, h.program.done)
	}
	taken, since := h.app.Taken(h.now)
	if taken != h.program.taken || taken > 0 && since != h.program.since {
		h.t.Fatalf("at %d taken %d since %d, want %d since %d", h.now, taken, since, h.program.taken, h.program.since)
	}
}

func (h *anyHost) Poll(_ clock.Duration, most int64) {
	h.call()
	h.polling, h.most = true, min(most, 20)
	if q, ok := h.app.(*workerQueue); ok && !q.startup.waiting && h.paused != (q.pausesFull() && q.full()) {
		h.t.Fatalf("polls with %d records in the queue of %d, paused: %t", len(q.pool.waiting), q.pool.room, h.paused)
	}
}

func (h *anyHost) Pause() { h.paused = true }

func (h *anyHost) Resume() {
	if !h.paused {
		h.t.Fatal("resumes what is not paused")
	}
	h.paused = false
}

func (h *anyHost) Commit(offsets []kafka.OffsetCommit) {
	if h.call(); h.committing {
		h.t.Fatal("a commit during another")
	}
	h.committing = true
	h.commits = append(h.commits, offsets)
}

func (h *anyHost) Close() {
	h.call()
	h.closing = true
}

// call checks that there is one call at a time.
func (h *anyHost) call() {
	beside := h.listening && h.beside // two threads
	if h.polling && !beside || h.committing && !beside || h.closing && !h.listening {
		h.t.Fatal("a call during another")
	}
}

func (h *anyHost) Arm(at clock.Time) {
	if at < h.now {
		h.t.Fatalf("timer set to the past: %d at %d", at, h.now)
	}
	h.timer = at
}

// ArmWorkers sets the workers' timer, Never unsets it.
func (h *anyHost) ArmWorkers(at clock.Time) {
	if at < h.now {
		h.t.Fatalf("workers' timer set to the past: %d at %d", at, h.now)
	}
	h.workers = at
}

func (h *anyHost) Exit()                             {}
func (h *anyHost) Crash(string, clock.Duration)      {}
func (h *anyHost) Log(string, string)                {}
func (h *anyHost) Cancel()                           { h.timer = clock.Never }
func (h *anyHost) Cause() Cause                      { return Cause{} }
func (h *anyHost) Blame(Cause)                       {}
func (h *anyHost) Emit(trace.Event)                  {}
func (h *anyHost) Draw(d *clock.Dist) clock.Duration { return d.Draw(nil, &h.drawn) }

// nobody is the host of an application that is not looked at any more.
type nobody struct {
	noProducer
	noQueue
}

// noProducer is for applications without transactions.
type noProducer struct{}

func (noProducer) InitTransactions()                {}
func (noProducer) Send(int64, int64)                {}
func (noProducer) SendOffsets([]kafka.OffsetCommit) {}
func (noProducer) CommitTransaction([]client.Range) {}
func (noProducer) AbortTransaction()                {}
func (noProducer) ForceHeartbeat()                  {}
func (noProducer) Rewind()                          {}
func (noProducer) Released(int64)                   {}

// noQueue is for applications without a queue.
type noQueue struct{}

func (noQueue) Receive(int, clock.Duration)                 {}
func (noQueue) Delete(Message)                              {}
func (noQueue) GiveBack(Message, clock.Duration)            {}
func (noQueue) Extend([]Message, clock.Duration)            {}
func (noQueue) Enqueue(client.Range, int64, clock.Duration) {}

func (nobody) Poll(clock.Duration, int64)      {}
func (nobody) Commit([]kafka.OffsetCommit)     {}
func (nobody) CallbackReturned()               {}
func (nobody) Pause()                          {}
func (nobody) Resume()                         {}
func (nobody) Close()                          {}
func (nobody) Exit()                           {}
func (nobody) Crash(string, clock.Duration)    {}
func (nobody) Log(string, string)              {}
func (nobody) ArmWorkers(clock.Time)           {}
func (nobody) Arm(clock.Time)                  {}
func (nobody) Cancel()                         {}
func (nobody) Cause() Cause                    { return Cause{} }
func (nobody) Blame(Cause)                     {}
func (nobody) Emit(trace.Event)                {}
func (nobody) Completed(client.Range)          {}
func (nobody) GaveUp(int64)                    {}
func (nobody) Draw(*clock.Dist) clock.Duration { return 0 }
