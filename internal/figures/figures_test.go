package figures

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"ksim/internal/golden"
	"ksim/internal/suite"
	"ksim/sim/scenario"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestPercentiles follows the nearest rank: no value is made up between two.
func TestPercentiles(t *testing.T) {
	d := NewDistribution([]int64{40, None, 10, 30, 20})
	for _, c := range []struct {
		percent int
		want    int64
	}{{0, 10}, {25, 10}, {26, 20}, {50, 20}, {51, 30}, {75, 30}, {95, 40}, {100, 40}} {
		if got := d.Percentile(c.percent); got != c.want {
			t.Errorf("p%d = %d, want %d", c.percent, got, c.want)
		}
	}
	if d.Count() != 4 || d.Runs != 5 || d.Constant() {
		t.Errorf("%+v", d)
	}
	none := NewDistribution([]int64{None})
	if none.Percentile(50) != None || !none.Constant() || none.Bins(5, 1) != nil {
		t.Error("of no values there is none")
	}
}

// TestBins: every value is in one bin, bins are in order and of one width, and no
// more than asked for.
func TestBins(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Int64Range(0, 1e9), 1, 200).Draw(t, "values")
		most := rapid.IntRange(3, 20).Draw(t, "most")
		unit := rapid.SampledFrom([]int64{1, 1000}).Draw(t, "unit")
		d := NewDistribution(values)
		bins := d.Bins(most, unit)
		total, before := 0, int64(-1)
		for _, b := range bins {
			if b.From <= before || b.To < b.From {
				t.Fatalf("bins out of order: %v", bins)
			}
			before = b.To
			total += b.Runs
		}
		if total != len(values) || len(bins) > most {
			t.Fatalf("%d values in %d bins, want %d in at most %d: %v", total, len(bins), len(values), most, bins)
		}
	})
}

// TestFigures counts, by the events alone, what the run's own figures say, and
// tells those who had to go from those who were closed.
func TestFigures(t *testing.T) {
	text := `
ksim: 1
duration: 60s
topics: [{name: t, partitions: 3}]
producers: [{topic: t, rate: 100/s}]
groups:
  - {id: g, client: java, topics: [t], config: {session.timeout.ms: 6000, max.poll.interval.ms: 10000, auto.offset.reset: earliest}, app: {model: sequential, process: 1ms, commit: batch}, members: 3}
  - {id: quiet, client: librdkafka, topics: [t], members: [Q]}
timeline:
  - {at: 10s, stop: A}
  - {at: 20s, crash: B}
  - {at: 30s, slow: {C: 15s}}
  - {at: 50s, stop: Q}
`
	s, found := scenario.Load("x.yaml", []byte(text), scenario.Options{})
	if s == nil {
		t.Fatal(found.Error())
	}
	c := NewCollector(s)
	j := suite.Simulate(s, suite.Watch{Show: c.Event})
	got := ""
	for _, g := range c.End(j.World) {
		got += fmt.Sprintf("%s: %d evicted, first at %d s; %d lost, %t repeated\n", g.ID, g.values[Evictions], g.values[Eviction]/1e6, g.values[Lost], g.values[Repeated] > 0)
	}
	want := "g: 2 evicted, first at 25 s; 0 lost, true repeated\nquiet: 0 evicted, first at 4611686018427 s; 0 lost, false repeated\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
