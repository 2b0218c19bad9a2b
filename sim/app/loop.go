package app

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// loop is what all models with a poll loop share: the run of records in hand,
// the slow actions that wait, and the way to the end.
type loop struct {
	app  *scenario.App
	run  run
	most int64 // the most records that the next one-by-one result may bring

	slow     []clock.Duration // `slow` actions that have not hit a record yet
	stopping bool
	drained  clock.Time // when draining must be over
	startup  startup
	tries    tries
	longest  clock.Duration
	marks    watermarks // commit: contiguous
	paused   bool       // when-full: what was assigned then is paused
	unpaused bool       // some of what is assigned has come since
}

// poll calls poll(), or ends the loop when the application is to stop.
func (l *loop) poll(h Host) {
	switch {
	case l.stopping:
		l.close(h)
	case l.startup.waiting:
		h.Poll(startupPoll, l.most)
	default:
		h.Poll(l.app.PollTimeout, l.most)
	}
}

// setPaused pauses what the consumer has been assigned, or resumes it (when-full).
// What has come with a rebalance since is not paused, and so paused again.
func (l *loop) setPaused(h Host, paused bool) {
	switch {
	case l.app.WhenFull == scenario.WhenFullBlock:
	case paused && (!l.paused || l.unpaused):
		h.Emit(trace.Event{Type: trace.AppPaused})
		h.Pause()
	case !paused && l.paused:
		h.Emit(trace.Event{Type: trace.AppResumed})
		h.Resume()
	}
	l.paused, l.unpaused = paused, false
}

// pausesFull tells that a full queue or pool does not keep the loop from polling
// (when-full: pause).
func (l *loop) pausesFull() bool { return l.app.WhenFull == scenario.WhenFullPause }

// apart tells that the polls of a one-by-one client are apart in time, because the
// handler needs some between them: then each is a call of its own. Polls of one
// instant, or nearly, are one call that returns their records together.
func (l *loop) apart() bool {
	if takesTime(&l.app.Process) {
		return true
	}
	return slices.ContainsFunc(l.app.Routes, func(r scenario.Route) bool { return takesTime(&r.Process) })
}

func takesTime(d *clock.Dist) bool { return !d.IsFixed() || d.A >= clock.Millisecond }

// close leaves the group and ends, or ends at once where it is not to leave.
func (l *loop) close(h Host) {
	if l.app.Shutdown.Given && !l.app.Shutdown.Leave {
		h.Exit()
		return
	}
	h.Close()
}

// ended closes the consumer after an exception that makes it useless.
func (l *loop) ended(h Host, err *client.Error) bool {
	if err == nil || !err.Fatal {
		return false
	}
	h.Close()
	return true
}

// segment begins the next stretch of at most n records that are handled alike:
// one when each may take a different time.
func (l *loop) segment(h Host, now clock.Time, n int64) {
	l.run.work(h, now, l.app, &l.slow, n)
	h.Arm(l.run.end())
}

// retried begins a poisonous record once more after its backoff, and tells
// whether it did. A program that is to stop gives up, before its commit.
func (l *loop) retried(h Host, now clock.Time) bool {
	r := &l.run
	if r.n == 0 || r.fate != poisoned || !l.tries.again(&l.app.Poison, first(r.left)) {
		return false
	}
	r.endSlow(h) // the next try is none
	if l.stopping {
		r.n = 0
		l.dropRest(h, 0)
		l.close(h)
		return true
	}
	r.begin(now, 1, l.app.Poison.Backoff+h.Draw(&l.app.Process), false)
	r.fate = poisoned
	h.Arm(r.end())
	return true
}

// first is the first record of stretches.
func first(of []client.Range) client.Range {
	x := of[0]
	x.To = x.From + 1
	return x
}

// endSegment closes the running segment and hands its records to f, those that
// Settle has reported already too.
func (l *loop) endSegment(h Host, f func(client.Range)) (n int64) {
	r := &l.run
	n = r.n
	r.endSlow(h)
	if r.oneByOne && n > 0 {
		l.longest = max(l.longest, r.each)
	}
	r.taken += n
	if n > 0 {
		r.latest = r.start + clock.Duration(n-1)*r.each
	}
	r.take(n, f)
	r.n, r.settled = 0, 0
	return n
}

// Slow makes the next record that begins take d: a running stretch ends with
// the record in hand.
func (l *loop) Slow(h Host, now clock.Time, d clock.Duration) {
	l.slow = append(l.slow, d)
	l.Cut(h, now)
}

// Cut ends the running stretch with the record in hand.
func (l *loop) Cut(h Host, now clock.Time) {
	keep := l.run.n
	if keep > 0 {
		l.run.cut(now)
		keep = l.run.n
		h.Arm(max(now, l.run.end()))
	} else if l.run.taken == 0 { // its commit comes before it (commit: before)
		keep = 1
	}
	if l.run.oneByOne {
		l.dropRest(h, keep)
	}
}

// dropRest gives up everything after the first records that it is to keep: poll has
// not returned it.
func (l *loop) dropRest(h Host, keep int64) {
	l.marks.giveBack(l.run.left, keep)
	h.GaveUp(l.run.drop(keep))
}

// Taken tells how many records of the latest result have begun, and when the
// latest did.
func (l *loop) Taken(now clock.Time) (int64, clock.Time) {
	return l.run.taken + l.run.begun(now), l.run.since(now)
}

// Buffered is the application's own buffer: a model without one has none.
func (l *loop) Buffered() (records, bytes int64) { return 0, 0 }

// LongestGap is the longest record of a one-by-one result.
func (l *loop) LongestGap() clock.Duration { return l.longest }

// Stop asks the loop to end: it is noticed when the running call returns, and
// ends a one-by-one result after the record in hand.
func (l *loop) Stop(h Host, now clock.Time) {
	l.stopping, l.drained = true, now+l.app.Shutdown.Drain
	if l.run.oneByOne || !l.app.Drain && !l.app.Shutdown.Given {
		l.Cut(h, now)
	}
}

// drains tells that the application is to stop and still finishes what it has.
func (l *loop) drains(now clock.Time) bool {
	return l.stopping && l.app.Shutdown.Given && now < l.drained
}

// Closed ends the process after close().
func (l *loop) Closed(h Host, _ clock.Time) { h.Exit() }

// Callback only watches.
func (l *loop) Callback(_ Host, _ clock.Time, kind client.Callback, partitions []kafka.TopicPartition) bool {
	if kind == client.Assigned && len(partitions) > 0 {
		l.startup.assigned, l.unpaused = true, true
	}
	return true
}

// Queued is what waits for a worker: there is none.
func (l *loop) Queued() (records, bytes int64) { return 0, 0 }

// Channels is nothing: the loop polls.
func (l *loop) Channels(clock.Time) (records, bytes int64) { return 0, 0 }

// Workers does nothing: there are none.
func (l *loop) Workers(Host, clock.Time) {}

// clone copies what the loop shares with no other.
func (l *loop) clone() loop {
	c := *l
	c.run.left = slices.Clone(l.run.left)
	c.slow = slices.Clone(l.slow)
	c.marks = slices.Clone(l.marks)
	return c
}
