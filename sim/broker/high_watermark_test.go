package broker

import (
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/clock"
)

// TestPace compares what a log shows with a search instant by instant: however it
// stands still and goes on, it never goes back, it shows nothing before it was
// written, and Next is exactly the first instant at which there is more.
func TestPace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const horizon = 200
		c := New(Config{Brokers: 1, OffsetsPartitions: 1, OffsetsReplicas: 1})
		c.AddTopic("t", 1, TopicConfig{Replicas: 1})
		c.Producer("t", InTurn(0), rapid.Int64Range(1, 5).Draw(t, "records"), clock.Duration(rapid.Int64Range(1, 30).Draw(t, "per")), 1, 0, horizon, Guaranteed)
		l := &c.topics[0].logs[0]
		at := clock.Time(0)
		for range rapid.IntRange(0, 6).Draw(t, "advances") {
			at += clock.Time(rapid.Int64Range(0, 40).Draw(t, "later"))
			l.advance(at, clock.Duration(rapid.Int64Range(0, 20).Draw(t, "delay")), rapid.Bool().Draw(t, "stopped"))
		}
		for now := clock.Time(0); now < horizon; now++ {
			end := l.End(now)
			if now > 0 && end < l.End(now-1) {
				t.Fatalf("the end falls from %d to %d at %d: %+v", l.End(now-1), end, now, l.advances)
			}
			if end > l.count(now) {
				t.Fatalf("%d records at %d, %d are written: %+v", end, now, l.count(now), l.advances)
			}
			next := clock.Never
			for later := now + 1; later < 2*horizon && next == clock.Never; later++ {
				if l.End(later) > end {
					next = later
				}
			}
			if got := l.Next(now); got != next {
				t.Fatalf("the next record after %d comes at %d, want %d: %+v", now, got, next, l.advances)
			}
		}
	})
}

// TestGaps: records that are taken out leave the others in their order, and each
// offset finds its record.
func TestGaps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := Log{}
		var there []int64
		first := int64(0)
		for range rapid.IntRange(0, 5).Draw(t, "gaps") {
			first += rapid.Int64Range(0, 6).Draw(t, "kept")
			g := gap{first, rapid.Int64Range(1, 6).Draw(t, "gone")}
			l.gaps = append(l.gaps, g)
			first += g.n
		}
		for r := range first + 10 {
			gone := false
			for _, g := range l.gaps {
				gone = gone || r >= g.first && r < g.first+g.n
			}
			if !gone {
				there = append(there, r)
			}
			if got := l.kept(r + 1); got != int64(len(there)) {
				t.Fatalf("of %d records %d are kept, want %d: %v", r+1, got, len(there), l.gaps)
			}
		}
		for offset, r := range there {
			if got := l.written(int64(offset)); got != r {
				t.Fatalf("offset %d is record %d, want %d: %v", offset, got, r, l.gaps)
			}
		}
	})
}

// TestRetries: attempts come after retry.backoff.ms, twice as long, and so on.
func TestRetries(t *testing.T) {
	g := Guaranteed
	for after, want := range map[int64]int64{0: 0, 1: 100, 100: 100, 101: 300, 301: 700, 701: 1500, 1501: 2500, 2501: 3500, 60000: 60500} {
		if got := g.retryAfter(0, clock.Ms(after)); got != clock.Ms(want) {
			t.Errorf("the first attempt from %d ms on is at %s, want %d ms", after, got, want)
		}
	}
}
