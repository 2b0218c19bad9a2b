package javaasync

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/client/java/subscription"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// updatePositions is OffsetsRequestManager.updateFetchPositions: committed offsets
// first, then the reset policy for partitions that have none.
func (c *Consumer) updatePositions(h client.Host, now clock.Time) *client.Error {
	if c.pending(apiOffsetFetch) {
		return nil
	}
	if tps := c.subscriptions.At(subscription.NeedsCommitted); len(tps) > 0 {
		if c.reachable(now) && now >= c.offsetsAt {
			q := c.send(h, c.coordinator.Broker, apiOffsetFetch, &kafka.OffsetFetchRequest{Group: c.o.Group, Partitions: tps, RequireStable: true})
			q.partitions = tps
		}
		return nil
	}
	tps := c.subscriptions.At(subscription.NeedsReset)
	if len(tps) > 0 && c.s.reset == "none" {
		return c.words.NoPosition(&c.subscriptions, tps)
	}
	tps = c.subscriptions.Resets(now)
	for _, broker := range c.subscriptions.Leaders(tps) {
		if c.connections.Unavailable(broker, now) {
			continue
		}
		of := c.subscriptions.BeginResets(tps, broker)
		q := c.send(h, broker, apiListOffsets, &kafka.ListOffsetsRequest{Partitions: of, Latest: c.s.reset == "latest"})
		q.partitions = of
	}
	return nil
}

// positionsPending tells whether an answer about positions is still out.
func (c *Consumer) positionsPending() bool {
	return c.pending(apiOffsetFetch) || c.pending(apiListOffsets) || len(c.subscriptions.At(subscription.NeedsCommitted)) > 0
}

// offsetsFetched sets the positions of partitions that have a committed offset.
func (c *Consumer) offsetsFetched(h client.Host, now clock.Time, q request, r *kafka.OffsetFetchResponse) {
	if r.Err != kafka.ErrNone {
		if r.Err == kafka.ErrNotCoordinator || r.Err == kafka.ErrCoordinatorNotAvailable {
			c.coordinator.Lost(h, now, c.words, r.Err.Message())
		}
		c.offsetsAt = now + c.s.retryBackoff
		return
	}
	for _, p := range c.subscriptions.TakeCommitted(q.partitions, r, true) {
		c.words.Committed(h, p)
	}
}

// validatePositions asks the leaders about the positions that carry an epoch, as a
// turn of poll() begins (OffsetsRequestManager.validatePositionsIfNeeded). Nobody waits
// for the answer: until the next turn, retry.backoff.ms later, nothing is fetched.
func (c *Consumer) validatePositions(h client.Host, now clock.Time) {
	tps := c.subscriptions.Validations(now)
	for _, broker := range c.subscriptions.Leaders(tps) {
		if c.connections.Unavailable(broker, now) {
			continue
		}
		of := c.subscriptions.BeginValidations(tps, broker)
		q := c.send(h, broker, apiValidate, &kafka.OffsetsForLeaderEpochRequest{Partitions: of})
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
		if r.Err(i) != kafka.ErrNone { // the broker does not lead it
			c.subscriptions.ResetLater(tp, now+c.s.retryBackoff)
			c.metadata.wanted = true
			continue
		}
		p.Reset(r.Offsets[i])
		c.words.ResetPosition(h, p)
	}
}

// sendFetches sends a Fetch to every broker that is to be asked. Only the
// application's thread asks for it; the answers come in the background.
func (c *Consumer) sendFetches(h client.Host, now clock.Time) {
	resting := func(broker int32) bool { return c.fetching(broker) || c.connections.Unavailable(broker, now) }
	for _, f := range c.subscriptions.Fetches(&c.s.fetch, resting) {
		c.send(h, f.Broker, apiFetch, f.Request)
	}
}

// fetching tells whether a Fetch to the broker has no answer yet.
func (c *Consumer) fetching(broker int32) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.api == apiFetch && q.broker == broker })
}
