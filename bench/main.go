// Command bench compares ksim's event queue with other ways of doing the same
// work, and checks the performance goals E1 to E6. It prints ratios and exits 1
// if a goal is missed: what counts is how the sides compare on one machine in
// one run, not how fast the machine is.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"

	"ksim/sim/clock"
	"ksim/sim/clock/clocktest"
)

func main() {
	rounds := flag.Int("count", 5, "rounds, each of which measures every contender once")
	flag.Parse()
	runtime.GOMAXPROCS(1)
	dir, err := os.MkdirTemp("", "ksim-bench-")
	if err != nil {
		fatal(err)
	}
	results, err := run(contenders(dir), *rounds)
	os.RemoveAll(dir)
	if err != nil {
		fatal(err)
	}
	if !report(results) {
		os.Exit(1)
	}
}

func fatal(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(2)
}

// contenders are in the order of a round: what is to be compared closely is
// measured side by side.
func contenders(dir string) []figure {
	queue := func(n int) (*clocktest.Tally, func(clock.Time)) { return clocktest.HeartbeatOnQueue(n, false) }
	oracle := func(n int) (*clocktest.Tally, func(clock.Time)) { return clocktest.HeartbeatOnOracle(n, false) }
	unordered := external("synctest", 10_000, 60_000, bubble(dir))
	unordered.work = "in no order"
	return []figure{
		heartbeat("queue", 10_000, 3_000_000, queue),
		heartbeat("wheel", 10_000, 3_000_000, heartbeatOnWheel),
		external("C++ limit", 10_000, 3_000_000, limit(dir)),
		heartbeat("queue", 100_000, 3_000_000, queue),
		heartbeat("wheel", 100_000, 3_000_000, heartbeatOnWheel),
		external("C++ limit", 100_000, 3_000_000, limit(dir)),
		heartbeat("container/heap", 10_000, 300_000, oracle),
		heartbeat("simgo", 10_000, 300_000, heartbeatOnSimgo),
		external("SimPy", 10_000, 60_000, simpy),
		unordered,
		hold("queue", 1_000, 2_000_000, clocktest.HoldOnQueue),
		hold("queue", 1_000_000, 2_000_000, clocktest.HoldOnQueue),
		produceConsume("queue", clock.Minute, clocktest.ProduceConsumeOnQueue),
		produceConsume("iter.Pull", 10*clock.Second, produceConsumeOnCoroutines),
	}
}

// run measures all figures in rounds. Figures of missing contenders have no
// results; it is an error if two that do the same work differ in their tallies.
func run(figures []figure, rounds int) (map[string][]result, error) {
	results, tallies := map[string][]result{}, map[string]clocktest.Tally{}
	for range rounds {
		for _, f := range figures {
			r, err := f.run()
			if errors.Is(err, errMissing) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if want, known := tallies[f.work]; known && r.tally != want && f.work != "in no order" {
				return nil, fmt.Errorf("%s: tally %+v, want %+v", f.name, r.tally, want)
			}
			tallies[f.work] = r.tally
			results[f.name] = append(results[f.name], r)
		}
	}
	return results, nil
}
