package chart

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"ksim/internal/golden"
	"ksim/sim/clock"

	"pgregory.net/rapid"
)

// story is the lag of a consumer that uploads for six minutes, is evicted after
// five and begins again: rises from 3 s on, sampled each second.
func story() Series {
	var s Series
	for t := clock.Second; t <= 15*clock.Minute; t += clock.Second {
		s = append(s, Point{t, int64(t/clock.Second) * 1000})
	}
	return s
}

// sawtooth climbs for 60 s at 50/s and falls to 0, again and again.
func sawtooth() Series {
	var s Series
	for t := clock.Second; t <= 5*clock.Minute; t += clock.Second {
		s = append(s, Point{t, int64(t/clock.Second%60) * 50})
	}
	return s
}

// TestDrawings keeps what the charts look like: the files are to be read.
func TestDrawings(t *testing.T) {
	evictions := Lane{Name: "evicted", Mark: "✗", At: []clock.Time{450397 * clock.Millisecond, 813 * clock.Second}}
	uploads := Lane{Name: "upload", Spans: []Span{{150 * clock.Second, 510 * clock.Second}, {513 * clock.Second, 873 * clock.Second}}}
	for _, c := range []struct {
		name string
		plot Plot
	}{
		{"rise", Plot{Series: story(), To: 15 * clock.Minute, Lanes: []Lane{evictions, uploads}, Width: 100, PerTick: 2}},
		{"sawtooth", Plot{Series: sawtooth(), To: 5 * clock.Minute, Width: 80, PerTick: 2}},
		{"sawtooth-ascii", Plot{Series: sawtooth(), To: 5 * clock.Minute, Width: 80, PerTick: 2, ASCII: true}},
		{"one-row-a-tick", Plot{Series: sawtooth(), To: 5 * clock.Minute, Width: 60, PerTick: 1}},
		{"flat", Plot{Series: Series{{clock.Second, 0}, {30 * clock.Second, 0}}, To: 30 * clock.Second, Width: 60, PerTick: 2}},
		{"three", Plot{Series: Series{{clock.Second, 0}, {2 * clock.Second, 3}, {3 * clock.Second, 1}}, To: 3 * clock.Second, Width: 60, PerTick: 1}},
		{"days", Plot{Series: Series{{0, 1}, {90 * 24 * clock.Hour, 5_000_000_000}}, To: 90 * 24 * clock.Hour, Width: 100, PerTick: 1}},
	} {
		golden.File(t, "testdata/"+c.name+".txt", strings.Join(c.plot.Lines(), "\n")+"\n")
	}
}

// TestRises: a steady climb is one rise with its slope, a sawtooth one a tooth.
func TestRises(t *testing.T) {
	if got := fmt.Sprint(rises(story())); got != "[1s-15m +1,000/s]" {
		t.Error(got)
	}
	if got := fmt.Sprint(rises(sawtooth())); got != "[1s-59s +50/s 1m-1m59s +50/s 2m-2m59s +50/s 3m-3m59s +50/s 4m-4m59s +50/s]" {
		t.Error(got)
	}
	if got := rises(Series{{clock.Second, 7}, {8 * clock.Second, 0}}); got != nil {
		t.Error("a fall is no rise:", got)
	}
	var hourly Series // a record an hour, half an hour off
	for at := clock.Second; at <= 12*clock.Hour; at += clock.Second {
		hourly = append(hourly, Point{at, int64((at + 30*clock.Minute) / clock.Hour)})
	}
	if got := fmt.Sprint(rises(hourly)); got != "[1s-12h +1.0/h]" {
		t.Error(got)
	}
	if got := rises(Series{{clock.Second, 0}, {2 * clock.Second, 1}, {clock.Hour, 1}}); got != nil {
		t.Error("one record is no slope:", got)
	}
}

// TestSlopes: whatever the speed, its first digits can be read.
func TestSlopes(t *testing.T) {
	for _, c := range []struct {
		climb int64
		took  clock.Duration
		want  string
	}{
		{25, 10 * clock.Second, "+2.5/s"}, {1000, clock.Second, "+1,000/s"}, {99, 10 * clock.Second, "+9.9/s"},
		{1, 2 * clock.Second, "+30/min"}, {3, clock.Minute, "+3.0/min"}, {1, clock.Hour, "+1.0/h"}, {11, 12 * clock.Hour, "+0.92/h"},
		{1, 10 * clock.Hour, "+0.10/h"}, {3, 40 * clock.Hour, "+3 in 1d16h"},
	} {
		if got := (Rise{Point{0, 0}, Point{c.took, c.climb}}).Slope(); got != c.want {
			t.Errorf("%d in %s: %s, want %s", c.climb, c.took, got, c.want)
		}
	}
}

func rises(s Series) (text []string) {
	for _, r := range s.Rises() {
		text = append(text, Clock(r.From.At)+"-"+Clock(r.To.At)+" "+r.Slope())
	}
	return text
}

// TestNumbers: what people read has commas, what axes show is short.
func TestNumbers(t *testing.T) {
	for _, c := range []struct {
		n           int64
		long, short string
	}{
		{0, "0", "0"}, {999, "999", "999"}, {1000, "1,000", "1k"}, {-1234567, "-1,234,567", "-1234567"},
		{1500, "1,500", "1.5k"}, {147106, "147,106", "147k"}, {2_500_000, "2,500,000", "2.5M"}, {5e9, "5,000,000,000", "5G"},
	} {
		if Number(c.n) != c.long || Short(c.n) != c.short {
			t.Errorf("%d: %s, %s", c.n, Number(c.n), Short(c.n))
		}
	}
}

// TestShape: whatever the figures, a chart has the width that was asked for at
// most, its vertical axis reaches the peak without wasting more than half of
// its height, and the curve is drawn somewhere when there is anything above 0.
func TestShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 50).Draw(t, "points")
		var s Series
		at := clock.Time(0)
		for range n {
			at += clock.Time(rapid.Int64Range(1, int64(clock.Hour)).Draw(t, "gap"))
			s = append(s, Point{at, rapid.Int64Range(0, 1<<40).Draw(t, "value")})
		}
		p := Plot{Series: s, To: at, Width: rapid.IntRange(40, 200).Draw(t, "width"), PerTick: 2, ASCII: rapid.Bool().Draw(t, "ascii")}
		for _, line := range p.Lines() {
			if utf8.RuneCountInString(line) > p.Width {
				t.Fatalf("line of %d columns: %s", utf8.RuneCountInString(line), line)
			}
		}
		peak := s.Peak().Value
		y := newYAxis(peak)
		if y.top() < peak || y.top() > 2*max(peak, 1) {
			t.Fatalf("axis to %d for %d", y.top(), peak)
		}
		low, high, ok := s.extent(s[0].At, at)
		if !ok || high != peak || low > high {
			t.Fatalf("extent %d–%d, peak %d", low, high, peak)
		}
	})
}

// TestSpark: a row of blocks follows the figure; where there is nothing it is blank.
func TestSpark(t *testing.T) {
	s := Series{{clock.Second, 0}, {5 * clock.Second, 800}, {6 * clock.Second, 0}, {8 * clock.Second, 0}}
	if got := Spark(s, 0, 8*clock.Second, 16, 800, false); got != "  ▁▂▃▄▅▆▇██▄    " {
		t.Errorf("%q", got)
	}
	if got := Spark(s, 0, 8*clock.Second, 16, 800, true); got != "  .:-=+*#@@=    " {
		t.Errorf("%q", got)
	}
}
