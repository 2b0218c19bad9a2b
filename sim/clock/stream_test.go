package clock

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// The first draws of PCG-DXSM from state 1, 2, as published with Go's own
// implementation of it.
func TestStreamVector(t *testing.T) {
	s := Stream{hi: 1, lo: 2}
	for i, want := range []uint64{
		0xc4f5a58656eef510, 0x9dcec3ad077dec6c, 0xc8d04605312f8088, 0xcbedc0dcb63ac19a,
		0x3bf98798cae97950, 0x0a8c6d7f8d485abc, 0x7ffa3780429cd279, 0x730ad2626b1c2f8e,
	} {
		if got := s.Uint64(); got != want {
			t.Errorf("draw %d: %#x, want %#x", i, got, want)
		}
	}
}

// Any stream goes on as Go's PCG does from the same state, and a copy of a
// stream as the stream itself.
func TestStreamIsPCG(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewStream(rapid.Uint64().Draw(t, "seed"), "a", "b")
		pcg := rand.NewPCG(s.hi, s.lo)
		for range 100 {
			twin := s
			got := s.Uint64()
			if want := pcg.Uint64(); got != want || twin.Uint64() != want {
				t.Fatalf("%#x, want %#x", got, want)
			}
		}
	})
}

// A stream depends on its own names and nothing else, and no two are alike:
// whoever else is in a scenario, an actor draws what it always drew.
func TestStreamsAreApart(t *testing.T) {
	name := rapid.StringN(0, 6, 12)
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		actor, purpose := name.Draw(t, "actor"), name.Draw(t, "purpose")
		mine := NewStream(seed, actor, purpose)

		other := NewStream(seed, name.Draw(t, "other actor"), name.Draw(t, "other purpose"))
		for range rapid.IntRange(0, 5).Draw(t, "other draws") {
			other.Uint64()
		}
		if again := NewStream(seed, actor, purpose); again != mine {
			t.Fatal("the same names gave another stream")
		}
		if actor != "" && NewStream(seed, actor[:len(actor)-1], actor[len(actor)-1:]+purpose) == mine {
			t.Fatal("actor and purpose run into one another")
		}
		if NewStream(seed+1, actor, purpose) == mine || NewStream(seed, actor+"x", purpose) == mine || NewStream(seed, actor, purpose+"x") == mine {
			t.Fatal("other names gave the same stream")
		}
	})
}

// Below stays below, and every result is as likely as the others: 20 deviations
// would show a bias that a careless remainder has for such an n.
func TestBelow(t *testing.T) {
	s := NewStream(1, "test", "below")
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Uint64Min(1).Draw(t, "n")
		if got := s.Below(n); got >= n {
			t.Fatalf("Below(%d) = %d", n, got)
		}
	})
	const draws, n = 300_000, 3 << 62 // of 2⁶⁴, a remainder would give the lowest quarter twice
	counts := [3]int{}
	for range draws {
		counts[s.Below(n)>>62]++
	}
	for i, c := range counts {
		if off := c - draws/3; off < -5000 || off > 5000 {
			t.Errorf("third %d: %d of %d", i, c, draws)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("Below(0) gave something")
		}
	}()
	s.Below(0)
}
