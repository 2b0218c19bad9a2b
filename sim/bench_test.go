package sim

import (
	"os"
	"testing"

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
