package sim_test

import (
	"fmt"
	"testing"

	"ksim/sim"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// TestFlushOnRevoke: a program that uploads what it has buffered before its
// partitions go, and commits that, repeats nothing when a second member comes, with
// every client that waits for its listener.
func TestFlushOnRevoke(t *testing.T) {
	for _, c := range []struct{ client, config string }{
		{"java", ""},
		{"java", "partition.assignment.strategy: org.apache.kafka.clients.consumer.CooperativeStickyAssignor"},
		{"java", "group.protocol: consumer"},
		{"java@2.3", ""},
		{"librdkafka", ""},
		{"librdkafka", "partition.assignment.strategy: cooperative-sticky"},
		{"librdkafka", "group.protocol: consumer"},
		{"kafka-python", ""},
		{"aiokafka", ""},
		{"franz-go", ""},
		{"franz-go", "block.rebalance.on.poll: true"},
		{"sarama", ""},
	} {
		for _, pool := range []string{"", ", upload-mode: pool"} {
			if pool != "" && c.client == "sarama" {
				continue
			}
			t.Run(c.client+" "+c.config+pool, func(t *testing.T) {
				for _, choice := range []string{"keep", "flush"} {
					flushes(t, c.client, c.config, choice+pool)
				}
			})
		}
	}
}

func flushes(t *testing.T, client, config, choice string) {
	version := "4.1"
	if client == "java@2.3" {
		version = "3.9"
	}
	s, found := scenario.Load("flush.yaml", fmt.Appendf(nil, `ksim: 1
duration: 60s
cluster: {version: %q}
topics: [{name: t, partitions: 4}]
producers: [{topic: t, rate: 50/s, to: 50s}]
groups:
  - id: g
    client: %s
    topics: [t]
    config: {auto.offset.reset: earliest, %s}
    app: {model: buffer-flush, flush-records: 100000, upload: 700ms, on-revoke: %s}
    members: [A, {name: B, start: 20s}]
`, version, client, config, choice), scenario.Options{})
	if found.HasErrors() {
		t.Fatal(found)
	}
	uploads := 0
	w := sim.New(s, sim.Options{Sink: &counted{of: trace.WorkFinished, n: &uploads}, Check: true})
	w.Run()
	last := sim.Samples{w.FinalSample()}
	if lost := last.Lost("g", s.Duration); lost != 0 {
		t.Errorf("%s: %d records are lost", choice, lost)
	}
	if flush := choice[0] == 'f'; (uploads > 0) != flush {
		t.Errorf("%s: %d uploads", choice, uploads)
	}
	if repeated := last.Repeated("g", "", s.Duration); repeated != 0 {
		t.Errorf("%s: %d records are repeated", choice, repeated)
	}
}

// counted counts the events of a type.
type counted struct {
	of trace.Type
	n  *int
}

func (c *counted) Event(e *trace.Event) {
	if e.Type == c.of {
		*c.n++
	}
}
