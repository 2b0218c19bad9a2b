package clocktest

import "ksim/sim/clock"

// Hold is the workload W2: n events, each of which, when it happens, is
// scheduled again after an exponential delay of 1 s on average.
type Hold struct {
	Tally
	delays []clock.Duration
	next   uint16
}

func newHold() *Hold {
	w := &Hold{delays: make([]clock.Duration, 1<<16)}
	s, d := clock.NewStream(seed, "hold", "delays"), clock.Dist{Kind: clock.Exponential, A: clock.Second}
	for i := range w.delays {
		w.delays[i] = d.Draw(&s, nil)
	}
	return w
}

func (w *Hold) delay() clock.Duration {
	w.next++
	return w.delays[w.next]
}

// HoldOnQueue schedules n events on a queue and gives a function that lets the
// next count of them happen.
func HoldOnQueue(n int) (*Tally, func(count int)) {
	w, q := newHold(), new(clock.Queue)
	for i := range n {
		q.Schedule(w.delay(), clock.ClassMessage, clock.NewEvent(0, uint32(i), 0))
	}
	return &w.Tally, func(count int) {
		for ; count > 0 && q.Ready(clock.MaxTime); count-- {
			_, e := q.Take()
			q.Schedule(q.Now()+w.delay(), clock.ClassMessage, e)
			w.Note(uint32(q.Now()) ^ e.Actor())
		}
	}
}

// HoldOnOracle is HoldOnQueue for the oracle.
func HoldOnOracle(n int) (*Tally, func(count int)) {
	w, o := newHold(), new(Oracle)
	for i := range n {
		o.Schedule(w.delay(), clock.ClassMessage, clock.NewEvent(0, uint32(i), 0))
	}
	return &w.Tally, func(count int) {
		for ; count > 0; count-- {
			_, e, _ := o.Next(clock.MaxTime)
			o.Schedule(o.Now()+w.delay(), clock.ClassMessage, e)
			w.Note(uint32(o.Now()) ^ e.Actor())
		}
	}
}
