package sim_test

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

var exceededBy = regexp.MustCompile(`exceeded by (-?\d+)ms`)

// TestOvershoot: librdkafka looks each half second whether the poll deadline is
// missed, so what it prints as the excess lies between 1 and 500 ms, whatever the
// release, the protocol, the seed and the moment at which the application got stuck.
// Figures such as 755614245ms (confluentinc/confluent-kafka-dotnet#1224) were torn
// reads, not late programs.
func TestOvershoot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		version := rapid.SampledFrom([]string{"1.0", "1.3", "1.9", "2.0", "2.8", "2.16"}).Draw(t, "version")
		config := ""
		if version >= "1.9" { // by text: all of these sort as they were released
			config = rapid.SampledFrom([]string{"", ", partition.assignment.strategy: cooperative-sticky", ", group.instance.id: a"}).Draw(t, "config")
		}
		if version == "2.16" && rapid.Bool().Draw(t, "consumer protocol") {
			config = ", group.protocol: consumer"
		} else {
			config += ", session.timeout.ms: 6000"
		}
		limit := rapid.Int64Range(6000, 12_000).Draw(t, "max.poll.interval.ms")
		slow := rapid.Int64Range(7_000_000, 12_000_000).Draw(t, "stuck at, µs")
		text := fmt.Sprintf(`ksim: 1
seed: %d
duration: 60s
cluster: {version: "4.1"}
topics: [{name: jobs, partitions: 2}]
producers: [{topic: jobs, rate: %d/s}]
groups:
  - id: g
    client: librdkafka@%s
    topics: [jobs]
    config: {max.poll.interval.ms: %d, auto.offset.reset: earliest%s}
    app: {model: sequential, process: 1ms, commit: batch}
    members: [{name: A, start: %dms}]
timeline: [{at: %d.%03dms, slow: {A: 25s}}]
`, rapid.Uint64().Draw(t, "seed"), rapid.SampledFrom([]int{1, 7, 100}).Draw(t, "rate"), version, limit, config,
			rapid.Int64Range(0, 2000).Draw(t, "start"), slow/1000, slow%1000)
		s, found := scenario.Load("overshoot.yaml", []byte(text), scenario.Options{})
		if found.HasErrors() {
			t.Fatal(found)
		}
		var sink events
		sim.New(s, sim.Options{Sink: &sink, Check: true}).Run()
		told := 0
		for _, e := range sink {
			if e.Type != trace.PollExceeded && e.Type != trace.Log {
				continue
			}
			for _, m := range exceededBy.FindAllStringSubmatch(e.Text, -1) {
				ms, err := strconv.Atoi(m[1])
				if err != nil || ms < 1 || ms > 500 {
					t.Fatalf("%v: %q\n%s", e.At, e.Text, text)
				}
				told++
			}
		}
		if told == 0 {
			t.Fatalf("nobody was late:\n%s", text)
		}
	})
}
