package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/config"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// TestRandomScenarios runs scenarios that nobody has thought of: any client,
// assignor and protocol, with the engine's invariants checked after each event
// and those of the protocol over the trace. What is committed once it has been
// processed is never lost, and the account of completions adds up. The smallest
// scenario that fails is left as a file. `.ci/run` makes more runs.
func TestRandomScenarios(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := drawScenario(t)
		s, found := scenario.Load("random.yaml", []byte(x.text), scenario.Options{})
		if found.HasErrors() {
			x.fail(t, fmt.Sprint(found))
		}
		watch := &watcher{scenario: x, owners: map[kafka.TopicPartition]string{}, committed: map[kafka.TopicPartition]int64{}, risen: map[kafka.TopicPartition]int64{}, outside: map[string]bool{}, overtaken: map[string]bool{}}
		w := New(s, Options{Sink: watch, Detail: true, Check: true})
		defer func() {
			if r := recover(); r != nil {
				x.fail(t, fmt.Sprint(r))
			}
		}()
		w.Run()
		if watch.broken != "" {
			x.fail(t, watch.broken)
		}
		for _, g := range w.FinalSample().Groups {
			if g.Lost != 0 && !x.mayLose {
				x.fail(t, fmt.Sprintf("%d records of %s are lost", g.Lost, g.ID))
			}
			var completions, repeated int64
			for _, m := range g.Members {
				completions, repeated = completions+m.Processed, repeated+m.Repeated
			}
			if completions-repeated != g.Processed {
				x.fail(t, fmt.Sprintf("%d completions, %d of them repeated, %d distinct records", completions, repeated, g.Processed))
			}
		}
	})
}

// randomScenario is a drawn scenario file and what is known of it.
type randomScenario struct {
	text        string
	client      string
	cooperative bool // partitions move in two steps
	consumer    bool // KIP-848
	workers     bool // the application commits from beside its poll loop
	contiguous  bool // and only what has nothing unfinished below
	mayLose     bool
}

// static tells whether a member has a group.instance.id.
func (x *randomScenario) static(member string) bool {
	_, after, _ := strings.Cut(x.text, "{name: "+member+",")
	line, _, _ := strings.Cut(after, "\n")
	return strings.Contains(line, "group.instance.id")
}

// fail reports the scenario and leaves it as a file: of the runs that shrink a
// failure the last is the smallest.
func (x *randomScenario) fail(t *rapid.T, why string) {
	file := filepath.Join(os.TempDir(), "ksim-random-failure.yaml")
	if err := os.WriteFile(file, []byte(x.text), 0o644); err != nil {
		t.Log(err)
	}
	t.Fatalf("%s\nthe scenario is in %s:\n%s", why, file, x.text)
}

// watcher looks at the trace for what no single state of the world shows.
type watcher struct {
	scenario  *randomScenario
	owners    map[kafka.TopicPartition]string // by the callbacks; never iterated
	outside   map[string]bool                 // members that the group has lost, and that may not know it
	overtaken map[string]bool                 // members that have not acknowledged what they have; see assigned
	committed map[kafka.TopicPartition]int64  // by anybody
	risen     map[kafka.TopicPartition]int64  // by those whose commits may not go back
	broken    string                          // the first thing that must not happen
}

// Event takes in an event.
func (w *watcher) Event(e *trace.Event) {
	switch e.Type {
	case trace.Log:
		switch {
		case strings.Contains(e.Text, "transitioned from ACKNOWLEDGING to RECONCILING"):
			w.overtaken[e.Member] = true
		case strings.Contains(e.Text, "transitioned from ACKNOWLEDGING to STABLE"):
			w.overtaken[e.Member] = false
		}
	case trace.GroupEpoch:
		if e.Reason == trace.ReasonMemberJoined {
			w.outside[e.Member] = false
		}
	case trace.PartitionsAssigned:
		if w.scenario.consumer && w.outside[e.Member] {
			return // the callback of an assignment from before it left; it loses it next
		}
		w.outside[e.Member] = false
		for _, tp := range e.Partitions {
			w.assigned(e, tp)
		}
	case trace.PartitionsRevoked, trace.PartitionsLost:
		for _, tp := range e.Partitions {
			if w.owners[tp] == e.Member {
				delete(w.owners, tp)
			}
		}
	case trace.MemberLeft, trace.MemberRemoved, trace.MemberCrashed, trace.MemberStopped, trace.MemberFenced, trace.PollExceeded:
		w.outside[e.Member] = true
	case trace.Offsets: // what has been accepted outlives its coordinator
		for _, o := range e.Committed {
			if last, ok := w.committed[o.TopicPartition]; ok && o.Offset < last {
				w.report("at %s %s is committed to %d, after %d", e.At, o.TopicPartition, o.Offset, last)
			}
		}
	case trace.CommitDone:
		for _, o := range e.Committed {
			w.commit(e, o)
			w.committed[o.TopicPartition] = o.Offset
		}
	}
}

// assigned: in the cooperative protocols nobody gets a partition before its
// owner has given it up, unless the group has lost that owner. A static member
// that misses a rebalance stays in the classic group with what it said it owned
// when it last joined: what it has got since goes to others under its hands. So does
// what a Java member of the consumer protocol has got by the answer to a heartbeat
// that was out when it was to acknowledge what it had before: its next heartbeat says
// that it owns the older assignment, and the broker takes it at its word.
func (w *watcher) assigned(e *trace.Event, tp kafka.TopicPartition) {
	owner := w.owners[tp]
	if (w.scenario.cooperative && !w.scenario.static(owner) || w.scenario.consumer) && owner != "" && owner != e.Member && !w.outside[owner] && !w.overtaken[owner] {
		w.report("at %s %s is assigned %s, which %s has not given up", e.At, e.Member, tp, owner)
	}
	w.owners[tp] = e.Member
}

// commit: no committed offset goes back, unless workers commit what they end, in
// that order, or for a partition that has moved on: nobody checks that it is
// still theirs; a program on kafkajs is not told that it has moved, either. Kafka
// leaves one case open: a consumer of the consumer protocol that
// has left because it polled too late commits without an epoch, and a group that is
// empty by then accepts that. franz-go rebalances while its program works on what it
// has polled, and commits that by the new generation, whoever owns the partition by
// then.
func (w *watcher) commit(e *trace.Event, o kafka.OffsetCommit) {
	if w.scenario.client == "franz-go" && w.owners[o.TopicPartition] != e.Member {
		return
	}
	if w.scenario.client == "kafka-go" { // its commits belong to no generation
		return
	}
	if w.scenario.workers && (!w.scenario.contiguous || w.scenario.client == "kafkajs" || w.owners[o.TopicPartition] != e.Member) {
		return
	}
	stray := w.scenario.consumer && w.outside[e.Member]
	if last, ok := w.risen[o.TopicPartition]; ok && o.Offset < last && !stray && !w.scenario.mayRewind(w.owners[o.TopicPartition], e.Member) {
		w.report("at %s %s commits %s to %d, after %d", e.At, e.Member, o.TopicPartition, o.Offset, last)
	}
	w.risen[o.TopicPartition] = o.Offset
}

// mayRewind: an aiokafka consumer that has left for idleness still commits, in the
// name of nobody, and a group without members takes that. One that stays begins
// again after a rebalance while its program commits, record by record, what it had
// in hand before.
func (x *randomScenario) mayRewind(owner, member string) bool {
	return x.client == "aiokafka" && (owner != member || strings.Contains(x.text, "commit: record"))
}

func (w *watcher) report(format string, args ...any) {
	if w.broken == "" {
		w.broken = fmt.Sprintf(format, args...)
	}
}

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
func drawScenario(t *rapid.T) *randomScenario {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	var names []string
	for name := range consumers {
		names = append(names, name)
	}
	slices.Sort(names)
	x := &randomScenario{client: pick("client", names...)}
	x.consumer = slices.Contains([]string{"java", "librdkafka"}, x.client) && rapid.Bool().Draw(t, "consumer protocol")
	config := "auto.offset.reset: " + pick("reset", "earliest", "latest")
	if x.consumer {
		config += ", group.protocol: consumer" // the broker sets the times
	} else {
		config += ", session.timeout.ms: 6000, heartbeat.interval.ms: 1000"
	}
	if clientHas(t, x.client, "max.poll.interval.ms") {
		config += fmt.Sprintf(", max.poll.interval.ms: %d", rapid.IntRange(6000, 20000).Draw(t, "max.poll"))
	}
	if clientHas(t, x.client, "rebalance.timeout.ms") {
		config += fmt.Sprintf(", rebalance.timeout.ms: %d", rapid.IntRange(3000, 20000).Draw(t, "rebalance"))
	}
	if x.client == "franz-go" && rapid.Bool().Draw(t, "block") {
		config += ", block.rebalance.on.poll: true"
	}
	if s := strategies[x.client]; len(s) > 1 && !x.consumer {
		if strategy := pick("strategy", s...); strategy != "" {
			config += ", partition.assignment.strategy: " + strategy
			x.cooperative = strings.Contains(strings.ToLower(strategy), "cooperative")
		}
	}
	app := fmt.Sprintf("{model: sequential, process: %dms, commit: %s}", rapid.IntRange(0, 30).Draw(t, "process"), pick("commit", "batch", "record", "before", "auto", "none"))
	models := []string{"sequential", "buffer-flush", "pool", "worker-queue"}
	if x.client == "sarama" { // its handlers run side by side by themselves
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
`, rapid.Uint64().Draw(t, "seed"), brokers, pick("version", "4.3", "4.1"), rapid.IntRange(1, 7).Draw(t, "partitions"), rapid.IntRange(1, brokers).Draw(t, "replicas"), rapid.IntRange(0, 200).Draw(t, "rate"), x.client, config, app)
	// A static member that misses a rebalance stays in the group, with what it said it
	// owned when it came: then others do get what it has not given up.
	blocked := strings.Contains(config, "block.rebalance.on.poll")
	drawMembers(t, &b, brokers, !blocked && clientHas(t, x.client, "group.instance.id"))
	x.text = b.String()
	x.workers = strings.Contains(app, "worker-queue") || strings.Contains(app, "pool")
	x.contiguous = strings.Contains(app, "contiguous")
	x.mayLose = mayLose(x)
	return x
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

// mayLose tells whether real consumers may lose records in such a scenario:
// commits before the work, commits by a timer, a commit of all that a poll has
// returned as a pool takes over a part of it, commits of workers in the order in
// which they end, and a reset to the log's end when nothing was committed before a
// rebalance.
func mayLose(x *randomScenario) bool {
	has := func(part string) bool { return strings.Contains(x.text, part) }
	if x.client == "sarama" { // its timer commits what is marked
		return has("commit: before") || has("reset: latest")
	}
	outOfOrder := x.workers && !x.contiguous
	midBatch := slices.Contains([]string{"java", "kafka-python", "aiokafka", "franz-go"}, x.client) && has("upload-mode: pool")
	return midBatch || outOfOrder || has("commit: before") || has("commit: auto") || has("reset: latest")
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
