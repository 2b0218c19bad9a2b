package app

import (
	"ksim/sim/client"
	"ksim/sim/clock"
)

// startupPoll and startupSleep are the two halves of a turn of the loop that
// waits for an assignment.
const (
	startupPoll  = 500 * clock.Millisecond
	startupSleep = 500 * clock.Millisecond
)

// startup is the wait for an assignment, before the loop proper.
type startup struct {
	waiting  bool
	asleep   bool
	assigned bool // the listener has been given partitions
	until    clock.Time
}

// begin is the process's start.
func (l *loop) begin(now clock.Time) {
	if s := l.app.Startup; s.Wait > 0 {
		l.startup = startup{waiting: true, until: now + s.Wait}
	}
}

// starting takes what a poll of the waiting loop has returned, and tells whether
// the wait goes on or has ended the process. Records that came with the
// assignment are the loop's, unless they are discarded.
func (l *loop) starting(h Host, now clock.Time, r *client.PollResult) bool {
	s := &l.startup
	if !s.waiting {
		return false
	}
	got := r.Len()
	if l.app.Startup.Discard {
		h.GaveUp(got)
		r.Records = nil
	}
	switch {
	case s.assigned || got > 0:
		s.waiting = false
		return false
	case l.stopping:
		l.close(h)
	case now >= s.until:
		h.Crash("no-assignment", l.app.Startup.Restart)
	default:
		s.asleep = true
		h.Arm(now + startupSleep)
	}
	return true
}

// woken ends the sleep between two polls of the waiting loop.
func (l *loop) woken(h Host) bool {
	if !l.startup.asleep {
		return false
	}
	l.startup.asleep = false
	l.poll(h)
	return true
}
