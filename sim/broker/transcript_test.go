package broker

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/internal/golden"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTranscripts plays requests to a cluster and compares its answers, one file a
// behaviour.
//
//	new brokers=2                      a cluster
//	topic NAME PARTITIONS              create a topic
//	producer TOPIC rate= size= [from=] rate is records per second
//	rate N RATE, refresh N             a producer's rate changes; its metadata refresh
//	produce ID epoch= records=         a transactional producer's; partitions follow
//	marker ID commit|abort epoch=      the end of its transaction
//	hidden [committed] P=FROM..TO      what no application is handed
//	partitions TOPIC TOTAL             CreatePartitions
//	fetch KEY=VALUE… [at=T]            offsets of partitions follow in its input
//	share-group lock= limit= most= reset=   group g, a share group
//	share-fetch MEMBER epoch= […]      partitions follow in its input
//	share-ack MEMBER epoch=            verdicts follow, a line each: TYPE PARTITION FROM TO
//	share-gone MEMBER                  its connections have ended
//	share-offsets PARTITION            where group g stands
//	metadata TOPIC…, list-offsets …    the other requests
//	fail N, fence N, returned N, unfence N, elect-preferred   what happens to a broker
//	partition NAME                     its leader, replicas and offsets
//	retain                             a look for old segments
//	run T                              time passes
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		if !strings.HasSuffix(path, ".txt") {
			return
		}
		var w *world
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "new" {
				w = newWorld(t, d)
				return ""
			}
			w.play(t, d)
			text := w.out.String()
			w.out.Reset()
			return cmp.Or(text, "ok\n")
		})
	})
}

// TestPlacement pins who leads and who coordinates: with as many brokers as
// __consumer_offsets has partitions, the coordinator's id is the partition + 1.
func TestPlacement(t *testing.T) {
	for group, partition := range map[string]int32{"my-group": 12, "test": 48, "orders": 31, "ksim": 16} {
		if got := New(Config{Brokers: 50, OffsetsPartitions: 50, OffsetsReplicas: 1}).Coordinator(group) - 1; got != partition {
			t.Errorf("group %s is in partition %d of __consumer_offsets, want %d", group, got, partition)
		}
		if got, want := New(Config{Brokers: 3, OffsetsPartitions: 50, OffsetsReplicas: 3}).Coordinator(group), partition%3+1; got != want {
			t.Errorf("group %s is coordinated by broker %d of 3, want %d", group, got, want)
		}
	}
	c := New(Config{Brokers: 3, OffsetsPartitions: 50, OffsetsReplicas: 3})
	c.AddTopic("t", 5, TopicConfig{Replicas: 1})
	for partition, want := range []int32{1, 2, 3, 1, 2} {
		if got := c.Leader(kafka.TopicPartition{Topic: "t", Partition: int32(partition)}); got != want {
			t.Errorf("partition %d is led by %d, want %d", partition, got, want)
		}
	}
}

func newWorld(t *testing.T, d *datadriven.TestData) *world {
	return &world{c: New(Config{
		Brokers: int32(number(t, argument(t, d, "brokers", "2"))), OffsetsPartitions: int32(number(t, argument(t, d, "offsets", "3"))),
		OffsetsReplicas: int32(number(t, argument(t, d, "offsets-replicas", "1"))), OffsetsMinInSync: 1,
		Latency: duration(t, argument(t, d, "latency", "10ms")), EffectiveMinISR: argument(t, d, "effective-min-isr", "true") == "true",
	})}
}

func topicConfig(t *testing.T, d *datadriven.TestData) TopicConfig {
	return TopicConfig{
		Replicas: int32(number(t, argument(t, d, "replicas", "1"))), MinInSync: int32(number(t, argument(t, d, "min-isr", "1"))),
		Unclean: d.HasArg("unclean"),
		Retention: Retention{
			Time: duration(t, argument(t, d, "retention", "604800s")), Bytes: number(t, argument(t, d, "retention-bytes", "-1")),
			SegmentTime: duration(t, argument(t, d, "segment", "604800s")), SegmentBytes: number(t, argument(t, d, "segment-bytes", "1000000000")),
		},
	}
}

func guarantee(t *testing.T, d *datadriven.TestData) Sending {
	g := Guaranteed
	g.DeliveryTimeout = duration(t, argument(t, d, "delivery-timeout", "120s"))
	g.Retries = number(t, argument(t, d, "retries", "2147483647"))
	g.Linger, g.Full = duration(t, argument(t, d, "linger", "0s")), number(t, argument(t, d, "full", "1000000"))
	g.Percent = number(t, argument(t, d, "percent", "0"))
	g.Acks = map[string]Acks{"all": AcksAll, "1": AcksLeader, "0": AcksNone}[argument(t, d, "acks", "all")]
	return g
}

// change is what happens to a broker.
func (w *world) change(t *testing.T, d *datadriven.TestData) {
	var moves []Move
	switch d.Cmd {
	case "fail":
		w.c.Fail(w, w.now, int32(number(t, d.CmdArgs[0].Key)))
	case "fence":
		moves = w.c.Fence(w, w.now, int32(number(t, d.CmdArgs[0].Key)))
	case "returned":
		w.c.Returned(int32(number(t, d.CmdArgs[0].Key)))
	case "unfence":
		moves = w.c.Unfence(w, w.now, int32(number(t, d.CmdArgs[0].Key)))
	case "elect-preferred":
		moves = w.c.ElectPreferred(w, w.now)
	}
	for _, m := range moves {
		if m.Topic != OffsetsTopic || d.HasArg("offsets") {
			fmt.Fprintf(&w.out, "%s-%d: leader %d, was %d, epoch %d, %d lost, %d given up\n", m.Topic, m.Partition, m.To, m.From, m.Epoch, m.Lost, m.GaveUp)
		}
	}
}

// describe prints a partition as kafka-topics.sh does, with its offsets.
func (w *world) describe(name string) {
	l := w.c.Log(kafka.DecodeAssignment(name)[0])
	fmt.Fprintf(&w.out, "%s leader %d epoch %d replicas %v isr %v offsets %d to %d\n", name, l.leader, l.epoch, l.assigned, l.isr, l.start, l.End(w.now))
}

func offsetsOrErrors(r *kafka.ListOffsetsResponse) []string {
	var out []string
	for i, o := range r.Offsets {
		if err := r.Err(i); err != kafka.ErrNone {
			out = append(out, err.String())
		} else {
			out = append(out, strconv.FormatInt(o, 10))
		}
	}
	return out
}

// world is a cluster, the clock, and when its parked fetches look again.
type world struct {
	c       *Cluster
	now     clock.Time
	due     []clock.Time // by slot; 0 when not armed
	fetches kafka.RequestID
	out     strings.Builder
}

func (w *world) play(t *testing.T, d *datadriven.TestData) {
	if at := argument(t, d, "at", ""); at != "" {
		w.run(duration(t, at))
	}
	words := strings.Fields(d.Input)
	switch d.Cmd {
	case "topic":
		w.c.AddTopic(d.CmdArgs[0].Key, int32(number(t, d.CmdArgs[1].Key)), topicConfig(t, d))
	case "partitions":
		w.c.SetPartitions(d.CmdArgs[0].Key, int32(number(t, d.CmdArgs[1].Key)))
	case "producer":
		i := w.c.Producer(d.CmdArgs[0].Key, InTurn(0), number(t, argument(t, d, "rate", "")), clock.Second, number(t, argument(t, d, "size", "")), duration(t, argument(t, d, "from", "0s")), clock.Hour, guarantee(t, d))
		fmt.Fprintln(&w.out, "producer", i)
	case "rate":
		w.c.SetRate(w, w.now, int(number(t, d.CmdArgs[0].Key)), number(t, d.CmdArgs[1].Key), clock.Second)
	case "refresh":
		w.c.Refresh(w, w.now, int(number(t, d.CmdArgs[0].Key)))
	case "produce":
		r := &kafka.ProduceRequest{Producing: kafka.Producing{ProducerID: number(t, d.CmdArgs[0].Key), Epoch: int16(number(t, argument(t, d, "epoch", "0")))}}
		for _, tp := range kafka.DecodeAssignment(strings.Join(words, ",")) {
			r.Batches = append(r.Batches, kafka.ProduceBatch{TopicPartition: tp, Records: number(t, argument(t, d, "records", "1")), Size: 100, Sequence: number(t, argument(t, d, "sequence", "0"))})
		}
		response, wait := w.c.Produce(w, w.now, 1, r)
		fmt.Fprintln(&w.out, response.Errs, "after", wait)
	case "marker":
		for _, tp := range kafka.DecodeAssignment(strings.Join(words, ",")) {
			w.c.WriteMarker(w, w.now, tp, number(t, d.CmdArgs[0].Key), int16(number(t, argument(t, d, "epoch", "0"))), d.HasArg("commit"))
		}
	case "hidden":
		x := d.CmdArgs[len(d.CmdArgs)-1]
		from, to, _ := strings.Cut(x.Vals[0], "..")
		fmt.Fprintln(&w.out, w.c.Hidden(nil, kafka.DecodeAssignment(x.Key)[0], number(t, from), number(t, to), d.HasArg("committed")))
	case "metadata":
		m := w.c.Metadata(&kafka.MetadataRequest{Topics: words})
		fmt.Fprintln(&w.out, "brokers", m.Brokers)
		for _, x := range m.Topics {
			fmt.Fprintln(&w.out, x.Topic, x.Err, x.Leaders)
		}
	case "list-offsets":
		r := &kafka.ListOffsetsRequest{Partitions: kafka.DecodeAssignment(strings.Join(words, ",")), Latest: d.HasArg("latest"), ReadCommitted: d.HasArg("committed")}
		fmt.Fprintln(&w.out, offsetsOrErrors(w.c.ListOffsets(w.now, int32(number(t, argument(t, d, "broker", "1"))), r)))
	case "fetch":
		w.fetches++
		w.c.Fetch(w, w.now, int32(number(t, argument(t, d, "broker", "1"))), w.fetches, fetchRequest(t, d, words))
	case "share-group", "share-fetch", "share-ack", "share-gone", "share-offsets":
		w.playShare(t, d)
	case "fail", "fence", "returned", "unfence", "elect-preferred":
		w.change(t, d)
	case "partition":
		w.describe(d.CmdArgs[0].Key)
	case "retain":
		for _, x := range w.c.Retain(w, w.now) {
			fmt.Fprintf(&w.out, "%s begins at %d: %d records are gone\n", x.TopicPartition, x.Start, x.Records)
		}
	case "run":
		w.run(duration(t, d.CmdArgs[0].Key))
	default:
		t.Fatalf("%s: no such command", d.Pos)
	}
}

// fetchRequest reads `t-0=5 t-1=7` and the limits.
func fetchRequest(t *testing.T, d *datadriven.TestData, words []string) *kafka.FetchRequest {
	r := &kafka.FetchRequest{
		MaxWait:  duration(t, argument(t, d, "max-wait", "500ms")),
		MinBytes: number(t, argument(t, d, "min-bytes", "1")),
		MaxBytes: number(t, argument(t, d, "max-bytes", "1000000")), ReadCommitted: d.HasArg("committed"),
	}
	for _, x := range words {
		name, offset, _ := strings.Cut(x, "=")
		r.Partitions = append(r.Partitions, kafka.FetchPartition{
			TopicPartition: kafka.DecodeAssignment(name)[0], Offset: number(t, offset),
			MaxBytes: number(t, argument(t, d, "partition-bytes", "1000000")),
		})
	}
	return r
}

// run lets the parked fetches look again as they fall due.
func (w *world) run(until clock.Time) {
	for {
		first := -1
		for slot, at := range w.due {
			if at != 0 && at <= until && (first < 0 || at < w.due[first]) {
				first = slot
			}
		}
		if first < 0 {
			break
		}
		w.now, w.due[first] = w.due[first], 0
		fmt.Fprintf(&w.out, "%s slot %d looks again\n", w.now, first)
		w.c.FetchDue(w, w.now, uint32(first))
	}
	w.now = until
}

func (w *world) Reply(to kafka.RequestID, r kafka.Response) {
	if text := shareText(r); text != "" {
		fmt.Fprintf(&w.out, "%s share %d:%s\n", w.now, to, text)
		return
	}
	fmt.Fprintf(&w.out, "%s fetch %d:", w.now, to)
	for _, x := range r.(*kafka.FetchResponse).Partitions {
		if x.Err != kafka.ErrNone {
			fmt.Fprintf(&w.out, " %s %s", x.TopicPartition, x.Err)
			continue
		}
		fmt.Fprintf(&w.out, " %s[%d,%d) of %d bytes", x.TopicPartition, x.From, x.To, x.Size)
	}
	w.out.WriteString("\n")
}

func (w *world) DisarmFetch(slot uint32) {
	w.due[slot] = 0
	fmt.Fprintf(&w.out, "%s slot %d is gone\n", w.now, slot)
}

func (w *world) ArmFetch(slot uint32, at clock.Time) {
	for int(slot) >= len(w.due) {
		w.due = append(w.due, 0)
	}
	w.due[slot] = at
	fmt.Fprintf(&w.out, "%s slot %d waits until %s\n", w.now, slot, at)
}

func argument(t *testing.T, d *datadriven.TestData, key, missing string) string {
	value := missing
	d.MaybeScanArgs(t, key, &value)
	return value
}

// duration reads `1.5s` or `70ms`.
func duration(t *testing.T, text string) clock.Duration {
	unit, digits := clock.Second, strings.TrimSuffix(text, "s")
	if d, ok := strings.CutSuffix(text, "ms"); ok {
		unit, digits = clock.Millisecond, d
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	fraction = (fraction + "000")[:3]
	return clock.Duration(number(t, whole))*unit + clock.Duration(number(t, fraction))*unit/1000
}

func number(t *testing.T, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
