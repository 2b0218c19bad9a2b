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
	"ksim/sim/sqs"
	"ksim/sim/trace"
)

// TestRandomQueues runs random scenarios of queues and their workers, with crashes,
// freezes, stops, slow messages and isolation, and the engine's invariants checked
// after each event. Every message is where its events say, none is lost, and no two
// flights of one message overlap.
func TestRandomQueues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawQueues(t)
		s, found := scenario.Load("random.yaml", []byte(text), scenario.Options{})
		if found.HasErrors() {
			t.Fatalf("%s\n%s", found, text)
		}
		lives := &lives{holder: map[string]string{}, last: map[string]trace.Type{}}
		w := New(s, Options{Sink: lives, Detail: true, Check: true})
		defer func() {
			if r := recover(); r != nil {
				t.Fatalf("%v\n%s", r, text)
			}
		}()
		w.Run()
		if lives.broken != "" {
			t.Fatalf("%s\n%s", lives.broken, text)
		}
		g := w.FinalSample().Groups[0]
		if g.Lost != 0 {
			t.Fatalf("%d messages are lost\n%s", g.Lost, text)
		}
		var left, gone int64
		for i := range w.queues {
			q := w.queues[i].queue
			left += q.Count(sqs.Visible) + q.Count(sqs.InFlight) + q.Count(sqs.Delayed)
			gone += q.Count(sqs.Deleted) + q.Count(sqs.Expired)
		}
		if sent := int64(len(w.letters)); sent != left+gone || gone > g.Processed {
			t.Fatalf("%d messages were sent, %d are left, %d have gone, %d are processed\n%s", sent, left, gone, g.Processed, text)
		}
	})
}

// drawQueues draws a scenario: tasks, perhaps with a dead-letter queue, and workers.
func drawQueues(t *rapid.T) string {
	var b strings.Builder
	say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
	seconds := func(least, most int, name string) int { return rapid.IntRange(least, most).Draw(t, name) }
	fifo := rapid.Bool().Draw(t, "fifo")
	say("ksim: 1\nduration: 2m\nseed: %d\n", rapid.IntRange(1, 99).Draw(t, "seed"))
	say("queues:\n  - {name: tasks, fifo: %v, visibility-timeout: %ds, delay: %ds", fifo, seconds(1, 30, "visibility"), seconds(0, 3, "delay"))
	if rapid.Bool().Draw(t, "redrive") {
		say(", dead-letter: dead, max-receive-count: %d", rapid.IntRange(1, 4).Draw(t, "max-receive-count"))
	}
	say("}\n  - {name: dead, fifo: %v}\n", fifo)
	say("producers: [{queue: tasks, rate: %d/s, to: 60s", rapid.IntRange(1, 20).Draw(t, "rate"))
	if fifo {
		say(", keys: [a, b, c]")
	}
	say("}]\ngroups:\n  - id: workers\n    app: {model: queue-worker, queue: tasks, process: {exponential: %dms}, receive-max: %d, wait-time: %ds", rapid.IntRange(1, 2000).Draw(t, "process"), rapid.IntRange(1, 10).Draw(t, "receive-max"), seconds(0, 20, "wait-time"))
	if rapid.Bool().Draw(t, "extends") {
		say(", extend-every: %ds", seconds(1, 20, "extend-every"))
	}
	if rapid.Bool().Draw(t, "drains") {
		say(", shutdown: {drain: %ds}", seconds(0, 10, "drain"))
	}
	if rapid.Bool().Draw(t, "poison") {
		say(", poison: {every: 7, action: %s, backoff: 2s, attempts: 3}", rapid.SampledFrom([]string{"error-topic", "retry", "crash"}).Draw(t, "action"))
	}
	say("}\n    members: [A, B, C]\ntimeline:\n")
	for range rapid.IntRange(0, 6).Draw(t, "actions") {
		at, who := seconds(1, 90, "at"), rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "who")
		switch rapid.SampledFrom([]string{"crash", "freeze", "stop", "slow", "isolate"}).Draw(t, "action") {
		case "crash":
			say("  - {at: %ds, crash: %s}\n  - {at: %ds, start: %s}\n", at, who, at+seconds(0, 5, "down"), who)
		case "stop":
			say("  - {at: %ds, stop: %s}\n  - {at: %ds, start: %s}\n", at, who, at+seconds(0, 5, "down"), who)
		case "freeze":
			say("  - {at: %ds, freeze: %s, for: %ds}\n", at, who, seconds(1, 40, "for"))
		case "isolate":
			say("  - {at: %ds, isolate: %s, for: %ds}\n", at, who, seconds(1, 40, "for"))
		case "slow":
			say("  - {at: %ds, slow: {%s: %ds}}\n", at, who, seconds(1, 60, "work"))
		}
	}
	return b.String()
}

// TestRandomFanOut runs random services that take records from Kafka and send tasks to a
// queue, with crashes, freezes and stops of the one who does. Committed after its
// tasks, no record is lost and each has had all its tasks sent, and a FIFO queue has
// each task once.
func TestRandomFanOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var b strings.Builder
		say := func(format string, args ...any) { fmt.Fprintf(&b, format, args...) }
		fifo, tasks := rapid.Bool().Draw(t, "fifo"), rapid.IntRange(1, 4).Draw(t, "tasks")
		commit := rapid.SampledFrom([]string{"record", "batch", "auto"}).Draw(t, "commit")
		client := rapid.SampledFrom([]string{"java", "librdkafka", "kafka-python", "franz-go", "kafka-go", "kafkajs"}).Draw(t, "client")
		if client == "librdkafka" && commit == "auto" {
			commit = "record" // its timer commits the record in hand
		}
		say("ksim: 1\nduration: 3m\ntopics: [{name: t, partitions: 2}]\nqueues: [{name: q, fifo: %v}]\n", fifo)
		say("producers: [{topic: t, rate: %d/s, to: 40s}]\ngroups:\n", rapid.IntRange(1, 8).Draw(t, "rate"))
		say("  - {id: s, client: %s, topics: [t], config: {auto.offset.reset: earliest}, app: {model: fan-out, queue: q, tasks-per-record: %d, enqueue: {uniform: [1ms, 20ms]}, commit: %s}, members: [A]}\n", client, tasks, commit)
		say("  - {id: w, app: {model: queue-worker, queue: q, wait-time: 20s, receive-max: 10}, members: [W]}\ntimeline:\n")
		for range rapid.IntRange(0, 3).Draw(t, "actions") {
			at := rapid.IntRange(1, 50_000).Draw(t, "at")
			switch rapid.SampledFrom([]string{"crash", "freeze", "stop", "slow"}).Draw(t, "action") {
			case "crash":
				say("  - {at: %dms, crash: A}\n  - {at: %dms, start: A}\n", at, at+500)
			case "stop":
				say("  - {at: %dms, stop: A}\n  - {at: %dms, start: A}\n", at, at+2000)
			case "freeze":
				say("  - {at: %dms, freeze: A, for: 4s}\n", at)
			case "slow":
				say("  - {at: %dms, slow: {A: 3s}}\n", at)
			}
		}
		s, found := scenario.Load("random.yaml", []byte(b.String()), scenario.Options{})
		if found.HasErrors() {
			t.Fatalf("%s\n%s", found, b.String())
		}
		w := New(s, Options{Sink: &lines{}, Check: true})
		defer func() {
			if r := recover(); r != nil {
				t.Fatalf("%v\n%s", r, b.String())
			}
		}()
		w.Run()
		last := w.FinalSample()
		records, sent := last.Groups[0].Processed, int64(len(w.letters))
		if last.Groups[0].Lost != 0 || sent < records*int64(tasks) || fifo && sent > (records+1)*int64(tasks) || last.Groups[1].Processed != sent {
			t.Fatalf("%d records processed, %d lost, %d tasks sent, %d done\n%s", records, last.Groups[0].Lost, sent, last.Groups[1].Processed, b.String())
		}
	})
}

// lives follows each message through its events.
type lives struct {
	holder map[string]string // who has it in flight; never iterated
	last   map[string]trace.Type
	broken string
}

func (l *lives) Event(e *trace.Event) {
	if e.Message == "" || l.broken != "" {
		return
	}
	before := l.last[e.Message]
	wrong := false
	switch e.Type {
	case trace.QueueSent:
		wrong = before != ""
	case trace.QueueReceived:
		wrong = !slices.Contains([]trace.Type{trace.QueueSent, trace.QueueExpired, trace.QueueDeadLettered}, before)
		l.holder[e.Message] = e.Member
	case trace.QueueExtended, trace.QueueGivenBack:
		if before != trace.QueueReceived || l.holder[e.Message] != e.Member {
			l.broken = fmt.Sprintf("at %s %s of %s by %s after %q", e.At, e.Type, e.Message, e.Member, before)
		}
		return
	case trace.QueueExpired:
		wrong = before != trace.QueueReceived || l.holder[e.Message] != e.Member
	case trace.QueueDeadLettered:
		wrong = before != trace.QueueExpired
	case trace.QueueDeleted:
		if e.Ignored {
			return
		}
		wrong = before != trace.QueueReceived && !(e.Stale && before == trace.QueueExpired)
	}
	if wrong {
		l.broken = fmt.Sprintf("at %s %s of %s by %s after %q", e.At, e.Type, e.Message, e.Member, before)
	}
	l.last[e.Message] = e.Type
}

// TestCopyOfQueuesGoesOnAlike copies a world with queues at several instants: the copy
// and the original must say the same, and neither may touch the other.
func TestCopyOfQueuesGoesOnAlike(t *testing.T) {
	for _, name := range []string{"kafka-to-sqs-fifo", "poison-dead-letter", "long-poll", "extend-frozen", "falsely-empty"} {
		s := load(t, "testdata/queues/"+name+".yaml")
		whole := &lines{}
		New(s, Options{Sink: whole, Detail: true}).Run()
		first := &lines{}
		w := New(s, Options{Sink: first, Detail: true})
		for _, at := range []clock.Time{clock.Second, 14 * clock.Second, 30050 * clock.Millisecond, 41 * clock.Second} {
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

// TestLifeOfAMessage: each event of a message has the one before for its cause, so
// that the way into the dead-letter queue can be followed back to the sending.
func TestLifeOfAMessage(t *testing.T) {
	var of []trace.Event
	s := load(t, "testdata/queues/sqs-visibility-overrun.yaml")
	New(s, Options{Sink: sinkFunc(func(e *trace.Event) { of = append(of, *e) }), Detail: true}).Run()
	i := slices.IndexFunc(of, func(e trace.Event) bool { return e.Type == trace.QueueDeadLettered })
	var life []string
	for i >= 0 {
		life = append(life, string(of[i].Type))
		cause := of[i].Cause
		i = slices.IndexFunc(of, func(e trace.Event) bool { return e.Seq == cause })
	}
	want := "queue.dead-lettered queue.expired queue.received queue.expired queue.received queue.expired queue.received queue.sent"
	if got := strings.Join(life, " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

// TestLookAtQueues: those who show a world see what its queues hold and what a worker
// does, who has no consumer.
func TestLookAtQueues(t *testing.T) {
	w := New(load(t, "testdata/queues/sqs-visibility-overrun.yaml"), Options{Sink: &lines{}})
	for w.Now() < 50*clock.Second && w.Step() {
	}
	l := w.Clone(&lines{}).Look()
	if q := l.Queues[0]; q.Name != "tasks" || q.InFlight != 1 || q.Waiting != 0 {
		t.Errorf("%+v, want one message in flight", q)
	}
	a, b := l.Members[0], l.Members[1]
	if a.Doing == DoingWork || b.Doing != DoingWork || b.WorkEnds.String() != "1m16.112" || b.BufferRecords != 1 {
		t.Errorf("A is at %q, B at %q until %s: want B alone at work, until 1m16.112", a.Doing, b.Doing, b.WorkEnds)
	}
}

// TestHangUp: a long poll ends with the process that made it, so that no message is
// given to a dead worker.
func TestHangUp(t *testing.T) {
	const file = `ksim: 1
duration: 90s
queues: [{name: q}]
producers: [{queue: q, rate: 1/m}]
groups:
  - {id: w, app: {model: queue-worker, queue: q, wait-time: 20s}, members: [A, {name: B, start: 1s}]}
timeline:
  - {at: 55s, crash: A}
`
	s, found := scenario.Load("t.yaml", []byte(file), scenario.Options{})
	if found.HasErrors() {
		t.Fatal(found)
	}
	var got []string
	New(s, Options{Check: true, Detail: true, Sink: sinkFunc(func(e *trace.Event) {
		if e.Type == trace.QueueReceived {
			got = append(got, e.Member)
		}
	})}).Run()
	if !slices.Equal(got, []string{"B"}) {
		t.Errorf("received by %v, want B, who lives", got)
	}
}

// TestQueueProducerRate: a rate action counts records anew from its instant, also for
// a queue, and what the old rate had still to send is not sent.
func TestQueueProducerRate(t *testing.T) {
	const file = `ksim: 1
duration: 20s
queues: [{name: q}]
producers: [{name: p, queue: q, rate: 3/s, to: 15s}]
groups:
  - {id: w, app: {model: queue-worker, queue: q}, members: [A]}
timeline:
  - {at: 1.5s, rate: {p: 0/s}}
  - {at: 10.2s, rate: {p: 0.5/s}}
`
	s, found := scenario.Load("t.yaml", []byte(file), scenario.Options{})
	if found.HasErrors() {
		t.Fatal(found)
	}
	var sent []string
	New(s, Options{Detail: true, Sink: sinkFunc(func(e *trace.Event) {
		if e.Type == trace.QueueSent {
			sent = append(sent, e.At.String())
		}
	})}).Run()
	if want := []string{"0m00.333334", "0m00.666667", "0m01.000", "0m01.333334", "0m12.200", "0m14.200"}; !slices.Equal(sent, want) {
		t.Errorf("sent at %v, want %v", sent, want)
	}
}
