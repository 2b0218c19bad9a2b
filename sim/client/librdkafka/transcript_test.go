package librdkafka

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/internal/golden"
	"ksim/sim/client"
	"ksim/sim/client/clienttest"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTranscripts plays inputs to a consumer and compares all that its host saw, one
// file a behaviour. The times and the order of what librdkafka does are those of
// recordings of the real client at debug=cgrp, or of its source.
// clienttest.Transcripts says how to read them; beside its commands there are
//
//	new KEY=VALUE…                     a consumer; the defaults are in defaults
//	steady partitions= offsets= [of=]  a follower with committed offsets, assigned now,
//	                                   blocked in a poll
func TestTranscripts(t *testing.T) { clienttest.Play(t, newWorld) }

var timerNames = []string{
	timerPoll:       "poll",
	timerServe:      "serve",
	timerMaxPoll:    "max-poll",
	timerAutoCommit: "auto-commit",
	timerMetadata:   "metadata",
	timerPositions:  "positions",
	timerFetch:      "fetch",
	timerRequests:   "requests",
}

// defaults is librdkafka's defaults but for the figures that the recordings use.
func defaults() settings {
	return settings{
		session:            6 * clock.Second,
		heartbeat:          clock.Second,
		maxPoll:            8 * clock.Second,
		autoCommitInterval: 5 * clock.Second,
		autoOffsetStore:    true,
		reset:              resetEarliest,
		fetchWait:          500 * clock.Millisecond,
		fetchMin:           1,
		fetchMax:           52428800,
		fetchPartition:     1048576,
		queuedMessages:     100000,
		queuedBytes:        65536000,
		fetchQueueBackoff:  clock.Second,
		fetchErrorBackoff:  500 * clock.Millisecond,
		metadataRefresh:    5 * clock.Minute,
		coordinatorQuery:   10 * clock.Minute,
		retryBackoff:       100 * clock.Millisecond,
		socketTimeout:      clock.Hour,
		assignors:          []string{"range", "roundrobin"},
		retryBackoffMax:    clock.Second,
	}
}

// newWorld reads `new key=value…`.
func newWorld(t *testing.T, d *datadriven.TestData) *clienttest.World {
	s, o := defaults(), client.Options{Nodes: []string{"b1:9092", "b2:9092", "b3:9092"}, Group: "g", Topics: []string{"t"}, ClientID: "A", Version: kafka.V(2, 16, 0)}
	for _, a := range d.CmdArgs {
		value := a.Vals[0]
		switch a.Key {
		case "session":
			s.session = clienttest.Duration(t, value)
		case "heartbeat":
			s.heartbeat = clienttest.Duration(t, value)
		case "max-poll":
			s.maxPoll = clienttest.Duration(t, value)
		case "auto-commit":
			s.autoCommit, s.autoCommitInterval = true, clienttest.Duration(t, value)
		case "instance":
			s.instance = value
		case "reset":
			s.reset = parseReset(value)
		case "protocol":
			s.consumerProtocol = value == "consumer"
		case "assignors":
			s.assignors = a.Vals
		case "queued-messages":
			s.queuedMessages = clienttest.Number(t, value)
		case "metadata-refresh":
			s.metadataRefresh = clienttest.Duration(t, value)
		case "logs-channel":
			s.logsChannel = true
		case "version":
			major, minor, _ := strings.Cut(value, ".")
			o.Version = kafka.V(int32(clienttest.Number(t, major)), int32(clienttest.Number(t, minor)), 0)
		case "minor":
			o.Version = kafka.V(2, int32(clienttest.Number(t, value)), 0)
		default:
			t.Fatalf("%s: what is %s?", d.Pos, a.Key)
		}
	}
	c := newConsumer(s, o)
	w := &clienttest.World{
		Consumer: c, TimerNames: timerNames, Words: clienttest.FullWords(), OneByOne: true, Most: 1000,
		State: func() string { return fmt.Sprintf("%s (%s)", c.group.join, c.group.why) },
	}
	w.Request = func(r kafka.Request) string {
		if r, ok := r.(*kafka.JoinGroupRequest); ok {
			return fmt.Sprintf("JoinGroup v%d member=%q instance=%q session=%s rebalance=%s protocols=%v", r.APIVersion, r.MemberID, r.InstanceID, r.SessionTimeout, r.RebalanceTimeout, r.Protocols)
		}
		return ""
	}
	w.Play = func(t *testing.T, d *datadriven.TestData) bool {
		if d.Cmd == "steady" {
			start(t, d, w, c)
		}
		return d.Cmd == "steady"
	}
	return w
}

// start goes through the start, which the file startup shows, without a word.
func start(t *testing.T, d *datadriven.TestData, w *clienttest.World, c *Consumer) {
	var partitions, offsets string
	of := "3" // how many the topic has
	d.MaybeScanArgs(t, "of", &of)
	d.ScanArgs(t, "partitions", &partitions)
	d.ScanArgs(t, "offsets", &offsets)
	at := w.Now()
	w.Set(max(0, at-clock.Second))
	c.Subscribe(w, w.Now())
	w.Answer(t, "findcoordinator")
	w.Answer(t, "metadata partitions="+of)
	c.Poll(w, w.Now(), clock.Hour, 1000)
	w.Answer(t, "joingroup id=A-1 generation=1 leader=B-1")
	w.Set(at)
	w.Answer(t, "syncgroup partitions="+partitions)
	w.Answer(t, "heartbeat")
	if partitions != "" {
		w.Answer(t, "offsetfetch offsets="+offsets)
	}
	w.Forget()
}
