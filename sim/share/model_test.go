package share

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// record is one record of the model: what a batch says of many, said of one.
type record struct {
	state  State
	count  int
	member string
	lock   clock.Time
}

// model is a share-partition record by record. It does not say which records are
// delivered, only what becomes of those that were.
type model struct {
	s       Settings
	records map[int64]*record // from the start to the end
	start   int64
	end     int64
}

func (m *model) deliver(now clock.Time, member string, d Delivery) error {
	for o := d.From; o < d.To; o++ {
		r := m.records[o]
		if r == nil {
			r = &record{}
			m.records[o] = r
		}
		if r.state != Available {
			return fmt.Errorf("%d is delivered in state %s", o, r.state)
		}
		r.state, r.member, r.lock = Acquired, member, now+m.s.LockDuration
		if r.count++; r.count != d.Count {
			return fmt.Errorf("%d is delivered for the %d. time, told as %d", o, r.count, d.Count)
		}
		m.end = max(m.end, o+1)
	}
	return nil
}

func (m *model) release(r *record) {
	r.state, r.member, r.lock = Available, "", 0
	if r.count >= m.s.DeliveryLimit {
		r.state = Archived
	}
}

func (m *model) advance() {
	for m.start < m.end && m.records[m.start].state.terminal() {
		delete(m.records, m.start)
		m.start++
	}
}

// TestAgainstRecords plays random sequences to a share-partition and to a model
// that keeps every record by itself: start, end and counts must agree, no record
// is in two hands, none is delivered more often than the limit, and none that has
// reached its end comes back.
func TestAgainstRecords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Settings{DeliveryLimit: rapid.IntRange(2, 6).Draw(t, "limit"), LockDuration: 100, MaxInFlight: rapid.Int64Range(5, 60).Draw(t, "in flight"), UncountsClosed: rapid.Bool().Draw(t, "before 4.2")}
		p, m := New(s, 7), &model{s: s, records: map[int64]*record{}, start: 7, end: 7}
		now, logEnd := clock.Time(0), int64(7)
		member := func() string { return rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "member") }
		for range rapid.IntRange(1, 60).Draw(t, "steps") {
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0, 1:
				logEnd += rapid.Int64Range(0, 30).Draw(t, "written")
				who, most := member(), rapid.Int64Range(1, 40).Draw(t, "most")
				var n int64
				for _, d := range p.Acquire(now, who, logEnd, most) {
					n += d.To - d.From
					if err := m.deliver(now, who, d); err != nil {
						t.Fatal(err)
					}
				}
				if n > most || p.End() > logEnd || p.End()-p.Start() > s.MaxInFlight {
					t.Fatalf("%d of at most %d records, to %d of %d, from %d", n, most, p.End(), logEnd, p.Start())
				}
			case 2:
				acknowledge(t, p, m, now, member())
			case 3:
				now += clock.Duration(rapid.IntRange(1, 150).Draw(t, "time"))
				p.Expire(now)
				for o := m.start; o < m.end; o++ {
					if r := m.records[o]; r.state == Acquired && r.lock <= now {
						m.release(r)
					}
				}
			case 4:
				who := member()
				p.Close(who)
				for o := m.start; o < m.end; o++ {
					if r := m.records[o]; r.state == Acquired && r.member == who {
						if s.UncountsClosed {
							r.count--
						}
						m.release(r)
					}
				}
			}
			m.advance()
			compare(t, p, m)
		}
	})
}

// acknowledge plays a random acknowledgement of one range to both.
func acknowledge(t *rapid.T, p *Partition, m *model, now clock.Time, who string) {
	from := m.start + rapid.Int64Range(-3, 20).Draw(t, "from")
	a := Acknowledgement{from, from + rapid.Int64Range(1, 20).Draw(t, "records"), AcknowledgeType(rapid.IntRange(0, 4).Draw(t, "type"))}
	err := p.Acknowledge(now, who, []Acknowledgement{a})
	if a.To <= m.start {
		return
	}
	want := kafka.ErrNone
	if a.To > m.end {
		want = kafka.ErrInvalidRequest
	}
	for o := max(a.From, m.start); o < a.To && want == kafka.ErrNone; o++ {
		if r := m.records[o]; r.state != Acquired || r.member != who {
			want = kafka.ErrInvalidRecordState
		}
	}
	if err != want {
		t.Fatalf("%s acknowledges [%d, %d): %s, want %s", who, a.From, a.To, err, want)
	}
	for o := max(a.From, m.start); o < a.To && want == kafka.ErrNone; o++ {
		switch r := m.records[o]; a.Type {
		case Accept:
			*r = record{state: Acknowledged, count: r.count}
		case Release:
			m.release(r)
		case Renew:
			r.lock = now + m.s.LockDuration
		default:
			*r = record{state: Archived, count: r.count}
		}
	}
}

func compare(t *rapid.T, p *Partition, m *model) {
	if p.Start() != m.start || p.End() != m.end {
		t.Fatalf("from %d to %d, want %d to %d", p.Start(), p.End(), m.start, m.end)
	}
	at, completed, due := p.start, int64(0), clock.Never
	for i, b := range p.inFlight {
		if b.from != at || b.to <= b.from {
			t.Fatalf("batch %d is [%d, %d) after %d", i, b.from, b.to, at)
		}
		for ; at < b.to; at++ {
			r := m.records[at]
			if r.state != b.state || r.count != b.count || r.member != b.member || r.lock != b.lock {
				t.Fatalf("%d is %+v, want %+v", at, b, *r)
			}
			if r.count > m.s.DeliveryLimit {
				t.Fatalf("%d has been delivered %d times", at, r.count)
			}
			if r.state.terminal() {
				completed++
			}
			if r.state == Acquired {
				due = min(due, r.lock)
			}
		}
	}
	if p.Completed() != completed || p.LockDue() != due {
		t.Fatalf("%d completed, locks due %s; want %d, %s", p.Completed(), p.LockDue(), completed, due)
	}
}
