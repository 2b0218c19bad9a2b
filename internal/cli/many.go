package cli

import (
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"

	"ksim/internal/figures"
	"ksim/internal/suite"
	"ksim/sim/clock"
	"ksim/sim/scenario"
)

// mostSeeds is how many runs one command makes at most.
const mostSeeds = 1_000_000

// seedRange is what --seeds names: both ends are in it.
type seedRange struct{ from, to uint64 }

// parseSeeds reads `1..1000`.
func parseSeeds(s string) (seedRange, error) {
	first, last, ok := strings.Cut(s, "..")
	from, err1 := strconv.ParseUint(first, 10, 64)
	to, err2 := strconv.ParseUint(last, 10, 64)
	switch {
	case !ok || err1 != nil || err2 != nil:
		return seedRange{}, fmt.Errorf("--seeds %q: expected the first and the last seed, such as 1..1000", s)
	case to < from:
		return seedRange{}, fmt.Errorf("--seeds %q: the last seed is below the first", s)
	case to-from >= mostSeeds:
		return seedRange{}, fmt.Errorf("--seeds %q: expected at most %d seeds", s, mostSeeds)
	}
	return seedRange{from, to}, nil
}

func (r seedRange) count() int { return int(r.to-r.from) + 1 }

// outcome is what one run of many comes to.
type outcome struct {
	groups []figures.Group
	held   int // expectations
	judged int
}

// measure runs a scenario for its figures.
func measure(s *scenario.Scenario, until clock.Time) outcome {
	c := figures.NewCollector(s)
	return outcomeOf(c, suite.Simulate(s, suite.Watch{Show: c.Event, Until: until}))
}

// outcomeOf is what a run came to that its collector has watched.
func outcomeOf(c *figures.Collector, j *suite.Judged) outcome {
	o := outcome{groups: c.End(j.World), judged: len(j.Verdicts)}
	for i := range j.Verdicts {
		if j.Verdicts[i].OK {
			o.held++
		}
	}
	return o
}

// manySeeds is a scenario over many seeds.
type manySeeds struct {
	scenario *scenario.Scenario
	args     string // what follows `ksim run FILE` beside the seed
	seeds    seedRange
	runs     []outcome
}

// distribution gathers one figure of one group over all runs.
func (m *manySeeds) distribution(group, figure int) figures.Distribution {
	values := make([]int64, len(m.runs))
	for i := range m.runs {
		values[i] = m.runs[i].groups[group].Value(figure)
	}
	return figures.NewDistribution(values)
}

// failed gives how many runs fail an expectation, and the first seed of which one
// does.
func (m *manySeeds) failed() (n int, first uint64) {
	for i := len(m.runs) - 1; i >= 0; i-- {
		if m.runs[i].held < m.runs[i].judged {
			n++
			first = m.seeds.from + uint64(i)
		}
	}
	return n, first
}

// runSeeds is `ksim run --seeds`.
func (e *Env) runSeeds(arg string, f *runFlags, args string) error {
	seeds, err := parseSeeds(f.seeds)
	if err != nil {
		return err
	}
	s, err := e.load(arg, f.set, e.Stderr)
	if err != nil {
		return err
	}
	m := &manySeeds{scenario: s, args: args, seeds: seeds, runs: make([]outcome, seeds.count())}
	e.many("ksim run --seeds", len(m.runs), f.jobs, func(i int) outcome {
		own := *s
		own.Seed = seeds.from + uint64(i)
		return measure(&own, f.end)
	}, func(i int, o outcome) { m.runs[i] = o })
	err = e.produce(f.out, func(out io.Writer) error { return m.write(out, f.format, e.width(f), f.ascii) })
	if err != nil {
		return err
	}
	if n, _ := m.failed(); n > 0 && f.strict {
		return exitError{ExitFailed}
	}
	return nil
}

// many makes runs side by side and hands over what they come to, in order.
func (e *Env) many(what string, n, jobs int, run func(i int) outcome, take func(i int, o outcome)) {
	if jobs == 0 {
		jobs = runtime.GOMAXPROCS(0)
	}
	progress := e.meter(what, n)
	defer progress.end()
	suite.Each(n, jobs, func(i int) outcome {
		defer progress.one()
		return run(i)
	}, func(i int, o outcome) bool {
		take(i, o)
		return true
	})
}

// write writes the distributions in a format.
func (m *manySeeds) write(out io.Writer, format string, width int, ascii bool) error {
	switch format {
	case "json":
		return m.writeJSON(out)
	case "csv":
		return m.writeCSV(out)
	}
	return m.writeText(out, width, ascii)
}
