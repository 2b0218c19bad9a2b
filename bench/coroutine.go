package main

import (
	"iter"

	"ksim/sim/clock"
	"ksim/sim/clock/clocktest"
)

// produceConsumeOnCoroutines is W3 in the process style: an iter.Pull coroutine
// for each actor, resumed by ksim's queue.
func produceConsumeOnCoroutines() (*clocktest.Tally, func(end clock.Time)) {
	w, q := new(clocktest.ProduceConsume), new(clock.Queue)
	type step struct {
		kind  uint8
		after int64
	}
	var resume [200]func() (step, bool)
	at, kind := w.Start()
	for i := range resume {
		resume[i], _ = iter.Pull(func(yield func(step) bool) {
			for kind := kind[i]; ; {
				after, next := w.Step(kind, uint32(i%100))
				if !yield(step{kind, after}) {
					return
				}
				kind = next
			}
		})
		q.Schedule(clock.Ms(at[i]), clock.ClassMessage, clock.NewEvent(0, uint32(i), 0))
	}
	return &w.Tally, func(end clock.Time) {
		for q.Ready(end - 1) {
			_, e := q.Take()
			done, _ := resume[e.Actor()]()
			q.Schedule(q.Now()+clock.Ms(done.after), clock.ClassMessage, e)
			w.Note(uint32(q.Now().Milliseconds()) ^ (e.Actor()%100<<3 | uint32(done.kind)))
		}
	}
}
