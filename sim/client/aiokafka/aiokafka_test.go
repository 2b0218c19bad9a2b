package aiokafka

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
	clienttest.Transcripts(t, "aiokafka", func(s config.Set, o client.Options) *clienttest.World {
		c := New(s, o)
		names := []string{timerGet: "get", timerCoordination: "coordination", timerHeartbeat: "heartbeat", timerCommit: "commit",
			timerFetch: "fetch", timerMetadata: "metadata", timerRefresh: "refresh"}
		return &clienttest.World{Consumer: c, TimerNames: names,
			State: func() string {
				return fmt.Sprintf("%s, generation %d of %q", c.task.step, c.generation.id, c.generation.member)
			}}
	})
}

// TestAnyOrder: no order of answers, failures, freezes and calls makes the client
// break the protocol, lose its place, or panic.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &settings{
			session: 10 * clock.Second, heartbeat: 3 * clock.Second, maxPoll: 8 * clock.Second, rebalance: 10 * clock.Second,
			autoCommit: rapid.Bool().Draw(t, "auto-commit"), autoCommitInterval: 700 * clock.Millisecond,
			retryBackoff: 100 * clock.Millisecond, metadataMaxAge: 3 * clock.Second,
			fetchMaxWait: 500 * clock.Millisecond, fetchMin: 1, fetchMax: 52428800, fetchPartition: 1048576,
			maxPollRecords: rapid.SampledFrom([]int64{0, 20}).Draw(t, "most"),
			reset:          rapid.SampledFrom([]string{"earliest", "earliest", "latest", "none"}).Draw(t, "reset"),
			assignors:      rapid.SampledFrom([][]string{{"roundrobin"}, {"range", "sticky"}}).Draw(t, "assignors"),
		}
		if rapid.Bool().Draw(t, "static") {
			s.instance = "x"
		}
		most := s.maxPollRecords
		if most == 0 {
			most = 1 << 30
		}
		c := newConsumer(s, client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Version: kafka.V(0, 14, 0), Nodes: []string{"b1", "b2"}})
		g := &clienttest.AnyHost{T: t, Consumer: c, Static: s.instance != "", Most: most, Background: true}
		g.Run()
	})
}
