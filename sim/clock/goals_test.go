package clock_test

import (
	"testing"

	"ksim/sim/clock"
	"ksim/sim/clock/clocktest"
)

// The workloads of the performance goals go through the same events in the same
// order on the queue as on the oracle.
func TestWorkloadsAgainstOracle(t *testing.T) {
	same := func(name string, queue, oracle *clocktest.Tally) {
		if *queue != *oracle || queue.Fired == 0 {
			t.Errorf("%s: queue %+v, oracle %+v", name, *queue, *oracle)
		}
	}
	for _, micros := range []bool{false, true} {
		queue, onQueue := clocktest.HeartbeatOnQueue(1000, micros)
		oracle, onOracle := clocktest.HeartbeatOnOracle(1000, micros)
		onQueue(2 * clock.Minute)
		onOracle(2 * clock.Minute)
		same("Heartbeat", queue, oracle)
	}
	queue, holdOnQueue := clocktest.HoldOnQueue(10_000)
	oracle, holdOnOracle := clocktest.HoldOnOracle(10_000)
	holdOnQueue(200_000)
	holdOnOracle(200_000)
	same("Hold", queue, oracle)

	queue, onQueue := clocktest.ProduceConsumeOnQueue()
	oracle, onOracle := clocktest.ProduceConsumeOnOracle()
	onQueue(10 * clock.Second)
	onOracle(10 * clock.Second)
	same("ProduceConsume", queue, oracle)
}

// The workloads are those of the study that set the goals: a dozen engines in
// four languages agree on these sums.
func TestWorkloadsAreThoseOfTheGoals(t *testing.T) {
	check := func(name string, got *clocktest.Tally, want clocktest.Tally) {
		if *got != want {
			t.Errorf("%s: %+v, want %+v", name, *got, want)
		}
	}
	for _, c := range heartbeats[:2] {
		tally, run := warmHeartbeat(clocktest.HeartbeatOnQueue(c.members, c.micros))
		run(clocktest.HeartbeatWarmUp + clock.Time(c.beats/c.members)*clocktest.HeartbeatInterval)
		check("Heartbeat", tally, c.want)
	}
	tally, run := warmProduceConsume(clocktest.ProduceConsumeOnQueue())
	run(produceConsumeEnd)
	check("ProduceConsume", tally, produceConsumeWant)
}

// In steady state nothing allocates: a run of many events costs no garbage.
func TestNoAllocations(t *testing.T) {
	none := func(name string, step func()) {
		t.Helper()
		if n := testing.AllocsPerRun(5, step); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
	for _, micros := range []bool{false, true} {
		_, run := clocktest.HeartbeatOnQueue(1000, micros)
		end := clocktest.HeartbeatWarmUp
		run(end)
		none("Heartbeat", func() {
			end += 10 * clocktest.HeartbeatInterval
			run(end)
		})
	}
	_, hold := clocktest.HoldOnQueue(10_000)
	hold(1_000_000)
	none("Hold", func() { hold(50_000) })

	_, run := clocktest.ProduceConsumeOnQueue()
	end := clock.Second
	run(end)
	none("ProduceConsume", func() {
		end += 2 * clock.Second
		run(end)
	})

	var q clock.Queue
	timers := make([]clock.Timer, 100)
	churn := func() {
		for i := range timers {
			timers[i] = q.NewTimer(clock.NewEvent(0, uint32(i), 0))
			q.Arm(timers[i], q.Now()+clock.Ms(int64(i%7)))
		}
		for q.Ready(q.Now() + clock.Second) {
			q.Take()
		}
		for _, timer := range timers {
			q.Free(timer)
		}
	}
	for range 1000 {
		churn()
	}
	none("timers come and go", churn)

	// Each step leaves the entry of a later deadline behind, which must end.
	for i := range timers {
		timers[i] = q.NewTimer(clock.NewEvent(0, uint32(i), 0))
	}
	earlier := func() {
		for _, timer := range timers {
			q.Arm(timer, q.Now()+5*clock.Second)
			q.Arm(timer, q.Now()+45*clock.Second)
		}
		q.AdvanceTo(q.Now() + 10*clock.Second)
	}
	for range 1000 {
		earlier()
	}
	none("timers set earlier", func() {
		for range 1000 {
			earlier()
		}
	})

	var dst clock.Queue
	q.CopyTo(&dst)
	none("CopyTo", func() { q.CopyTo(&dst) })
}
