package kafkapython

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"ksim/internal/golden"
	"ksim/sim/client"
	"ksim/sim/client/clienttest"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTranscripts holds each behaviour against a file that tells it line by line;
// clienttest.Transcripts says how to read them.
func TestTranscripts(t *testing.T) {
	clienttest.Transcripts(t, "kafka-python", func(s config.Set, o client.Options) *clienttest.World {
		c := New(s, o)
		return &clienttest.World{Consumer: c, TimerNames: []string{timerApp: "app", timerHeartbeat: "heartbeat", timerMetadata: "metadata"},
			State: func() string { return fmt.Sprintf("%s (%s), %s", c.state, c.stateWhy, c.generation) }}
	})
}

// TestAnyOrder: no order of answers, failures, freezes and calls makes the client
// break the protocol, lose its place, or panic.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &settings{
			session: 10 * clock.Second, heartbeat: 3 * clock.Second, maxPoll: 8 * clock.Second,
			autoCommit: rapid.Bool().Draw(t, "auto-commit"), autoCommitInterval: 700 * clock.Millisecond,
			retryBackoff: 100 * clock.Millisecond, requestTimeout: 2 * clock.Second, metadataMaxAge: 3 * clock.Second,
			fetchMaxWait: 500 * clock.Millisecond, fetchMin: 1, fetchMax: 52428800, fetchPartition: 1048576, maxPollRecords: 20,
			reset:     rapid.SampledFrom([]string{"earliest", "earliest", "latest", "none"}).Draw(t, "reset"),
			assignors: []string{"range", "sticky"},
		}
		if rapid.Bool().Draw(t, "static") {
			s.instance = "x"
		}
		if s.cooperative = rapid.Bool().Draw(t, "cooperative"); s.cooperative {
			s.assignors = []string{"cooperative-sticky"}
		}
		v := rapid.SampledFrom([]kafka.Version{kafka.V(2, 0, 0), kafka.V(2, 3, 0), kafka.V(3, 0, 0)}).Draw(t, "version")
		if s.cooperative {
			v = kafka.V(3, 0, 0)
		}
		c := newConsumer(s, client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Version: v, Nodes: []string{"b1", "b2"}})
		g := &clienttest.AnyHost{T: t, Consumer: c, Static: s.instance != "", Most: 20, Keeps: v >= kafka.V(3, 0, 0), Incremental: s.cooperative}
		g.Run()
	})
}
