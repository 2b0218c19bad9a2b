package plain

import (
	"os"
	"strings"
	"testing"

	"ksim/internal/golden"
	"ksim/sim"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// TestQueues: the texts of scenarios with queues, as the command line has them: the
// first receives, what comes back and why, deletes that come too late, what goes to
// the dead-letter queue, and everything else counted.
func TestQueues(t *testing.T) {
	for _, c := range []struct {
		name string
		o    Options
	}{
		{"sqs-visibility-overrun", Options{}},
		{"batch-overrun", Options{Width: 80, ASCII: true}},
		{"kafka-to-sqs-fifo", Options{}},
		{"poison-dead-letter", Options{}},
		{"fifo-expired-handle", Options{}},
		{"worker-crash", Options{Width: 80}},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := "../../sim/testdata/queues/" + c.name + ".yaml"
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			s, found := scenario.Load("scenarios/"+c.name+".yaml", src, scenario.Options{})
			if found.HasErrors() {
				t.Fatal(found)
			}
			var b strings.Builder
			if NeedsDetail(s) {
				t.Error("detail says nothing more of a queue") // and no configuration is asked for where there is none
			}
			w := New(&b, s, c.o)
			world := sim.New(s, sim.Options{Detail: true, Sink: sink(func(e *trace.Event) {
				if !e.Type.Detail() || e.Type.OfQueue() {
					w.Event(e)
				}
			})})
			world.Run()
			if err := w.Finish(figuresOf(world)); err != nil {
				t.Fatal(err)
			}
			golden.File(t, "testdata/queue-"+c.name+".txt", b.String())
		})
	}
}

// figuresOf is what the command line knows at the end of a run.
func figuresOf(w *sim.World) Summary {
	s := Summary{End: w.End()}
	for _, g := range w.FinalSample().Groups {
		s.Lost = append(s.Lost, g.Lost)
		for _, m := range g.Members {
			f := w.Member(m.Name)
			s.Members = append(s.Members, MemberFigures{Records: m.Processed, Repeated: m.Repeated, Polls: f.Polls, LongestGap: f.LongestGap, Commits: f.Commits})
		}
	}
	return s
}

// TestManyMessages: what happens to thousands of messages is told of a few.
func TestManyMessages(t *testing.T) {
	const file = `ksim: 1
duration: 2m
queues: [{name: q, visibility-timeout: 1s}]
producers: [{queue: q, rate: 50/s}]
groups: [{id: w, app: {model: queue-worker, queue: q, process: 300ms, receive-max: 10}, members: 5}]
`
	s, found := scenario.Load("m.yaml", []byte(file), scenario.Options{})
	if found.HasErrors() {
		t.Fatal(found)
	}
	var b strings.Builder
	w := New(&b, s, Options{})
	sim.New(s, sim.Options{Detail: true, Sink: sink(func(e *trace.Event) {
		if e.Type.OfQueue() {
			w.Event(e)
		}
	})}).Run()
	if err := w.Finish(Summary{End: s.Duration}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n > 100 {
		t.Errorf("%d lines:\n%s", n, b.String())
	}
}
