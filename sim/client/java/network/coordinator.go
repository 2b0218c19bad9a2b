package network

import (
	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Coordinator is what a consumer with a background thread knows of its group's
// coordinator: it looks for it from the start, and again whenever it has been lost
// (CoordinatorRequestManager).
type Coordinator struct {
	Broker  int32      // 0 when unknown
	RetryAt clock.Time // when it may be looked for again
}

// Wanted tells whether it is unknown and may be looked for.
func (c *Coordinator) Wanted(now clock.Time) bool { return c.Broker == 0 && now >= c.RetryAt }

// Found takes the answer. After a refusal the next request waits for the backoff
// (retry.backoff.ms).
func (c *Coordinator) Found(h client.Host, now clock.Time, w *words.Words, r *kafka.FindCoordinatorResponse, backoff clock.Duration) {
	if r.Err != kafka.ErrNone {
		c.RetryAt = now + backoff
		return
	}
	c.Broker = r.Broker
	w.CoordinatorFound(h, r.Broker)
}

// Lost forgets a coordinator that is known (markCoordinatorUnknown).
func (c *Coordinator) Lost(h client.Host, now clock.Time, w *words.Words, cause string) {
	if c.Broker == 0 {
		return
	}
	w.CoordinatorLost(h, c.Broker, cause)
	*c = Coordinator{RetryAt: now}
}
