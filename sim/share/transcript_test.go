package share

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/internal/golden"
	"ksim/sim/clock"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTranscripts plays deliveries and acknowledgements to a share-partition and
// shows what it has in flight after each, one file a behaviour.
//
//	new limit= lock= most=       a share-partition at offset 0; lock in seconds
//	acquire MEMBER end= most=    a member fetches
//	ack MEMBER TYPE FROM TO      accept, release, reject, renew or gap
//	run SECONDS                  time passes, locks time out
//	close MEMBER                 its session ends
//	log-start OFFSET             retention
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		if !strings.HasSuffix(path, ".txt") {
			return
		}
		var p *Partition
		now := clock.Time(0)
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			number := func(text string) int64 {
				n, err := strconv.ParseInt(text, 10, 64)
				if err != nil {
					t.Fatalf("%s: %v", d.Pos, err)
				}
				return n
			}
			key := func(name string, otherwise int64) int64 {
				for _, a := range d.CmdArgs {
					if a.Key == name && len(a.Vals) == 1 {
						return number(a.Vals[0])
					}
				}
				return otherwise
			}
			word := func(i int) string { return d.CmdArgs[i].Key }
			var out strings.Builder
			switch d.Cmd {
			case "new":
				now = 0
				p = New(Settings{DeliveryLimit: int(key("limit", 5)), LockDuration: clock.Duration(key("lock", 30)) * clock.Second, MaxInFlight: key("most", 2000)}, 0)
			case "acquire":
				for _, a := range p.Acquire(now, word(0), key("end", 0), key("most", 500)) {
					fmt.Fprintf(&out, "%s gets [%d, %d), delivery %d\n", word(0), a.From, a.To, a.Count)
				}
			case "ack":
				types := map[string]AcknowledgeType{"accept": Accept, "release": Release, "reject": Reject, "renew": Renew, "gap": Gap}
				err := p.Acknowledge(now, word(0), []Acknowledgement{{number(word(2)), number(word(3)), types[word(1)]}})
				fmt.Fprintln(&out, err)
			case "run":
				now += clock.Duration(number(word(0))) * clock.Second
				fmt.Fprintf(&out, "%d released\n", p.Expire(now))
			case "close":
				fmt.Fprintf(&out, "%d released\n", p.Close(word(0)))
			case "log-start":
				p.LogStart(number(word(0)))
			}
			fmt.Fprintf(&out, "from %d to %d\n", p.Start(), p.End())
			for _, s := range p.inFlight {
				fmt.Fprintf(&out, "  [%d, %d) %s %d", s.from, s.to, s.state, s.count)
				if s.state == Acquired {
					fmt.Fprintf(&out, " %s until %s", s.member, s.lock)
				}
				out.WriteByte('\n')
			}
			return out.String()
		})
	})
}
