package sim

import (
	"fmt"
	"slices"
	"testing"

	"ksim/sim/trace"
)

// TestBatchLongerThanSession plays 100 records of 120 ms against a session of 6 s on
// Java clients before and after KIP-62, as they were run against a real broker: the
// old one is removed while it works, each commit is refused, and it reads the same
// records again for ever; the other one is not touched (J7).
func TestBatchLongerThanSession(t *testing.T) {
	const file = `
ksim: 1
duration: 58s
cluster: {version: "3.9"}
topics: [{name: t, partitions: 2}]
producers: [{topic: t, rate: 1000/s, to: 2s}]
groups:
- {id: g, client: java@%s, topics: [t], members: [A], app: {model: sequential, process: 120ms, commit: %s},
   config: {session.timeout.ms: 6000, max.poll.records: 100, auto.offset.reset: earliest}}
`
	for _, c := range []struct {
		version, commit string
		generations     []int32
		refused         int
	}{
		{"0.10.0", "batch", []int32{1, 3, 5, 7}, 3},
		{"0.10.0", "auto", []int32{1, 3}, 0}, // three stale batches before it hears of it
		{"3.9", "batch", []int32{1}, 0},
		{"2.0", "auto", []int32{1}, 0},
	} {
		var generations []int32
		refused := 0
		runText(t, fmt.Sprintf(file, c.version, c.commit), func(e *trace.Event) {
			switch e.Type {
			case trace.GroupStabilized:
				generations = append(generations, e.Generation)
			case trace.CommitFailed:
				refused++
			}
		})
		if !slices.Equal(generations, c.generations) || refused != c.refused {
			t.Errorf("java@%s, commit %s: generations %v and %d refused commits, want %v and %d", c.version, c.commit, generations, refused, c.generations, c.refused)
		}
	}
}

// TestEveryJavaVersionRuns takes each version in which the client changed through a
// rebalance, a missed poll deadline and a close, with the engine's checks on.
func TestEveryJavaVersionRuns(t *testing.T) {
	const file = `
ksim: 1
duration: 60s
cluster: {version: "3.9"}
topics: [{name: t, partitions: 4}]
producers: [{topic: t, rate: 100/s}]
groups:
- {id: g, client: java@%s, topics: [t], app: {model: sequential, process: 1ms, commit: batch}, config: {auto.offset.reset: earliest, session.timeout.ms: 6000%s},
   members: [{name: A}, {name: B, start: 8s}]}
timeline:
- {at: 15s, slow: {B: 20s}}
- {at: 45s, freeze: A, for: 8s}
- {at: 55s, stop: B}
`
	for _, v := range []string{"0.9.0", "0.10.0", "0.10.1", "0.11.0", "1.0", "1.1", "2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8", "3.0", "3.1", "3.2", "3.7", "4.0"} {
		poll := ", max.poll.interval.ms: 10000"
		if v == "0.9.0" || v == "0.10.0" {
			poll = ""
		}
		left := 0
		runText(t, fmt.Sprintf(file, v, poll), func(e *trace.Event) {
			if e.Member == "B" && (e.Type == trace.MemberLeft || e.Type == trace.MemberRemoved) {
				left++
			}
		})
		if left != 2 {
			t.Errorf("java@%s: B is gone %d times, want once for its slow record and once at its end", v, left)
		}
	}
}
