package main

import (
	"math/bits"

	"ksim/sim/clock"
	"ksim/sim/clock/clocktest"
)

// wheel is the reference of goal E1: an array wheel with nothing in it that W1
// does not need. Its ticks are milliseconds, all events are of one class,
// handlers run inside the drain of a slot, a timer is a deadline in the member
// itself, and there are neither handles, nor copies, nor checks.
type wheel struct {
	now      int64
	slots    [4 * wheelSlots][]wheelEvent
	occupied [4][wheelSlots / 64]uint64
	spare    [32][][]wheelEvent // by the binary logarithm of the capacity
}

const (
	wheelBits  = 10
	wheelSlots = 1 << wheelBits
)

type wheelEvent struct {
	at       int64
	id, kind uint32
}

func (q *wheel) put(e wheelEvent) {
	level := 0
	if ahead := uint64(e.at ^ q.now); ahead >= wheelSlots {
		level = (bits.Len64(ahead) - 1) / wheelBits
	}
	digit := int(e.at>>(level*wheelBits)) & (wheelSlots - 1)
	slot := &q.slots[level*wheelSlots+digit]
	if len(*slot) == cap(*slot) {
		*slot = q.grown(*slot)
	}
	if len(*slot) == 0 {
		q.occupied[level][digit>>6] |= 1 << (digit & 63)
	}
	*slot = append(*slot, e)
}

// grown gives an array of twice the capacity with the same content.
func (q *wheel) grown(old []wheelEvent) []wheelEvent {
	capacity := max(8, 2*cap(old))
	spare := &q.spare[bits.Len(uint(capacity))]
	var array []wheelEvent
	if last := len(*spare) - 1; last >= 0 {
		array, *spare = (*spare)[last], (*spare)[:last]
	} else {
		array = make([]wheelEvent, 0, capacity)
	}
	array = append(array, old...)
	q.release(old)
	return array
}

func (q *wheel) release(array []wheelEvent) {
	if cap(array) > 0 {
		spare := &q.spare[bits.Len(uint(cap(array)))]
		*spare = append(*spare, array[:0])
	}
}

// first finds the first slot of a level that holds events.
func (q *wheel) first(level, from int) (digit int, ok bool) {
	for word := from >> 6; word < wheelSlots/64; word++ {
		x := q.occupied[level][word]
		if word == from>>6 {
			x = x >> (from & 63) << (from & 63)
		}
		if x != 0 {
			return word<<6 + bits.TrailingZeros64(x), true
		}
	}
	return 0, false
}

// advance moves to the next tick before end that holds events.
func (q *wheel) advance(end int64) (slot int, ok bool) {
	for {
		if digit, ok := q.first(0, int(q.now)&(wheelSlots-1)); ok {
			at := q.now&^(wheelSlots-1) | int64(digit)
			if at >= end {
				return 0, false
			}
			q.now = at
			return digit, true
		}
		if !q.cascade(end) {
			return 0, false
		}
	}
}

// cascade spreads the next slot of a higher level over the levels below.
func (q *wheel) cascade(end int64) bool {
	for level := 1; level < 4; level++ {
		shift := level * wheelBits
		digit, ok := q.first(level, int(q.now>>shift)&(wheelSlots-1))
		if !ok {
			continue
		}
		at := q.now>>(shift+wheelBits)<<(shift+wheelBits) | int64(digit)<<shift
		if at >= end {
			return false
		}
		q.now = at
		slot := &q.slots[level*wheelSlots+digit]
		events := *slot
		*slot = nil
		q.occupied[level][digit>>6] &^= 1 << (digit & 63)
		for _, e := range events {
			q.put(e)
		}
		q.release(events)
		return true
	}
	return false
}

// wheelMember is what the wheel keeps in a member: the deadline of its session,
// 0 if no event stands for it.
type wheelMember = clocktest.Member[int64]

func (q *wheel) arm(m *wheelMember, id uint32, deadline int64) {
	if m.Session == 0 {
		q.put(wheelEvent{deadline, id, uint32(clocktest.SessionExpired)})
	}
	m.Session = deadline
}

// The times of W1 in ticks.
const (
	wheelInterval = int64(clocktest.HeartbeatInterval / clock.Millisecond)
	wheelTimeout  = int64(clocktest.SessionTimeout / clock.Millisecond)
)

func (q *wheel) run(w *clocktest.Heartbeat[int64], end int64) {
	for {
		slot, ok := q.advance(end)
		if !ok {
			return
		}
		now := q.now
		for i := 0; i < len(q.slots[slot]); i++ {
			e := q.slots[slot][i]
			m := &w.Members[e.id]
			switch uint8(e.kind) {
			case clocktest.HeartbeatSent:
				m.Sent++
				q.put(wheelEvent{now + 1, e.id, uint32(clocktest.HeartbeatArrived)})
				q.put(wheelEvent{now + wheelInterval, e.id, uint32(clocktest.HeartbeatSent)})
			case clocktest.HeartbeatArrived:
				m.Last = clock.Time(now)
				q.arm(m, e.id, now+wheelTimeout)
				q.put(wheelEvent{now + 1, e.id, uint32(clocktest.ResponseArrived)})
			case clocktest.ResponseArrived:
				m.Acked++
			default:
				if now < m.Session {
					q.put(wheelEvent{m.Session, e.id, e.kind})
					continue
				}
				panic("bench: a session has expired")
			}
			w.Note(uint32(now) ^ (e.id<<2 | e.kind))
		}
		q.finish(slot)
	}
}

// finish empties a slot of level 0. A small array stays for the next time.
func (q *wheel) finish(slot int) {
	events := q.slots[slot]
	if cap(events) <= 16 {
		q.slots[slot] = events[:0]
	} else {
		q.slots[slot] = nil
		q.release(events)
	}
	q.occupied[0][slot>>6] &^= 1 << (slot & 63)
}

func heartbeatOnWheel(n int) (*clocktest.Tally, func(end clock.Time)) {
	w, q := clocktest.NewHeartbeat[int64](n, false), new(wheel)
	for i := range w.Members {
		q.put(wheelEvent{w.Start(i).Milliseconds(), uint32(i), uint32(clocktest.HeartbeatSent)})
	}
	for i := range w.Members {
		q.arm(&w.Members[i], uint32(i), wheelTimeout)
	}
	return &w.Tally, func(end clock.Time) { q.run(w, end.Milliseconds()) }
}
