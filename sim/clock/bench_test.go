package clock_test

import (
	"fmt"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/clock/clocktest"
)

// One operation of these benchmarks is a whole stretch of a workload, of which
// the first is checked; ns/event is what to compare.

// heartbeats are the sizes of W1 and W1u, with what is to come out.
var heartbeats = []struct {
	members, beats int
	micros         bool
	want           clocktest.Tally
}{
	{100, 1_000_000, false, clocktest.Tally{Fired: 3_000_000, Sum: 3708800848, Order: 1101977968}},
	{100, 300_000, true, clocktest.Tally{Fired: 900_000, Sum: 453502744, Order: 338577023}},
	{10_000, 1_000_000, false, clocktest.Tally{Fired: 3_000_000, Sum: 1379759472, Order: 2935342684}},
	{10_000, 300_000, true, clocktest.Tally{Fired: 900_002, Sum: 1793290786, Order: 3888769677}},
	{100_000, 1_000_000, false, clocktest.Tally{Fired: 3_000_000, Sum: 1705144222, Order: 2904336088}},
	{100_000, 300_000, true, clocktest.Tally{Fired: 900_011, Sum: 4013988993, Order: 1906508783}},
}

func warmHeartbeat(tally *clocktest.Tally, run func(clock.Time)) (*clocktest.Tally, func(clock.Time)) {
	run(clocktest.HeartbeatWarmUp)
	*tally = clocktest.Tally{}
	return tally, run
}

// What W3 is to come out with after its warm-up of 1 s.
const produceConsumeEnd = 44_478 * clock.Millisecond

var produceConsumeWant = clocktest.Tally{Fired: 999_996, Sum: 1265579637, Order: 194345351}

func warmProduceConsume(tally *clocktest.Tally, run func(clock.Time)) (*clocktest.Tally, func(clock.Time)) {
	run(clock.Second)
	*tally = clocktest.Tally{}
	return tally, run
}

// measure runs a step of a workload again and again and checks the first.
func measure(b *testing.B, tally *clocktest.Tally, want clocktest.Tally, step func()) {
	b.ReportAllocs()
	first := true
	for b.Loop() {
		step()
		if first && *tally != want {
			b.Fatalf("%+v, want %+v", *tally, want)
		}
		first = false
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(tally.Fired), "ns/event")
}

func benchmarkHeartbeat(b *testing.B, micros bool, on func(int, bool) (*clocktest.Tally, func(clock.Time))) {
	for _, c := range heartbeats {
		if c.micros != micros {
			continue
		}
		b.Run(fmt.Sprintf("N=%d", c.members), func(b *testing.B) {
			tally, run := warmHeartbeat(on(c.members, micros))
			end := clocktest.HeartbeatWarmUp
			measure(b, tally, c.want, func() {
				end += clock.Time(c.beats/c.members) * clocktest.HeartbeatInterval
				run(end)
			})
		})
	}
}

func BenchmarkEngineHeartbeat(b *testing.B) {
	benchmarkHeartbeat(b, false, clocktest.HeartbeatOnQueue)
}
func BenchmarkOracleHeartbeat(b *testing.B) {
	benchmarkHeartbeat(b, false, clocktest.HeartbeatOnOracle)
}
func BenchmarkEngineHeartbeatMicros(b *testing.B) {
	benchmarkHeartbeat(b, true, clocktest.HeartbeatOnQueue)
}
func BenchmarkOracleHeartbeatMicros(b *testing.B) {
	benchmarkHeartbeat(b, true, clocktest.HeartbeatOnOracle)
}

func benchmarkHold(b *testing.B, on func(int) (*clocktest.Tally, func(int))) {
	const count = 1_000_000
	for _, c := range []struct {
		n    int
		want clocktest.Tally
	}{
		{1_000, clocktest.Tally{Fired: count, Sum: 942893145, Order: 46816548}},
		{10_000, clocktest.Tally{Fired: count, Sum: 1581714301, Order: 3207953137}},
		{100_000, clocktest.Tally{Fired: count, Sum: 2476862129, Order: 3682927233}},
		{1_000_000, clocktest.Tally{Fired: count, Sum: 1579154703, Order: 2237816190}},
	} {
		b.Run(fmt.Sprintf("N=%d", c.n), func(b *testing.B) {
			tally, hold := on(c.n)
			hold(max(c.n, 100_000))
			*tally = clocktest.Tally{}
			measure(b, tally, c.want, func() { hold(count) })
		})
	}
}

func BenchmarkEngineHold(b *testing.B) { benchmarkHold(b, clocktest.HoldOnQueue) }
func BenchmarkOracleHold(b *testing.B) { benchmarkHold(b, clocktest.HoldOnOracle) }

func benchmarkProduceConsume(b *testing.B, on func() (*clocktest.Tally, func(clock.Time))) {
	tally, run := warmProduceConsume(on())
	end := clock.Second
	measure(b, tally, produceConsumeWant, func() {
		end += produceConsumeEnd - clock.Second
		run(end)
	})
}

func BenchmarkEngineProduceConsume(b *testing.B) {
	benchmarkProduceConsume(b, clocktest.ProduceConsumeOnQueue)
}
func BenchmarkOracleProduceConsume(b *testing.B) {
	benchmarkProduceConsume(b, clocktest.ProduceConsumeOnOracle)
}

// A reset of a session timer alone: the usual one, to a later time than before.
func BenchmarkTimerReset(b *testing.B) {
	var q clock.Queue
	timers := make([]clock.Timer, 10_000)
	for i := range timers {
		timers[i] = q.NewTimer(clock.NewEvent(0, uint32(i), 0))
	}
	at := clock.Time(0)
	for b.Loop() {
		at++
		q.Arm(timers[int(at)%len(timers)], at)
	}
}

func BenchmarkOracleTimerReset(b *testing.B) {
	var o clocktest.Oracle
	timers := make([]clocktest.OracleTimer, 10_000)
	for i := range timers {
		timers[i] = o.NewTimer(clock.NewEvent(0, uint32(i), 0))
	}
	at := clock.Time(0)
	for b.Loop() {
		at++
		o.Arm(timers[int(at)%len(timers)], at)
	}
}
