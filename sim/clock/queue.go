package clock

// Queue holds what is still to happen and hands it out in the order
// (time, class, sequence). A plain event's sequence is that of its Schedule
// call, a timer's that of its last Arm call.
//
// The zero value is an empty queue at time 0. A queue is about 100 kB, and 2 kB
// more for each distinct stretch of time that holds events: keep it as a field
// or by pointer, and copy it with CopyTo only. It is not safe for concurrent
// use. In steady state no method allocates.
type Queue struct {
	now   Time
	class Class // of the batch
	plain int   // plain events in the wheel and in the batch after its first block

	// The batch is the plain events of one key, taken out of the wheel: a list
	// of blocks, 0 if there is none. Take gives entries[next:stop], which is
	// what is left of its first block, or the one timer that has fired.
	batch      uint32
	next, stop uint32

	timers
	wheel // last, as it is large
}

// Now is the time of the event that Next gave last, or of a later AdvanceTo.
func (q *Queue) Now() Time { return q.now }

// Len counts the pending events, armed timers included.
func (q *Queue) Len() int { return q.plain + int(q.stop-q.next) + q.armed }

// Schedule adds a plain event. It panics if at is before Now or after MaxTime,
// and for ClassTimer, which is the class of timers alone.
//
// An event for the present instant comes next if its class is lower than that
// of the event now running.
func (q *Queue) Schedule(at Time, c Class, e Event) {
	if c == ClassTimer || c >= classes {
		panic("clock: Schedule of a class that is not that of plain events")
	}
	q.plain++
	q.add(at, c, e)
}

// Next takes out the least event by (time, class, sequence) that is not after
// until, and moves Now to its time. A timer that fires is no longer armed.
//
// It gives false, and Now stays, if nothing is left up to until.
func (q *Queue) Next(until Time) (Class, Event, bool) {
	if !q.Ready(until) {
		return 0, Event{}, false
	}
	c, e := q.Take()
	return c, e, true
}

// Ready is the first half of Next, for loops that must be fast: it tells whether
// there is an event up to until, and moves Now to its time. If there is, the
// next call must be Take.
func (q *Queue) Ready(until Time) bool {
	return q.next < q.stop && q.now <= until || q.advance(until)
}

// Take gives the event that Ready has found.
func (q *Queue) Take() (Class, Event) {
	q.next++
	return q.class, q.entries[q.next-1].event
}

// AdvanceTo moves Now to t without an event. It panics if t is before Now or
// if an event before t is pending.
func (q *Queue) AdvanceTo(t Time) {
	if t < q.now {
		panic("clock: AdvanceTo the past: " + t.String() + " at " + q.now.String())
	}
	if q.Ready(t - 1) {
		panic("clock: AdvanceTo " + t.String() + " skips an event at " + q.now.String())
	}
	q.now = t
	if keyOf(t, 0) <= q.position {
		return
	}
	q.position = keyOf(t, 0)
	for level := uint(levels - 1); level > 0; level-- {
		digit := q.position.digit(level)
		if q.slots[level*digits+digit].tail != 0 {
			q.refile(q.take(level, digit))
		}
	}
}

// CopyTo makes dst an independent copy of the queue, in dst's own memory as far
// as it suffices. Handles of timers are valid in both.
func (q *Queue) CopyTo(dst *Queue) {
	entries, links := append(dst.entries[:0], q.entries...), append(dst.links[:0], q.links...)
	timers := dst.timers.copyOf(&q.timers)
	*dst = *q
	dst.entries, dst.links, dst.timers = entries, links, timers
}

// add puts an entry into its slot.
func (q *Queue) add(at Time, c Class, e Event) {
	k := keyOf(at, c)
	if k < q.position || at > MaxTime {
		q.addBehind(at, c, e)
		return
	}
	level := (k ^ q.position).level()
	digit := k.digit(level)
	s := &q.slots[level*digits+digit]
	i := s.tail
	if i%blockLen == 0 {
		q.extend(s, level, digit, entry{k, e})
		return
	}
	if s.only != k {
		s.only = several
	}
	s.tail = i + 1
	q.entries[i] = entry{k, e}
}

// addBehind is add for a key before the position, to which that steps back. It
// panics if at is before Now or after MaxTime.
func (q *Queue) addBehind(at Time, c Class, e Event) {
	if at < q.now || at > MaxTime {
		panic(q.refusal(at))
	}
	if at == q.position.time() {
		// Within an instant the slots are the same for every class: the rest of
		// the batch goes back to the head of its own.
		if list := q.undrained(); list != 0 {
			q.prepend(list)
		}
		q.position = keyOf(at, c)
	} else {
		// A Next that found nothing has moved the position past Now.
		q.position = keyOf(q.now, 0)
		for i := range uint(len(q.slots)) {
			if q.slots[i].tail != 0 {
				q.refile(q.take(i/digits, i%digits))
			}
		}
	}
	q.add(at, c, e)
}

// refusal says what is wrong with a time.
func (q *Queue) refusal(at Time) string {
	if at < q.now {
		return "clock: scheduled in the past: " + at.String() + " at " + q.now.String()
	}
	return "clock: scheduled after MaxTime"
}

// refile puts the entries of a list where they belong now that the position is
// among them. An entry of a timer that has been set later since goes to the
// deadline at once, and one that no timer needs any more ends here.
func (q *Queue) refile(list uint32) {
	for ; list != 0; list = q.free(list) {
		for _, e := range q.block(list) {
			if e.key.class() == ClassTimer {
				if q.isDue(e) {
					q.add(e.key.time(), ClassTimer, e.event)
				}
				continue
			}
			// As add does: the calls of a separate function would cost a
			// tenth of a heartbeat.
			level := (e.key ^ q.position).level()
			digit := e.key.digit(level)
			s := &q.slots[level*digits+digit]
			i := s.tail
			if i%blockLen == 0 {
				q.extend(s, level, digit, e)
				continue
			}
			if s.only != e.key {
				s.only = several
			}
			s.tail = i + 1
			q.entries[i] = e
		}
	}
}

// advance is Ready when nothing is left from next to stop.
func (q *Queue) advance(until Time) bool {
	if until < q.now {
		return false
	}
	if q.batch != 0 {
		q.drain(q.free(q.batch))
	}
	limit := keyOf(min(until, MaxTime), classes-1)
	for q.next == q.stop {
		if q.fired < len(q.firing) && q.timersFirst() {
			q.fire()
		} else if !q.load(limit) {
			return false
		}
	}
	return true
}

// load takes the earliest key up to limit out of the wheel: plain events become
// the batch, timers that are due become the firing list, perhaps none of them.
// It gives false if nothing is left up to limit.
func (q *Queue) load(limit key) bool {
	for {
		level, digit, ok := q.first()
		if !ok {
			return false
		}
		// A slot with one key can be drained where it is, at any level: most
		// events of a run are whole milliseconds apart.
		k := q.slots[level*digits+digit].only
		mixed := k == several
		if mixed {
			k = q.position.with(level, digit)
		}
		if k > limit {
			return false
		}
		q.position = k
		list := q.take(level, digit)
		switch {
		case mixed:
			q.refile(list)
		case k.class() == ClassTimer:
			q.gather(list, k)
			return true
		default:
			q.now, q.class = k.time(), k.class()
			q.drain(list)
			return true
		}
	}
}

// drain makes a taken list, or 0 for none, the batch.
func (q *Queue) drain(list uint32) {
	q.batch, q.next, q.stop = list, list, list
	if list != 0 {
		q.stop = q.links[list/blockLen].end
		q.plain -= int(q.stop - list)
	}
}

// undrained ends the batch and gives the list of what Take has not given.
func (q *Queue) undrained() uint32 {
	list := q.batch
	if list == 0 {
		return 0
	}
	if q.next < q.stop {
		list = q.next
		q.plain += int(q.stop - q.next)
	} else {
		list = q.free(list)
	}
	q.drain(0)
	return list
}
