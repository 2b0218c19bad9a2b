// Package network is what the Java consumer of either group protocol knows of its
// brokers (org.apache.kafka.clients.NetworkClient, ClusterConnectionStates): to which
// there is a connection, which must not be tried yet, and which to ask.
package network

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Connections is the state of the connections to each node. A node is a broker's id,
// or kafka.CoordinatorNodeID of it for the group's own connection, or −1, −2, … for
// the brokers of bootstrap.servers.
type Connections struct {
	words               *words.Words // immutable
	backoff, backoffMax clock.Duration

	open   []int32
	closed []closedNode
	// brokers is what the latest metadata has named; before the first, those of
	// bootstrap.servers are all that is known.
	brokers []int32
	learned bool
	// rebootstrapped: no known broker can be reached, so those of
	// bootstrap.servers are asked again (KIP-899, since 4.0).
	rebootstrapped bool
}

// closedNode is a node to which the connection is lost or could not be opened.
type closedNode struct {
	node    int32
	failed  int        // attempts, the lost connection included
	retryAt clock.Time // reconnect.backoff.ms …: not to be tried before
}

// rebootstraps is the version since which metadata.recovery.strategy is rebootstrap.
var rebootstraps = kafka.V(4, 0, 0)

// New knows bootstrap.servers only. The backoffs are reconnect.backoff.ms and
// reconnect.backoff.max.ms.
func New(w *words.Words, backoff, backoffMax clock.Duration) Connections {
	return Connections{words: w, backoff: backoff, backoffMax: backoffMax}
}

// Clone is a deep copy; words and the brokers of a response are immutable and shared.
func (n *Connections) Clone() Connections {
	d := *n
	d.open, d.closed = slices.Clone(n.open), slices.Clone(n.closed)
	return d
}

// Opened notes that a node has answered.
func (n *Connections) Opened(node int32) {
	if n.IsOpen(node) {
		return
	}
	n.open = append(n.open, node)
	n.closed = slices.DeleteFunc(n.closed, func(x closedNode) bool { return x.node == node })
}

// IsOpen tells whether there is a connection to a node.
func (n *Connections) IsOpen(node int32) bool { return slices.Contains(n.open, node) }

// Connect gives the broker behind a node that a request is about to go to. The node
// is open at once if there is a connection to that broker over another one, else when
// an answer has come.
func (n *Connections) Connect(node int32) (broker int32) {
	broker = brokerOf(node)
	if slices.ContainsFunc(n.open, func(x int32) bool { return brokerOf(x) == broker }) {
		n.Opened(node)
	}
	return broker
}

// Until is when a node may be tried, 0 for at once (KafkaClient.connectionDelay).
func (n *Connections) Until(node int32) clock.Time {
	if i := slices.IndexFunc(n.closed, func(x closedNode) bool { return x.node == node }); i >= 0 {
		return n.closed[i].retryAt
	}
	return 0
}

// Unavailable tells whether a node must not be tried yet
// (NetworkClientUtils.isUnavailable).
func (n *Connections) Unavailable(node int32, now clock.Time) bool { return now < n.Until(node) }

// Lost notes that the connection to a node has broken, or could not be opened: the
// next attempt is made after reconnect.backoff.ms, twice as long after each that has
// failed, up to reconnect.backoff.max.ms, a fifth more or less. It tells whether that
// is news: metadata is then to be asked for.
func (n *Connections) Lost(h client.Host, now clock.Time, node int32) bool {
	wasOpen := n.IsOpen(node)
	if !wasOpen && n.Unavailable(node, now) {
		return false // told of with another request that was to go there
	}
	n.open = slices.DeleteFunc(n.open, func(x int32) bool { return x == node })
	i := slices.IndexFunc(n.closed, func(x closedNode) bool { return x.node == node })
	if i < 0 {
		i = len(n.closed)
		n.closed = append(n.closed, closedNode{node: node})
	}
	x := &n.closed[i]
	x.retryAt = now + n.reconnectBackoff(h, x.failed)
	x.failed++
	if !wasOpen {
		n.words.Log(h, "WARN", fmt.Sprintf("Connection to node %d (/%s) could not be established. Node may not be available.", node, n.words.Options.Nodes[brokerOf(node)-1]))
	}
	if node < 0 && (n.rebootstrapped || !n.learned) {
		n.words.Log(h, "WARN", "Bootstrap broker "+n.words.Node(-node, node)+" disconnected")
	}
	return true
}

// reconnectBackoff is ExponentialBackoff.backoff.
func (n *Connections) reconnectBackoff(h client.Host, failed int) clock.Duration {
	wait := n.backoff
	for i := 0; i < failed && wait < n.backoffMax; i++ {
		wait *= 2
	}
	fifth := uint64(wait / 5)
	return min(wait-clock.Duration(fifth)+clock.Duration(h.Rand().Below(2*fifth+1)), n.backoffMax)
}

// Learned takes the brokers that a Metadata response names.
func (n *Connections) Learned(brokers []int32) {
	n.brokers, n.learned, n.rebootstrapped = brokers, true, false
}

// LeastLoadedNode is a node to ask what every broker knows: one to which there is a
// connection, or else the first that may be tried.
func (n *Connections) LeastLoadedNode(now clock.Time) (int32, bool) {
	if !n.rebootstrapped {
		if node, ok := n.pick(n.known(), now); ok {
			return node, true
		}
		if n.words.Options.Version < rebootstraps {
			return 0, false
		}
		n.rebootstrapped = n.learned
	}
	return n.pick(n.bootstrap(), now)
}

func (n *Connections) pick(nodes []int32, now clock.Time) (int32, bool) {
	for _, node := range nodes {
		if n.IsOpen(node) {
			return node, true
		}
	}
	for _, node := range nodes {
		if !n.Unavailable(node, now) {
			return node, true
		}
	}
	return 0, false
}

// NextNode is when the first of the nodes that may be asked can be tried.
func (n *Connections) NextNode(now clock.Time) clock.Time {
	nodes, at := n.known(), clock.Never
	if n.rebootstrapped {
		nodes = n.bootstrap()
	}
	for _, node := range nodes {
		at = min(at, n.Until(node))
	}
	return max(at, now)
}

// known is the nodes that are asked while one of them can be reached.
func (n *Connections) known() []int32 {
	if !n.learned {
		return n.bootstrap()
	}
	return n.brokers
}

func (n *Connections) bootstrap() []int32 {
	nodes := make([]int32, len(n.words.Options.Nodes))
	for i := range nodes {
		nodes[i] = -int32(i) - 1
	}
	return nodes
}

// Nodes is the nodes behind which a broker may be: its connections break together, as
// its process has died.
func Nodes(broker int32) []int32 {
	return []int32{broker, kafka.CoordinatorNodeID(broker), -broker}
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
