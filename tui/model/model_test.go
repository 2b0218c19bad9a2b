package model

import (
	"fmt"
	"strings"
	"testing"

	"ksim/internal/golden"
	"ksim/sim"
	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/scenario/scenariotest"
	"ksim/sim/trace"
)

// text is a moment as lines: what a screen may show of it.
func text(m *Moment) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  #%d\n", m.At, m.Seq)
	for i := range m.Groups {
		g := &m.Groups[i]
		fmt.Fprintf(&b, "group %s  %s  generation %d  assignor %q  broker %d  lag %d", g.ID, g.State, g.Generation, g.Assignor, g.Coordinator, g.Lag)
		if g.PhaseEnds != clock.Never {
			fmt.Fprintf(&b, "  waits for %v until %s", g.Awaited, g.PhaseEnds)
		}
		b.WriteByte('\n')
		for k := range g.Members {
			x := &g.Members[k]
			fmt.Fprintf(&b, "  %s  %s  %q  %v\n", x.Name, x.State, x.Doing, x.Assigned)
			for _, bar := range x.Bars {
				fmt.Fprintf(&b, "    %-9s %s of %s (%s) over %v\n", bar.Label, bar.Value, bar.Limit, bar.Property, bar.Over)
			}
		}
		for _, p := range g.Partitions {
			fmt.Fprintf(&b, "  %s  owner %q  committed %d  position %d  end %d  lag %d\n", p.TopicPartition, p.Owner, p.Committed, p.Position, p.End, p.Lag)
		}
	}
	return b.String()
}

// TestMoments shows the state of slow-upload at telling instants, as a file that can
// be read: before the group, while it forms, in the upload, after the client has left
// without its program's knowledge, after the rejoin.
func TestMoments(t *testing.T) {
	r := New(scenariotest.Load(t, "slow-upload"))
	var b strings.Builder
	for _, at := range []string{"0s", "2s", "1m", "5m", "7m31s", "8m30.5s", "9m"} {
		d, err := scenario.ParseDuration(at)
		if err != nil {
			t.Fatal(err)
		}
		m := r.Moment(r.At(d), d)
		b.WriteString(text(&m) + "\n")
	}
	golden.File(t, "testdata/slow-upload.moments", b.String())
}

// TestStepsForthAndBack shows that the steps of interest forward are those backward,
// that single steps leave nothing out, and that each moment is the same whichever way
// one comes to it.
func TestStepsForthAndBack(t *testing.T) {
	r := New(scenariotest.Load(t, "slow-upload"))
	var forth []uint64
	moments := map[uint64]string{}
	see := func(seq uint64) string {
		m := r.Moment(seq, 0)
		return text(&m)
	}
	for seq, ok := r.Next(0, OfInterest); ok; seq, ok = r.Next(seq, OfInterest) {
		forth = append(forth, seq)
		moments[seq] = see(seq)
	}
	if len(forth) < 15 {
		t.Fatalf("only %d steps of interest", len(forth))
	}
	_, last, _ := r.Head()
	at := last + 1
	for i := len(forth) - 1; i >= 0; i-- {
		seq, ok := r.Previous(at, OfInterest)
		if !ok || seq != forth[i] {
			t.Fatalf("back from %d: %d, expected %d", at, seq, forth[i])
		}
		if got := see(seq); got != moments[seq] {
			t.Fatalf("event %d looks otherwise on the way back:\n%s\nand on the way there:\n%s", seq, got, moments[seq])
		}
		at = seq
	}
	if seq, ok := r.Previous(at, OfInterest); ok || seq != 0 {
		t.Errorf("before the first step: %d, %v", seq, ok)
	}
	seq := forth[3]
	for range 50 {
		next, _ := r.Single(seq)
		if e := r.Event(next); next != seq+1 || e == nil || e.Seq != next {
			t.Fatalf("a single step from %d comes to %d", seq, next)
		}
		seq = next
	}
}

// TestAt shows that going to a time comes to the last event up to it, detail too.
func TestAt(t *testing.T) {
	s := scenariotest.Load(t, "slow-upload")
	var times []clock.Time // by number
	sim.New(s, sim.Options{Detail: true, Sink: sink(func(e *trace.Event) { times = append(times, e.At) })}).Run()
	r := New(s)
	for _, at := range []clock.Time{0, 5 * clock.Millisecond, 3 * clock.Second, 100*clock.Second + 1, 450 * clock.Second, s.Duration, 2 * s.Duration} {
		want := uint64(0)
		for i, x := range times {
			if x <= at {
				want = uint64(i + 1)
			}
		}
		if got := r.At(at); got != want {
			t.Errorf("at %s: event %d, expected %d", at, got, want)
		}
	}
}

type sink func(*trace.Event)

func (s sink) Event(e *trace.Event) { s(e) }

// TestWhy shows the chain behind the refused commit of slow-upload, with the property
// that rules it.
func TestWhy(t *testing.T) {
	r := New(scenariotest.Load(t, "slow-upload"))
	seq, ok := r.Next(0, func(e *Entry) bool { return e.Type == trace.CommitFailed })
	if !ok {
		t.Fatal("no commit fails")
	}
	w := r.Why(seq)
	var b strings.Builder
	for _, x := range w.Chain {
		fmt.Fprintf(&b, "%s %s\n", x.At, x.Text)
	}
	fmt.Fprintf(&b, "rule: %s\n", w.Rule.Name())
	golden.File(t, "testdata/slow-upload.why", b.String())
}

// TestEvents makes sure that an export which goes through all events, detail too, leaves
// none out where the tape goes from one stretch to the next.
func TestEvents(t *testing.T) {
	r := New(scenariotest.Load(t, "slow-upload"))
	n := uint64(0)
	shown := 0
	for e := range r.Events() {
		if n++; e.Seq != n {
			t.Fatalf("event %d stands where %d should", e.Seq, n)
		}
		if _, ok := r.Entry(e.Seq); ok {
			shown++
		}
	}
	if _, last, ended := r.Head(); n != last || !ended || shown != len(r.Entries()) {
		t.Errorf("%d of %d events, %d of %d entries, ended %v", n, last, shown, len(r.Entries()), ended)
	}
}

// TestEvictionsAreTrouble: where a client gives its member up is marked as the text
// output marks it, ✗, and not as the mere warning that a member which leaves by itself
// is: it is what the run is about.
func TestEvictionsAreTrouble(t *testing.T) {
	for name, want := range map[string]Tone{"slow-upload": Trouble, "rebalance/graceful-stop-range": Warning} {
		r := New(scenariotest.Load(t, name))
		for r.Advance(1 << 20) {
		}
		left := 0
		for i := range r.Entries() {
			if e := &r.Entries()[i]; e.Type == trace.MemberLeft {
				left++
				if e.Tone != want {
					t.Errorf("%s: %s, %q: a %s, want %s", name, e.At, e.Text, e.Tone, want)
				}
			}
		}
		if left == 0 {
			t.Errorf("%s: nobody leaves", name)
		}
	}
}

func TestMain(m *testing.M) { golden.Main(m) }
