package scenario

import (
	"fmt"
	"testing"

	"ksim/sim/trace"
)

// overridden is a file with one of each object that --set must reach.
const overridden = `
ksim: 1
duration: 60s
cluster: {brokers: 3, config: {group.initial.rebalance.delay.ms: 3000}}
topics: [{name: events, partitions: 6}, {name: a.b, partitions: 1}]
producers:
  - {topic: events, rate: 100/s}
  - {name: second, topic: events, rate: 1/s, keys: {hot: 8, cold: 2}}
groups:
  - {id: g, client: java, topics: [events], app: {model: sequential, process: 1ms, commit: batch}, members: [A, {name: B, start: 2s}]}
  - {id: h.i, client: java, topics: [a.b], members: 2}
queues:
  - {name: tasks, visibility-timeout: 30s, dead-letter: failed}
  - {name: failed}
timeline:
  - {at: 10s, crash: A}
narration:
  - {at: 10s, say: dead}
expect:
  - {lost: 0}
  - {event: member.crashed, member: A, between: [9s, 11s]}
`

// TestOverridesReach sets a key of each object of the contract, by every way that
// its entries are named, and finds the value in the scenario.
func TestOverridesReach(t *testing.T) {
	for _, c := range []struct {
		set  Override
		want string
		got  func(*Scenario) any
	}{
		{"seed=7", "7", func(s *Scenario) any { return s.Seed }},
		{"duration=30s", "0m30.000", func(s *Scenario) any { return s.Duration }},
		{`title="A: B"`, "A: B", func(s *Scenario) any { return s.Title }},
		{"cluster.version=3.9", "3.9", func(s *Scenario) any { return s.Cluster.Version }},
		{"cluster.latency=5ms", "0m00.005", func(s *Scenario) any { return s.Cluster.Latency }},
		{"cluster.config.group.initial.rebalance.delay.ms=0", "0m00.000", func(s *Scenario) any { return s.Cluster.Config.Millis("group.initial.rebalance.delay.ms") }},
		{"cluster={brokers: 2}", "2", func(s *Scenario) any { return s.Cluster.Brokers }},
		{"topics.events.partitions=9", "9", func(s *Scenario) any { return s.Topics[0].Partitions }},
		{`topics."a.b".replication-factor=2`, "2", func(s *Scenario) any { return s.Topics[1].Replicas }},
		{"topics.1.config.retention.ms=60000", "60000", func(s *Scenario) any { return s.Topics[1].Config.Int("retention.ms") }},
		{"topics.2={name: more, partitions: 4}", "more", func(s *Scenario) any { return s.Topics[2].Name }},
		{"producers.events.rate=5/s", "5", func(s *Scenario) any { return s.Producers[0].Rate.Records }},
		{"producers.second.keys.hot=3", "3", func(s *Scenario) any { return s.Producers[1].Keys.Weights[0] }},
		{"producers.1.size=2KiB", "2048", func(s *Scenario) any { return s.Producers[1].Size }},
		{"groups.g.client=kafkajs", "kafkajs", func(s *Scenario) any { return s.Groups[0].Members[0].Client.Profile }},
		{"groups.g.config.session.timeout.ms=20000", "20000", func(s *Scenario) any { return s.Groups[0].Members[1].Config.Int("session.timeout.ms") }},
		{"groups.g.group-config.consumer.session.timeout.ms=46000", "46000", func(s *Scenario) any { return s.Groups[0].Config.Int("consumer.session.timeout.ms") }},
		{"groups.g.app.commit=record", "true", func(s *Scenario) any { return s.Groups[0].Members[0].App.Commit == CommitRecord }},
		{"groups.g.app={model: buffer-flush, flush-records: 10, upload: 1s}", "10", func(s *Scenario) any { return s.Groups[0].Members[0].App.FlushRecords }},
		{"groups.g.members.B.start=4s", "0m04.000", func(s *Scenario) any { return s.Groups[0].Members[1].Start }},
		{"groups.g.members.A.config.max.poll.records=7", "7", func(s *Scenario) any { return s.Groups[0].Members[0].Config.Int("max.poll.records") }},
		{"groups.g.members.0.start=1s", "0m01.000", func(s *Scenario) any { return s.Groups[0].Members[0].Start }},
		{`groups."h.i".members.C.start=3s`, "0m03.000", func(s *Scenario) any { return s.Groups[1].Members[0].Start }},
		{"groups.1.members=3", "3", func(s *Scenario) any { return len(s.Groups[1].Members) }},
		{"groups.g.members.2=Z", "Z", func(s *Scenario) any { return s.Groups[0].Members[2].Name }},
		{"queues.tasks.visibility-timeout=2m", "2m00.000", func(s *Scenario) any { return s.Queues[0].Visibility }},
		{"queues.tasks.max-receive-count=3", "3", func(s *Scenario) any { return s.Queues[0].MaxReceives }},
		{"queues.1.false-empty=25", "25", func(s *Scenario) any { return s.Queues[1].FalseEmpty }},
		{"queues.2={name: more, fifo: true}", "more", func(s *Scenario) any { return s.Queues[2].Name }},
		{"timeline.0.crash=B", "B", func(s *Scenario) any { return s.Timeline[0].Member }},
		{"timeline.0.at=12s", "0m12.000", func(s *Scenario) any { return s.Timeline[0].At }},
		{"timeline.1={at: 20s, start: A}", "0m20.000", func(s *Scenario) any { return s.Timeline[1].At }},
		{"timeline=[]", "0", func(s *Scenario) any { return len(s.Timeline) }},
		{"narration.0.say=hello", "hello", func(s *Scenario) any { return s.Narration[0].Say }},
		{"expect.0.lost=1", "1", func(s *Scenario) any { return *s.Expect[0].Bound.Exactly }},
		{"expect.1.between.0=8s", "0m08.000", func(s *Scenario) any { return s.Expect[1].Window.From }},
		{"expect=[{never: group.epoch}]", "true", func(s *Scenario) any { return len(s.Expect) == 1 && s.Expect[0].Match.Type == trace.GroupEpoch }},
	} {
		s, found := Load("x.yaml", []byte(overridden), Options{Set: []Override{c.set}})
		if s == nil {
			t.Errorf("%s: %s", c.set, found.Error())
			continue
		}
		if got := fmt.Sprint(c.got(s)); got != c.want {
			t.Errorf("%s: %s", c.set, got)
		}
	}
}

// TestTitles: a file that is refused, on purpose, still has its place in a list.
func TestTitles(t *testing.T) {
	for _, c := range []struct{ src, title, story string }{
		{"ksim: 1\ntitle: \"A: B\"\nstory: |\n  One.\n\n  Two.\ngroups: 7\n", "A: B", "One.\n\nTwo."},
		{"title: [1]\n", "", ""},
		{"", "", ""},
		{"a: [\n", "", ""},
		{"- 1\n", "", ""},
	} {
		if title, story := Titles([]byte(c.src)); title != c.title || story != c.story {
			t.Errorf("%q: %q, %q", c.src, title, story)
		}
	}
}
