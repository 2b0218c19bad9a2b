package broker

import (
	"math"

	"ksim/sim/clock"
)

// Guarantee is how a producer makes sure that records arrive (ProducerConfig).
type Guarantee struct {
	Acks            Acks
	DeliveryTimeout clock.Duration // delivery.timeout.ms
	Retries         int64          // retries: attempts after the first that was answered with an error
	Backoff         clock.Duration // retry.backoff.ms
	BackoffMax      clock.Duration // retry.backoff.max.ms
}

// Acks is the producer's acks.
type Acks uint8

// The values of acks.
const (
	AcksAll Acks = iota
	AcksLeader
	AcksNone
)

// Guaranteed is what a producer does without any configuration, since 3.0.
var Guaranteed = Sending{Guarantee: Guarantee{Acks: AcksAll, DeliveryTimeout: 120 * clock.Second, Retries: math.MaxInt32, Backoff: 100 * clock.Millisecond, BackoffMax: clock.Second}}

// retryAfter is the first attempt at or after t of a producer whose first one has
// failed at the instant failed: after retry.backoff.ms, then after twice as long,
// up to retry.backoff.max.ms.
func (g *Guarantee) retryAfter(failed, t clock.Time) clock.Time {
	at, wait := failed, max(g.Backoff, clock.Millisecond)
	for at < t {
		if wait >= g.BackoffMax {
			wait = max(g.BackoffMax, clock.Millisecond)
			return at + (t-at+wait-1)/wait*wait
		}
		at += wait
		wait *= 2
	}
	return at
}

// triesFor is how long a producer tries a record that is refused each time: the
// pauses before its retries, which double up to retry.backoff.max.ms, and the ways
// there and back. No longer than delivery.timeout.ms in any case.
func (g *Guarantee) triesFor(latency clock.Duration) clock.Duration {
	var tried clock.Duration
	wait := max(g.Backoff, clock.Millisecond)
	for n := int64(0); n < g.Retries && tried < g.DeliveryTimeout; n++ {
		tried += wait + 2*latency
		wait = min(2*wait, max(g.BackoffMax, clock.Millisecond))
	}
	return min(tried, g.DeliveryTimeout)
}
