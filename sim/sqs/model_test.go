package sqs

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/clock"
)

// plain is a queue as one would write it down from the documentation: a list that is
// searched from its beginning each time, without heaps and timers.
type plain struct {
	s        Settings
	list     []*plainMessage
	sent     map[string]clock.Time // when each deduplication id was taken
	moved    []Message             // to the dead-letter queue
	finished map[State]int64
}

type plainMessage struct {
	Message
	hidden   clock.Time // until when
	delayed  bool
	inFlight bool
	received clock.Time
}

func newPlain(s Settings) *plain {
	return &plain{s: s, sent: map[string]clock.Time{}, finished: map[State]int64{}}
}

func (p *plain) send(now clock.Time, m Message) bool {
	if at, known := p.sent[m.Dedup]; p.s.FIFO && m.Dedup != "" && known && now < at+deduplicationWindow {
		return false
	}
	p.sent[m.Dedup] = now
	m.Sent = now
	p.list = append(p.list, &plainMessage{Message: m, hidden: now + p.s.Delay, delayed: p.s.Delay > 0})
	return true
}

// settle does what time has done.
func (p *plain) settle(now clock.Time) {
	p.list = slices.DeleteFunc(p.list, func(m *plainMessage) bool {
		old := m.Sent+p.s.Retention <= now
		if old {
			p.finished[Expired]++
		}
		return old
	})
	for _, m := range p.list {
		if m.hidden <= now {
			m.delayed, m.inFlight = false, false
		}
	}
}

func (p *plain) inFlight() (n int64) {
	for _, m := range p.list {
		if m.inFlight {
			n++
		}
	}
	return n
}

// busy tells whether a message of the group is in flight.
func (p *plain) busy(group string) bool {
	return slices.ContainsFunc(p.list, func(m *plainMessage) bool { return m.Group == group && m.inFlight })
}

func (p *plain) receive(now clock.Time, most int) (got []string) {
	for i := 0; i < len(p.list) && len(got) < most && p.inFlight() < p.s.MaxInFlight; i++ {
		m := p.list[i]
		if p.s.FIFO {
			if p.busy(m.Group) {
				continue
			}
			n := len(p.list)
			got = p.receiveGroup(now, m.Group, most, got)
			if len(p.list) < n { // begin again: places have changed
				i = -1
			}
			continue
		}
		if m.inFlight || m.delayed {
			continue
		}
		n := len(p.list)
		got = p.hand(now, m, got)
		i -= n - len(p.list)
	}
	return got
}

func (p *plain) receiveGroup(now clock.Time, group string, most int, got []string) []string {
	before := len(got)
	for _, m := range slices.Clone(p.list) {
		if m.Group != group {
			continue
		}
		if m.delayed || len(got) == most || p.inFlight() >= p.s.MaxInFlight {
			break
		}
		if got = p.hand(now, m, got); len(got) == before {
			break // it was moved: another group may be the oldest now
		}
	}
	return got
}

func (p *plain) hand(now clock.Time, m *plainMessage, got []string) []string {
	if p.s.MaxReceives > 0 && m.Receives >= p.s.MaxReceives {
		p.moved = append(p.moved, m.Message)
		p.drop(m, DeadLettered)
		return got
	}
	m.Receives++
	m.hidden, m.inFlight, m.received = now+p.s.Visibility, true, now
	return append(got, fmt.Sprintf("%d.%d", m.ID, m.Receives))
}

func (p *plain) drop(m *plainMessage, as State) {
	p.finished[as]++
	p.list = slices.DeleteFunc(p.list, func(x *plainMessage) bool { return x == m })
}

// find gives the message of a handle, and whether that flight still goes on.
func (p *plain) find(id int64, receive int) (m *plainMessage, holds bool) {
	for _, m := range p.list {
		if m.ID == id {
			return m, m.inFlight && m.Receives == receive
		}
	}
	return nil, false
}

// compared is a queue, its dead-letter queue, and their host.
type compared struct {
	t        *rapid.T
	q        *Queue
	states   map[int64]State
	handles  []Delivery
	answered []string
	moved    []Message
}

func (c *compared) Changed(m Message, from, to State) {
	if before := c.states[m.ID]; before != from {
		c.t.Fatalf("message %d becomes %s after %s, it was %s", m.ID, to, from, before)
	}
	c.states[m.ID] = to
	if to == DeadLettered {
		c.moved = append(c.moved, m)
	}
}

func (c *compared) Answer(_ uint64, got []Delivery, _ *Error) {
	for _, d := range got {
		c.answered = append(c.answered, fmt.Sprintf("%d.%d", d.ID, d.Receives))
		c.handles = append(c.handles, d)
	}
}

// TestAgainstPlain plays random requests to a queue and to a plain one: they must
// hand out the same messages, whatever happens, and no message is lost or in two
// states.
func TestAgainstPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Settings{
			FIFO: rapid.Bool().Draw(t, "fifo"), Visibility: clock.Duration(rapid.IntRange(1, 40).Draw(t, "visibility")) * clock.Second,
			Delay: clock.Duration(rapid.IntRange(0, 5).Draw(t, "delay")) * clock.Second, Retention: clock.Duration(rapid.IntRange(20, 300).Draw(t, "retention")) * clock.Second,
			MaxReceives: rapid.IntRange(0, 4).Draw(t, "max-receives"), MaxInFlight: rapid.Int64Range(1, 12).Draw(t, "max-in-flight"),
			StaleDeletes: rapid.Bool().Draw(t, "stale-deletes"),
		}
		c := &compared{t: t, q: NewQueue(s), states: map[int64]State{}}
		p := newPlain(s)
		now := clock.Time(0)
		for step := range rapid.IntRange(1, 80).Draw(t, "steps") {
			switch rapid.IntRange(0, 6).Draw(t, "step") {
			case 0, 1:
				m := Message{ID: int64(step + 1), Group: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "group")}
				m.Dedup = rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "dedup")
				if got, want := c.q.Send(c, now, m), p.send(now, m); got != want {
					t.Fatalf("sent: %v, want %v", got, want)
				}
			case 2, 3:
				most := rapid.IntRange(1, MaxReceive).Draw(t, "most")
				c.answered = nil
				c.q.Receive(c, now, 0, most, 0)
				if want := p.receive(now, most); !slices.Equal(c.answered, want) {
					t.Fatalf("received %v, want %v", c.answered, want)
				}
			case 4:
				now += clock.Duration(rapid.IntRange(1, 20_000).Draw(t, "time")) * clock.Millisecond
				c.advance(now)
				p.settle(now)
			case 5:
				c.delete(p, now)
			case 6:
				c.change(p, now)
			}
			if rapid.IntRange(0, 9).Draw(t, "copy") == 0 {
				old := c.q
				c.q = c.q.Clone()
				old.Receive(&compared{t: t, q: old, states: copyOf(c.states)}, now, 0, 10, 0) // what the one goes through is not the other's
			}
			c.check(p)
		}
	})
}

func copyOf(states map[int64]State) map[int64]State {
	c := map[int64]State{}
	for id, s := range states {
		c[id] = s
	}
	return c
}

// advance lets time pass as the engine does: from one due instant to the next.
func (c *compared) advance(now clock.Time) {
	for at := c.q.Due(); at <= now; at = c.q.Due() {
		c.q.Advance(c, at)
	}
}

func (c *compared) delete(p *plain, now clock.Time) {
	if len(c.handles) == 0 {
		return
	}
	d := rapid.SampledFrom(c.handles).Draw(c.t, "handle")
	outcome, err := c.q.Delete(c, now, d.Receipt)
	m, holds := p.find(d.ID, d.Receives)
	if (err != nil) != (outcome == Refused) || err != nil && !p.s.FIFO {
		c.t.Fatalf("delete: outcome %d, error %v", outcome, err)
	}
	if m != nil && (holds || !p.s.FIFO && (m.Receives == d.Receives || p.s.StaleDeletes)) {
		p.drop(m, Deleted)
		if outcome != Removed {
			c.t.Fatalf("message %d is not deleted: outcome %d", d.ID, outcome)
		}
	} else if outcome == Removed {
		c.t.Fatalf("message %d is deleted by an old handle", d.ID)
	}
}

func (c *compared) change(p *plain, now clock.Time) {
	if len(c.handles) == 0 {
		return
	}
	d := rapid.SampledFrom(c.handles).Draw(c.t, "handle")
	timeout := clock.Duration(rapid.IntRange(0, 60).Draw(c.t, "timeout")) * clock.Second
	err := c.q.ChangeVisibility(c, now, d.Receipt, timeout)
	m, holds := p.find(d.ID, d.Receives)
	if holds != (err == nil) {
		c.t.Fatalf("change: %v, the flight goes on: %v", err, holds)
	}
	if holds {
		m.hidden, m.inFlight = now+timeout, timeout > 0
	}
}

// check: sent = deleted + visible + in flight + delayed + dead-lettered + expired, and
// no message is received more often than it may be.
func (c *compared) check(p *plain) {
	if broken := c.q.Broken(); broken != "" {
		c.t.Fatal(broken)
	}
	want := map[State]int64{Deleted: p.finished[Deleted], DeadLettered: p.finished[DeadLettered], Expired: p.finished[Expired]}
	for _, m := range p.list {
		switch {
		case m.delayed:
			want[Delayed]++
		case m.inFlight:
			want[InFlight]++
		default:
			want[Visible]++
		}
		if p.s.MaxReceives > 0 && m.Receives > p.s.MaxReceives {
			c.t.Fatalf("message %d has been received %d times", m.ID, m.Receives)
		}
	}
	for s := Delayed; s < states; s++ {
		if c.q.Count(s) != want[s] {
			c.t.Fatalf("%d messages are %s, want %d", c.q.Count(s), s, want[s])
		}
	}
	if len(c.moved) != len(p.moved) {
		c.t.Fatalf("%d messages have been moved, want %d", len(c.moved), len(p.moved))
	}
	for i := range c.moved {
		if c.moved[i] != p.moved[i] {
			c.t.Fatalf("moved %+v, want %+v", c.moved[i], p.moved[i])
		}
	}
}
