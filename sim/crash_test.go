package sim_test

import (
	"fmt"
	"testing"

	"ksim/sim"
	"ksim/sim/scenario"
)

// TestCrashAtAnyTime kills a consumer at every 100 ms of a minute, for each way to
// commit, and counts: who commits before the work loses at most one batch and
// repeats nothing, who commits after it repeats at most one batch and loses
// nothing, and a transaction does neither.
func TestCrashAtAnyTime(t *testing.T) {
	const batch = 10
	for _, c := range []struct {
		app            string
		lost, repeated int64 // at most
		client, config string
	}{
		{"model: sequential, process: 20ms, commit: before", batch, 0, "java@4.1", "max.poll.records: 10"},
		{"model: sequential, process: 20ms, commit: batch", 0, batch, "java@4.1", "max.poll.records: 10"},
		{"model: sequential, process: 20ms, commit: record", 0, 1, "java@4.1", "max.poll.records: 10"},
		{"model: sequential, process: 20ms, commit: auto", 0, 500, "java@4.1", "max.poll.records: 10"},
		{"model: transactional, process: 20ms, output-topic: invoices", 0, 0, "java@4.1", "max.poll.records: 10"},
		{"model: transactional, process: 20ms, output-topic: invoices, batch: 25", 0, 0, "java@4.1", "max.poll.records: 10"},
		{"model: transactional, process: 20ms, output-topic: invoices, poison: {every: 7}", 0, 0, "java@4.1", "max.poll.records: 10"},
		{"model: transactional, process: 20ms, output-topic: invoices, poison: {every: 50, action: retry, backoff: 200ms, attempts: 2}", 0, 0, "java@4.1", "max.poll.records: 10"},
		{"model: transactional, process: 20ms, output-topic: invoices", 0, 0, "librdkafka@2.16", "enable.partition.eof: false"},
		{"model: transactional, process: 20ms, output-topic: invoices, batch: 25", 0, 0, "librdkafka@2.16", "partition.assignment.strategy: cooperative-sticky"},
	} {
		t.Run(c.client+" "+c.app, func(t *testing.T) {
			t.Parallel()
			var lost, repeated int64
			for at := 100; at < 60_000; at += 100 {
				text := fmt.Sprintf(`ksim: 1
duration: %dms
topics: [{name: orders, partitions: 1}, {name: invoices, partitions: 1}]
producers: [{topic: orders, rate: 45/s}]
groups:
  - id: billing
    client: %s
    topics: [orders]
    config: {auto.offset.reset: earliest, %s, session.timeout.ms: 6000}
    app: {%s}
    members: [A]
timeline:
  - {at: %dms, crash: A}
  - {at: %dms, start: A}
`, at+12_000, c.client, c.config, c.app, at, at+1000)
				s, found := scenario.Load("crash.yaml", []byte(text), scenario.Options{})
				if len(found) > 0 {
					t.Fatal(found)
				}
				w := sim.New(s, sim.Options{Sink: &events{}})
				w.Run()
				last := sim.Samples{w.FinalSample()}
				l, r := last.Lost("billing", s.Duration), last.Repeated("billing", "", s.Duration)
				if l > c.lost || r > c.repeated {
					t.Errorf("crash at %d ms: %d lost and %d repeated, at most %d and %d were to be", at, l, r, c.lost, c.repeated)
				}
				lost, repeated = lost+l, repeated+r
			}
			if c.lost > 0 && lost == 0 || c.repeated > 0 && repeated == 0 {
				t.Errorf("no crash has lost (%d) or repeated (%d) what it may", lost, repeated)
			}
		})
	}
}
