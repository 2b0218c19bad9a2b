package sim

import (
	"fmt"
	"slices"
	"strings"

	"pgregory.net/rapid"

	"ksim/sim/config"
)

// javaAssignor is a Java assignor's class.
func javaAssignor(name string) string {
	return "org.apache.kafka.clients.consumer." + name + "Assignor"
}

// strategies are the values of partition.assignment.strategy to draw from, ""
// for the client's default. A client that is not named has its default only.
var strategies = map[string][]string{
	"java":       {"", javaAssignor("Range"), javaAssignor("RoundRobin"), javaAssignor("Sticky"), javaAssignor("CooperativeSticky")},
	"kafka-go":   {"", "range", "roundrobin"},
	"librdkafka": {"", "range", "roundrobin", "cooperative-sticky"},

	"kafka-python": {"", "range", "roundrobin", "sticky", "cooperative-sticky"},
	"aiokafka":     {"", "range", "sticky"},
	"sarama":       {"", "range", "roundrobin", "sticky"},
	"franz-go":     {"cooperative-sticky", "range", "roundrobin", "sticky"},
}

// drawScenario draws a scenario file of one group.
func drawScenario(t *rapid.T) string {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	var names []string
	for name := range consumers {
		names = append(names, name)
	}
	slices.Sort(names)
	client := pick("client", names...)
	consumer := slices.Contains([]string{"java", "librdkafka"}, client) && rapid.Bool().Draw(t, "consumer protocol")
	config := "auto.offset.reset: " + pick("reset", "earliest", "latest")
	if consumer {
		config += ", group.protocol: consumer" // the broker sets the times
	} else {
		config += ", session.timeout.ms: 6000, heartbeat.interval.ms: 1000"
	}
	if clientHas(t, client, "max.poll.interval.ms") {
		config += fmt.Sprintf(", max.poll.interval.ms: %d", rapid.IntRange(6000, 20000).Draw(t, "max.poll"))
	}
	if clientHas(t, client, "rebalance.timeout.ms") {
		config += fmt.Sprintf(", rebalance.timeout.ms: %d", rapid.IntRange(3000, 20000).Draw(t, "rebalance"))
	}
	if client == "franz-go" && rapid.Bool().Draw(t, "block") {
		config += ", block.rebalance.on.poll: true"
	}
	if s := strategies[client]; len(s) > 1 && !consumer {
		if strategy := pick("strategy", s...); strategy != "" {
			config += ", partition.assignment.strategy: " + strategy
		}
	}
	app := fmt.Sprintf("{model: sequential, process: %dms, commit: %s}", rapid.IntRange(0, 30).Draw(t, "process"), pick("commit", "batch", "record", "before", "auto", "none"))
	models := []string{"sequential", "buffer-flush", "pool", "worker-queue"}
	if client == "sarama" { // its handlers run side by side by themselves
		models = models[:2]
	}
	switch pick("model", models...) {
	case "buffer-flush":
		app = fmt.Sprintf("{model: buffer-flush, flush-records: %d, upload: %ds}", rapid.IntRange(1, 300).Draw(t, "flush"), rapid.IntRange(0, 15).Draw(t, "upload"))
	case "pool":
		app = fmt.Sprintf("{model: buffer-flush, flush-records: %d, upload: %ds, upload-mode: pool, workers: %d, queue: %d, commit-on: %s}", rapid.IntRange(1, 300).Draw(t, "flush"),
			rapid.IntRange(0, 15).Draw(t, "upload"), rapid.IntRange(1, 4).Draw(t, "workers"), rapid.IntRange(0, 2).Draw(t, "queue"), pick("commit-on", "submit", "complete", "contiguous"))
	case "worker-queue":
		app = fmt.Sprintf("{model: worker-queue, process: %dms, workers: %d, commit: %s, event-loop: %s, shutdown: {drain: %ds, kill-after: %ds}}", rapid.IntRange(1, 300).Draw(t, "process"),
			rapid.IntRange(1, 4).Draw(t, "workers"), pick("commit", "record", "contiguous"), pick("event-loop", "separate", "shared"), rapid.IntRange(0, 9).Draw(t, "drain"), rapid.IntRange(1, 9).Draw(t, "kill"))
	}
	var b strings.Builder
	brokers := rapid.IntRange(1, 3).Draw(t, "brokers")
	fmt.Fprintf(&b, `ksim: 1
duration: 60s
seed: %d
cluster:
  brokers: %d
  version: "%s"
  config: {group.min.session.timeout.ms: 1000, group.consumer.min.session.timeout.ms: 6000, group.consumer.session.timeout.ms: 6000, group.consumer.min.heartbeat.interval.ms: 1000, group.consumer.heartbeat.interval.ms: 1000}
topics: [{name: t, partitions: %d, replication-factor: %d}]
producers: [{name: p, topic: t, rate: %d/s}]
groups:
  - id: g
    client: %s
    topics: [t]
    config: {%s}
    app: %s
    members:
`, rapid.Uint64().Draw(t, "seed"), brokers, pick("version", "4.3", "4.1"), rapid.IntRange(1, 7).Draw(t, "partitions"), rapid.IntRange(1, brokers).Draw(t, "replicas"), rapid.IntRange(0, 200).Draw(t, "rate"), client, config, app)
	// A static member that misses a rebalance stays in the group, with what it said it
	// owned when it came: then others do get what it has not given up.
	blocked := strings.Contains(config, "block.rebalance.on.poll")
	drawMembers(t, &b, brokers, !blocked && clientHas(t, client, "group.instance.id"))
	return b.String()
}

// clientHas tells whether a client has a property of the contract.
func clientHas(t *rapid.T, client, property string) bool {
	name, version, err := config.ParseClient(client)
	if err != nil {
		t.Fatal(err)
	}
	_, problems := config.Consumer(name, version, []config.Property{{Key: property, Value: "60000"}})
	return len(problems) == 0
}

// drawMembers draws the members and what is done to them.
func drawMembers(t *rapid.T, b *strings.Builder, brokers int, mayBeStatic bool) {
	members := rapid.IntRange(1, 4).Draw(t, "members")
	for m := range members {
		instance := ""
		if mayBeStatic && rapid.Bool().Draw(t, "static") {
			instance = fmt.Sprintf(", config: {group.instance.id: i%d}", m)
		}
		fmt.Fprintf(b, "      - {name: M%d, start: %dms%s}\n", m, rapid.IntRange(0, 20000).Draw(t, "start"), instance)
	}
	actions := rapid.IntRange(0, 6).Draw(t, "actions")
	if actions > 0 {
		b.WriteString("timeline:\n")
	}
	for range actions {
		m := fmt.Sprintf("M%d", rapid.IntRange(0, members-1).Draw(t, "member"))
		at := rapid.IntRange(1, 55000).Draw(t, "at")
		action := rapid.SampledFrom([]string{"start: " + m, "stop: " + m, "crash: " + m,
			fmt.Sprintf("freeze: %s, for: %dms", m, rapid.IntRange(1, 15000).Draw(t, "for")),
			fmt.Sprintf("slow: {%s: %dms}", m, rapid.IntRange(1, 20000).Draw(t, "slow")),
			fmt.Sprintf("isolate: %s, for: %dms", m, rapid.IntRange(1, 20000).Draw(t, "isolated")),
			fmt.Sprintf("fail-broker: %d, for: %dms", rapid.IntRange(1, brokers).Draw(t, "broker"), rapid.IntRange(1, 20000).Draw(t, "down")),
			fmt.Sprintf("rolling-restart: {group: g, down: %dms, every: %dms}", rapid.IntRange(0, 8000).Draw(t, "restart"), rapid.IntRange(1, 9000).Draw(t, "every")),
			fmt.Sprintf("rate: {p: %d/s}", rapid.IntRange(0, 300).Draw(t, "rate")),
		}).Draw(t, "action")
		fmt.Fprintf(b, "  - {at: %dms, %s}\n", at, action)
	}
}
