package broker

import (
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/clock"
)

// TestGathering checks a producer that lingers against its own promise: each record
// is in the log from at(k) on and not before; it waits for linger.ms at most; and it
// goes with the whole of its window, which is full or has waited so long.
func TestGathering(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := Writing{Partitions: rapid.Int32Range(1, 5).Draw(t, "partitions"), Records: rapid.Int64Range(1, 9).Draw(t, "records"), Per: clock.Duration(rapid.Int64Range(1, 50).Draw(t, "per"))}
		b := Batching{Linger: clock.Duration(rapid.Int64Range(0, 100).Draw(t, "linger")), Full: rapid.Int64Range(1, 20).Draw(t, "full")}
		split := InTurn(w.Partitions)
		f := feed{origin: clock.Time(rapid.Int64Range(0, 20).Draw(t, "origin")), records: w.Records, per: int64(w.Per), split: split, gathering: b.gather(split, w)}
		f.until = f.origin + clock.Time(rapid.Int64Range(0, 500).Draw(t, "until"))
		all := f.produced(f.until)
		if all != f.created(f.until) {
			t.Fatalf("%d of %d records are in the log at the end", all, f.created(f.until))
		}
		for k := int64(1); k <= all; k++ {
			at := f.at(k)
			if f.produced(at) < k || f.produced(at-1) >= k {
				t.Fatalf("record %d is said to come at %d; %d are there then, %d just before", k, at, f.produced(at), f.produced(at-1))
			}
			if wait := at - f.creation(k); wait < 0 || wait > b.Linger {
				t.Fatalf("record %d waits for %d, linger is %d", k, wait, b.Linger)
			}
			if b.Linger == 0 || f.n == 0 {
				continue
			}
			first, last := (k-1)/f.n*f.n+1, min((k-1)/f.n*f.n+f.n, all)
			if at != f.at(first) || at != f.at(last) {
				t.Fatalf("record %d comes at %d, its window's first at %d and last at %d", k, at, f.at(first), f.at(last))
			}
			full := fullest(split, w.Partitions, f.n) >= b.Full
			if waited := at - f.creation(first); !full && at < f.until && waited != b.Linger {
				t.Fatalf("the window of record %d goes after %d without being full", k, waited)
			}
		}
	})
}
