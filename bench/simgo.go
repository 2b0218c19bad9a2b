package main

import (
	"github.com/fschuetz04/simgo"

	"ksim/sim/clock"
	"ksim/sim/clock/clocktest"
)

// heartbeatOnSimgo is W1 in simgo's fastest style, handlers of events rather
// than processes. Its time is milliseconds.
func heartbeatOnSimgo(n int) (*clocktest.Tally, func(end clock.Time)) {
	w, sim := clocktest.NewHeartbeat[*simgo.Event](n, false), simgo.NewSimulation()
	after := func(ms float64, handler simgo.Handler) *simgo.Event {
		e := sim.Timeout(ms)
		e.AddHandler(handler)
		return e
	}
	note := func(id uint32, kind uint8) { w.Note(uint32(sim.Now()) ^ (id<<2 | uint32(kind))) }
	timeout := float64(clocktest.SessionTimeout.Milliseconds())
	expired := func(*simgo.Event) { panic("bench: a session has expired") }
	for i := range w.Members {
		m, id := &w.Members[i], uint32(i)
		returned := func(*simgo.Event) {
			m.Acked++
			note(id, clocktest.ResponseArrived)
		}
		arrived := func(*simgo.Event) {
			m.Last = clock.Time(sim.Now())
			m.Session.Abort()
			m.Session = after(timeout, expired)
			after(1, returned)
			note(id, clocktest.HeartbeatArrived)
		}
		var sent simgo.Handler
		sent = func(*simgo.Event) {
			m.Sent++
			after(1, arrived)
			after(float64(clocktest.HeartbeatInterval.Milliseconds()), sent)
			note(id, clocktest.HeartbeatSent)
		}
		after(float64(w.Start(i).Milliseconds()), sent)
		m.Session = after(timeout, expired)
	}
	return &w.Tally, func(end clock.Time) { sim.RunUntil(float64(end.Milliseconds())) }
}
