package franzgo

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
	idle: "idle", locking: "locking", joining: "joining", syncing: "syncing", inSession: "in session",
	failing: "failing", backingOff: "backing off", ended: "ended",
}

// TestTranscripts holds each behaviour against a file that tells it line by line;
// clienttest.Transcripts says how to read them.
func TestTranscripts(t *testing.T) {
	clienttest.Transcripts(t, "franz-go", func(s config.Set, o client.Options) *clienttest.World {
		c := New(s, o)
		names := []string{timerPoll: "poll", timerHeartbeat: "heartbeat", timerFast: "fast", timerBackoff: "backoff",
			timerCommit: "commit", timerMetadata: "metadata", timerRetry: "retry"}
		return &clienttest.World{Consumer: c, TimerNames: names,
			State: func() string {
				return fmt.Sprintf("%s (%s), generation %d of %q", stepNames[c.manage.step], c.manage.why, c.generated, c.member)
			}}
	})
}

// TestAnyOrder: no order of answers, failures, freezes and calls makes the client
// break the protocol, lose its place, or panic, and its copy goes on as it does.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cooperative := rapid.Bool().Draw(t, "cooperative")
		s := &settings{
			session: 45 * clock.Second, heartbeat: 3 * clock.Second, rebalance: clock.Minute,
			balancers:  rapid.SampledFrom([][]string{{"range"}, {"sticky", "roundrobin"}}).Draw(t, "balancers"),
			block:      rapid.Bool().Draw(t, "block"),
			autoCommit: rapid.Bool().Draw(t, "auto-commit"), greedy: rapid.Bool().Draw(t, "greedy"), autoCommitInterval: 5 * clock.Second,
			latest: rapid.Bool().Draw(t, "latest"), resetLatest: rapid.Bool().Draw(t, "reset-latest"),
			fetchMaxWait: 5 * clock.Second, fetchMin: 1, fetchMax: 52428800, fetchPartition: 1048576,
			pollRecords:    rapid.SampledFrom([]int64{0, 20}).Draw(t, "most"),
			metadataMaxAge: 5 * clock.Minute, metadataMinAge: 5 * clock.Second, retries: 20,
		}
		if cooperative {
			s.balancers = []string{cooperativeSticky}
		}
		if rapid.Bool().Draw(t, "static") {
			s.instance = "x"
		}
		most := s.pollRecords
		if most == 0 {
			most = 1 << 30
		}
		c := newConsumer(s, client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Version: kafka.V(1, 22, 0), Nodes: []string{"b1", "b2"}})
		g := &clienttest.AnyHost{T: t, Consumer: c, Static: s.instance != "", Most: most, Background: true, Behind: true, Moves: true, Cancels: true, Releases: true, Incremental: cooperative}
		g.Run()
	})
}
