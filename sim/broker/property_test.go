package broker

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

const horizon = 300 * clock.Microsecond

// TestLogsAndFetches compares the closed form of logs, and the fetches that wait on
// them, with a model that writes record by record: several producers of different
// rates and record sizes, changes of rate, partitions that are added and noticed
// later, and fetches in between that have to be answered at exactly the instant
// at which there is enough.
func TestLogsAndFetches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newPair(t)
		for now := clock.Time(0); ; {
			w.act(t, now)
			step := clock.Time(rapid.Int64Range(0, 60).Draw(t, "step"))
			if now+step > horizon {
				break
			}
			w.run(now + step)
			now += step
		}
		w.run(horizon + 1000) // the last fetch's deadline
		w.m.run(horizon + 1000)
		w.checkLogs(t)
		w.checkFetches(t)
	})
}

// pair is a cluster and its model, under the same actions, with the clock of both.
type pair struct {
	c *Cluster
	m model

	due      []clock.Time // by slot of a parked fetch, Never when not armed
	requests []sent
	answers  map[kafka.RequestID]answer
	now      clock.Time
}

type sent struct {
	at clock.Time
	r  *kafka.FetchRequest
}

type answer struct {
	at clock.Time
	r  *kafka.FetchResponse
}

func newPair(t *rapid.T) *pair {
	w := &pair{c: New(Config{Brokers: 1, OffsetsPartitions: 50, OffsetsReplicas: 1}), answers: make(map[kafka.RequestID]answer)}
	n := rapid.Int32Range(1, 4).Draw(t, "partitions")
	w.c.AddTopic("t", n, TopicConfig{Replicas: 1})
	w.m.logs = make([][]record, n)
	for i := range rapid.IntRange(1, 3).Draw(t, "producers") {
		p := modelProducer{
			from: clock.Time(rapid.Int64Range(0, 100).Draw(t, "from")), to: clock.Never,
			size: rapid.SampledFrom([]int64{1, 1, 3, 10}).Draw(t, "size"), known: n,
		}
		p.records, p.per = drawRate(t)
		p.origin = p.from
		if rapid.Bool().Draw(t, "ends") {
			p.to = p.from + clock.Time(rapid.Int64Range(0, 200).Draw(t, "until"))
		}
		w.m.producers = append(w.m.producers, p)
		w.m.open(i)
		w.c.Producer("t", InTurn(0), p.records, clock.Duration(p.per), p.size, p.from, min(p.to, horizon+2000), Guaranteed)
	}
	return w
}

func drawRate(t *rapid.T) (records, per int64) {
	return rapid.Int64Range(0, 5).Draw(t, "records"), rapid.Int64Range(1, 20).Draw(t, "per")
}

// act does one thing to both.
func (w *pair) act(t *rapid.T, now clock.Time) {
	i := rapid.IntRange(0, len(w.m.producers)-1).Draw(t, "producer")
	switch rapid.IntRange(0, 5).Draw(t, "action") {
	case 0:
		records, per := drawRate(t)
		w.m.setRate(now, i, records, per)
		w.c.SetRate(w, now, i, records, clock.Duration(per))
	case 1:
		w.m.logs = append(w.m.logs, nil)
		w.c.SetPartitions("t", int32(len(w.m.logs)))
	case 2:
		w.m.refresh(now, i)
		w.c.Refresh(w, now, i)
	case 3:
		w.c = w.c.Clone()
	default:
		w.fetch(t, now)
	}
}

func (w *pair) fetch(t *rapid.T, now clock.Time) {
	r := &kafka.FetchRequest{
		MaxWait:  clock.Time(rapid.Int64Range(0, 150).Draw(t, "max-wait")),
		MinBytes: rapid.Int64Range(1, 40).Draw(t, "min-bytes"), MaxBytes: rapid.Int64Range(1, 60).Draw(t, "max-bytes"),
	}
	for p := range int32(len(w.m.logs)) {
		if rapid.Bool().Draw(t, "fetched") {
			end := w.c.Log(kafka.TopicPartition{Topic: "t", Partition: p}).End(now)
			offset := max(0, end-rapid.Int64Range(-1, 20).Draw(t, "behind"))
			r.Partitions = append(r.Partitions, kafka.FetchPartition{
				TopicPartition: kafka.TopicPartition{Topic: "t", Partition: p}, Offset: offset, MaxBytes: rapid.Int64Range(1, 40).Draw(t, "partition-bytes"),
			})
		}
	}
	if len(r.Partitions) == 0 {
		return
	}
	w.requests = append(w.requests, sent{now, r})
	w.c.Fetch(w, now, 1, kafka.RequestID(len(w.requests)), r)
}

// run lets the parked fetches look again as they fall due.
func (w *pair) run(until clock.Time) {
	for {
		first := -1
		for slot, at := range w.due {
			if at <= until && (first < 0 || at < w.due[first]) {
				first = slot
			}
		}
		if first < 0 {
			break
		}
		w.now, w.due[first] = w.due[first], clock.Never
		w.c.FetchDue(w, w.now, uint32(first))
	}
	w.now = until
}

func (w *pair) Reply(to kafka.RequestID, r kafka.Response) {
	w.answers[to] = answer{w.now, r.(*kafka.FetchResponse)}
}

func (w *pair) DisarmFetch(slot uint32) { w.due[slot] = clock.Never }

func (w *pair) ArmFetch(slot uint32, at clock.Time) {
	for int(slot) >= len(w.due) {
		w.due = append(w.due, clock.Never)
	}
	w.due[slot] = at
}

// checkLogs asks each log at random instants.
func (w *pair) checkLogs(t *rapid.T) {
	for p := range int32(len(w.m.logs)) {
		l := w.c.Log(kafka.TopicPartition{Topic: "t", Partition: p})
		at := clock.Time(rapid.Int64Range(0, int64(horizon)).Draw(t, "at"))
		end := w.m.end(p, at)
		if got := l.End(at); got != end {
			t.Fatalf("partition %d ends at %d at %d, want %d", p, got, at, end)
		}
		if got, want := l.Next(at), w.m.next(p, at); got != want && (want != clock.Never || got <= horizon) {
			t.Fatalf("partition %d gets its next record after %d at %d, want %d", p, at, got, want)
		}
		if end == 0 {
			continue
		}
		from := rapid.Int64Range(0, end-1).Draw(t, "offset")
		if got, want := l.arrival(from, at), w.m.logs[p][from].at; got != want {
			t.Fatalf("record %d of partition %d arrives at %d, want %d", from, p, got, want)
		}
		w.checkBytes(t, l, from, end, at)
		maxBytes := rapid.Int64Range(1, 50).Draw(t, "max-bytes")
		var got []kafka.FetchedRange
		tp := kafka.TopicPartition{Topic: "t", Partition: p}
		for _, x := range l.pieces(nil, from, end, at, maxBytes) {
			got = append(got, kafka.FetchedRange{TopicPartition: tp, From: x.from, To: x.to, Size: x.size})
		}
		if want := w.m.read(tp, from, at, maxBytes); !slices.Equal(got, want) {
			t.Fatalf("at most %d bytes of [%d,%d): %v, want %v", maxBytes, from, end, got, want)
		}
	}
}

// checkBytes: exact below the amount asked for, and at least that above it.
func (w *pair) checkBytes(t *rapid.T, l *Log, from, end int64, at clock.Time) {
	enough := rapid.Int64Range(1, 50).Draw(t, "enough")
	var exact int64
	for o := from; o < end; o++ {
		exact += w.m.logs[l.partition][o].size
	}
	got := l.bytes(from, end, at, enough)
	if got > exact || got < min(exact, enough) {
		t.Fatalf("[%d,%d) has %d bytes, want %d (%d are enough)", from, end, got, exact, enough)
	}
}

// checkFetches compares each answer, and its time, with the model's.
func (w *pair) checkFetches(t *rapid.T) {
	for i, s := range w.requests {
		got, ok := w.answers[kafka.RequestID(i+1)]
		if !ok {
			t.Fatalf("fetch %+v has no answer", s)
		}
		at, want := w.m.fetch(s.at, s.r)
		if got.at != at || !slices.Equal(got.r.Partitions, want) {
			t.Fatalf("fetch %+v of %d answered at %d with %v, want %d with %v", *s.r, s.at, got.at, got.r.Partitions, at, want)
		}
	}
}
