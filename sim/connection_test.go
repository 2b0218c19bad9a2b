package sim

import (
	"testing"

	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// What a member sends behind a JoinGroup that waits is read after the join phase: a
// commit then comes with a generation that is over, and one who closes is counted
// among the members once more before it leaves.
func TestBrokersReadAConnectionOneRequestAtATime(t *testing.T) {
	const head = `ksim: 1
duration: 30s
cluster: {config: {group.min.session.timeout.ms: 1000}}
topics: [{name: a, partitions: 4}]
producers: [{topic: a, rate: 100/s}]
groups:
`
	cases := []struct {
		name, text string
		order      []trace.Type // of B's events and the group's
	}{
		{"commit", head + `  - id: g
    client: librdkafka
    topics: [a]
    config: {session.timeout.ms: 6000, heartbeat.interval.ms: 1000, partition.assignment.strategy: cooperative-sticky, auto.offset.reset: earliest}
    app: {model: sequential, process: 1ms, commit: record}
    members: [{name: A, start: 0s}, {name: B, start: 0s}, {name: C, start: 12s}]
`, []trace.Type{trace.GroupRebalancing, trace.GroupStabilized, trace.CommitFailed}},
		{"leave", head + `  - id: g
    client: java
    topics: [a]
    config: {session.timeout.ms: 6000, heartbeat.interval.ms: 1000, auto.offset.reset: earliest}
    app: {model: sequential, process: 1ms, commit: batch}
    members: [{name: A, start: 0s}, {name: B, start: 0s}, {name: C, start: 12s}]
timeline:
  - {at: 11s, slow: {A: 8s}}
  - {at: 15s, stop: B}
`, []trace.Type{trace.GroupRebalancing, trace.GroupStabilized, trace.MemberLeft}},
	}
	for _, c := range cases {
		s, found := scenario.Load("t.yaml", []byte(c.text), scenario.Options{})
		if found.HasErrors() {
			t.Fatal(found)
		}
		var seen []trace.Type
		sink := sinkFunc(func(e *trace.Event) {
			if e.At.Milliseconds() < 12000 || len(seen) == len(c.order) || e.Type != c.order[len(seen)] {
				if e.Type == c.order[len(c.order)-1] && len(seen) < len(c.order)-1 {
					t.Errorf("%s: %s of %s at %s comes too early, after %v", c.name, e.Type, e.Member, e.At, seen)
				}
				return
			}
			if e.Member == "" || e.Type == trace.GroupRebalancing || e.Member == "B" {
				seen = append(seen, e.Type)
			}
		})
		New(s, Options{Sink: sink}).Run()
		if len(seen) != len(c.order) {
			t.Errorf("%s: only %v of %v", c.name, seen, c.order)
		}
	}
}
