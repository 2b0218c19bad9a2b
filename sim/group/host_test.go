package group

import (
	"cmp"
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// world is a coordinator with everything around it that tests need: a clock,
// timers in the order (due, armed first), and an append that is replicated as
// soon as the coordinator is done, unless it is held.
type world struct {
	c       *Coordinator
	now     clock.Time
	timers  []armedTimer
	armed   uint64
	holding bool
	unacked []AppendID
	uuid    func() string

	// What came out since the last drain.
	replies []reply
	lines   []string
	events  []Event
	armings []armedTimer // including cancellations, with at == clock.Never
	appends int
}

type armedTimer struct {
	id  TimerID
	at  clock.Time
	seq uint64
}

type reply struct {
	at clock.Time
	to kafka.RequestID
	r  kafka.Response
}

func newWorld(cfg Config, uuid func() string) *world {
	w := &world{c: New(cfg), uuid: uuid}
	w.c.Load(w, 0)
	return w
}

func (w *world) Arm(id TimerID, at clock.Time) {
	w.Cancel(id)
	w.armed++
	w.timers = append(w.timers, armedTimer{id, at, w.armed})
	w.armings = append(w.armings, armedTimer{id, at, w.armed})
}

func (w *world) Cancel(id TimerID) {
	if i := slices.IndexFunc(w.timers, func(t armedTimer) bool { return t.id == id }); i >= 0 {
		w.timers = slices.Delete(w.timers, i, i+1)
		w.armings = append(w.armings, armedTimer{id, clock.Never, 0})
	}
}

func (w *world) Reply(to kafka.RequestID, r kafka.Response) {
	w.replies = append(w.replies, reply{w.now, to, r})
}

func (w *world) Append(id AppendID) {
	w.appends++
	w.unacked = append(w.unacked, id)
}

func (w *world) NewUUID() string { return w.uuid() }

func (w *world) Log(level, text string) { w.lines = append(w.lines, level+" "+text) }

func (w *world) Emit(e Event) { w.events = append(w.events, e) }

// do runs one call of the coordinator and ends its appends, unless they are held.
func (w *world) do(call func()) {
	call()
	if !w.holding {
		w.flush(kafka.ErrNone)
	}
}

// flush ends the appends that wait.
func (w *world) flush(err kafka.ErrorCode) {
	w.holding = false
	for len(w.unacked) > 0 {
		id := w.unacked[0]
		w.unacked = w.unacked[1:]
		w.c.Appended(w, w.now, id, err)
	}
}

// inOrder are the timers as they would fire.
func (w *world) inOrder() []armedTimer {
	return slices.SortedFunc(slices.Values(w.timers), func(a, b armedTimer) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.seq, b.seq))
	})
}

// advance moves the clock and fires what is due on the way.
func (w *world) advance(to clock.Time, fired func(at clock.Time, id TimerID)) {
	for {
		due := w.inOrder()
		if len(due) == 0 || due[0].at > to {
			break
		}
		t := due[0]
		w.now = max(w.now, t.at)
		w.timers = slices.DeleteFunc(w.timers, func(o armedTimer) bool { return o.id == t.id })
		fired(w.now, t.id)
		w.do(func() { w.c.Fire(w, w.now, t.id) })
	}
	w.now = to
}

// failover moves the coordinator to another broker, at once.
func (w *world) failover() {
	w.c.Unload(w, w.now)
	if len(w.timers) > 0 {
		panic(fmt.Sprintf("timers run on an unloaded coordinator: %v", w.timers))
	}
	w.unacked, w.holding = nil, false
	w.c.Load(w, w.now)
}
