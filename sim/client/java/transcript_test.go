package java

import (
	"fmt"
	"slices"
	"strconv"
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
		session: 45 * clock.Second, heartbeat: 3 * clock.Second, maxPoll: 5 * clock.Minute,
		autoCommitInterval: 5 * clock.Second,
		retryBackoff:       100 * clock.Millisecond,
		retryBackoffMax:    clock.Second,
		reconnectBackoff:   50 * clock.Millisecond,

		reconnectBackoffMax: clock.Second,
		requestTimeout:      30 * clock.Second,
		metadataMaxAge:      5 * clock.Minute,
		apiTimeout:          clock.Minute,
		fetch:               subscription.Limits{MaxWait: 500 * clock.Millisecond, MinBytes: 1, MaxBytes: 52428800, PartitionBytes: 1048576},
		maxPollRecords:      500,
		reset:               "earliest",
		assignors:           []string{"range"},
	}
}

// newConsumerWorld reads `new key=value…`.
func newConsumerWorld(t *testing.T, d *datadriven.TestData) *clienttest.World {
	s, o := defaults(), client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Version: kafka.V(4, 1, 0), Nodes: []string{"b1:9092", "b2:9092"}}
	for _, a := range d.CmdArgs {
		value := a.Vals[0]
		switch a.Key {
		case "session":
			s.session = clienttest.Duration(t, value)
		case "max-poll":
			s.maxPoll = clienttest.Duration(t, value)
		case "auto-commit":
			s.autoCommit, s.autoCommitInterval = true, clienttest.Duration(t, value)
		case "brokers":
			o.Nodes = o.Nodes[:clienttest.Number(t, value)]
		case "request-timeout":
			s.requestTimeout = clienttest.Duration(t, value)
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
		case "assignors":
			s.assignors = a.Vals
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
		Consumer: c, TimerNames: timerNames, Words: clienttest.JavaWords(o, s.instance),
		State: func() string { return fmt.Sprintf("%s (%s), %s", c.state, c.stateWhy, c.generation) },
		GivenUp: func(id kafka.RequestID) bool {
			return !slices.ContainsFunc(c.inflight, func(q request) bool { return q.id == id })
		},
	}
	w.Request = requestText
	w.Play = func(t *testing.T, d *datadriven.TestData) bool {
		if d.Cmd == "steady" {
			steady(t, d, w, c)
		}
		return d.Cmd == "steady"
	}
	return w
}

// steady goes through the start without a word: the consumer is a follower of
// generation 1 with committed offsets, and has just polled without waiting.
func steady(t *testing.T, d *datadriven.TestData, w *clienttest.World, c *Consumer) {
	var partitions, offsets string
	d.ScanArgs(t, "partitions", &partitions)
	d.ScanArgs(t, "offsets", &offsets)
	c.Subscribe(w, w.Now())
	w.Answer(t, "metadata t=3 brokers="+strconv.Itoa(len(c.o.Nodes)))
	c.Poll(w, w.Now(), clock.Millisecond, 1)
	w.Answer(t, "findcoordinator")
	w.Answer(t, "joingroup id=A-1 generation=1 leader=B-1")
	w.Answer(t, "syncgroup partitions="+partitions)
	w.Answer(t, "offsetfetch offsets="+offsets)
	w.Run(w.Now() + clock.Millisecond)
	w.Forget()
}

var timerNames = []string{timerApp: "app", timerHeartbeat: "heartbeat", timerMetadata: "metadata", timerRequests: "requests"}

// requestText prints the requests of which these transcripts show other fields than
// most.
func requestText(r kafka.Request) string {
	instance := func(id string) string {
		if id == "" {
			return ""
		}
		return fmt.Sprintf(" instance=%q", id)
	}
	switch r := r.(type) {
	case *kafka.JoinGroupRequest:
		text := fmt.Sprintf("JoinGroup member=%q%s session=%s rebalance=%s", r.MemberID, instance(r.InstanceID), r.SessionTimeout, r.RebalanceTimeout)
		for _, p := range r.Protocols {
			text += fmt.Sprintf(" %s=%q", p.Name, p.Metadata)
		}
		return text + fmt.Sprintf(" reason=%q", r.Reason)
	case *kafka.SyncGroupRequest:
		text := fmt.Sprintf("SyncGroup member=%q%s generation=%d protocol=%s", r.MemberID, instance(r.InstanceID), r.Generation, r.Protocol)
		for _, a := range r.Assignments {
			text += fmt.Sprintf(" %s=[%s]", a.MemberID, a.Assignment)
		}
		return text
	case *kafka.LeaveGroupRequest:
		return fmt.Sprintf("LeaveGroup member=%q reason=%q", r.Members[0].MemberID, r.Members[0].Reason)
	}
	return ""
}
