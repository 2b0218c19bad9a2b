package app

import (
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
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
