package sim

import (
	"fmt"
	"maps"
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

// drawing is a scenario that is being drawn: what its parts have to know of each
// other.
type drawing struct {
	*rapid.T
	brokers int
	topics  []string
	client  string
	config  []string // the members' properties
	static  bool     // members may have a group.instance.id
	mixed   bool     // members of the consumer protocol may be among those of the classic one
	classic []string // the properties that only the latter have
	grown   bool     // partitions have been added to a topic
	groups  []string // their ids
	names   []string // of the members of all groups
}

func (d *drawing) pick(label string, of ...string) string {
	return rapid.SampledFrom(of).Draw(d.T, label)
}

func (d *drawing) number(label string, from, to int) int {
	return rapid.IntRange(from, to).Draw(d.T, label)
}

func (d *drawing) maybe(label string) bool { return rapid.Bool().Draw(d.T, label) }

func (d *drawing) set(format string, args ...any) {
	d.config = append(d.config, fmt.Sprintf(format, args...))
}

// drawScenario draws a scenario file of one group or two.
func drawScenario(t *rapid.T) string {
	d := &drawing{T: t, topics: []string{"t", "u"}[:rapid.IntRange(1, 2).Draw(t, "topics")]}
	d.brokers = d.number("brokers", 1, 3)
	var b strings.Builder
	fmt.Fprintf(&b, "ksim: 1\nduration: 60s\nseed: %d\n", rapid.Uint64().Draw(t, "seed"))
	group := ""
	if d.number("kind", 0, 7) == 7 {
		group = d.shareGroup(&b)
	} else {
		group = d.consumers(&b)
	}
	b.WriteString("topics:\n")
	retention := ""
	if d.number("retention", 0, 4) == 4 {
		retention = fmt.Sprintf(", config: {retention.ms: %d, segment.ms: %d}", d.number("retained", 1000, 30000), d.number("segment", 1000, 20000))
	}
	for _, topic := range d.topics {
		fmt.Fprintf(&b, "  - {name: %s, partitions: %d, replication-factor: %d%s}\n", topic, d.number("partitions", 1, 7), d.number("replicas", 1, d.brokers), retention)
	}
	b.WriteString("producers:\n")
	for _, topic := range d.topics {
		fmt.Fprintf(&b, "  - {name: p%s, topic: %[1]s, rate: %d/s%s}\n", topic, d.number("rate", 0, 200), d.pick("keys", "", "", ", keys: [x, y, z]", ", keys: {count: 50, zipf: 1.1}"))
	}
	b.WriteString("groups:\n" + group)
	d.members(&b, "M")
	if d.number("groups", 0, 3) == 3 {
		b.WriteString(d.otherGroup())
		d.members(&b, "N")
	}
	d.timeline(&b)
	return b.String()
}

// cluster writes the cluster; the intervals of the newer protocols are short, as the
// runs are.
func (d *drawing) cluster(b *strings.Builder, version, config string) {
	fmt.Fprintf(b, "cluster:\n  brokers: %d\n  version: \"%s\"\n  config: {group.min.session.timeout.ms: 1000%s}\n", d.brokers, version, config)
}

const consumerProtocolTimes = ", group.consumer.min.session.timeout.ms: 6000, group.consumer.session.timeout.ms: 6000, group.consumer.min.heartbeat.interval.ms: 1000, group.consumer.heartbeat.interval.ms: 1000"

const shareTimesOfRuns = ", group.share.min.session.timeout.ms: 6000, group.share.session.timeout.ms: 6000, group.share.min.heartbeat.interval.ms: 1000, group.share.heartbeat.interval.ms: 1000, group.share.min.record.lock.duration.ms: 1000"

// group writes the group up to its members.
func (d *drawing) group(app, more string) string {
	id := []string{"g", "h"}[len(d.groups)]
	d.groups = append(d.groups, id)
	return fmt.Sprintf("  - id: %s\n    client: %s\n    topics: [%s]\n%s    config: {%s}\n    app: %s\n    members:\n",
		id, d.client, strings.Join(d.topics, ", "), more, strings.Join(d.config, ", "), app)
}

// consumers draws a consumer group of any client.
func (d *drawing) consumers(b *strings.Builder) string {
	d.client = d.pick("client", slices.Sorted(maps.Keys(consumers))...)
	version := d.pick("version", "4.3", "4.1")
	protocol := slices.Contains([]string{"java", "librdkafka"}, d.client) && d.maybe("consumer protocol")
	if older := olderClients[d.client]; !protocol && older != nil && d.maybe("older") {
		d.client += "@" + d.pick("client version", older...)
		version = d.pick("older version", "3.9", "2.8")
	}
	d.mixed = d.client == "java" && !protocol && d.number("mixed", 0, 3) == 3
	brokers := d.times(protocol)
	if d.mixed {
		brokers = consumerProtocolTimes
	}
	brokers += ", log.retention.check.interval.ms: 5000"
	if strings.HasPrefix(version, "4") { // it has been there since 3.8
		brokers += ", log.initial.task.delay.ms: 1000"
	}
	d.cluster(b, version, brokers)
	return d.groupOf(protocol)
}

// groupOf ends the drawing of a consumer group: its assignor, unless the broker assigns,
// and its program.
func (d *drawing) groupOf(protocol bool) string {
	if s := strategies[d.client]; len(s) > 1 && !protocol {
		if strategy := d.pick("strategy", s...); strategy != "" {
			d.classic = append(d.classic, "partition.assignment.strategy: "+strategy)
		}
	}
	if !d.mixed {
		d.config = append(d.config, d.classic...)
	}
	// A static member that misses a rebalance stays in the group, with what it said it
	// owned when it came: then others do get what it has not given up.
	d.static = !slices.Contains(d.config, blockingPoll) && d.has("group.instance.id")
	return d.group(d.app(), "")
}

// otherGroup draws a second consumer group, of the classic protocol, on the same topics.
func (d *drawing) otherGroup() string {
	d.client, d.config, d.mixed = d.pick("client", slices.Sorted(maps.Keys(consumers))...), nil, false
	d.times(false)
	return d.groupOf(false)
}

const blockingPoll = "block.rebalance.on.poll: true"

// times draws the properties with which a consumer waits, and gives what the brokers
// need for them.
func (d *drawing) times(protocol bool) (brokers string) {
	d.set("auto.offset.reset: %s", d.pick("reset", "earliest", "latest"))
	if protocol { // the broker sets the times
		d.set("group.protocol: consumer")
		brokers = consumerProtocolTimes
	} else {
		d.classic = []string{"session.timeout.ms: 6000, heartbeat.interval.ms: 1000"}
	}
	if d.has("max.poll.interval.ms") {
		d.set("max.poll.interval.ms: %d", d.number("max.poll", 6000, 20000))
	}
	if d.has("rebalance.timeout.ms") {
		d.set("rebalance.timeout.ms: %d", d.number("rebalance", 3000, 20000))
	}
	if d.client == "franz-go" && d.maybe("block") {
		d.set(blockingPoll)
	}
	return brokers
}

// olderClients are versions in which clients behaved otherwise; they need older
// brokers.
var olderClients = map[string][]string{
	"java":         {"3.7", "2.8", "2.3", "1.1", "0.10.2", "0.10.0"},
	"librdkafka":   {"2.3", "1.9", "1.2"},
	"kafka-python": {"2.0"},
	"aiokafka":     {"0.8"},
}

// shareGroup draws a share group.
func (d *drawing) shareGroup(b *strings.Builder) string {
	d.client = "java"
	d.cluster(b, "4.3", shareTimesOfRuns)
	d.set("max.poll.records: %d", d.number("max.poll.records", 1, 100))
	times := fmt.Sprintf("    type: share\n    group-config: {share.auto.offset.reset: %s, share.record.lock.duration.ms: %d, share.delivery.count.limit: %d, share.partition.max.record.locks: %d}\n",
		d.pick("reset", "earliest", "latest"), d.number("lock", 1000, 30000), d.number("deliveries", 2, 10), d.number("locks", 100, 2000))
	return d.group(fmt.Sprintf("{model: sequential, process: %dms, commit: %s%s}", d.number("process", 0, 300), d.pick("commit", "auto", "batch"), d.poison()), times)
}

// app draws what a consumer's program does.
func (d *drawing) app() string {
	switch d.pick("model", "sequential", "buffer-flush", "pool", "worker-queue", "router") {
	case "buffer-flush":
		return fmt.Sprintf("{model: buffer-flush, flush-records: %d, upload: %ds%s%s}", d.number("flush", 1, 300), d.number("upload", 0, 15), d.onRevoke(), d.ends())
	case "pool":
		return fmt.Sprintf("{model: buffer-flush, flush-records: %d, upload: %ds, upload-mode: pool, workers: %d, queue: %d, commit-on: %s%s%s}", d.number("flush", 1, 300),
			d.number("upload", 0, 15), d.number("workers", 1, 4), d.number("queue", 0, 2), d.pick("commit-on", "submit", "complete", "contiguous"), d.whenFull(), d.ends())
	case "worker-queue":
		return fmt.Sprintf("{model: worker-queue, process: %dms, workers: %d, commit: %s, event-loop: %s%s%s}", d.number("process", 1, 300),
			d.number("workers", 1, 4), d.pick("commit", "record", "contiguous"), d.pick("event-loop", "separate", "shared"), d.whenFull(), d.ends())
	case "router":
		return fmt.Sprintf("{model: router, routes: {%s: {process: %dms}}, unknown: %s, commit: %s%s}", d.topics[0], d.number("process", 0, 30), d.pick("unknown", "warn-and-commit", "ignore"),
			d.commit(), d.ends())
	}
	return fmt.Sprintf("{model: sequential, process: %dms, commit: %s%s}", d.number("process", 0, 30), d.commit(), d.ends())
}

// whenFull draws what a loop does while its workers have no room; two clients cannot
// be paused.
func (d *drawing) whenFull() string {
	if d.client == "kafka-go" || d.client == "kafkajs" {
		return ""
	}
	return d.pick("when-full", "", ", when-full: pause", ", when-full: pause-and-block")
}

// onRevoke draws what becomes of a buffer when its partitions go; the clients that call
// nothing before cannot have it uploaded.
func (d *drawing) onRevoke() string {
	choices := []string{"", ", on-revoke: drop", ", on-revoke: flush"}
	if d.client == "kafka-go" || d.client == "kafkajs" {
		choices = choices[:2]
	}
	return d.pick("on-revoke", choices...)
}

func (d *drawing) commit() string {
	return d.pick("commit", "batch", "record", "before", "auto", "none")
}

// ends draws what any program may carry: poisonous records, a wait at the start, an
// orderly end.
func (d *drawing) ends() string {
	more := d.poison()
	if d.number("startup", 0, 4) == 4 {
		more += fmt.Sprintf(", startup: {wait-for-assignment: %ds, restart: %ds}", d.number("wait", 1, 20), d.number("restart", 0, 5))
	}
	if d.maybe("shutdown") {
		more += fmt.Sprintf(", shutdown: {drain: %ds, kill-after: %ds, leave: %t}", d.number("drain", 0, 9), d.number("kill", 1, 9), d.maybe("leave"))
	}
	return more
}

func (d *drawing) poison() string {
	if d.number("poison", 0, 4) < 4 {
		return ""
	}
	return fmt.Sprintf(", poison: {every: %d, action: %s}", d.number("every", 50, 500), d.pick("action", "error-topic", "skip", "retry, attempts: 3", "crash"))
}

// has tells whether the client has a property of the contract.
func (d *drawing) has(property string) bool {
	name, version, err := config.ParseClient(d.client)
	if err != nil {
		d.Fatal(err)
	}
	_, problems := config.Consumer(name, version, []config.Property{{Key: property, Value: "60000"}})
	return len(problems) == 0
}

// members draws the members of a group.
func (d *drawing) members(b *strings.Builder, prefix string) {
	for m := range d.number("members", 1, 4) {
		var own []string
		if d.static && d.maybe("static") {
			own = append(own, fmt.Sprintf("group.instance.id: i%d", m))
		}
		switch {
		case d.mixed && d.maybe("consumer protocol"):
			own = append(own, "group.protocol: consumer")
		case d.mixed:
			own = append(own, d.classic...)
		}
		config := ""
		if len(own) > 0 {
			config = ", config: {" + strings.Join(own, ", ") + "}"
		}
		name := fmt.Sprint(prefix, m)
		d.names = append(d.names, name)
		fmt.Fprintf(b, "      - {name: %s, start: %dms%s}\n", name, d.number("start", 0, 20000), config)
	}
}

// timeline draws what is done to members and to the cluster.
func (d *drawing) timeline(b *strings.Builder) {
	actions := d.number("actions", 0, 6)
	if actions > 0 {
		b.WriteString("timeline:\n")
	}
	for range actions {
		fmt.Fprintf(b, "  - {at: %dms, %s}\n", d.number("at", 1, 55000), d.action(d.pick("member", d.names...)))
	}
}

// action draws what is done to a member or to the cluster.
func (d *drawing) action(m string) string {
	topic := d.pick("of topic", d.topics...)
	if !d.grown && d.number("grow", 0, 9) == 9 {
		d.grown = true
		return fmt.Sprintf("add-partitions: {%s: %d}", topic, d.number("total", 8, 10))
	}
	return d.pick("action", "start: "+m, "stop: "+m, "crash: "+m,
		fmt.Sprintf("freeze: %s, for: %dms", m, d.number("for", 1, 15000)),
		fmt.Sprintf("slow: {%s: %dms}", m, d.number("slow", 1, 20000)),
		fmt.Sprintf("isolate: %s, for: %dms", m, d.number("isolated", 1, 20000)),
		fmt.Sprintf("fail-broker: %d, for: %dms", d.number("broker", 1, d.brokers), d.number("down", 1, 20000)),
		fmt.Sprintf("rolling-restart: {group: %s, down: %dms, every: %dms}", d.pick("of group", d.groups...), d.number("restart", 0, 8000), d.number("every", 1, 9000)),
		fmt.Sprintf("rate: {p%s: %d/s}", topic, d.number("rate", 0, 300)))
}
