package clock_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/clock/clocktest"
)

// twins are the queue and its oracle, given the same calls.
type twins struct {
	t      testing.TB
	choose func(n int) int // 0 ≤ result < n
	queue  *clock.Queue
	spare  *clock.Queue
	oracle clocktest.Oracle
	timers []timerPair
	kind   uint8
}

// timerPair is one timer of both. A freed one is one that the oracle cancels.
type timerPair struct {
	queue  clock.Timer
	oracle clocktest.OracleTimer
	freed  bool
}

// delay is chosen so that equal times, equal slots of every level and far
// jumps are all frequent.
func (w *twins) delay() clock.Duration {
	switch w.choose(8) {
	case 0:
		return 0
	case 1:
		return clock.Time(w.choose(4))
	case 2:
		return clock.Time(w.choose(300))
	case 3:
		return clock.Time(w.choose(5)) * clock.Millisecond
	case 4:
		return clock.Time(w.choose(50000))
	case 5:
		return clock.Time(w.choose(60)) * clock.Second
	case 6:
		return clock.Time(1) << w.choose(40)
	default:
		return clock.Time(w.choose(1000)) * clock.Millisecond
	}
}

// at is a time from Now on; close to MaxTime there is little room left.
func (w *twins) at() clock.Time { return min(w.queue.Now()+w.delay(), clock.MaxTime) }

func (w *twins) event() clock.Event {
	w.kind++
	return clock.NewEvent(w.kind, uint32(w.choose(1<<16)), uint32(w.choose(1<<16)))
}

// timer chooses among the latest, so that slots are freed and taken again in all
// states; nil if there is none.
func (w *twins) timer() *timerPair {
	if len(w.timers) == 0 {
		return nil
	}
	return &w.timers[len(w.timers)-1-w.choose(min(len(w.timers), 40))]
}

var plainClasses = [...]clock.Class{
	clock.ClassTimeline, clock.ClassLog, clock.ClassMessage, clock.ClassOffsets, clock.ClassSample,
}

// step makes one call on both and compares what they answer.
func (w *twins) step() {
	w.t.Helper()
	switch op := w.choose(100); {
	case op < 25:
		at, c, e := w.at(), plainClasses[w.choose(len(plainClasses))], w.event()
		w.queue.Schedule(at, c, e)
		w.oracle.Schedule(at, c, e)
	case op < 30:
		e := w.event()
		w.timers = append(w.timers, timerPair{queue: w.queue.NewTimer(e), oracle: w.oracle.NewTimer(e)})
	case op < 62:
		if p := w.timer(); p != nil {
			w.stepTimer(op, p)
		}
	case op == 62:
		w.swap()
	case op == 63:
		for until := w.queue.Now() + w.delay(); w.next(until); {
		}
	case op == 64:
		w.advance()
	default:
		w.next(w.queue.Now() + w.delay())
	}
}

func (w *twins) stepTimer(op int, p *timerPair) {
	w.t.Helper()
	switch {
	case op < 50:
		if !p.freed {
			at := w.at()
			w.queue.Arm(p.queue, at)
			w.oracle.Arm(p.oracle, at)
		}
	case op < 55:
		if got, want := w.queue.Cancel(p.queue), w.oracle.Cancel(p.oracle); got != want {
			w.t.Fatalf("Cancel: %v, want %v", got, want)
		}
	case op < 57:
		w.queue.Free(p.queue)
		w.oracle.Cancel(p.oracle)
		p.freed = true
	default:
		at, ok := w.queue.Deadline(p.queue)
		if wantAt, want := w.oracle.Deadline(p.oracle); at != wantAt || ok != want {
			w.t.Fatalf("Deadline: %v %v, want %v %v", at, ok, wantAt, want)
		}
	}
}

func (w *twins) next(until clock.Time) bool {
	w.t.Helper()
	c, e, ok := w.queue.Next(until)
	wantC, wantE, want := w.oracle.Next(until)
	if c != wantC || e != wantE || ok != want {
		w.t.Fatalf("Next(%v): %v %v %v, want %v %v %v", until, c, e, ok, wantC, wantE, want)
	}
	if w.queue.Now() != w.oracle.Now() || w.queue.Len() != w.oracle.Len() {
		w.t.Fatalf("Next(%v): at %v with %d pending, want %v with %d",
			until, w.queue.Now(), w.queue.Len(), w.oracle.Now(), w.oracle.Len())
	}
	return ok
}

// advance moves both to a time before which nothing is left.
func (w *twins) advance() {
	w.t.Helper()
	to := w.at()
	for w.next(to - 1) {
	}
	w.queue.AdvanceTo(to)
	w.oracle.AdvanceTo(to)
}

// swap goes on with a copy, and spoils the original to show that the copy does
// not depend on it.
func (w *twins) swap() {
	w.queue.CopyTo(w.spare)
	w.queue, w.spare = w.spare, w.queue
	for range 20 {
		w.spare.Schedule(min(w.spare.Now()+w.delay(), clock.MaxTime), clock.ClassLog, w.event())
		w.spare.Next(clock.MaxTime)
	}
	for _, p := range w.timers[max(0, len(w.timers)-40):] {
		w.spare.Cancel(p.queue)
	}
}

func newTwins(t testing.TB, choose func(n int) int) *twins {
	return &twins{t: t, choose: choose, queue: new(clock.Queue), spare: new(clock.Queue)}
}

// The queue's order is that of the oracle over a million random calls, among
// them copies, cancelled, freed and re-armed timers, and times up to MaxTime.
func TestQueueAgainstOracle(t *testing.T) {
	for seed := range uint64(10) {
		w := newTwins(t, rand.New(rand.NewPCG(seed, 0)).IntN)
		if seed%2 == 1 { // where MaxTime is near
			w.queue.AdvanceTo(clock.MaxTime - 8*clock.Hour)
			w.oracle.AdvanceTo(clock.MaxTime - 8*clock.Hour)
		}
		for range 100_000 {
			w.step()
		}
		for w.next(clock.Never) {
		}
	}
}

// The same with calls from bytes, so that a fuzzer can look for a bad sequence.
func FuzzQueue(f *testing.F) {
	f.Add([]byte("schedule, arm, cancel, free and next in the order of these bytes"))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := newTwins(t, func(n int) int {
			if len(data) == 0 {
				return 0
			}
			b := int(data[0])
			data = data[1:]
			return b % n
		})
		for len(data) > 0 {
			w.step()
		}
		for w.next(clock.Never) {
		}
	})
}

// mustPanic runs f, which is to panic with a message that starts so.
func mustPanic(t *testing.T, message string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got, _ := recover().(string); !strings.HasPrefix(got, message) {
			t.Errorf("panic %q, want %q", got, message)
		}
	}()
	f()
}

// What no caller may do stops the run instead of bending the order.
func TestQueueRefuses(t *testing.T) {
	e := clock.NewEvent(1, 2, 3)
	var q clock.Queue
	q.AdvanceTo(clock.Second)
	mustPanic(t, "clock: scheduled in the past: 0m00.999 at 0m01.000", func() { q.Schedule(clock.Ms(999), clock.ClassLog, e) })
	mustPanic(t, "clock: scheduled after MaxTime", func() { q.Schedule(clock.MaxTime+1, clock.ClassLog, e) })
	mustPanic(t, "clock: scheduled after MaxTime", func() { q.Schedule(clock.Never, clock.ClassLog, e) })
	mustPanic(t, "clock: Schedule of a class", func() { q.Schedule(clock.Minute, clock.ClassTimer, e) })
	mustPanic(t, "clock: Schedule of a class", func() { q.Schedule(clock.Minute, clock.ClassSample+1, e) })
	mustPanic(t, "clock: argument of an event", func() { clock.NewEvent(0, 0, clock.MaxArg+1) })

	timer := q.NewTimer(e)
	mustPanic(t, "clock: scheduled in the past", func() { q.Arm(timer, 0) })
	mustPanic(t, "clock: scheduled after MaxTime", func() { q.Arm(timer, clock.Never) })
	mustPanic(t, "clock: Arm of a timer that does not exist", func() { q.Arm(clock.Timer{}, clock.Minute) })
	q.Free(timer)
	q.NewTimer(e) // takes the freed slot
	mustPanic(t, "clock: Arm of a timer that does not exist", func() { q.Arm(timer, clock.Minute) })

	var due clock.Queue
	due.Schedule(clock.Second, clock.ClassLog, e)
	mustPanic(t, "clock: AdvanceTo 0m02.000 skips an event at 0m01.000", func() { due.AdvanceTo(2 * clock.Second) })
	mustPanic(t, "clock: AdvanceTo the past", func() { due.AdvanceTo(0) })
}

// A handle is harmless before its queue has timers, and after Free.
func TestTimerHandles(t *testing.T) {
	var q clock.Queue
	q.Free(clock.Timer{})
	timer := q.NewTimer(clock.NewEvent(0, 0, 0))
	q.Arm(timer, clock.Second)
	q.Free(timer)
	for _, h := range []clock.Timer{{}, timer} {
		if _, armed := q.Deadline(h); armed || q.Cancel(h) || q.Len() != 0 {
			t.Errorf("%v is armed", h)
		}
	}
	if again := q.NewTimer(clock.NewEvent(0, 0, 0)); again == timer {
		t.Error("the handle of a freed timer was given again")
	}
}

// A slot whose generations are used up is given up, so that no old handle can
// ever be taken for a new one.
func TestTimerGenerationsEnd(t *testing.T) {
	var q clock.Queue
	first := q.NewTimer(clock.NewEvent(0, 0, 0))
	q.Free(first)
	for range 1 << 20 {
		timer := q.NewTimer(clock.NewEvent(0, 0, 0))
		if timer == first {
			t.Fatal("the first handle was given again")
		}
		q.Arm(timer, clock.Second)
		if q.Cancel(first) {
			t.Fatal("the first handle has cancelled a later timer")
		}
		q.Free(timer)
	}
}
