package sim

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/sim/txn"
)

// TestRandomTransactions runs applications with transactions that crash, freeze,
// stop, are cut off, and whose brokers fail: whatever happens, no record is lost
// and none is processed twice, and once no transaction is open, who reads committed
// records finds as many results in the output as records were processed.
func TestRandomTransactions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawTransactions(t)
		fail := func(why string) {
			file := leave(t, text)
			t.Fatalf("%s\nthe scenario is in %s; to see it:\n  go run ./cmd/ksim run %[2]s --check\n%s", why, file, text)
		}
		s, found := scenario.Load("random.yaml", []byte(text), scenario.Options{})
		if found.HasErrors() {
			fail(fmt.Sprint(found))
		}
		w := New(s, Options{Sink: &lines{}, Check: true})
		defer func() {
			if r := recover(); r != nil {
				fail(fmt.Sprint(r))
			}
		}()
		w.Run()
		g := w.FinalSample().Groups[0]
		repeated := int64(0)
		for _, m := range g.Members {
			repeated += m.Repeated
		}
		if g.Lost != 0 || repeated != 0 {
			fail(fmt.Sprintf("%d records are lost, %d are repeated", g.Lost, repeated))
		}
		if results, settled := committedResults(w); settled && results != g.Processed {
			fail(fmt.Sprintf("%d records were processed, %d results are committed", g.Processed, results))
		}
	})
}

// committedResults counts the records of topic out that who reads committed ones
// gets, and tells whether all transactions have ended.
func committedResults(w *World) (results int64, settled bool) {
	for i := range w.procs {
		switch w.txns.coordinator.State(w.procs[i].transactionalID()) {
		case txn.Empty, txn.CompleteCommit, txn.CompleteAbort:
		default:
			return 0, false
		}
	}
	for p := range w.cluster.Partitions("out") {
		tp := kafka.TopicPartition{Topic: "out", Partition: p}
		end := w.cluster.Log(tp).End(w.Now())
		results += end
		for _, h := range w.cluster.Hidden(nil, tp, 0, end, true) {
			results -= h[1] - h[0]
		}
	}
	return results, true
}

func drawTransactions(t *rapid.T) string {
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	brokers := rapid.IntRange(1, 3).Draw(t, "brokers")
	version, client := pick("version", "4.3", "3.9"), pick("client", "java@4.1", "java@3.6", "librdkafka", "kafka-python", "franz-go")
	config := "session.timeout.ms: 6000, heartbeat.interval.ms: 1000"
	if version == "4.3" && client == "java@4.1" && rapid.Bool().Draw(t, "kip848") {
		config = "group.protocol: consumer"
	} else if rapid.Bool().Draw(t, "cooperative") {
		strategy := javaAssignor("CooperativeSticky")
		if client[:4] != "java" {
			strategy = "cooperative-sticky"
		}
		config += ", partition.assignment.strategy: " + strategy
	}
	if client == "kafka-python" { // else it reads offsets that an open transaction is about to move
		config += ", isolation.level: read_committed"
	}
	if client != "franz-go" {
		config += fmt.Sprintf(", max.poll.interval.ms: %d", rapid.IntRange(6000, 20000).Draw(t, "max.poll"))
	}
	batch := ""
	if rapid.Bool().Draw(t, "batches") {
		batch = fmt.Sprintf(", batch: %d", rapid.IntRange(1, 100).Draw(t, "batch"))
	}
	batch += pick("rest", "", "",
		", poison: {offset: {t-0: 100}, action: crash}", ", poison: {every: 50, action: retry, attempts: 1000}",
		", startup: {wait-for-assignment: 4s, restart: 2s}",
		", shutdown: {drain: 1s, flush: 2ms}", ", shutdown: {drain: 10s, leave: false}", ", shutdown: {drain: 100ms, kill-after: 200ms}")
	var b strings.Builder
	fmt.Fprintf(&b, `ksim: 1
duration: 80s
seed: %d
cluster: {brokers: %d, version: %q}
topics: [{name: t, partitions: %d, replication-factor: %d}, {name: out, partitions: %d, replication-factor: %d}]
producers: [{name: pt, topic: t, rate: %d/s, to: 55s}]
groups:
  - id: g
    client: %s
    topics: [t]
    config: {auto.offset.reset: earliest, max.poll.records: %d, %s}
    app: {model: transactional, process: %dms, output-topic: out, producer-config: {transaction.timeout.ms: %d}%s}
    members:
`, rapid.Uint64().Draw(t, "seed"), brokers, version, rapid.IntRange(1, 4).Draw(t, "partitions"), brokers, rapid.IntRange(1, 3).Draw(t, "outputs"), brokers,
		rapid.IntRange(1, 150).Draw(t, "rate"), client, rapid.IntRange(1, 100).Draw(t, "max.poll.records"),
		config, rapid.IntRange(0, 30).Draw(t, "process"), rapid.IntRange(1000, 20000).Draw(t, "timeout"), batch)
	d := &drawing{T: t, brokers: brokers, topics: []string{"t"}, groups: []string{"g"}}
	d.members(&b, "M")
	d.timeline(&b)
	return b.String()
}

// TestReadersOfEachClient: whichever client reads the output of transactions gets
// each committed record once and no marker, and, told to read committed records
// only, nothing that was aborted.
func TestReadersOfEachClient(t *testing.T) {
	for profile := range consumers {
		text := fmt.Sprintf(`ksim: 1
duration: 40s
topics: [{name: t, partitions: 1}, {name: out, partitions: 1}]
producers: [{topic: t, rate: 50/s, to: 20s}]
groups:
  - {id: g, client: java, topics: [t], config: {auto.offset.reset: earliest, max.poll.records: 10, session.timeout.ms: 6000}, app: {model: transactional, process: 5ms, output-topic: out}, members: [A]}
  - {id: r, client: %s, topics: [out], config: {auto.offset.reset: earliest, isolation.level: read_committed}, app: {model: sequential, commit: batch}, members: [B]}
timeline:
  - {at: 10027ms, crash: A}
  - {at: 11s, start: A}
`, profile)
		s, found := scenario.Load("readers.yaml", []byte(text), scenario.Options{})
		if found.HasErrors() {
			t.Fatal(found)
		}
		aborted := false
		w := New(s, Options{Detail: true, Sink: sinkFunc(func(e *trace.Event) { aborted = aborted || e.Type == trace.TxnAborted })})
		w.Run()
		last := w.FinalSample()
		if g := last.Groups[0]; g.Processed != 1000 || !aborted {
			t.Fatalf("%s: the application processed %d of 1000 records, aborted: %t", profile, g.Processed, aborted)
		}
		if r := last.Groups[1]; r.Processed != 1000 || r.Lost != 0 {
			t.Errorf("%s: %d of 1000 results were read, %d are lost", profile, r.Processed, r.Lost)
		}
	}
}

// TestTransactionsWithoutMembers: aiokafka, sarama and kafkajs tell only the group whose
// offsets they send, so that the group cannot refuse a member that it has put out.
// With one member that crashes and stops at any time, and is started again, nothing is
// lost or processed twice for all that: its next producer ends what it has left open.
func TestTransactionsWithoutMembers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		client := rapid.SampledFrom([]string{"aiokafka", "sarama", "kafkajs"}).Draw(t, "client")
		var b strings.Builder
		fmt.Fprintf(&b, `ksim: 1
duration: 70s
seed: %d
topics: [{name: t, partitions: %d}, {name: out, partitions: %d}]
producers: [{topic: t, rate: %d/s, to: 45s}]
groups:
  - id: g
    client: %s
    topics: [t]
    config: {auto.offset.reset: earliest, session.timeout.ms: 6000, heartbeat.interval.ms: 1000}
    app: {model: transactional, process: %dms, output-topic: out, batch: %d%s}
    members: [A]
timeline:
`, rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 4).Draw(t, "partitions"), rapid.IntRange(1, 3).Draw(t, "outputs"), rapid.IntRange(1, 100).Draw(t, "rate"), client,
			rapid.IntRange(0, 8).Draw(t, "process"), rapid.IntRange(1, 50).Draw(t, "batch"), rapid.SampledFrom([]string{"", "", ", poison: {offset: {t-0: 100}, action: crash}", ", shutdown: {drain: 1s}"}).Draw(t, "rest"))
		at := rapid.IntRange(3000, 12000).Draw(t, "first")
		for at < 45000 {
			fmt.Fprintf(&b, "  - {at: %dms, %s: A}\n", at, rapid.SampledFrom([]string{"crash", "crash", "stop"}).Draw(t, "end"))
			at += rapid.IntRange(1000, 4000).Draw(t, "away")
			fmt.Fprintf(&b, "  - {at: %dms, start: A}\n", at)
			at += rapid.IntRange(5000, 15000).Draw(t, "up")
		}
		s, found := scenario.Load("one.yaml", []byte(b.String()), scenario.Options{})
		if found.HasErrors() {
			t.Fatal(found)
		}
		w := New(s, Options{Sink: &lines{}, Check: true})
		w.Run()
		g := w.FinalSample().Groups[0]
		if g.Lost != 0 || g.Members[0].Repeated != 0 {
			t.Fatalf("%d records are lost, %d are repeated:\n%s", g.Lost, g.Members[0].Repeated, b.String())
		}
		if results, settled := committedResults(w); settled && results != g.Processed {
			t.Fatalf("%d records were processed, %d results are committed:\n%s", g.Processed, results, b.String())
		}
	})
}

// TestWriteTooLate: what becomes of a program that writes after its transaction has been
// aborted for its age. So it was with a real broker 4.1.0 and each real library (begin,
// write, 14 s with a timeout of 1 s, write, commit, abort, begin again): Java 4.1 and
// franz-go 1.22 abort and go on, for all others that is the end. (sarama 1.61 too; but
// its handlers begin a transaction when the work is done, so it is never late here.)
func TestWriteTooLate(t *testing.T) {
	for _, c := range []struct{ client, refused, ends string }{
		{"java@4.1", "InvalidProducerEpochException", ""},
		{"franz-go@1.22", "INVALID_PRODUCER_EPOCH", ""},
		{"aiokafka@0.14", "ProducerFenced", "ProducerFenced"},
		{"kafka-python@3.0", "InvalidProducerEpochError", "KafkaError"},
		{"kafkajs@2.2", "KafkaJSProtocolError", "KafkaJSProtocolError"},
	} {
		text := fmt.Sprintf(`ksim: 1
duration: 60s
cluster: {version: "4.1"}
topics: [{name: orders, partitions: 1}, {name: invoices, partitions: 1}]
producers: [{topic: orders, rate: 10/s}]
groups:
  - id: billing
    client: %s
    topics: [orders]
    config: {auto.offset.reset: earliest, session.timeout.ms: 45000}
    app: {model: transactional, process: 20ms, output-topic: invoices, batch: 5, producer-config: {transaction.timeout.ms: 1000}}
    members: [A]
timeline: [{at: 20250ms, slow: {A: 14s}}]
`, c.client)
		s, found := scenario.Load("late.yaml", []byte(text), scenario.Options{})
		if found.HasErrors() {
			t.Fatal(found)
		}
		refused, ends := "", ""
		w := New(s, Options{Check: true, Sink: sinkFunc(func(e *trace.Event) {
			switch {
			case e.Type == trace.CommitFailed && refused == "":
				refused = e.Error
			case e.Type == trace.MemberStopped:
				ends = e.Error
			}
		})})
		w.Run()
		g := w.FinalSample().Groups[0]
		if refused != c.refused || ends != c.ends {
			t.Errorf("%s: refused with %q, ended with %q", c.client, refused, ends)
		}
		if goesOn := g.Processed > 400; goesOn != (c.ends == "") || g.Lost != 0 {
			t.Errorf("%s: %d records were processed, %d lost", c.client, g.Processed, g.Lost)
		}
	}
}
