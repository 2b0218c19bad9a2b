package clock

import (
	"cmp"
	"slices"
)

// Timer is a handle of a timer in a Queue and its copies: plain data. The zero
// value is no timer.
type Timer struct {
	slot uint32
	gen  uint32
}

// timers are the timers of a queue. At most one entry of the wheel stands for a
// timer, and it may be earlier than the deadline: setting a timer later writes
// the deadline alone, and the entry moves on when the wheel comes to it. A
// session timer is set anew long before it is due, again and again, and so
// costs next to nothing.
//
// An entry stands for its timer if its key is the timer's queued. Two entries of
// one key may both seem to; the first one met is the one that counts.
type timers struct {
	timer  []timer // 0 is none
	parts  []parts // of each timer
	vacant []uint32
	armed  int
	sets   uint64 // Arm calls

	// The timers that are due at one key, in the order in which they were set.
	// They wait while events of a lower class for the same instant come first.
	firing    []firing
	fired     int
	firingKey key
}

// timer is what setting a timer touches. It is small because at 100,000 members
// the cache misses on it are what setting one costs.
type timer struct {
	deadline key
	mark     mark
}

// mark is which Arm call set a timer, 0 if it is not armed, and in the low
// genBits the generation of the handle that is valid.
type mark uint64

const (
	genBits = 20
	lastGen = 1<<genBits - 1
	maxSets = 1<<(64-genBits) - 1
)

func (m mark) armed() bool { return m>>genBits != 0 }
func (m mark) gen() uint32 { return uint32(m) % (1 << genBits) }

// parts is what only firing a timer, and setting it earlier, touches.
type parts struct {
	queued key // of its entry in the wheel; 0 for none
	event  Event
}

type firing struct {
	mark mark
	slot uint32
}

// NewTimer makes a timer that gives e when it fires. It is not armed.
func (q *Queue) NewTimer(e Event) Timer {
	if len(q.timer) == 0 {
		q.timer, q.parts = append(q.timer, timer{mark: 1}), append(q.parts, parts{})
	}
	if n := len(q.vacant); n > 0 {
		slot := q.vacant[n-1]
		q.vacant = q.vacant[:n-1]
		q.parts[slot].event = e
		return Timer{slot, q.timer[slot].mark.gen()}
	}
	q.timer, q.parts = append(q.timer, timer{}), append(q.parts, parts{event: e})
	return Timer{slot: uint32(len(q.timer) - 1)}
}

// Arm sets a timer, instead of its earlier deadline if it has one; for the order
// of timers that are due at one time it counts as set now. It panics if at is
// before Now or after MaxTime, or if the timer has been freed.
func (q *Queue) Arm(t Timer, at Time) {
	if at < q.now || at > MaxTime {
		panic(q.refusal(at))
	}
	s := q.state(t)
	if s == nil {
		panic("clock: Arm of a timer that does not exist")
	}
	was := *s
	q.sets++
	*s = timer{keyOf(at, ClassTimer), mark(q.sets)<<genBits | mark(t.gen)}
	if was.mark.armed() && was.deadline <= s.deadline {
		return
	}
	if !was.mark.armed() {
		q.armed++
	}
	if queued := q.parts[t.slot].queued; queued == 0 || queued > s.deadline {
		q.enqueue(t.slot, s.deadline)
	}
}

// enqueue puts an entry for a timer into the wheel.
func (q *Queue) enqueue(slot uint32, k key) {
	if q.sets > maxSets {
		panic("clock: more than 2^44 calls of Arm")
	}
	q.parts[slot].queued = k
	q.add(k.time(), ClassTimer, Event{uint64(slot)})
}

// Cancel disarms a timer and tells whether it was armed. It is harmless if the
// timer is not, or has been freed.
func (q *Queue) Cancel(t Timer) bool {
	s := q.state(t)
	if s == nil || !s.mark.armed() {
		return false
	}
	s.mark = mark(t.gen)
	q.armed--
	return true
}

// Deadline gives the time of an armed timer.
func (q *Queue) Deadline(t Timer) (Time, bool) {
	s := q.state(t)
	if s == nil || !s.mark.armed() {
		return 0, false
	}
	return s.deadline.time(), true
}

// Free cancels a timer and ends it: its handle is then that of no timer. It is
// harmless for a timer that has been freed.
func (q *Queue) Free(t Timer) {
	s := q.state(t)
	if s == nil {
		return
	}
	q.Cancel(t)
	s.mark = mark(t.gen) + 1
	if s.mark.gen() != lastGen { // which no handle has: the slot is given up
		q.vacant = append(q.vacant, t.slot)
	}
}

// state is the timer of a valid handle, or nil.
func (q *timers) state(t Timer) *timer {
	if int(t.slot) >= len(q.timer) || q.timer[t.slot].mark.gen() != t.gen {
		return nil
	}
	return &q.timer[t.slot]
}

// isDue tells whether a timer's entry stands for a timer with that deadline. If
// the deadline is later, the entry moves there.
func (q *Queue) isDue(e entry) bool {
	slot := uint32(e.event.bits)
	p, s := &q.parts[slot], &q.timer[slot]
	switch {
	case p.queued != e.key:
		return false
	case !s.mark.armed():
		p.queued = 0
		return false
	case s.deadline > e.key:
		q.enqueue(slot, s.deadline)
		return false
	}
	return true
}

// gather makes the timers of a list whose deadline is k the firing list.
func (q *Queue) gather(list uint32, k key) {
	q.firing, q.fired, q.firingKey = q.firing[:0], 0, k
	for ; list != 0; list = q.free(list) {
		for _, e := range q.block(list) {
			if q.isDue(e) {
				slot := uint32(e.event.bits)
				q.parts[slot].queued = 0
				q.firing = append(q.firing, firing{q.timer[slot].mark, slot})
			}
		}
	}
	slices.SortFunc(q.firing, func(a, b firing) int { return cmp.Compare(a.mark, b.mark) })
}

// timersFirst tells whether the firing list comes before what the wheel holds.
func (q *Queue) timersFirst() bool {
	if level, digit, ok := q.first(); ok && level == 0 && q.position.with(level, digit) < q.firingKey {
		return false
	}
	q.position = q.firingKey
	return true
}

// fire takes the next timer off the firing list for Take to give, unless it has
// been set anew or cancelled since it came due.
func (q *Queue) fire() {
	f := q.firing[q.fired]
	q.fired++
	s := &q.timer[f.slot]
	if s.mark != f.mark {
		if s.mark.armed() && q.parts[f.slot].queued == 0 {
			q.enqueue(f.slot, s.deadline)
		}
		return
	}
	s.mark = mark(s.mark.gen())
	q.armed--
	q.now, q.class = q.firingKey.time(), ClassTimer
	q.entries[0].event = q.parts[f.slot].event
	q.next, q.stop = 0, 1
}

// copyOf gives a copy of src, in t's memory as far as it suffices.
func (t *timers) copyOf(src *timers) timers {
	c := *src
	c.timer = append(t.timer[:0], src.timer...)
	c.parts = append(t.parts[:0], src.parts...)
	c.vacant = append(t.vacant[:0], src.vacant...)
	c.firing = append(t.firing[:0], src.firing...)
	return c
}
