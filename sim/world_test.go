package sim

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// lines is a sink that keeps the trace as lines of JSON.
type lines struct{ text []byte }

func (l *lines) Event(e *trace.Event) { l.text = trace.AppendJSON(l.text, e) }

// TestCloneGoesOnAlike stops a run at several instants, copies the world, and
// lets both go on: they must say the same, and neither may touch the other.
func TestCloneGoesOnAlike(t *testing.T) {
	for _, name := range []string{"java-freeze", "java-max-poll", "librdkafka-slow-upload", "librdkafka-crash"} {
		s := load(t, "conform/testdata/"+name+".yaml")
		whole := &lines{}
		New(s, Options{Sink: whole}).Run()
		first := &lines{}
		w := New(s, Options{Sink: first})
		for _, at := range []clock.Time{clock.Second, 14 * clock.Second, 20 * clock.Second, 27 * clock.Second} {
			for w.Now() < at && w.Step() {
			}
			second := &lines{text: bytes.Clone(first.text)}
			w.Clone(second).Run()
			if !bytes.Equal(second.text, whole.text) {
				t.Fatalf("%s: a copy made at %s goes another way", name, at)
			}
		}
		w.Run()
		if !bytes.Equal(first.text, whole.text) {
			t.Fatalf("%s: copying has changed the original", name)
		}
	}
}

// TestDetailChangesNothing compares a run with detail and without: the same
// events with the same numbers, and causes that are the nearest ones shown.
func TestDetailChangesNothing(t *testing.T) {
	for _, name := range []string{"java-max-poll", "librdkafka-slow-upload"} {
		s := load(t, "conform/testdata/"+name+".yaml")
		plain, hidden := &lines{}, &lines{}
		New(s, Options{Sink: plain}).Run()
		New(s, Options{Sink: &trace.Hide{Next: hidden.Event}, Detail: true}).Run()
		if !bytes.Equal(plain.text, hidden.text) {
			t.Errorf("%s: hiding the detail gives another trace than not making it", name)
		}
	}
}

// TestAddingAMemberLeavesDrawsAlone: the random streams belong to their actors,
// so a member that works elsewhere must not shift anybody's work.
func TestAddingAMemberLeavesDrawsAlone(t *testing.T) {
	const file = `ksim: 1
duration: 20s
topics: [{name: a, partitions: 1}, {name: b, partitions: 1}]
producers: [{topic: a, rate: 50/s}, {topic: b, rate: 50/s}]
groups:
  - {id: one, client: java, topics: [a], config: {auto.offset.reset: earliest}, app: {model: sequential, process: {exponential: 5ms}, commit: batch}, members: [A]}
`
	const more = "  - {id: two, client: java, topics: [b], config: {auto.offset.reset: earliest}, app: {model: sequential, process: {exponential: 5ms}, commit: batch}, members: [B]}\n"
	polls := func(text string) string {
		s, found := scenario.Load("t.yaml", []byte(text), scenario.Options{})
		if found.HasErrors() {
			t.Fatal(found)
		}
		var b strings.Builder
		sink := sinkFunc(func(e *trace.Event) {
			if e.Member == "A" && e.Type == trace.AppPoll {
				fmt.Fprintln(&b, e.At, e.Records)
			}
		})
		New(s, Options{Sink: sink, Detail: true}).Run()
		return b.String()
	}
	if polls(file) != polls(file+more) {
		t.Error("the polls of A change when a member of another group is added")
	}
}

// TestThawOfAnotherProcess: a thaw that was due for a process that has crashed
// since must not wake the one started after it.
func TestThawOfAnotherProcess(t *testing.T) {
	var thawed []clock.Time
	runText(t, `ksim: 1
duration: 2m
topics: [{name: t, partitions: 1}]
groups:
  - {id: g, client: java, topics: [t], members: [A]}
timeline:
  - {at: 10s, freeze: A, for: 60s}
  - {at: 20s, crash: A}
  - {at: 30s, start: A}
  - {at: 40s, freeze: A, for: 60s}
`, func(e *trace.Event) {
		if e.Type == trace.MemberThawed {
			thawed = append(thawed, e.At)
		}
	})
	if !slices.Equal(thawed, []clock.Time{100 * clock.Second}) {
		t.Errorf("thawed at %v, want 1m40s", thawed)
	}
}

// TestStartWhileStopping: a start that comes while the process before still closes
// waits for its end, and is not lost.
func TestStartWhileStopping(t *testing.T) {
	var seen []string
	runText(t, `ksim: 1
duration: 30s
topics: [{name: t, partitions: 1}]
groups:
  - {id: g, client: java, topics: [t], members: [A]}
timeline:
  - {at: 10s, stop: A}
  - {at: 10s, start: A}
`, func(e *trace.Event) {
		if e.Type == trace.MemberStarted || e.Type == trace.MemberStopped {
			seen = append(seen, string(e.Type))
		}
	})
	if want := []string{"member.started", "member.stopped", "member.started"}; !slices.Equal(seen, want) {
		t.Errorf("%v, want %v", seen, want)
	}
}

// TestErrorOfPoll: an error that librdkafka's poll returns, and that nobody else
// tells of, has an event.
func TestErrorOfPoll(t *testing.T) {
	var failed []string
	runText(t, `ksim: 1
duration: 10s
topics: [{name: t, partitions: 1}]
groups:
  - {id: g, client: librdkafka, topics: [t], members: [A], config: {auto.offset.reset: error}}
`, func(e *trace.Event) {
		if e.Type == trace.PollFailed {
			failed = append(failed, e.Error)
		}
	})
	if !slices.Equal(failed, []string{"_AUTO_OFFSET_RESET"}) {
		t.Errorf("poll failed with %v", failed)
	}
}

// TestGroupThatExpires: a group that was deleted with its last offset begins
// again at generation 0, and that breaks no invariant.
func TestGroupThatExpires(t *testing.T) {
	var generations []int32
	runText(t, `ksim: 1
duration: 40m
cluster: {config: {offsets.retention.minutes: 1}}
topics: [{name: t, partitions: 1}]
producers: [{topic: t, rate: 1/s}]
groups:
  - {id: g, client: java, topics: [t], config: {auto.offset.reset: earliest}, app: {model: sequential, commit: batch}, members: [A]}
timeline:
  - {at: 1m, stop: A}
  - {at: 30m, start: A}
`, func(e *trace.Event) {
		if e.Type == trace.GroupStabilized {
			generations = append(generations, e.Generation)
		}
	})
	if !slices.Equal(generations, []int32{1, 1}) {
		t.Errorf("generations %v, want 1 and, after the group was deleted, 1 again", generations)
	}
}

// runText runs a scenario with the invariants checked.
func runText(t *testing.T, text string, see func(*trace.Event)) {
	t.Helper()
	s, found := scenario.Load("t.yaml", []byte(text), scenario.Options{})
	if found.HasErrors() {
		t.Fatal(found)
	}
	New(s, Options{Sink: sinkFunc(see), Check: true}).Run()
}

type sinkFunc func(*trace.Event)

func (f sinkFunc) Event(e *trace.Event) { f(e) }

// TestRandomScenarios runs scenarios that nobody has thought of, with the
// engine's invariants checked after each event, and counts: what is committed at
// least once is never lost, and a repeated record was completed before.
func TestRandomScenarios(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawScenario(t)
		s, found := scenario.Load("random.yaml", []byte(text), scenario.Options{})
		if found.HasErrors() {
			t.Fatalf("%v\n%s", found, text)
		}
		w := New(s, Options{Sink: nothing{}, Check: true})
		defer func() {
			if r := recover(); r != nil {
				t.Fatalf("%v\n%s", r, text)
			}
		}()
		w.Run()
		for _, g := range w.FinalSample().Groups {
			if g.Lost != 0 && !mayLose(text) {
				t.Fatalf("%d records of %s are lost\n%s", g.Lost, g.ID, text)
			}
			var completions, repeated int64
			for _, m := range g.Members {
				completions, repeated = completions+m.Processed, repeated+m.Repeated
			}
			if completions-repeated != g.Processed {
				t.Fatalf("%d completions, %d of them repeated, %d distinct records\n%s", completions, repeated, g.Processed, text)
			}
		}
	})
}

// mayLose tells whether real consumers may lose records in such a scenario:
// commits before the work, commits by a timer, a commit of all that a Java poll
// has returned in the middle of its batch, and a reset to the log's end when
// nothing was committed before a rebalance.
func mayLose(text string) bool {
	midBatch := strings.Contains(text, "client: java") && strings.Contains(text, "buffer-flush")
	return midBatch || strings.Contains(text, "commit: before") || strings.Contains(text, "commit: auto") || strings.Contains(text, "reset: latest")
}

// drawScenario draws a scenario file of one group.
func drawScenario(t *rapid.T) string {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	client := pick("client", "java", "librdkafka")
	strategy := pick("strategy", "range", "roundrobin")
	if client == "java" {
		strategy = "org.apache.kafka.clients.consumer." + map[string]string{"range": "RangeAssignor", "roundrobin": "RoundRobinAssignor", "sticky": "StickyAssignor"}[pick("assignor", "range", "roundrobin", "sticky")]
	}
	app := fmt.Sprintf("{model: sequential, process: %dms, commit: %s}", rapid.IntRange(0, 30).Draw(t, "process"), pick("commit", "batch", "record", "before", "auto", "none"))
	if pick("model", "sequential", "buffer-flush") == "buffer-flush" {
		app = fmt.Sprintf("{model: buffer-flush, flush-records: %d, upload: %ds}", rapid.IntRange(1, 300).Draw(t, "flush"), rapid.IntRange(0, 15).Draw(t, "upload"))
	}
	var b strings.Builder
	fmt.Fprintf(&b, `ksim: 1
duration: 60s
seed: %d
cluster: {config: {group.min.session.timeout.ms: 1000}}
topics: [{name: t, partitions: %d}]
producers: [{name: p, topic: t, rate: %d/s}]
groups:
  - id: g
    client: %s
    topics: [t]
    config: {session.timeout.ms: 6000, heartbeat.interval.ms: 1000, max.poll.interval.ms: %d, auto.offset.reset: %s, partition.assignment.strategy: %s}
    app: %s
    members:
`, rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 7).Draw(t, "partitions"), rapid.IntRange(0, 200).Draw(t, "rate"), client,
		rapid.IntRange(6000, 20000).Draw(t, "max.poll"), pick("reset", "earliest", "latest"), strategy, app)
	members := rapid.IntRange(1, 4).Draw(t, "members")
	for m := range members {
		instance := ""
		if rapid.Bool().Draw(t, "static") {
			instance = fmt.Sprintf(", config: {group.instance.id: i%d}", m)
		}
		fmt.Fprintf(&b, "      - {name: M%d, start: %dms%s}\n", m, rapid.IntRange(0, 20000).Draw(t, "start"), instance)
	}
	actions := rapid.IntRange(0, 6).Draw(t, "actions")
	if actions > 0 {
		b.WriteString("timeline:\n")
	}
	for range actions {
		m := fmt.Sprintf("M%d", rapid.IntRange(0, members-1).Draw(t, "member"))
		at := rapid.IntRange(1, 55000).Draw(t, "at")
		action := pick("action", "start: "+m, "stop: "+m, "crash: "+m,
			fmt.Sprintf("freeze: %s, for: %dms", m, rapid.IntRange(1, 15000).Draw(t, "for")),
			fmt.Sprintf("slow: {%s: %dms}", m, rapid.IntRange(1, 20000).Draw(t, "slow")),
			fmt.Sprintf("rate: {p: %d/s}", rapid.IntRange(0, 300).Draw(t, "rate")))
		fmt.Fprintf(&b, "  - {at: %dms, %s}\n", at, action)
	}
	return b.String()
}
