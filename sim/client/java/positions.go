package java

import (
	"ksim/sim/client"
	"ksim/sim/client/java/subscription"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// updatePositions is updateFetchPositions: committed offsets first, then the
// reset policy for partitions that have none.
func (c *Consumer) updatePositions(h client.Host, now clock.Time) {
	if c.pending(apiOffsetFetch) {
		return
	}
	if tps := c.subscriptions.At(subscription.NeedsCommitted); len(tps) > 0 {
		if now < c.retryAt || !c.coordinatorReady(h, now) {
			return
		}
		q := c.send(h, now, c.coordinator, apiOffsetFetch, &kafka.OffsetFetchRequest{Group: c.o.Group, Partitions: tps, RequireStable: true})
		q.partitions = tps
		return
	}
	tps := c.subscriptions.Resets(now)
	if len(tps) == 0 {
		return
	}
	if c.s.reset == "none" {
		c.fail(h, c.words.NoPosition(&c.subscriptions, tps))
		return
	}
	for _, broker := range c.subscriptions.Leaders(tps) {
		if c.connections.Unavailable(broker, now) {
			continue
		}
		of := c.subscriptions.BeginResets(tps, broker)
		q := c.send(h, now, broker, apiListOffsets, &kafka.ListOffsetsRequest{Partitions: of, Latest: c.s.reset == "latest"})
		q.partitions = of
	}
}

// offsetsFetched sets the positions of partitions that have a committed offset.
func (c *Consumer) offsetsFetched(h client.Host, now clock.Time, q request, r *kafka.OffsetFetchResponse) {
	if r.Err != kafka.ErrNone {
		if r.Err == kafka.ErrNotCoordinator {
			c.coordinatorLost(h, now, "error response "+r.Err.String())
		}
		c.retryAt = now + c.s.retryBackoff
		return
	}
	for _, p := range c.subscriptions.TakeCommitted(q.partitions, r, c.since(validatesPositions)) {
		c.words.Committed(h, p)
	}
}

// validatePositions asks the leaders about the positions that carry an epoch
// (OffsetFetcher.validatePositionsIfNeeded): it is the first thing in a turn of poll(),
// so what the turn before could fetch has been asked for before.
func (c *Consumer) validatePositions(h client.Host, now clock.Time) {
	tps := c.subscriptions.Validations(now)
	for _, broker := range c.subscriptions.Leaders(tps) {
		if c.connections.Unavailable(broker, now) {
			continue
		}
		of := c.subscriptions.BeginValidations(tps, broker)
		q := c.send(h, now, broker, apiValidate, &kafka.OffsetsForLeaderEpochRequest{Partitions: of})
		q.partitions = of
	}
}

// offsetsListed sets the positions that the reset policy gives.
func (c *Consumer) offsetsListed(h client.Host, now clock.Time, q request, r *kafka.ListOffsetsResponse) {
	for i, tp := range q.partitions {
		p := c.subscriptions.Find(tp)
		if p == nil || p.Step != subscription.Resetting {
			continue
		}
		if r.Err(i) != kafka.ErrNone {
			p.Leader = 0
			c.subscriptions.ResetLater(tp, now+c.s.retryBackoff)
			continue
		}
		p.Reset(r.Offsets[i])
		c.words.ResetPosition(h, p)
	}
	c.findLeaders(h, now)
}
