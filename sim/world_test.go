package sim

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

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
	for _, name := range []string{"java-freeze", "java-max-poll", "librdkafka-slow-upload", "librdkafka-crash", "librdkafka-cooperative-scale", "librdkafka-kip848-busy", "sarama-slow-handler", "franz-go-slow"} {
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

// TestAutoCommitWithoutInterval: an interval of 0 makes the real aiokafka commit at
// every turn of its loop; here time must go on all the same.
func TestAutoCommitWithoutInterval(t *testing.T) {
	for _, property := range []string{"aiokafka, config: {auto_commit_interval_ms: 0}", "kafka-python, config: {auto_commit_interval_ms: 0}", "java, config: {auto.commit.interval.ms: 0}"} {
		s, found := scenario.Load("s.yaml", fmt.Appendf(nil, "ksim: 1\nduration: 5s\ntopics: [{name: t}]\nproducers: [{topic: t, rate: 40/s}]\ngroups: [{id: g, topics: [t], members: [A], client: %s}]\n", property), scenario.Options{})
		if found.HasErrors() {
			t.Fatal(found)
		}
		w := New(s, Options{Sink: sinkFunc(func(*trace.Event) {})})
		for steps := 0; w.Step(); steps++ {
			if steps > 100_000 {
				t.Fatalf("%s: 100,000 events up to %s", property, w.Now())
			}
		}
	}
}

// TestUploadsOfAPoolEndAsTheyBegan: the end of an upload in a pool follows from
// its own begin, also when a later one is done before; who reads a trace tells
// them apart by nothing else.
func TestUploadsOfAPoolEndAsTheyBegan(t *testing.T) {
	var begun []uint64
	var ended [][2]uint64 // of which begin, in which order
	runText(t, `ksim: 1
duration: 30s
topics: [{name: t, partitions: 1}]
producers: [{topic: t, rate: 1/s}]
groups:
  - id: g
    client: librdkafka
    topics: [t]
    config: {auto.offset.reset: earliest}
    app: {model: buffer-flush, flush-records: 5, upload: {sequence: [12s, 3s]}, upload-mode: pool}
    members: [A]
`, func(e *trace.Event) {
		switch e.Type {
		case trace.WorkStarted:
			begun = append(begun, e.Seq)
		case trace.WorkFinished:
			ended = append(ended, [2]uint64{uint64(slices.Index(begun, e.Cause)), uint64(e.At / clock.Second)})
		}
	})
	if want := [][2]uint64{{1, 13}, {0, 17}, {3, 23}, {2, 27}}; !slices.Equal(ended, want) {
		t.Errorf("[begin, second of the end] %v, want %v", ended, want)
	}
}

// What is done to a member at the instant of its start finds it running: its process
// starts first.
func TestActionAtTheStart(t *testing.T) {
	var slow []trace.Event
	runText(t, `ksim: 1
duration: 10s
topics: [{name: t, partitions: 1}]
producers: [{topic: t, rate: 1/s}]
groups:
  - {id: g, client: java, topics: [t], config: {auto.offset.reset: earliest}, members: [A]}
timeline: [{at: 0s, slow: {A: 2s}}]
`, func(e *trace.Event) {
		if e.Type == trace.WorkStarted {
			slow = append(slow, *e)
		}
	})
	if len(slow) != 1 {
		t.Errorf("%d records were slow, want 1", len(slow))
	}
}
