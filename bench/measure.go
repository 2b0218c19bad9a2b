package main

import (
	"fmt"
	"runtime"
	"slices"
	"syscall"

	"ksim/sim/clock"
	"ksim/sim/clock/clocktest"
)

// result is what one measurement of a stretch of work gives.
type result struct {
	nanoseconds float64 // of CPU time, per event
	allocations float64 // per event
	tally       clocktest.Tally
}

// figure is one contender at one size of one workload.
type figure struct {
	name string
	work string // equal for figures whose tallies must be equal
	run  func() (result, error)
}

// cpuTime is that of the process in nanoseconds: the machine may be shared.
func cpuTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}

// measure runs work that counts into a tally, after what has warmed it up.
func measure(tally *clocktest.Tally, work func()) result {
	*tally = clocktest.Tally{}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	start := cpuTime()
	work()
	spent := cpuTime() - start
	runtime.ReadMemStats(&after)
	events := float64(tally.Fired)
	return result{float64(spent) / events, float64(after.Mallocs-before.Mallocs) / events, *tally}
}

// heartbeat is W1: n members, beats heartbeats of all of them together.
func heartbeat(contender string, n, beats int, on func(n int) (*clocktest.Tally, func(end clock.Time))) figure {
	return figure{
		name: fmt.Sprintf("%s W1 N=%d", contender, n),
		work: fmt.Sprintf("W1 %d %d", n, beats),
		run: func() (result, error) {
			tally, run := on(n)
			run(clocktest.HeartbeatWarmUp)
			end := clocktest.HeartbeatWarmUp + clock.Time(beats/n)*clocktest.HeartbeatInterval
			return measure(tally, func() { run(end) }), nil
		},
	}
}

// hold is W2: n events, of which count happen.
func hold(contender string, n, count int, on func(n int) (*clocktest.Tally, func(count int))) figure {
	return figure{
		name: fmt.Sprintf("%s W2 N=%d", contender, n),
		work: fmt.Sprintf("W2 %d %d", n, count),
		run: func() (result, error) {
			tally, run := on(n)
			run(max(n, 100_000))
			return measure(tally, func() { run(count) }), nil
		},
	}
}

// produceConsume is W3 for a time.
func produceConsume(contender string, length clock.Duration, on func() (*clocktest.Tally, func(end clock.Time))) figure {
	return figure{
		name: contender + " W3",
		work: fmt.Sprintf("W3 %d", length),
		run: func() (result, error) {
			tally, run := on()
			run(clock.Second)
			return measure(tally, func() { run(clock.Second + length) }), nil
		},
	}
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}
