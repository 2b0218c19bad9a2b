package clienttest

import (
	"cmp"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// Transcripts plays the files of testdata/transcripts, one a behaviour, to
// consumers of a profile, and compares all that their host saw, in the words of
// the real client.
//
//	new [KEY=VALUE]…           a consumer with these properties; `version=2.0` is
//	                           its version, `topics=(t,u)` what it subscribes
//	subscribe, poll, commit    the application's calls; poll has timeout=, commit
//	close                      may name offsets in its input
//	answer [at=T]              each line answers the oldest request of a kind,
//	                           `[broker=N] [error=CODE] …`, see response; `lost`
//	                           is none: its connection has broken
//	arrive [at=T]              the same; in a full transcript answers come after the
//	                           timers of their instant and this before, as always else
//	gone N                     broker N has closed idle connections
//	taken N                    the application has taken so many of the records
//	interrupt                  the application ends its poll
//	force-heartbeat, rewind    what a program with transactions asks of its consumer;
//	transacted                 transacted has the offsets in its input
//	run T [heartbeats]         time passes; with heartbeats, they all succeed
//	freeze T                   the process stands still until then
//	listens                    from here on a listener that is to give something back
//	                           goes on until called-back
//	timers, state, positions   what the consumer is at
//	channels                   what its handlers have not taken; see playHandler
func Transcripts(t *testing.T, profile string, make func(config.Set, client.Options) *World) {
	Play(t, func(t *testing.T, d *datadriven.TestData) *World { return make(newConfig(t, d, profile)) })
}

// Play is Transcripts for a client whose transcripts say in words of their own what
// `new` is to make.
func Play(t *testing.T, make func(*testing.T, *datadriven.TestData) *World) {
	datadriven.Walk(t, "testdata/transcripts", func(t *testing.T, path string) {
		var w *World
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "new" {
				w = make(t, d)
				w.rand = clock.NewStream(1, "A", "client")
				return ""
			}
			w.play(t, d)
			return w.printed()
		})
	})
}

// newConfig reads the arguments of `new`.
func newConfig(t *testing.T, d *datadriven.TestData, profile string) (config.Set, client.Options) {
	o := client.Options{Group: "g", Topics: []string{"t"}, ClientID: "A", Nodes: []string{"b1:9092", "b2:9092"}}
	_, version, err := config.ParseClient(profile)
	var given []config.Property
	for _, a := range d.CmdArgs {
		switch a.Key {
		case "version":
			_, version, err = config.ParseClient(profile + "@" + a.Vals[0])
		case "topics":
			o.Topics = a.Vals
		default:
			given = append(given, config.Property{Key: a.Key, Value: strings.Join(a.Vals, ",")})
		}
	}
	if err != nil {
		t.Fatalf("%s: %v", d.Pos, err)
	}
	o.Version = version
	set, problems := config.Consumer(profile, version, given)
	for _, p := range problems {
		t.Fatalf("%s: %s", d.Pos, p.Message)
	}
	return set, o
}

// play gives the consumer one input.
func (w *World) play(t *testing.T, d *datadriven.TestData) {
	if d.HasArg("at") {
		var at string
		d.ScanArgs(t, "at", &at)
		if d.Cmd == "arrive" || d.Cmd == "answer" && !w.Full { // before the timers of their instant
			w.run(Duration(t, at) - clock.Microsecond)
			w.now = Duration(t, at)
		} else {
			w.run(Duration(t, at))
		}
	}
	if w.Play != nil && w.Play(t, d) || w.playHandler(t, d) {
		return
	}
	switch d.Cmd {
	case "subscribe":
		w.Consumer.Subscribe(w, w.now)
	case "poll":
		most, timeout := cmp.Or(w.Most, 1), cmp.Or(w.Timeout, clock.Second)
		var text string
		if d.MaybeScanArgs(t, "most", &text) {
			most = Number(t, text)
		}
		if d.MaybeScanArgs(t, "timeout", &text) {
			timeout = Duration(t, text)
		}
		w.Consumer.Poll(w, w.now, timeout, most)
	case "commit":
		w.Consumer.Commit(w, w.now, commitArgument(d.Input, t))
	case "close":
		w.Consumer.Close(w, w.now)
	case "taken":
		w.taken, w.since = Number(t, d.CmdArgs[0].Key), w.now
	case "interrupt":
		w.Consumer.(client.Interrupter).Interrupt(w, w.now)
	case "force-heartbeat":
		w.Consumer.(client.HeartbeatForcer).ForceHeartbeat(w, w.now)
	case "transacted":
		w.Consumer.(client.Transactor).Transacted(commitArgument(d.Input, t))
	case "rewind":
		w.Consumer.(client.Rewinder).Rewind()
	case "pause":
		w.Consumer.(client.Pauser).Pause(w, w.now)
	case "resume":
		w.Consumer.(client.Pauser).Resume(w, w.now)
	case "gone":
		w.Consumer.(client.ConnectionWatcher).Disconnected(w, w.now, int32(Number(t, d.CmdArgs[0].Key)))
	case "answer", "arrive":
		for line := range strings.Lines(d.Input) {
			w.answer(t, strings.Fields(line))
		}
	case "run":
		w.beats = d.HasArg("heartbeats")
		w.run(Duration(t, d.CmdArgs[0].Key))
		w.beats = false
	case "freeze": // what falls due meanwhile runs at the end, by the clock of then
		w.now = Duration(t, d.CmdArgs[0].Key)
		if c, ok := w.Consumer.(client.Thawer); ok {
			c.Thawed(w, w.now)
		}
		w.run(w.now)
	case "listens":
		w.listens = true
	case "called-back":
		w.Consumer.(client.Listened).CalledBack(w, w.now)
	case "timers":
		w.printTimers()
	case "state":
		records, bytes := w.Consumer.Buffered()
		fmt.Fprintf(&w.out, "%s, buffered %d records %d bytes\n", w.State(), records, bytes)
	case "positions":
		fmt.Fprintln(&w.out, "positions", OffsetsText(w.Consumer.Positions(nil)))
	case "channels":
		fmt.Fprintln(&w.out, w.channels())
	default:
		t.Fatalf("%s: no such command", d.Pos)
	}
}

// printTimers writes down the timers as they will fire.
func (w *World) printTimers() {
	left := w.timers
	for t, ok := w.due(); ok; t, ok = w.due() {
		fmt.Fprintln(&w.out, w.TimerNames[t], w.timers[t].at)
		w.timers[t] = timer{}
	}
	w.timers = left
}

// commitArgument reads `t-0=5 t-1=7`; nothing is a commit without arguments.
func commitArgument(text string, t *testing.T) []kafka.OffsetCommit {
	var offsets []kafka.OffsetCommit
	for _, f := range strings.Fields(text) {
		name, offset, _ := strings.Cut(f, "=")
		offsets = append(offsets, kafka.OffsetCommit{TopicPartition: kafka.DecodeAssignment(name)[0], Offset: Number(t, offset)})
	}
	return offsets
}

// Duration reads `1.5s` or `70ms`.
func Duration(t *testing.T, text string) clock.Duration {
	unit, digits := clock.Second, strings.TrimSuffix(text, "s")
	if d, ok := strings.CutSuffix(text, "ms"); ok {
		unit, digits = clock.Millisecond, d
	}
	whole, fraction, _ := strings.Cut(digits, ".")
	fraction = (fraction + "000")[:3]
	return clock.Duration(Number(t, whole))*unit + clock.Duration(Number(t, fraction))*unit/1000
}
