package sim_test

import (
	"fmt"
	"strings"
	"testing"

	"ksim/internal/golden"
	"ksim/sim"
	"ksim/sim/scenario"
)

// strategy is a way to commit, and what a crash may cost with it.
type strategy struct {
	name           string // in docs/losses.md; "" leaves it out
	app            string
	client, config string
	lost, repeated int64 // in one crash, at most; some crash costs some of it
	rare           bool  // unless the instants of the crashes all miss when
}

// anything is no bound.
const anything = 1 << 40

// strategies are the ways to commit of the contract's models.
var strategies = []strategy{
	{"commit before the work", "model: sequential, process: 20ms, commit: before", "java@4.1", "max.poll.records: 10", 10, 0, false},
	{"commit after each batch", "model: sequential, process: 20ms, commit: batch", "java@4.1", "max.poll.records: 10", 0, 10, false},
	{"commit after each record", "model: sequential, process: 20ms, commit: record", "java@4.1", "max.poll.records: 10", 0, 1, false},
	{"auto-commit", "model: sequential, process: 20ms, commit: auto", "java@4.1", "max.poll.records: 10", 0, 500, false},
	{"auto-commit", "model: sequential, process: 20ms, commit: auto", "librdkafka@2.16", "auto.commit.interval.ms: 5000", 1, 500, true},
	{"no commit at all", "model: sequential, process: 20ms, commit: none", "java@4.1", "max.poll.records: 10", 0, anything, false},
	{"buffer, upload in the loop, then commit", "model: buffer-flush, flush-records: 90, upload: 500ms", "librdkafka@2.16", "enable.auto.commit: false", 0, 90, true},
	{"buffers to a pool, commit at hand-over", "model: buffer-flush, flush-records: 90, upload: 3s, upload-mode: pool, commit-on: submit", "librdkafka@2.16", "enable.auto.commit: false", anything, 0, false},
	{"buffers to a pool, commit at completion", "model: buffer-flush, flush-records: 90, upload: {sequence: [5s, 1s]}, upload-mode: pool, commit-on: complete", "librdkafka@2.16", "enable.auto.commit: false", anything, anything, false},
	{"buffers to a pool, commit what is contiguous", "model: buffer-flush, flush-records: 90, upload: {sequence: [5s, 1s]}, upload-mode: pool, commit-on: contiguous", "librdkafka@2.16", "enable.auto.commit: false", 0, anything, false},
	{"four workers, each commits its record", "model: worker-queue, process: {sequence: [200ms, 20ms]}, commit: record", "librdkafka@2.16", "enable.auto.commit: false", anything, anything, false},
	{"four workers, commit what is contiguous", "model: worker-queue, process: {sequence: [200ms, 20ms]}, commit: contiguous", "librdkafka@2.16", "enable.auto.commit: false", 0, anything, false},
	{"transaction", "model: transactional, process: 20ms, output-topic: invoices", "java@4.1", "max.poll.records: 10", 0, 0, false},
	{"", "model: transactional, process: 20ms, output-topic: invoices, batch: 25", "java@4.1", "max.poll.records: 10", 0, 0, false},
	{"", "model: transactional, process: 20ms, output-topic: invoices, poison: {every: 7}", "java@4.1", "max.poll.records: 10", 0, 0, false},
	{"", "model: transactional, process: 20ms, output-topic: invoices, poison: {every: 50, action: retry, backoff: 200ms, attempts: 2}", "java@4.1", "max.poll.records: 10", 0, 0, false},
	{"transaction", "model: transactional, process: 20ms, output-topic: invoices", "librdkafka@2.16", "enable.partition.eof: false", 0, 0, false},
	{"", "model: transactional, process: 20ms, output-topic: invoices, batch: 25", "librdkafka@2.16", "partition.assignment.strategy: cooperative-sticky", 0, 0, false},
	{"transaction", "model: transactional, process: 20ms, output-topic: invoices", "kafka-python@3.0", "max.poll.records: 10, heartbeat.interval.ms: 2000", 0, 0, false},
	{"transaction", "model: transactional, process: 20ms, output-topic: invoices", "aiokafka@0.14", "max.poll.records: 10", 0, 0, false},
	{"transaction", "model: transactional, process: 20ms, output-topic: invoices", "franz-go@1.22", "max.poll.records: 10", 0, 0, false},
	{"transaction", "model: transactional, process: 20ms, output-topic: invoices", "kafkajs@2.2", "fetch.min.bytes: 1", 0, 0, false},
	{"transaction", "model: transactional, process: 20ms, output-topic: invoices", "sarama@1.61", "fetch.min.bytes: 1", 0, 0, false},
	{"", "model: transactional, process: 10ms, output-topic: invoices, batch: 25, poison: {every: 7}", "sarama@1.61", "fetch.min.bytes: 1", 0, 0, false},
}

// crashed is what 599 crashes, one at each 100 ms of a minute, have cost.
type crashed struct {
	losing, repeating      int   // crashes that lost, or repeated, anything
	mostLost, mostRepeated int64 // in one crash
	lost, repeated         int64
}

// TestCrashAtAnyTime kills a consumer at every 100 ms of a minute, for each way to
// commit, and counts: who commits before the work loses at most one batch and
// repeats nothing, who commits after it repeats at most one batch and loses
// nothing, and a transaction does neither. docs/losses.md has the counts.
func TestCrashAtAnyTime(t *testing.T) {
	results := make([]crashed, len(strategies))
	t.Run("all", func(t *testing.T) {
		for i, c := range strategies {
			t.Run(c.client+" "+c.app, func(t *testing.T) {
				t.Parallel()
				results[i] = c.crash(t)
			})
		}
	})
	var b strings.Builder
	b.WriteString("| way to commit | client | crashes that lose | most lost in one | lost in all | crashes that repeat | most repeated in one | repeated in all |\n|---|---|---|---|---|---|---|---|\n")
	for i, c := range strategies {
		if r := &results[i]; c.name != "" {
			fmt.Fprintf(&b, "| %s: `%s` | %s | %d | %d | %d | %d | %d | %d |\n", c.name, c.app, c.client, r.losing, r.mostLost, r.lost, r.repeating, r.mostRepeated, r.repeated)
		}
	}
	golden.Part(t, "../docs/losses.md", "<!-- table: made by go test ./sim -update -->\n", "<!-- end of table -->", b.String())
}

// crash runs a minute with a crash, for each of its instants.
func (c *strategy) crash(t *testing.T) (all crashed) {
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
		all.add(l, r)
	}
	if !c.rare && (c.lost > 0 && all.lost == 0 || c.repeated > 0 && all.repeated == 0) {
		t.Errorf("no crash has lost (%d) or repeated (%d) what it may", all.lost, all.repeated)
	}
	return all
}

func (x *crashed) add(lost, repeated int64) {
	if lost > 0 {
		x.losing++
	}
	if repeated > 0 {
		x.repeating++
	}
	x.mostLost, x.mostRepeated = max(x.mostLost, lost), max(x.mostRepeated, repeated)
	x.lost, x.repeated = x.lost+lost, x.repeated+repeated
}
