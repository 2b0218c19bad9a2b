package java

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// metadata is what the client knows of the cluster.
type metadata struct {
	version int // how many responses there have been
	topics  []kafka.TopicMetadata
	wanted  bool       // it is to be asked for as soon as may be
	asked   clock.Time // when it last arrived, or was refused
	vain    int        // how often in a row it has brought nothing new
}

// snapshot is what the leader assigned by (ConsumerCoordinator.MetadataSnapshot):
// the subscribed topics with their numbers of partitions, by name. Immutable.
type snapshot struct {
	version int
	topics  []assign.Topic
}

// snapshot takes the present metadata.
func (m *metadata) snapshot() *snapshot {
	return &snapshot{version: m.version, topics: assign.Counts(m.topics)}
}

// String prints it as Java does; no broker here has a rack.
func (s *snapshot) String() string {
	var t []string
	for _, x := range s.topics {
		t = append(t, x.Name+"=["+strings.TrimSuffix(strings.Repeat("NO_RACKS, ", int(x.Partitions)), ", ")+"]")
	}
	return fmt.Sprintf("(version%d: {%s})", s.version, strings.Join(t, ", "))
}

// requestMetadata asks for the subscription's topics, as soon as that may be done: a
// node can be tried, and retry.backoff.ms have passed since the last time
// (Metadata.timeToNextUpdate).
func (c *Consumer) requestMetadata(h client.Host, now clock.Time) {
	m := &c.metadata
	if !m.wanted && m.version > 0 || c.pending(apiMetadata) {
		return
	}
	if at := m.asked + c.backoff(m.vain); m.vain > 0 && now < at {
		h.Arm(timerMetadata, at)
		return
	}
	node, ok := c.connections.LeastLoadedNode(now)
	if !ok {
		h.Arm(timerMetadata, c.connections.NextNode(now))
		return
	}
	c.sendTo(h, now, node, apiMetadata, &kafka.MetadataRequest{Topics: c.o.Topics})
}

// backoff is retry.backoff.ms after so many vain attempts.
func (c *Consumer) backoff(vain int) clock.Duration {
	wait := c.s.retryBackoff
	for i := 1; i < vain && wait < c.s.retryBackoffMax; i++ {
		wait *= 2
	}
	return min(wait, c.s.retryBackoffMax)
}

// metadataArrived takes a Metadata response; the next refresh is due
// metadata.max.age.ms later, or after a backoff when a partition has no leader, or one
// that is known to be none.
func (c *Consumer) metadataArrived(h client.Host, now clock.Time, r *kafka.MetadataResponse) {
	m := metadata{version: c.metadata.version + 1, asked: now}
	for _, t := range r.Topics {
		if t.Err != kafka.ErrNone {
			issue := "The metadata response from the cluster reported a recoverable issue"
			if !c.since(kafka.V(4, 0, 0)) {
				issue = "Error while fetching metadata"
			}
			c.log(h, "WARN", fmt.Sprintf("%s with correlation id %d : {%s=%s}", issue, m.version, t.Topic, t.Err))
			continue
		}
		m.topics = append(m.topics, t)
	}
	c.connections.Learned(r.Brokers)
	c.subscriptions.UpdateLeaders(m.leader)
	m.wanted = c.subscriptions.Leaderless() || slices.ContainsFunc(c.subscriptions.AllLeaders(), func(broker int32) bool { return c.connections.Unavailable(broker, now) })
	if m.wanted {
		m.vain = c.metadata.vain + 1
	}
	c.metadata = m
	if m.wanted {
		h.Arm(timerMetadata, now+c.backoff(m.vain))
		return
	}
	h.Arm(timerMetadata, now+c.s.metadataMaxAge)
}

// leader is the broker that leads a partition, 0 when unknown or none.
func (m *metadata) leader(tp kafka.TopicPartition) int32 { return kafka.LeaderOf(m.topics, tp) }

// coordinatorReady tells whether the coordinator is known, and looks for it if
// not (ensureCoordinatorReady).
func (c *Consumer) coordinatorReady(h client.Host, now clock.Time) bool {
	if c.coordinator != 0 {
		return true
	}
	if c.metadata.version > 0 {
		c.findCoordinator(h, now)
	}
	return false
}

// findCoordinator sends FindCoordinator, unless one is on its way or it is too
// early to ask again.
func (c *Consumer) findCoordinator(h client.Host, now clock.Time) {
	if c.pending(apiFindCoordinator) || now < c.retryAt {
		return
	}
	node, ok := c.connections.LeastLoadedNode(now)
	if !ok { // NoAvailableBrokersException
		c.retryAt = now + c.s.retryBackoff
		c.metadata.wanted = true
		c.requestMetadata(h, now)
		return
	}
	c.sendTo(h, now, node, apiFindCoordinator, &kafka.FindCoordinatorRequest{Group: c.o.Group})
}

// coordinatorFound is FindCoordinatorResponseHandler. A connection that has just
// been given up may not be opened again before reconnect.backoff.ms: until then
// the coordinator that was found counts as unavailable.
func (c *Consumer) coordinatorFound(h client.Host, now clock.Time, r *kafka.FindCoordinatorResponse) {
	if r.Err != kafka.ErrNone {
		c.retryAt = now + c.s.retryBackoff
		return
	}
	c.coordinator = r.Broker
	c.heartbeat.session = now + c.s.session
	c.tellDiscovered(h)
	if c.connections.Unavailable(kafka.CoordinatorNodeID(r.Broker), now) {
		c.coordinatorGone(h, now, "coordinator unavailable")
		c.retryAt = now + c.s.retryBackoff
		return
	}
	if now < c.reconnectAt {
		c.coordinatorLost(h, now, "coordinator unavailable")
		c.retryAt = now + c.s.retryBackoff
		return
	}
	if c.joinedGroup() && c.hasThread() { // the heartbeat thread has waited for it and goes on
		h.Arm(timerHeartbeat, now)
	}
}

// coordinatorLost forgets the coordinator and closes the connection to it: what
// was in flight there fails (markCoordinatorUnknown).
func (c *Consumer) coordinatorLost(h client.Host, now clock.Time, cause string) {
	if c.coordinator == 0 {
		return
	}
	c.tellLost(h, cause, false)
	if !c.hasThread() {
		c.coordinator = 0
		return // what is in flight may still be answered
	}
	c.reconnectAt = max(c.reconnectAt, now+c.s.reconnectBackoff)
	c.reconnects = true
	c.forgetCoordinator(now)
}

// coordinatorGone forgets a coordinator whose connection has broken
// (markCoordinatorUnknown, isDisconnected).
func (c *Consumer) coordinatorGone(h client.Host, now clock.Time, cause string) {
	if c.coordinator == 0 {
		return
	}
	c.tellLost(h, cause, true)
	c.forgetCoordinator(now)
}

// forgetCoordinator fails what is in flight to the coordinator.
func (c *Consumer) forgetCoordinator(now clock.Time) {
	c.coordinator = 0
	for i := 0; i < len(c.inflight); {
		if !c.inflight[i].api.toCoordinator() {
			i++
			continue
		}
		q := c.inflight[i]
		c.inflight = slices.Delete(c.inflight, i, i+1)
		c.disconnected(now, q)
	}
}

// toCoordinator tells whether a request goes over the coordinator's connection,
// which is apart from that for fetches even to the same broker.
func (a api) toCoordinator() bool {
	switch a {
	case apiJoin, apiSync, apiHeartbeat, apiLeave, apiCommit, apiOffsetFetch, apiVersions:
		return true
	}
	return false
}

// disconnected fails a request with DisconnectException.
func (c *Consumer) disconnected(now clock.Time, q request) {
	switch q.api {
	case apiMetadata:
		c.metadata.wanted = true
	case apiFindCoordinator:
		c.metadata.wanted = true
		c.retryAt = now + c.s.retryBackoff
	case apiJoin, apiSync:
		if c.state == preparingRebalance || c.state == completingRebalance {
			c.setState(unjoined, "disconnected from the coordinator")
			c.joinDone(&joinError{"DisconnectException", "null", joinLater})
		}
	case apiCommit:
		c.commitEnded(now, q, retriableCommit, true)
	case apiHeartbeat:
		c.heartbeat.due = now + c.s.retryBackoff
	case apiOffsetFetch:
		c.retryAt = now + c.s.retryBackoff
	case apiValidate:
		c.subscriptions.ValidateLater(q.partitions, now+c.s.retryBackoff)
	case apiListOffsets:
		for _, tp := range q.partitions {
			c.subscriptions.ResetLater(tp, now+c.s.retryBackoff)
		}
	}
}
