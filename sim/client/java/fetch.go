package java

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// sendFetches sends a Fetch to every broker that is to be asked and may be.
func (c *Consumer) sendFetches(h client.Host, now clock.Time) {
	resting := func(broker int32) bool { return c.fetching(broker) || c.connections.Unavailable(broker, now) }
	for _, f := range c.subscriptions.Fetches(&c.s.fetch, resting) {
		c.send(h, now, f.Broker, apiFetch, f.Request)
	}
}

// fetching tells whether a Fetch to the broker has no answer yet.
func (c *Consumer) fetching(broker int32) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.api == apiFetch && q.broker == broker })
}

// fetched takes a Fetch response into the buffer.
func (c *Consumer) fetched(h client.Host, now clock.Time, r *kafka.FetchResponse) {
	for _, tp := range c.subscriptions.Receive(r) {
		c.words.OutOfRange(h, c.subscriptions.Find(tp))
	}
	c.findLeaders(h, now)
}

// findLeaders asks for metadata if a partition's leader is not known.
func (c *Consumer) findLeaders(h client.Host, now clock.Time) {
	if c.subscriptions.Leaderless() {
		c.metadata.wanted = true
		c.requestMetadata(h, now)
	}
}

// Pause is pause(assignment()).
func (c *Consumer) Pause(client.Host, clock.Time) { c.subscriptions.Pause() }

// Resume is resume(paused()).
func (c *Consumer) Resume(client.Host, clock.Time) { c.subscriptions.Resume() }
