package client

import (
	"testing"

	"ksim/sim/clock"
)

// TestReach: a client that asks a dead broker over and over, or no other one, would
// never hear who leads now.
func TestReach(t *testing.T) {
	const ms = clock.Millisecond
	var r Reach
	pick := func(now clock.Time, want int32) {
		t.Helper()
		if b, _ := r.Pick(2, now); b != want {
			t.Errorf("at %s broker %d is asked, want %d", now, b, want)
		}
	}
	pick(0, 1)
	r.Lost(1, 0, 50*ms, 80*ms)
	r.Lost(1, 10*ms, 50*ms, 80*ms) // the same loss, seen by another request
	pick(10*ms, 2)
	r.Lost(2, 10*ms, 50*ms, 80*ms)
	pick(49*ms, 0)
	if at := r.NextTry(); at != 50*ms {
		t.Errorf("the next try is at %s, want 50ms", at)
	}
	pick(50*ms, 1)
	r.Lost(1, 50*ms, 50*ms, 80*ms)
	if !r.Resting(1, 129*ms) || r.Resting(1, 130*ms) {
		t.Error("the second pause is not 80 ms, twice the first within its bound")
	}
	r.Answered(2)
	pick(51*ms, 2)
	r.Lost(2, 200*ms, 0, 0)
	if !r.Resting(2, 200*ms) {
		t.Error("a backoff of 0 tries again at the same instant, for ever")
	}
}
