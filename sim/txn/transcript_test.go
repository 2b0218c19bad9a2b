package txn

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/internal/golden"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

func TestMain(m *testing.M) { golden.Main(m) }

// TestTranscripts plays requests to the coordinator, one file a behaviour.
//
//	new [v1] [fence-rotates] [epoch=E]  v1: as brokers before 4.0; fence-rotates: since 4.3;
//	                                    epoch: the first producer of a has this one
//	init ID [timeout=ms]                InitProducerId
//	add ID P.E PARTITION… [group=G]     AddPartitionsToTxn, AddOffsetsToTxn
//	commit ID P.E, abort ID P.E         EndTxn; with v1 as clients before 4.0 say it, add too
//	run MS                              time passes
//
// P.E is a producer id and its epoch.
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		var w *world
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			if d.Cmd == "new" {
				w = newWorld(!d.HasArg("v1"), d.HasArg("fence-rotates"))
				epoch := "0"
				if d.MaybeScanArgs(t, "epoch", &epoch); epoch != "0" {
					w.c.Init(w, 0, 1, &kafka.InitProducerIDRequest{Producing: kafka.Producing{Transactional: "a"}, Timeout: clock.Minute})
					w.c.txns[0].epoch = int16(number(t, epoch))
					w.out.Reset()
				}
				return ""
			}
			w.play(t, d)
			text := w.out.String()
			w.out.Reset()
			if text == "" {
				return "ok\n"
			}
			return text
		})
	})
}

// world is the coordinator's host.
type world struct {
	c      *Coordinator
	now    clock.Time
	timers []clock.Time // by index, 0 when not set
	out    strings.Builder
}

func newWorld(epochPerTransaction, rotateOnFence bool) *world {
	return &world{c: New(Config{MaxTimeout: 900 * clock.Second, CheckInterval: 10 * clock.Second, MarkerDelay: clock.Millisecond, EpochPerTransaction: epochPerTransaction, RotateOnFence: rotateOnFence})}
}

func (w *world) play(t *testing.T, d *datadriven.TestData) {
	if d.Cmd == "run" {
		w.run(clock.Ms(number(t, d.CmdArgs[0].Key)))
		return
	}
	p := kafka.Producing{Transactional: d.CmdArgs[0].Key, ProducerID: -1, Epoch: -1, EpochPerTransaction: !d.HasArg("v1")}
	if d.Cmd != "init" {
		id, epoch, _ := strings.Cut(d.CmdArgs[1].Key, ".")
		p.ProducerID, p.Epoch = number(t, id), int16(number(t, epoch))
	}
	switch d.Cmd {
	case "init":
		timeout := "60000"
		d.MaybeScanArgs(t, "timeout", &timeout)
		w.c.Init(w, w.now, 1, &kafka.InitProducerIDRequest{Producing: p, Timeout: clock.Ms(number(t, timeout))})
	case "add":
		var group string
		d.MaybeScanArgs(t, "group", &group)
		w.see("%s", w.c.Add(w, w.now, &p, kafka.DecodeAssignment(d.Input), group))
	case "commit", "abort":
		w.c.End(w, w.now, 2, &kafka.EndTxnRequest{Producing: p, Commit: d.Cmd == "commit"})
	default:
		d.Fatalf(t, "no such command")
	}
	w.c = w.c.Clone() // a copy goes on alike
}

// run fires the timers that fall due.
func (w *world) run(until clock.Time) {
	for i, at := range w.timers {
		if at != 0 && at <= until {
			w.now, w.timers[i] = at, 0
			w.c.Fire(w, w.now, uint32(i))
		}
	}
	w.now = until
	for i, at := range w.timers { // what that has set
		if at != 0 && at <= until {
			w.timers[i] = 0
			w.c.Fire(w, at, uint32(i))
		}
	}
}

func (w *world) see(format string, args ...any) {
	fmt.Fprintf(&w.out, "%s %s\n", w.now, fmt.Sprintf(format, args...))
}

func (w *world) Reply(_ kafka.RequestID, r kafka.Response) {
	switch r := r.(type) {
	case *kafka.InitProducerIDResponse:
		w.see("%s %d.%d", r.Err, r.ProducerID, r.Epoch)
	case *kafka.EndTxnResponse:
		w.see("%s next %d.%d", r.Err, r.ProducerID, r.Epoch)
	}
}

func (w *world) Arm(index uint32, at clock.Time) {
	for int(index) >= len(w.timers) {
		w.timers = append(w.timers, 0)
	}
	w.timers[index] = at
}

func (w *world) WriteMarkers(m Markers) {
	w.see("markers of %d.%d, commit %t: %v %v", m.ProducerID, m.Epoch, m.Commit, m.Partitions, m.Groups)
}

func (w *world) Decided(kafka.RequestID) { w.see("decided") }

func (w *world) Emit(e Event) {
	w.see("%s %s %s %d.%d %s", e.Transactional, [...]string{"initialized", "begun", "ending", "ended"}[e.Kind], w.c.State(e.Transactional), e.ProducerID, e.Epoch, e.Reason)
}

func number(t *testing.T, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
