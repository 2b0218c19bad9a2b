package ledger

import (
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/client"
	"ksim/sim/kafka"
)

// TestAgainstRecords compares the account in ranges with one that knows each record
// by itself: whatever is completed in whatever order, by several members and with
// overlaps, the numbers of processed, repeated and lost records agree.
func TestAgainstRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var l Ledger
		m := newModel()
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			r := drawRange(t)
			switch rapid.IntRange(0, 5).Draw(t, "action") {
			case 0:
				l.Delivered(r)
				m.deliver(r)
			case 1: // a copy goes on, and what the old one is told is not its business
				old := l
				l = old.Clone()
				old.Completed("A", r)
			default:
				name := rapid.SampledFrom([]string{"A", "B"}).Draw(t, "member")
				if got, want := l.Completed(name, r), m.complete(name, r); got != want {
					t.Fatalf("%v repeats %d records, want %d", r, got, want)
				}
			}
			m.check(t, &l)
		}
	})
}

// model is the account, record by record.
type model struct {
	done              map[record]bool
	first             map[kafka.TopicPartition]int64
	records, repeated map[string]int64
}

type record struct {
	tp     kafka.TopicPartition
	offset int64
}

func newModel() *model {
	return &model{
		done: make(map[record]bool), first: make(map[kafka.TopicPartition]int64),
		records: make(map[string]int64), repeated: make(map[string]int64),
	}
}

func drawRange(t *rapid.T) client.Range {
	from := rapid.Int64Range(0, 30).Draw(t, "from")
	return client.Range{
		TopicPartition: kafka.TopicPartition{Topic: "t", Partition: rapid.Int32Range(0, 1).Draw(t, "partition")},
		From:           from, To: from + rapid.Int64Range(1, 10).Draw(t, "records"),
	}
}

func (m *model) deliver(r client.Range) {
	if first, ok := m.first[r.TopicPartition]; !ok || r.From < first {
		m.first[r.TopicPartition] = r.From
	}
}

func (m *model) complete(name string, r client.Range) (repeated int64) {
	for o := r.From; o < r.To; o++ {
		x := record{r.TopicPartition, o}
		if m.done[x] {
			repeated++
		}
		m.done[x] = true
		m.records[name]++
	}
	m.repeated[name] += repeated
	return repeated
}

// lost counts the records below the committed offset, from the group's first
// position on, that nobody has completed and nobody holds.
func (m *model) lost(tp kafka.TopicPartition, committed int64, held []client.Range) (n int64) {
	first, ok := m.first[tp]
	if !ok {
		return 0
	}
	for o := first; o < committed; o++ {
		kept := m.done[record{tp, o}]
		for _, r := range held {
			kept = kept || r.TopicPartition == tp && r.From <= o && o < r.To
		}
		if !kept {
			n++
		}
	}
	return n
}

func (m *model) check(t *rapid.T, l *Ledger) {
	for _, name := range []string{"A", "B"} {
		if l.Processed(name) != m.records[name] || l.Repeated(name) != m.repeated[name] {
			t.Fatalf("%s: %d processed, %d repeated; want %d, %d", name, l.Processed(name), l.Repeated(name), m.records[name], m.repeated[name])
		}
	}
	if got, want := l.Processed(""), int64(len(m.done)); got != want {
		t.Fatalf("%d distinct records processed, want %d", got, want)
	}
	held := []client.Range{drawRange(t), drawRange(t)}
	tp := held[0].TopicPartition
	committed := rapid.Int64Range(-1, 45).Draw(t, "committed")
	if got, want := l.Lost(tp, committed, held), m.lost(tp, committed, held); got != want {
		t.Fatalf("%d of %s lost below %d with %v held, want %d", got, tp, committed, held, want)
	}
}
