package kafkago

import (
	"cmp"
	"fmt"
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
// file a behaviour. The times and the order of what kafka-go does are those of
// recordings of the real client, or of its source. clienttest.Transcripts says how
// to read them; beside its commands there are
//
//	new KEY=VALUE…                a consumer; the defaults are in defaults
//	joined partitions= offsets=   a follower that fetches from committed offsets,
//	                              blocked in a poll
//	readers N                     so many of them begin to fetch
//	buffered                      what it holds
func TestTranscripts(t *testing.T) { clienttest.Play(t, newWorld) }

var timerNames = []string{
	timerPoll:     "poll",
	timerBeat:     "beat",
	timerGroup:    "group",
	timerRetry:    "retry",
	timerInterval: "interval",
	timerReaders:  "readers",
	timerWatch:    "watch",
	timerRequests: "requests",
}

// defaults is kafka-go's defaults but for the figures that the recordings use.
func defaults() settings {
	return settings{
		session:       6 * clock.Second,
		heartbeat:     clock.Second,
		rebalance:     9 * clock.Second,
		joinBackoff:   5 * clock.Second,
		queueCapacity: 100,
		minBytes:      1,
		maxBytes:      1000000,
		maxWait:       500 * clock.Millisecond,
		backoffMin:    100 * clock.Millisecond,
		backoffMax:    clock.Second,
		maxAttempts:   3,
		startFirst:    true,
		watchInterval: 5 * clock.Second,
		balancers:     []string{"range", "roundrobin"},
	}
}

// newWorld reads `new key=value…`.
func newWorld(t *testing.T, d *datadriven.TestData) *clienttest.World {
	s, o := defaults(), client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Version: kafka.V(0, 4, 0)}
	for _, a := range d.CmdArgs {
		value := a.Vals[0]
		switch a.Key {
		case "topics":
			o.Topics = a.Vals
		case "read-message":
			o.AutoCommit = value == "true"
		case "interval":
			s.commitInterval = clienttest.Duration(t, value)
		case "capacity":
			s.queueCapacity = clienttest.Number(t, value)
		case "max-wait":
			s.maxWait = clienttest.Duration(t, value)
		case "watch":
			s.watchPartitions, s.watchInterval = true, clienttest.Duration(t, value)
		case "start":
			s.startFirst = value == "first"
		case "nodes":
			o.Nodes = a.Vals
		default:
			t.Fatalf("%s: what is %s?", d.Pos, a.Key)
		}
	}
	c := newConsumer(s, o)
	w := &clienttest.World{
		Consumer: c, TimerNames: timerNames, Words: clienttest.FullWords(), OneByOne: true, Most: 1000, Timeout: 100 * clock.Second,
		Response: response,
	}
	w.Play = func(t *testing.T, d *datadriven.TestData) bool {
		switch d.Cmd {
		case "joined":
			joined(t, d, w, c)
		case "readers":
			begin(t, w, int(clienttest.Number(t, d.CmdArgs[0].Key)))
		case "buffered":
			records, bytes := c.Buffered()
			w.See(fmt.Sprintf("%d records, %d bytes", records, bytes))
		default:
			return false
		}
		return true
	}
	return w
}

// joined goes through the start, which the file startup shows, without a word.
func joined(t *testing.T, d *datadriven.TestData, w *clienttest.World, c *Consumer) {
	var partitions, offsets string
	d.ScanArgs(t, "partitions", &partitions)
	d.ScanArgs(t, "offsets", &offsets)
	c.Subscribe(w, w.Now())
	w.Answer(t, "findcoordinator")
	w.Answer(t, "apiversions")
	w.Answer(t, "joingroup id=A-1 generation=1 leader=B-1")
	w.Answer(t, "syncgroup partitions="+partitions)
	w.Answer(t, "offsetfetch offsets="+offsets)
	begin(t, w, len(c.readers))
	c.Poll(w, w.Now(), 100*clock.Second, 1000)
	w.Forget()
}

// begin answers what that many readers ask before they fetch.
func begin(t *testing.T, w *clienttest.World, readers int) {
	for range readers {
		w.Answer(t, "metadata partitions=6")
	}
	for range 4 * readers {
		w.Answer(t, "listoffsets offsets=0")
	}
}

// response is one broker unless the transcript says more, and gives the end of a log
// that the request asks for: `first=5` or `last=70`.
func response(r kafka.Request, args map[string]string, _ kafka.ErrorCode) kafka.Response {
	switch r := r.(type) {
	case *kafka.MetadataRequest:
		args["brokers"] = cmp.Or(args["brokers"], "1")
	case *kafka.ListOffsetsRequest:
		if args["offsets"] = cmp.Or(args["first"], "0"); r.Latest {
			args["offsets"] = cmp.Or(args["last"], "1000")
		}
	}
	return nil
}
