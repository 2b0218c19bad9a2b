package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/internal/golden"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestBrokers runs scenarios in which brokers fail, members are cut off and records
// are deleted, and compares what happens: all events but those of the start, and of
// lines only the number of each kind, by member. The invariants are checked.
func TestBrokers(t *testing.T) {
	datadriven.Walk(t, "testdata/brokers", func(t *testing.T, path string) {
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			s, found := scenario.Load("scenario.yaml", []byte("ksim: 1\n"+d.Input+"\n"), scenario.Options{})
			if found.HasErrors() {
				t.Fatal(found)
			}
			p := &printer{}
			New(s, Options{Sink: p, Check: true}).Run()
			return p.out.String()
		})
	})
}

// printer writes down events as a reader wants them.
type printer struct {
	out    strings.Builder
	broken bool // something has been done to the system
}

func (p *printer) Event(e *trace.Event) {
	switch e.Type {
	case trace.BrokerFailed, trace.MemberIsolated, trace.RecordsDeleted, trace.MemberStopped:
		p.broken = true
	case trace.Offsets, trace.Log:
		return
	}
	if !p.broken {
		return
	}
	fmt.Fprintf(&p.out, "%s %s", e.At, e.Type)
	if e.Group != "" && e.Member == "" {
		fmt.Fprintf(&p.out, " %s", e.Group)
	}
	if e.Member != "" {
		fmt.Fprintf(&p.out, " %s", e.Member)
	}
	if e.Broker != 0 {
		fmt.Fprintf(&p.out, " broker=%d", e.Broker)
	}
	for _, word := range []string{e.Reason, e.Error} {
		if word != "" {
			fmt.Fprintf(&p.out, " %s", word)
		}
	}
	if len(e.Partitions) > 0 {
		fmt.Fprintf(&p.out, " %v", e.Partitions)
	}
	if e.Records > 0 {
		fmt.Fprintf(&p.out, " records=%d", e.Records)
	}
	if e.Repeated > 0 {
		fmt.Fprintf(&p.out, " repeated=%d", e.Repeated)
	}
	p.out.WriteString("\n")
}

// TestClientsFindTheNewLeaders kills one broker of three for good, the first, which
// coordinates the group and is asked first of all, or the second: every client must
// hear of the new leaders and read on to the end, kafkajs after it has tried for a
// minute, and none may spin, not even where answers take no time. sarama commits a
// partition's records one a second at worst.
func TestClientsFindTheNewLeaders(t *testing.T) {
	const file = `ksim: 1
duration: 5m
cluster: {brokers: 3, latency: %s}
topics: [{name: t, partitions: 3, replication-factor: 3}]
producers: [{topic: t, rate: 2/s}]
groups: [{id: g, client: %s, topics: [t], config: {auto.offset.reset: earliest%s}, app: {commit: record}, members: [A, {name: B, start: 5s}]}]
timeline: [{at: 20s, fail-broker: %d, for: 1h}]
`
	for _, c := range slices.Sorted(maps.Keys(consumers)) {
		for _, protocol := range []string{"", ", group.protocol: consumer"} {
			if protocol != "" && c != "java" && c != "librdkafka" {
				continue
			}
			for broker := 1; broker <= 2; broker++ {
				for _, latency := range []string{"1ms", "0s"} {
					s, found := scenario.Load("s.yaml", fmt.Appendf(nil, file, latency, c, protocol, broker), scenario.Options{})
					if found.HasErrors() {
						t.Fatal(found)
					}
					name := fmt.Sprintf("%s%s without broker %d at %s", c, protocol, broker, latency)
					w := New(s, Options{Check: true, Sink: sinkFunc(func(*trace.Event) {})})
					for steps := 0; w.Step(); steps++ {
						if steps > 200_000 {
							t.Fatalf("%s: %d events up to %s", name, steps, w.Now())
						}
					}
					if g := w.FinalSample().Groups[0]; g.Processed < 590 {
						t.Errorf("%s: %d of 600 records are processed", name, g.Processed)
					}
				}
			}
		}
	}
}

// TestLeadersThatNeverComeBack: the longest interval there is must not run over.
func TestLeadersThatNeverComeBack(t *testing.T) {
	runText(t, `
ksim: 1
duration: 30s
cluster: {brokers: 2, config: {leader.imbalance.check.interval.seconds: 9223372036854775807}}
topics: [{name: t, replication-factor: 2}]
groups: [{id: g, client: java, topics: [t], members: [A]}]
timeline: [{at: 1s, fail-broker: 1, for: 2s}]
`, func(*trace.Event) {})
}
