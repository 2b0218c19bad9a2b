package java

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/client"
	"ksim/sim/client/clienttest"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// TestAnyOrder: no order of answers, failures, freezes and calls makes the client
// break the protocol, lose its place, or panic; what it sends it sends in the states
// in which the real one may.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := defaults()
		s.session, s.maxPoll = 10*clock.Second, 8*clock.Second
		s.autoCommit = rapid.Bool().Draw(t, "auto-commit")
		s.autoCommitInterval = 700 * clock.Millisecond
		s.metadataMaxAge, s.apiTimeout = 3*clock.Second, 2*clock.Second
		s.maxPollRecords = 20
		s.reset = rapid.SampledFrom([]string{"earliest", "earliest", "latest", "none"}).Draw(t, "reset")
		if rapid.Bool().Draw(t, "sticky") {
			s.assignors = []string{"sticky", "range"}
		}
		if rapid.Bool().Draw(t, "static") {
			s.instance = "x"
		}
		major := rapid.Int32Range(3, 4).Draw(t, "major")
		c := newConsumer(&s, client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Version: kafka.V(major, 1, 0), Nodes: []string{"b1", "b2"}})
		g := &clienttest.AnyHost{T: t, Consumer: c, Static: s.instance != "", Most: s.maxPollRecords, Releases: true, GivesUp: true,
			Held: func(c client.Consumer, r kafka.Request) bool { return c.(*Consumer).holds(r) },
			Sent: func(c client.Consumer, broker int32, r kafka.Request) { mayBeSent(t, c.(*Consumer), broker, r) }}
		g.Run()
	})
}

// holds tells that a request was decided upon when the connection was not open yet.
func (c *Consumer) holds(r kafka.Request) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.held == r })
}

// mayBeSent checks a request against the state in which it is sent.
func mayBeSent(t *rapid.T, c *Consumer, broker int32, r kafka.Request) {
	if c.holds(r) {
		return
	}
	switch r.(type) {
	case *kafka.JoinGroupRequest:
		if c.pending(apiJoin) || c.pending(apiSync) {
			t.Fatal("a second join in flight")
		}
	case *kafka.HeartbeatRequest:
		if c.state != completingRebalance && c.state != stable {
			t.Fatalf("heartbeat while %s", c.state)
		}
	case *kafka.FetchRequest:
		if c.fetching(broker) {
			t.Fatalf("a second fetch from broker %d in flight", broker)
		}
	case *kafka.OffsetCommitRequest:
		if c.state != stable {
			t.Fatalf("commit while %s", c.state)
		}
	}
}
