package app

import (
	"pgregory.net/rapid"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

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
