package java

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/kafka"
)

// sendFetches sends a Fetch to every broker that is to be asked.
func (c *Consumer) sendFetches(h client.Host) {
	for _, f := range c.subscriptions.Fetches(&c.s.fetch, c.fetching) {
		c.send(h, f.Broker, apiFetch, f.Request)
	}
}

// fetching tells whether a Fetch to the broker has no answer yet.
func (c *Consumer) fetching(broker int32) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.api == apiFetch && q.broker == broker })
}

// fetched takes a Fetch response into the buffer.
func (c *Consumer) fetched(h client.Host, r *kafka.FetchResponse) {
	for _, tp := range c.subscriptions.Receive(r) {
		c.words.OutOfRange(h, c.subscriptions.Find(tp))
	}
}
