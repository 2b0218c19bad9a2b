package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"ksim/sim/clock"
	"ksim/sim/clock/clocktest"
)

// TestHeartbeatInBubble is W1 on the timers of a testing/synctest bubble, for
// the program to run with N and the number of heartbeats as arguments. What is
// due at one instant comes in no fixed order there, so that its tally's Order is
// not that of the others.
func TestHeartbeatInBubble(t *testing.T) {
	if flag.NArg() < 2 {
		t.Skip("run by the ratios")
	}
	n, _ := strconv.Atoi(flag.Arg(0))
	beats, _ := strconv.Atoi(flag.Arg(1))
	runtime.GOMAXPROCS(1)
	synctest.Test(t, func(t *testing.T) {
		w, start := clocktest.NewHeartbeat[*time.Timer](n, false), time.Now()
		now := func() int64 { return time.Since(start).Milliseconds() }
		note := func(id uint32, kind uint8) { w.Note(uint32(now()) ^ (id<<2 | uint32(kind))) }
		for i := range w.Members {
			beatInBubble(w, i, now, note)
		}
		until := func(end clock.Time) {
			time.Sleep(time.Duration(end)*time.Microsecond - time.Millisecond/2 - time.Since(start))
			synctest.Wait()
		}
		until(clocktest.HeartbeatWarmUp)
		end := clocktest.HeartbeatWarmUp + clock.Time(beats/n)*clocktest.HeartbeatInterval
		r := measure(&w.Tally, func() { until(end) })
		fmt.Println(r.nanoseconds, r.tally.Fired, r.tally.Sum, r.tally.Order)
		os.Exit(0) // rather than stop every timer
	})
}

func beatInBubble(w *clocktest.Heartbeat[*time.Timer], i int, now func() int64, note func(uint32, uint8)) {
	const (
		never   = 1000 * time.Hour
		timeout = time.Duration(clocktest.SessionTimeout) * time.Microsecond
	)
	m, id := &w.Members[i], uint32(i)
	m.Session = time.AfterFunc(timeout, func() { panic("bench: a session has expired") })
	returned := time.AfterFunc(never, func() {
		m.Acked++
		note(id, clocktest.ResponseArrived)
	})
	arrived := time.AfterFunc(never, func() {
		m.Last = clock.Ms(now())
		m.Session.Reset(timeout)
		returned.Reset(time.Millisecond)
		note(id, clocktest.HeartbeatArrived)
	})
	var sent *time.Timer
	sent = time.AfterFunc(time.Duration(w.Start(i))*time.Microsecond, func() {
		m.Sent++
		arrived.Reset(time.Millisecond)
		sent.Reset(time.Duration(clocktest.HeartbeatInterval) * time.Microsecond)
		note(id, clocktest.HeartbeatSent)
	})
}
