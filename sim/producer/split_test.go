package producer

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/broker"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
)

// TestSplits checks what a log relies on, for every partitioner and form of keys:
// each record goes to one partition; Next finds exactly the records that UpTo
// counts, in whatever order it is asked; a copy says the same; and what a producer
// wrote before (a rate action) is not drawn again.
func TestSplits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPartitioner(t)
		w := broker.Writing{Partitions: rapid.Int32Range(1, 9).Draw(t, "partitions"), Records: 10, Per: clock.Second}
		const records = 12_000
		whole := p.Split(w)
		places := places(t, whole, w.Partitions, records)
		k := rapid.Int64Range(1, records).Draw(t, "k")
		n := rapid.Int64Range(0, records).Draw(t, "n")
		fresh, copied := p.Split(w), whole.Clone()
		for partition := range w.Partitions + 1 {
			count, next := int64(0), int64(0)
			for i, at := range places {
				if at == partition && int64(i)+1 <= n {
					count++
				}
				if at == partition && int64(i)+1 >= k && next == 0 {
					next = int64(i) + 1
				}
			}
			for name, s := range map[string]broker.Split{"first": fresh, "whole": whole, "copy": copied} {
				if got := s.UpTo(n, partition); got != count {
					t.Fatalf("%s: %d of the first %d go to partition %d, want %d", name, got, n, partition, count)
				}
				if got := s.Next(k, partition, records); got != next {
					t.Fatalf("%s: from %d on, partition %d gets %d next, want %d", name, k, partition, got, next)
				}
			}
		}
		if _, ok := whole.(*drawn); !ok || p.kind == scenario.Sticky && p.perSend {
			return
		}
		w.Before = rapid.Int64Range(0, 9_000).Draw(t, "before")
		later := p.Split(w)
		if k > 3_000 {
			k = 3_000
		}
		at := places[w.Before+k-1]
		if later.UpTo(k, at)-later.UpTo(k-1, at) != 1 {
			t.Fatalf("record %d after %d others does not go to partition %d, where record %d goes", k, w.Before, at, w.Before+k)
		}
	})
}

// places is the partition of each record, found by what Next says.
func places(t *rapid.T, s broker.Split, partitions int32, records int64) []int32 {
	out := make([]int32, records)
	for i := range out {
		out[i] = -1
	}
	for p := range partitions {
		for k := s.Next(1, p, records); k != 0; k = s.Next(k+1, p, records) {
			if out[k-1] >= 0 {
				t.Fatalf("record %d goes to partitions %d and %d", k, out[k-1], p)
			}
			out[k-1] = p
		}
	}
	for i, p := range out {
		if p < 0 {
			t.Fatalf("record %d goes nowhere", i+1)
		}
	}
	return out
}

func drawPartitioner(t *rapid.T) *Partitioner {
	version := rapid.SampledFrom([]kafka.Version{kafka.V(3, 2, 0), kafka.V(4, 3, 0)}).Draw(t, "version")
	s := &scenario.Producer{Name: "web", Size: 100, Config: configured(version,
		rapid.SampledFrom([]string{"1", "450", "16384"}).Draw(t, "batch"), rapid.SampledFrom([]string{"0", "300"}).Draw(t, "linger"))}
	s.Partitioner = rapid.SampledFrom([]scenario.Partitioner{scenario.RoundRobin, scenario.Murmur2, scenario.CRC32, scenario.Sticky}).Draw(t, "partitioner")
	switch s.Keys.Kind = rapid.SampledFrom([]scenario.KeysKind{scenario.NoKeys, scenario.KeysInTurn, scenario.KeysWeighted, scenario.KeysZipf}).Draw(t, "keys"); s.Keys.Kind {
	case scenario.KeysInTurn, scenario.KeysWeighted:
		for i := range rapid.IntRange(1, 7).Draw(t, "names") {
			s.Keys.Names = append(s.Keys.Names, fmt.Sprintf("user%d", i))
			s.Keys.Weights = append(s.Keys.Weights, rapid.Int64Range(1, 9).Draw(t, "weight"))
		}
	case scenario.KeysZipf:
		s.Keys.Count, s.Keys.Exponent = rapid.Int64Range(1, 2000).Draw(t, "count"), rapid.Uint64Range(1, 20<<32).Draw(t, "exponent")
	}
	return New(s, version, rapid.Uint64().Draw(t, "seed"))
}

// configured is a producer's configuration with this batch.size and linger.ms.
func configured(v kafka.Version, batch, linger string) config.Set {
	s, _ := config.Producer(v, []config.Property{{Key: "batch.size", Value: batch}, {Key: "linger.ms", Value: linger}})
	return s
}

// TestShares checks the figures that the seeds promise of hot keys: weights 8:1:1
// give shares of 80, 10 and 10 %, and Zipf's law makes the second key as frequent
// as 1/2^s of the first.
func TestShares(t *testing.T) {
	const records = 100_000
	hot := New(&scenario.Producer{Config: configured(kafka.V(4, 3, 0), "16384", "5"), Partitioner: scenario.Murmur2, Keys: scenario.Keys{Kind: scenario.KeysWeighted, Names: []string{"user123", "user456", "user789"}, Weights: []int64{8, 1, 1}}}, kafka.V(4, 3, 0), 1)
	s := hot.Split(broker.Writing{Partitions: 3})
	for p, want := range []int64{80_000, 0, 20_000} {
		if got := s.UpTo(records, int32(p)); got < want-want/100-400*min(want, 1) || got > want+400 {
			t.Errorf("partition %d gets %d of %d records, want about %d", p, got, records, want)
		}
	}
	if got := s.Next(1, 1, records); got != 0 {
		t.Errorf("partition 1, to which no key goes, gets record %d", got)
	}
	ring := newKeyring(&scenario.Keys{Kind: scenario.KeysZipf, Count: 1000, Exponent: 3 << 31}) // 1.5
	first, second := ring.cumulative[0], ring.cumulative[1]-ring.cumulative[0]
	if ratio := first * 1000 / second; ratio != 2828 { // 2^1.5 = 2.828…
		t.Errorf("the first key is %d/1000 times as likely as the second, want 2828", ratio)
	}
}

// TestSticky checks the run of a sticky partitioner: batch.size of one partition
// since 3.3, what comes within linger.ms before, and then another one for certain.
func TestSticky(t *testing.T) {
	w := broker.Writing{Partitions: 6, Records: 1000, Per: clock.Second}
	for _, c := range []struct {
		version kafka.Version
		run     int
	}{{kafka.V(4, 3, 0), 17}, {kafka.V(3, 2, 0), 6}} {
		p := &scenario.Producer{Partitioner: scenario.Sticky, Size: 1000, Config: configured(c.version, "16384", "5")}
		split := New(p, c.version, 1).Split(w)
		latest, changes := int32(-1), 0
		for k := int64(1); k <= int64(100*c.run); k++ {
			var at int32
			for at = 0; split.UpTo(k, at) == split.UpTo(k-1, at); at++ {
			}
			if at == latest {
				continue
			}
			if changes++; (k-1)%int64(c.run) != 0 {
				t.Errorf("%s: the partition changes at record %d, within a run of %d", c.version, k, c.run)
			}
			latest = at
		}
		if c.version < uniformSticky && changes != 100 || changes < 60 {
			t.Errorf("%s: %d of 100 runs went to another partition than the one before", c.version, changes)
		}
	}
}
