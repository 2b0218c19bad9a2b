package sim_test

import (
	"os"
	"path/filepath"
	"testing"

	"ksim/sim"
	"ksim/sim/expect"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// TestScenarios runs the scenarios of testdata with all invariants checked and
// judges what each expects of itself: one folder a part of the model.
func TestScenarios(t *testing.T) {
	files, err := filepath.Glob("testdata/*/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no scenarios", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s, found := scenario.Load(file, src, scenario.Options{})
			if found.HasErrors() {
				t.Fatal(found)
			}
			if len(s.Expect) == 0 {
				t.Fatal("it expects nothing")
			}
			for _, v := range judged(s) {
				if !v.OK {
					t.Errorf("%s: wanted %s, got %s", v.Expectation.Source, v.Want, v.Got)
				}
			}
		})
	}
}

// events is a sink that keeps the trace.
type events []trace.Event

func (e *events) Event(x *trace.Event) { *e = append(*e, *x) }

func judged(s *scenario.Scenario) []expect.Verdict {
	var sink events
	w := sim.New(s, sim.Options{Sink: &sink, Detail: true, Check: true, At: expect.Samples(s.Expect, s.Duration)})
	w.Run()
	return expect.Judge(s.Expect, expect.Run{Scenario: s, Events: sink, Figures: w.Samples(), End: s.Duration})
}
