package sqs

import "ksim/sim/clock"

// dedup is the deduplication ids that a FIFO queue has seen in the last five
// minutes. An id stays tracked when its message is deleted.
type dedup struct {
	until   map[string]clock.Time // never iterated
	tracked []string              // in order of time
}

// seen tells whether an id is tracked at now; if not it is from now on.
func (d *dedup) seen(now clock.Time, id string) bool {
	for len(d.tracked) > 0 && d.until[d.tracked[0]] <= now {
		delete(d.until, d.tracked[0])
		d.tracked = d.tracked[1:]
	}
	if _, known := d.until[id]; known || id == "" {
		return known
	}
	d.until[id] = now + deduplicationWindow
	d.tracked = append(d.tracked, id)
	return false
}

// Send is SendMessage. It succeeds always; false says that the message is a
// duplicate, which nobody will ever receive.
func (q *Queue) Send(h Host, now clock.Time, m Message) bool {
	if q.settings.FIFO && q.dedup.seen(now, m.Dedup) {
		return false
	}
	m.Sent, m.Receives = now, 0
	q.arrive(h, now, m, q.settings.Delay)
	return true
}

// Redrive takes in a message that another queue has given up. In a standard queue
// the time since it was sent goes on, in a FIFO queue it begins anew; the count of
// its receives goes on in both.
func (q *Queue) Redrive(h Host, now clock.Time, m Message) {
	if q.settings.FIFO {
		m.Sent = now
	}
	q.arrive(h, now, m, 0)
}

func (q *Queue) arrive(h Host, now clock.Time, m Message, delay clock.Duration) {
	i := len(q.entries)
	q.entries = append(q.entries, entry{Message: m})
	q.counts[New]++
	if q.settings.FIFO {
		q.line(i)
	}
	q.due.push(due{m.Sent + q.settings.Retention, i})
	if delay > 0 {
		q.hide(i, now+delay)
		q.become(h, i, Delayed)
		return
	}
	q.become(h, i, Visible)
	q.serve(h, now)
}

// hide sets until when nobody may have a message.
func (q *Queue) hide(i int, until clock.Time) {
	q.entries[i].until = until
	q.due.push(due{until, i})
}
