package replay

import (
	"fmt"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/scenario/scenariotest"
)

// TestThinnedOut shows that a tape that may keep few copies, which lie far apart, shows
// the same at every place as one that keeps all, in whatever order it is looked at,
// and that forks of both go the same way.
func TestThinnedOut(t *testing.T) {
	s := scenariotest.Load(t, "slow-upload")
	whole, thin := New(s), New(s)
	thin.most = 3
	run := func(x *Tape) {
		for x.Advance(5000) {
		}
	}
	run(whole)
	run(thin)
	if len(thin.marks) > 4 || len(thin.marks) >= len(whole.marks) || thin.spacing == copyEvery {
		t.Fatalf("%d copies of %d are kept, %d steps apart", len(thin.marks), len(whole.marks), thin.spacing)
	}
	same := func(a, b *Tape) {
		t.Helper()
		_, last, _ := a.Head()
		for i := range uint64(16) {
			seq := (i * 7919 * 131) % last
			if i%2 == 1 {
				seq = last - i*i*i
			}
			if x, y := fmt.Sprintf("%+v", a.World(seq).Look()), fmt.Sprintf("%+v", b.World(seq).Look()); x != y {
				t.Fatalf("after event %d:\n%s\nand with few copies\n%s", seq, x, y)
			}
			at := clock.Time(i) * s.Duration / 16
			if x, y := a.At(at), b.At(at); x != y {
				t.Fatalf("at %s: event %d, with few copies %d", at, x, y)
			}
			if seq == 0 {
				continue
			}
			x, y := a.Around(seq), b.Around(seq)
			if e, f := x[seq-x[0].Seq], y[seq-y[0].Seq]; fmt.Sprintf("%+v", e) != fmt.Sprintf("%+v", f) {
				t.Fatalf("event %d: %+v, with few copies %+v", seq, e, f)
			}
		}
	}
	same(whole, thin)
	crash := scenario.Action{At: 5 * clock.Minute, Kind: scenario.ActCrash, Member: "A"}
	a, err := whole.Fork(whole.At(crash.At), crash)
	if err != nil {
		t.Fatal(err)
	}
	b, err := thin.Fork(thin.At(crash.At), crash)
	if err != nil {
		t.Fatal(err)
	}
	run(a)
	run(b)
	same(a, b)
	same(whole, thin) // whose past and future are as before
}

// BenchmarkAnywhere goes to places all over an hour of three members, as g, G, :goto and
// the keys back do: the copy before it is run on to there.
func BenchmarkAnywhere(b *testing.B) {
	s, found := scenario.Load("hour", []byte(hour), scenario.Options{})
	if s == nil {
		b.Fatal(found)
	}
	x := New(s)
	for x.Advance(copyEvery) {
	}
	_, last, _ := x.Head()
	b.ReportMetric(float64(len(x.marks)), "copies")
	b.Run("go", func(b *testing.B) {
		n := uint64(0)
		for b.Loop() {
			n += 2_654_435_761
			x.World(n % last).Look()
		}
	})
	b.Run("events", func(b *testing.B) {
		n := uint64(0)
		for b.Loop() {
			n += 2_654_435_761
			x.Around(n%last + 1)
		}
	})
	b.Run("back", func(b *testing.B) {
		at := last
		for b.Loop() {
			if at--; at == 0 {
				at = last
			}
			x.World(at).Look()
		}
	})
}

// hour is an hour of three members and 2,000 records a second: eleven million events.
const hour = `ksim: 1
duration: 1h
topics: [{name: events, partitions: 6}]
producers: [{topic: events, rate: 2000/s}]
groups: [{id: g, client: java@4.1, topics: [events], app: {model: sequential, process: 1ms, commit: batch}, members: 3}]
timeline: [{at: 10m, crash: A}, {at: 20m, start: A}, {at: 30m, freeze: B, for: 60s}]
`
