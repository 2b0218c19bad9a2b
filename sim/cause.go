package sim

import "ksim/sim/trace"

// cause is what led to what happens now: the latest event of any kind, and the
// latest that is shown without detail. Messages and timers carry it along.
type cause struct{ seq, shown uint64 }

// emit gives an event its number, time and cause and hands it to the sink. What
// follows in the same step has this event as its cause, unless it is a log
// line, which causes nothing.
func (w *World) emit(e trace.Event) {
	w.seq++
	e.At, e.Seq, e.Cause, e.Shown = w.Now(), w.seq, w.cause.shown, w.cause.shown
	if w.o.Detail {
		e.Cause = w.cause.seq
	}
	if e.Type != trace.Log {
		w.cause = cause{w.seq, w.seq}
	}
	w.o.Sink.Event(&e)
}

// detail is emit for detail events; the event is made only when somebody looks.
func (w *World) detail(event func() trace.Event) {
	w.seq++
	if w.o.Detail {
		e := event()
		e.At, e.Seq, e.Cause, e.Shown = w.Now(), w.seq, w.cause.seq, w.cause.shown
		w.o.Sink.Event(&e)
	}
	w.cause.seq = w.seq
}

// blameSilence makes the crash, the freeze or the isolation of a member's process the
// cause of what happens now, if that came after what the cause was: a session that
// runs out was last prolonged by a heartbeat, but ends because no other followed.
func (w *World) blameSilence(member string) {
	for i := range w.procs {
		p := &w.procs[i]
		if p.member.Name == member && p.silence.seq > w.cause.seq {
			w.cause = p.silence
		}
	}
}
