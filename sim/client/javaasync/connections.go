package javaasync

import (
	"ksim/sim/client"
	"ksim/sim/client/java/network"
	"ksim/sim/clock"
)

// lost notes that the connection to a node has broken, or could not be opened.
func (c *Consumer) lost(h client.Host, now clock.Time, node int32) {
	if c.connections.Lost(h, now, node) {
		c.metadata.wanted = true
	}
}

// unanswered fails a request whose connection broke: the broker's other connections
// break too, as its process has died.
func (c *Consumer) unanswered(h client.Host, now clock.Time, q request) {
	c.connectionsLost(h, now, q.broker)
	c.lost(h, now, q.node)
	c.disconnected(h, now, q)
}

// Disconnected is the end of a broker's connections that nothing waits for: only the
// network client takes notice, the coordinator is asked again as if nothing were.
func (c *Consumer) Disconnected(h client.Host, now clock.Time, broker int32) {
	c.connectionsLost(h, now, broker)
	c.runBackground(h, now)
	c.resume(h, now)
}

// connectionsLost ends the connections to a broker that are open.
func (c *Consumer) connectionsLost(h client.Host, now clock.Time, broker int32) {
	for _, node := range network.Nodes(broker) {
		if c.connections.IsOpen(node) {
			c.lost(h, now, node)
		}
	}
}

// toCoordinator tells whether a request goes over the coordinator's connection,
// which is apart from that for fetches even to the same broker.
func (a api) toCoordinator() bool { return a == apiHeartbeat || a == apiCommit || a == apiOffsetFetch }
