package client

import (
	"slices"

	"ksim/sim/clock"
)

// Reach is what a client knows of the brokers that it has lost: which, and from
// when on it may try each again. The zero value has lost none.
type Reach struct {
	lost []lostBroker
}

// lostBroker is a broker to which a connection broke or could not be opened.
type lostBroker struct {
	broker  int32
	failed  int // attempts in a row
	retryAt clock.Time
}

// Lost notes that a broker cannot be reached. It may be tried again after backoff,
// twice as long after each attempt that has failed, up to most. What breaks before
// then belongs to the same loss.
func (r *Reach) Lost(broker int32, now clock.Time, backoff, most clock.Duration) {
	i := slices.IndexFunc(r.lost, func(l lostBroker) bool { return l.broker == broker })
	if i < 0 {
		i = len(r.lost)
		r.lost = append(r.lost, lostBroker{broker: broker})
	}
	l := &r.lost[i]
	if now < l.retryAt {
		return
	}
	for n := 0; n < l.failed && backoff < most; n++ {
		backoff *= 2
	}
	l.failed++
	l.retryAt = now + max(min(backoff, most), clock.Millisecond) // who never waits would try for ever at one instant
}

// Answered notes that a broker can be reached.
func (r *Reach) Answered(broker int32) {
	r.lost = slices.DeleteFunc(r.lost, func(l lostBroker) bool { return l.broker == broker })
}

// Resting tells whether a broker may not be tried yet.
func (r *Reach) Resting(broker int32, now clock.Time) bool {
	return slices.ContainsFunc(r.lost, func(l lostBroker) bool { return l.broker == broker && now < l.retryAt })
}

// Pick is the broker, of 1 to n, to ask what all of them know: the first that is not
// lost, or else the first that may be tried; false when there is none.
func (r *Reach) Pick(n int, now clock.Time) (int32, bool) {
	for b := int32(1); b <= int32(n); b++ {
		if !slices.ContainsFunc(r.lost, func(l lostBroker) bool { return l.broker == b }) {
			return b, true
		}
	}
	for b := int32(1); b <= int32(n); b++ {
		if !r.Resting(b, now) {
			return b, true
		}
	}
	return 0, false
}

// NextTry is when the first of the lost brokers may be tried again.
func (r *Reach) NextTry() clock.Time {
	at := clock.Never
	for _, l := range r.lost {
		at = min(at, l.retryAt)
	}
	return at
}

// Clone is a deep copy.
func (r Reach) Clone() Reach { return Reach{lost: slices.Clone(r.lost)} }
