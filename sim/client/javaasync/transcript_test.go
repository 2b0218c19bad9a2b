package javaasync

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/internal/golden"
	"ksim/sim/client"
	"ksim/sim/client/clienttest"
	"ksim/sim/client/java/subscription"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTranscripts holds each behaviour against a file that tells it line by line;
// clienttest.Transcripts says how to read them. Beside its commands there is
//
//	new KEY=VALUE…             a consumer; the defaults are in newConsumerWorld
//	steady partitions= offsets= [at=T]  the start, which first_join.txt shows
func TestTranscripts(t *testing.T) { clienttest.Play(t, newConsumerWorld) }

// defaults is what a consumer does with an empty configuration, but for
// enable.auto.commit, which is off.
func defaults() settings {
	return settings{
		maxPoll:            5 * clock.Minute,
		autoCommitInterval: 5 * clock.Second,
		retryBackoff:       100 * clock.Millisecond,
		retryBackoffMax:    clock.Second,
		reconnectBackoff:   50 * clock.Millisecond, reconnectBackoffMax: clock.Second,
		metadataMaxAge: 5 * clock.Minute,
		apiTimeout:     clock.Minute,
		fetch:          subscription.Limits{MaxWait: 500 * clock.Millisecond, MinBytes: 1, MaxBytes: 52428800, PartitionBytes: 1048576},
		maxPollRecords: 500,
		reset:          "earliest",
	}
}

// newConsumerWorld reads `new key=value…`.
func newConsumerWorld(t *testing.T, d *datadriven.TestData) *clienttest.World {
	s, o := defaults(), client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Version: kafka.V(4, 1, 0), Nodes: []string{"b1:9092", "b2:9092"}}
	for _, a := range d.CmdArgs {
		value := a.Vals[0]
		switch a.Key {
		case "max-poll":
			s.maxPoll = clienttest.Duration(t, value)
		case "auto-commit":
			s.autoCommit, s.autoCommitInterval = true, clienttest.Duration(t, value)
		case "api-timeout":
			s.apiTimeout = clienttest.Duration(t, value)
		case "metadata-max-age":
			s.metadataMaxAge = clienttest.Duration(t, value)
		case "max-poll-records":
			s.maxPollRecords = clienttest.Number(t, value)
		case "instance":
			s.instance = value
		case "reset":
			s.reset = value
		case "assignor":
			s.assignor = value
		case "brokers":
			o.Nodes = o.Nodes[:clienttest.Number(t, value)]
		case "topics":
			o.Topics = a.Vals
		case "version":
			major, minor, _ := strings.Cut(value, ".")
			o.Version = kafka.V(int32(clienttest.Number(t, major)), int32(clienttest.Number(t, minor)), 0)
		default:
			t.Fatalf("%s: what is %s?", d.Pos, a.Key)
		}
	}
	c := newConsumer(&s, o)
	w := &clienttest.World{
		Consumer: c, TimerNames: []string{timerApp: "app", timerBackground: "background", timerMetadata: "metadata"},
		Words: clienttest.JavaWords(o, s.instance),
		State: func() string {
			return fmt.Sprintf("%s, epoch %d, current %v, target %v", c.state, c.epoch, c.current.partitions, c.target.partitions)
		},
	}
	w.GivenUp = func(id kafka.RequestID) bool {
		return !slices.ContainsFunc(c.inflight, func(q request) bool { return q.id == id })
	}
	w.Request = requestText
	line := w.Line
	w.Line = func(level, text string) string { // the member's id is drawn at random
		return strings.ReplaceAll(strings.TrimSuffix(line(level, text), "\n"), c.memberID, "ID")
	}
	w.Play = func(t *testing.T, d *datadriven.TestData) bool {
		if d.Cmd == "steady" {
			steady(t, d, w, c)
		}
		return d.Cmd == "steady"
	}
	return w
}

// steady goes through the start without a word: the consumer is a member of epoch 1
// with committed offsets, and has just polled without waiting.
func steady(t *testing.T, d *datadriven.TestData, w *clienttest.World, c *Consumer) {
	var partitions, offsets string
	d.ScanArgs(t, "partitions", &partitions)
	d.ScanArgs(t, "offsets", &offsets)
	c.Subscribe(w, w.Now())
	w.Answer(t, "metadata t=3")
	c.Poll(w, w.Now(), clock.Millisecond, 1)
	w.Answer(t, "findcoordinator")
	w.Answer(t, "consumergroupheartbeat epoch=1 partitions="+partitions)
	for c.state != stable {
		w.Run(w.Now() + clock.Millisecond)
		if c.call == callNone {
			c.Poll(w, w.Now(), clock.Millisecond, 1)
		}
	}
	w.Answer(t, "consumergroupheartbeat epoch=1")
	for !w.Waits() {
		w.Run(w.Now() + clock.Millisecond)
		c.Poll(w, w.Now(), clock.Millisecond, 1)
	}
	w.Answer(t, "offsetfetch offsets="+offsets)
	w.Run(w.Now() + clock.Millisecond)
	w.Forget()
}

// requestText prints the fields that are in a heartbeat, and a commit without the
// member's id, which is drawn at random.
func requestText(r kafka.Request) string {
	switch r := r.(type) {
	case *kafka.ConsumerGroupHeartbeatRequest:
		text := fmt.Sprintf("Heartbeat epoch=%d", r.MemberEpoch)
		if r.InstanceID != "" {
			text += fmt.Sprintf(" instance=%q", r.InstanceID)
		}
		if r.RebalanceTimeout >= 0 {
			text += fmt.Sprintf(" rebalance=%s topics=%v assignor=%q", r.RebalanceTimeout, r.Topics, r.Assignor)
		}
		if r.Owned != nil {
			text += fmt.Sprintf(" owned=%v", r.Owned)
		}
		return text
	case *kafka.OffsetCommitRequest:
		return fmt.Sprintf("OffsetCommit epoch=%d %s", r.Generation, clienttest.OffsetsText(r.Offsets))
	}
	return ""
}
