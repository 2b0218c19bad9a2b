package kafkajs

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
// file a behaviour. The times and the order of what kafkajs does are those of
// recordings of the real client, or of its source. clienttest.Transcripts says how
// to read them; beside its commands there are
//
//	new KEY=VALUE…                          a consumer; the defaults are in defaults
//	joined partitions= offsets= [brokers=]  a follower with committed offsets that
//	                                        fetches, blocked in a poll
//	buffered                                what it holds
func TestTranscripts(t *testing.T) { clienttest.Play(t, newWorld) }

var timerNames = []string{
	timerPoll:     "poll",
	timerCut:      "cut",
	timerSleep:    "sleep",
	timerJoin:     "join",
	timerRunner:   "runner",
	timerCommit:   "commit",
	timerRequests: "requests",
}

// defaults is kafkajs's defaults but for the figures that the recordings use, and
// for the chance in what it waits.
func defaults() settings {
	return settings{
		session:        6 * clock.Second,
		heartbeat:      clock.Second,
		rebalance:      9 * clock.Second,
		autoCommit:     true,
		fromBeginning:  true,
		fetchWait:      500 * clock.Millisecond,
		fetchMin:       1,
		fetchMax:       10485760,
		fetchPartition: 1048576,
		metadataMaxAge: 5 * clock.Minute,
		requestTimeout: clock.Never,
		retry:          retrySettings{initial: 300 * clock.Millisecond, most: 30 * clock.Second, multiplier: 2000, retries: 5},
	}
}

// newWorld reads `new key=value…`.
func newWorld(t *testing.T, d *datadriven.TestData) *clienttest.World {
	s, o := defaults(), client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Nodes: []string{"b1:9092", "b2:9092"}, Version: kafka.V(2, 2, 0)}
	for _, a := range d.CmdArgs {
		value := a.Vals[0]
		switch a.Key {
		case "topics":
			o.Topics = a.Vals
		case "auto-commit":
			s.autoCommit = value == "true"
		case "interval":
			s.autoCommitInterval = clienttest.Duration(t, value)
		case "threshold":
			s.autoCommitThreshold = clienttest.Number(t, value)
		case "from-beginning":
			s.fromBeginning = value == "true"
		case "metadata-max-age":
			s.metadataMaxAge = clienttest.Duration(t, value)
		case "request-timeout":
			s.requestTimeout = clienttest.Duration(t, value)
		default:
			t.Fatalf("%s: what is %s?", d.Pos, a.Key)
		}
	}
	c := newConsumer(s, o)
	w := &clienttest.World{
		Consumer: c, TimerNames: timerNames, Words: clienttest.FullWords(), OneByOne: true, Most: 1000, Timeout: 100 * clock.Second,
		Response: func(r kafka.Request, args map[string]string, _ kafka.ErrorCode) kafka.Response {
			if _, ok := r.(*kafka.MetadataRequest); ok { // one broker unless the transcript says more
				args["brokers"] = cmp.Or(args["brokers"], "1")
			}
			return nil
		},
	}
	w.Play = func(t *testing.T, d *datadriven.TestData) bool {
		switch d.Cmd {
		case "joined":
			joined(t, d, w, c)
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
	brokers := "1"
	d.ScanArgs(t, "partitions", &partitions)
	d.ScanArgs(t, "offsets", &offsets)
	d.MaybeScanArgs(t, "brokers", &brokers)
	at := w.Now()
	w.Set(0)
	c.Subscribe(w, 0)
	w.Answer(t, "metadata partitions=3 brokers="+brokers)
	c.Poll(w, 0, 100*clock.Second, 1000)
	w.Answer(t, "findcoordinator")
	w.Answer(t, "joingroup id=A-1 generation=1 leader=B-1")
	w.Set(at)
	w.Answer(t, "syncgroup partitions="+partitions)
	for range clienttest.Number(t, brokers) {
		if partitions != "" {
			w.Answer(t, "offsetfetch offsets="+offsets)
		}
	}
	w.Forget()
}
