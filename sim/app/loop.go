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
	longest  clock.Duration
}

// poll calls poll(), or ends the loop when the application is to stop.
func (l *loop) poll(h Host) {
	if l.stopping {
		h.Close()
		return
	}
	h.Poll(l.app.PollTimeout, l.most)
}

// ended closes the consumer after an exception that makes it useless.
func (l *loop) ended(h Host, err *client.Error) bool {
	if err == nil || !err.Fatal {
		return false
	}
	h.Close()
	return true
}

// segment begins the next stretch of at most n records: one when each may take
// a different time.
func (l *loop) segment(h Host, now clock.Time, n int64) {
	if len(l.slow) > 0 {
		d := l.slow[0]
		l.slow = slices.Delete(l.slow, 0, 1)
		l.run.begin(now, 1, d, true)
		h.Emit(trace.Event{Type: trace.WorkStarted, What: "slow", Records: 1})
	} else if l.app.Process.IsFixed() {
		l.run.begin(now, n, l.app.Process.A, false)
	} else {
		l.run.begin(now, 1, h.Draw(&l.app.Process), false)
	}
	h.Arm(l.run.end())
}

// endSegment closes the running segment and hands its records to f, those that
// Settle has reported already too.
func (l *loop) endSegment(h Host, f func(client.Range)) (n int64) {
	r := &l.run
	n = r.n
	if r.slow {
		h.Emit(trace.Event{Type: trace.WorkFinished, What: "slow", Records: 1})
	}
	if r.oneByOne && n > 0 {
		l.longest = max(l.longest, r.each)
	}
	r.taken += n
	if n > 0 {
		r.latest = r.start + clock.Duration(n-1)*r.each
	}
	r.take(n, f)
	r.n, r.settled, r.slow = 0, 0, false
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

// dropRest gives up everything after the first records that it is to keep.
func (l *loop) dropRest(h Host, keep int64) { h.GaveUp(l.run.drop(keep)) }

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
	l.stopping = true
	if l.run.oneByOne || !l.app.Drain {
		l.Cut(h, now)
	}
}

// Closed ends the process after close().
func (l *loop) Closed(h Host, _ clock.Time) { h.Exit() }

// Callback does nothing: the listener of these programs only watches.
func (l *loop) Callback(Host, clock.Time, client.Callback, []kafka.TopicPartition) {}

// clone copies what the loop shares with no other.
func (l *loop) clone() loop {
	c := *l
	c.run.left = slices.Clone(l.run.left)
	c.slow = slices.Clone(l.slow)
	return c
}
