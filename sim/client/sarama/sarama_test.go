package sarama

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

var stepNames = [...]string{
	returned: "returned", refreshing: "refreshing", finding: "finding", joining: "joining", balancing: "balancing", syncing: "syncing",
	backingOff: "backing off", managing: "managing", consuming: "consuming", releasing: "releasing", flushing: "flushing", stopping: "stopping",
}

// TestTranscripts holds each behaviour against a file that tells it line by line;
// clienttest.Transcripts says how to read them.
func TestTranscripts(t *testing.T) {
	clienttest.Transcripts(t, "sarama", func(s config.Set, o client.Options) *clienttest.World {
		c := New(s, o)
		names := []string{timerRetry: "retry", timerRead: "read", timerHeartbeat: "heartbeat", timerCommit: "commit",
			timerWorkers: "workers", timerFeeders: "feeders", timerMetadata: "metadata", timerDispatch: "dispatch"}
		return &clienttest.World{Consumer: c, TimerNames: names,
			State: func() string {
				return fmt.Sprintf("%s (%s), generation %d of %q", stepNames[c.consume.step], c.consume.why, c.session.generation, c.member)
			}}
	})
}

// TestAnyOrder: no order of answers, failures, freezes and calls makes the client
// break the protocol, lose its place, forget a handler, or panic, and its copy goes
// on as it does.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &settings{
			session: 10 * clock.Second, heartbeat: 3 * clock.Second, rebalance: clock.Minute,
			retryMax: rapid.Int64Range(0, 2).Draw(t, "retries"), retryBackoff: 2 * clock.Second,
			autoCommit: rapid.Bool().Draw(t, "auto-commit"), autoCommitInterval: clock.Second, commitRetries: 3,
			oldest: rapid.Bool().Draw(t, "oldest"), resetInvalid: rapid.Bool().Draw(t, "reset"),
			strategies:   rapid.SampledFrom([][]string{{"range"}, {"sticky", "roundrobin"}}).Draw(t, "strategies"),
			fetchMaxWait: 500 * clock.Millisecond, fetchMin: 1, fetchMax: 52428800, fetchPartition: 1048576,
			channel: rapid.Int64Range(0, 20).Draw(t, "channel"), maxProcessing: 100 * clock.Millisecond, consumerRetry: 2 * clock.Second,
			metadataRetries: rapid.Int64Range(0, 3).Draw(t, "metadata-retries"), metadataBackoff: 250 * clock.Millisecond,
			metadataAge: rapid.SampledFrom([]clock.Duration{0, 5 * clock.Second}).Draw(t, "metadata-age"),
			readTimeout: 30 * clock.Second, returnErrors: rapid.Bool().Draw(t, "return-errors"), version: kafka.V(3, 6, 0),
		}
		if rapid.Bool().Draw(t, "static") {
			s.instance = "x"
		}
		c := newConsumer(s, client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Version: kafka.V(1, 61, 0), Nodes: []string{"b1", "b2"}})
		g := &clienttest.AnyHost{T: t, Consumer: c, Static: s.instance != "", Background: true, Behind: true, Moves: true}
		g.Run()
	})
}
