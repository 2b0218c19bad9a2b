package sim

import (
	"fmt"
	"os"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// nothing is a sink that forgets.
type nothing struct{}

func (nothing) Event(*trace.Event) {}

func load(tb testing.TB, file string) *scenario.Scenario {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	s, found := scenario.Load(file, text, scenario.Options{})
	if found.HasErrors() {
		tb.Fatal(found)
	}
	return s
}

// BenchmarkScenario measures a whole run: virtual seconds in a second, and the
// cost of an event.
func BenchmarkScenario(b *testing.B) {
	for _, name := range []string{"slow-upload", "slow-upload-fixed-interval"} {
		s := load(b, "../scenarios/"+name+".yaml")
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var events uint64
			for b.Loop() {
				w := New(s, Options{Sink: nothing{}})
				w.Run()
				events = w.seq
			}
			ns := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			b.ReportMetric(ns/float64(events), "ns/event")
			b.ReportMetric(float64(s.Duration)/1e6/(ns/1e9), "virtual-s/s")
		})
	}
}

// BenchmarkGroupHeartbeat is the model's own heartbeat scenario: members of one
// stable group that only heartbeat, a minute of virtual time an iteration. It
// stands beside the bare engine's BenchmarkEngineHeartbeat.
func BenchmarkGroupHeartbeat(b *testing.B) {
	for _, n := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("N=%d", n), func(b *testing.B) {
			text := fmt.Sprintf(`ksim: 1
duration: 720h
topics: [{name: t, partitions: 1}]
groups:
  - {id: g, client: librdkafka, topics: [t], app: {model: sequential, commit: none, poll-timeout: 1h}, members: %d}
`, n)
			s, found := scenario.Load("heartbeat.yaml", []byte(text), scenario.Options{})
			if found.HasErrors() {
				b.Fatal(found)
			}
			w := New(s, Options{Sink: nothing{}})
			end := 2 * clock.Minute
			for w.Now() < end && w.Step() {
			}
			b.ReportAllocs()
			steps, before := 0, w.seq
			for b.Loop() {
				for end += clock.Minute; w.Now() < end && w.Step(); steps++ {
				}
			}
			ns := float64(b.Elapsed().Nanoseconds())
			b.ReportMetric(ns/float64(steps), "ns/event")
			b.ReportMetric(float64(w.seq-before)/float64(b.N)/float64(n), "trace-events/member")
		})
	}
}
