package sqs

import (
	"slices"

	"ksim/sim/clock"
)

// due is when something becomes of a message by itself: its delay or its
// visibility timeout is over, or its retention period.
type due struct {
	at    clock.Time
	place int
}

func (d due) before(other due) bool {
	return d.at < other.at || d.at == other.at && d.place < other.place
}

// counting tells whether that is still so: a timeout may have been changed since.
func (q *Queue) counting(d due) bool {
	e := &q.entries[d.place]
	switch {
	case e.state.gone():
		return false
	case d.at == e.Sent+q.settings.Retention:
		return true
	}
	return d.at == e.until && (e.state == Delayed || e.state == InFlight)
}

// Due is when the queue wants to be looked at next (Advance), or Never.
func (q *Queue) Due() clock.Time {
	for len(q.due) > 0 && !q.counting(q.due[0]) {
		q.due.pop()
	}
	at := clock.Never
	if len(q.due) > 0 {
		at = q.due[0].at
	}
	for _, p := range q.waiting {
		at = min(at, p.until)
	}
	return at
}

// Advance does what is due by now: messages become visible or expire, and long
// polls whose time is over return nothing.
func (q *Queue) Advance(h Host, now clock.Time) {
	for len(q.due) > 0 && q.due[0].at <= now {
		d := q.due.pop()
		if !q.counting(d) {
			continue
		}
		if e := &q.entries[d.place]; e.Sent+q.settings.Retention <= now {
			q.become(h, d.place, Expired)
		} else {
			q.become(h, d.place, Visible)
		}
	}
	q.serve(h, now)
	q.waiting = slices.DeleteFunc(q.waiting, func(p poll) bool {
		over := p.until <= now
		if over {
			h.Answer(p.receive, nil, nil)
		}
		return over
	})
}
