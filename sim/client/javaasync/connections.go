package javaasync

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// connections is what the network client, which is that of the classic consumer,
// knows of its nodes (ClusterConnectionStates). A node is a broker's id, or
// kafka.CoordinatorNodeID of it for the group's own connection, or −1, −2, … for the
// brokers of bootstrap.servers.
type connections struct {
	open           []int32
	closed         []closedNode
	rebootstrapped bool // no known broker can be reached (KIP-899, since 4.0)
}

// closedNode is a node to which the connection is lost or could not be opened.
type closedNode struct {
	node    int32
	failed  int        // attempts, the lost connection included
	retryAt clock.Time // reconnect.backoff.ms …: not to be tried before
}

// rebootstraps is the version since which metadata.recovery.strategy is rebootstrap.
var rebootstraps = kafka.V(4, 0, 0)

func (n *connections) clone() connections {
	return connections{slices.Clone(n.open), slices.Clone(n.closed), n.rebootstrapped}
}

// opened notes that a node has answered.
func (n *connections) opened(node int32) {
	if !slices.Contains(n.open, node) {
		n.open = append(n.open, node)
		n.closed = slices.DeleteFunc(n.closed, func(x closedNode) bool { return x.node == node })
	}
}

// reaches tells whether there is a connection to a broker, over whichever node.
func (n *connections) reaches(broker int32) bool {
	return slices.ContainsFunc(n.open, func(node int32) bool { return brokerOf(node) == broker })
}

// until is when a node may be tried, 0 for at once.
func (n *connections) until(node int32) clock.Time {
	if i := slices.IndexFunc(n.closed, func(x closedNode) bool { return x.node == node }); i >= 0 {
		return n.closed[i].retryAt
	}
	return 0
}

// unavailable tells whether a node must not be tried yet (NetworkClientUtils.isUnavailable).
func (n *connections) unavailable(node int32, now clock.Time) bool { return now < n.until(node) }

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
	for _, node := range []int32{broker, kafka.CoordinatorNodeID(broker), -broker} {
		if slices.Contains(c.connections.open, node) {
			c.lost(h, now, node)
		}
	}
}

// lost notes that the connection to a node has broken, or could not be opened: the
// next attempt is made after reconnect.backoff.ms, twice as long after each that has
// failed, up to reconnect.backoff.max.ms, a fifth more or less. Metadata is asked for.
func (c *Consumer) lost(h client.Host, now clock.Time, node int32) {
	n := &c.connections
	wasOpen := slices.Contains(n.open, node)
	if !wasOpen && n.unavailable(node, now) {
		return // told of with another request that was to go there
	}
	n.open = slices.DeleteFunc(n.open, func(x int32) bool { return x == node })
	i := slices.IndexFunc(n.closed, func(x closedNode) bool { return x.node == node })
	if i < 0 {
		i = len(n.closed)
		n.closed = append(n.closed, closedNode{node: node})
	}
	x := &n.closed[i]
	x.retryAt = now + c.reconnectBackoff(h, x.failed)
	x.failed++
	if !wasOpen {
		c.words.Log(h, "WARN", fmt.Sprintf("Connection to node %d (/%s) could not be established. Node may not be available.", node, c.o.Nodes[brokerOf(node)-1]))
	}
	if node < 0 && (n.rebootstrapped || c.metadata.version == 0) {
		c.words.Log(h, "WARN", "Bootstrap broker "+c.words.Node(-node, node)+" disconnected")
	}
	c.metadata.wanted = true
}

// reconnectBackoff is ExponentialBackoff.backoff.
func (c *Consumer) reconnectBackoff(h client.Host, failed int) clock.Duration {
	wait := c.s.reconnectBackoff
	for i := 0; i < failed && wait < c.s.reconnectBackoffMax; i++ {
		wait *= 2
	}
	fifth := uint64(wait / 5)
	return min(wait-clock.Duration(fifth)+clock.Duration(h.Rand().Below(2*fifth+1)), c.s.reconnectBackoffMax)
}

// leastLoadedNode is a node to ask what every broker knows: one to which there is a
// connection, or else the first that may be tried.
func (c *Consumer) leastLoadedNode(now clock.Time) (int32, bool) {
	n := &c.connections
	if !n.rebootstrapped {
		if node, ok := n.pick(c.knownNodes(), now); ok {
			return node, true
		}
		if c.o.Version < rebootstraps {
			return 0, false
		}
		n.rebootstrapped = c.metadata.version > 0
	}
	return n.pick(c.bootstrapNodes(), now)
}

func (n *connections) pick(nodes []int32, now clock.Time) (int32, bool) {
	for _, node := range nodes {
		if slices.Contains(n.open, node) {
			return node, true
		}
	}
	for _, node := range nodes {
		if !n.unavailable(node, now) {
			return node, true
		}
	}
	return 0, false
}

// nextNode is when the first of the nodes that may be asked can be tried.
func (c *Consumer) nextNode(now clock.Time) clock.Time {
	nodes, at := c.knownNodes(), clock.Never
	if c.connections.rebootstrapped {
		nodes = c.bootstrapNodes()
	}
	for _, node := range nodes {
		at = min(at, c.connections.until(node))
	}
	return max(at, now)
}

func (c *Consumer) knownNodes() []int32 {
	if c.metadata.version == 0 {
		return c.bootstrapNodes()
	}
	return c.metadata.brokers
}

func (c *Consumer) bootstrapNodes() []int32 {
	nodes := make([]int32, len(c.o.Nodes))
	for i := range nodes {
		nodes[i] = -int32(i) - 1
	}
	return nodes
}

// brokerOf is the broker behind a node.
func brokerOf(node int32) int32 {
	switch {
	case node < 0:
		return -node
	case node > kafka.CoordinatorNodeID(1)/2:
		return kafka.CoordinatorNodeID(node) // its own inverse
	}
	return node
}

// toCoordinator tells whether a request goes over the coordinator's connection,
// which is apart from that for fetches even to the same broker.
func (a api) toCoordinator() bool { return a == apiHeartbeat || a == apiCommit || a == apiOffsetFetch }
