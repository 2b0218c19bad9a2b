package sqs

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
)

// poll is a long poll that waits for a message.
type poll struct {
	receive uint64
	most    int
	until   clock.Time
}

// Receive is ReceiveMessage: up to most messages, after at most wait. Its answer
// comes by Host.Answer under the number that the caller gives it, at once unless
// there is nothing and it may wait.
func (q *Queue) Receive(h Host, now clock.Time, receive uint64, most int, wait clock.Duration) {
	got := q.take(h, now, most)
	switch {
	case len(got) > 0:
		q.answer(h, now, receive, got)
	case wait > 0:
		q.waiting = append(q.waiting, poll{receive, most, now + wait})
	case !q.settings.FIFO && q.full():
		h.Answer(receive, nil, &Error{"OverLimit", fmt.Sprintf("%d messages are in flight", q.counts[InFlight])})
	default:
		h.Answer(receive, nil, nil)
	}
}

// full tells that no more messages may be in flight. A short poll of a standard
// queue is told so; long polls and FIFO queues only return nothing.
func (q *Queue) full() bool { return q.counts[InFlight] >= q.settings.MaxInFlight }

// HangUp forgets a long poll: the connection that it came on is closed.
func (q *Queue) HangUp(receive uint64) {
	q.waiting = slices.DeleteFunc(q.waiting, func(p poll) bool { return p.receive == receive })
}

// serve gives long polls what has become visible, the first one first.
func (q *Queue) serve(h Host, now clock.Time) {
	for len(q.waiting) > 0 {
		p := q.waiting[0]
		got := q.take(h, now, p.most)
		if len(got) == 0 {
			return
		}
		q.waiting = slices.Delete(q.waiting, 0, 1)
		q.answer(h, now, p.receive, got)
	}
}

// answer ends a receive with messages. A visibility timeout of 0 hides nothing.
func (q *Queue) answer(h Host, now clock.Time, receive uint64, got []Delivery) {
	h.Answer(receive, got, nil)
	for _, d := range got {
		if i := d.Receipt.place; q.entries[i].until <= now {
			q.become(h, i, Visible)
		}
	}
}

// take receives up to most messages, in order of their arrival.
func (q *Queue) take(h Host, now clock.Time, most int) []Delivery {
	var got []Delivery
	if q.settings.FIFO {
		got = q.takeGroups(h, now, most)
	}
	for len(got) < most && !q.full() && len(q.visible) > 0 {
		i := int(q.visible.pop())
		if q.entries[i].state == Visible { // else it has gone meanwhile
			got = q.deliver(h, now, i, got)
		}
	}
	return got
}

// deliver puts a visible message in flight, or, when it has been received as often
// as it may be, moves it to the dead-letter queue: that happens here, at a receive,
// and at no other time.
func (q *Queue) deliver(h Host, now clock.Time, i int, got []Delivery) []Delivery {
	e := &q.entries[i]
	if most := q.settings.MaxReceives; most > 0 && e.Receives >= most {
		q.become(h, i, DeadLettered)
		return got
	}
	e.Receives++
	e.received = now
	q.hide(i, now+q.settings.Visibility)
	q.become(h, i, InFlight)
	return append(got, Delivery{e.Message, Receipt{i, e.Receives}})
}
