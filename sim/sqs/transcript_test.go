package sqs

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

// TestTranscripts plays requests to a queue and shows what becomes of its messages,
// one file a behaviour. Times are in seconds.
//
//	new [fifo] [stale-deletes] visibility= delay= retention= max-receives= max-in-flight=
//	send ID [group=] [dedup=]      messages have numbers
//	redrive ID receives= sent=     another queue gives a message up
//	receive NAME [most=] [wait=]   the answer may come later
//	delete ID.N                    by the handle of its Nth receive
//	change ID.N SECONDS            ChangeMessageVisibility
//	hang-up NAME                   the long poll's connection is closed
//	run SECONDS                    time passes
func TestTranscripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		if !strings.HasSuffix(path, ".txt") {
			return
		}
		w := &transcript{}
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			w.play(t, d)
			text := w.out.String()
			w.out.Reset()
			return fmt.Sprintf("%s%s\n", text, w.depth())
		})
	})
}

// transcript is a queue and its host, which writes down what it is told.
type transcript struct {
	q       *Queue
	now     clock.Time
	names   []string // of receives, by number
	handles map[string]Receipt
	out     strings.Builder
}

func (w *transcript) Changed(m Message, from, to State) {
	fmt.Fprintf(&w.out, "%s message %d: %s → %s\n", w.now, m.ID, from, to)
}

func (w *transcript) Answer(receive uint64, got []Delivery, err *Error) {
	fmt.Fprintf(&w.out, "%s %s receives", w.now, w.names[receive])
	for _, d := range got {
		w.handles[fmt.Sprintf("%d.%d", d.ID, d.Receives)] = d.Receipt
		fmt.Fprintf(&w.out, " %d.%d", d.ID, d.Receives)
	}
	switch {
	case err != nil:
		fmt.Fprintf(&w.out, " %s: %s", err.Code, err.Text)
	case len(got) == 0:
		w.out.WriteString(" nothing")
	}
	w.out.WriteByte('\n')
}

func (w *transcript) depth() string {
	return fmt.Sprintf("%d visible, %d in flight, %d delayed", w.q.Count(Visible), w.q.Count(InFlight), w.q.Count(Delayed))
}

func (w *transcript) play(t *testing.T, d *datadriven.TestData) {
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
	text := func(name string) (value string) {
		d.MaybeScanArgs(t, name, &value)
		return value
	}
	word := func(i int) string { return d.CmdArgs[i].Key }
	seconds := func(n int64) clock.Duration { return clock.Duration(n) * clock.Second }
	var err *Error
	switch d.Cmd {
	case "new":
		*w = transcript{handles: map[string]Receipt{}}
		w.q = NewQueue(Settings{
			FIFO: d.HasArg("fifo"), StaleDeletes: d.HasArg("stale-deletes"),
			Visibility: seconds(key("visibility", 30)), Delay: seconds(key("delay", 0)), Retention: seconds(key("retention", int64(DefaultRetention/clock.Second))),
			MaxReceives: int(key("max-receives", 0)), MaxInFlight: key("max-in-flight", DefaultMaxInFlight),
		})
	case "send":
		if !w.q.Send(w, w.now, Message{ID: number(word(0)), Group: text("group"), Dedup: text("dedup")}) {
			w.out.WriteString("a duplicate\n")
		}
	case "redrive":
		w.q.Redrive(w, w.now, Message{ID: number(word(0)), Receives: int(key("receives", 0)), Sent: seconds(key("sent", 0)), Group: text("group")})
	case "receive":
		w.names = append(w.names, word(0))
		w.q.Receive(w, w.now, uint64(len(w.names)-1), int(key("most", 1)), seconds(key("wait", 0)))
	case "delete":
		var outcome Outcome
		outcome, err = w.q.Delete(w, w.now, w.handles[word(0)])
		w.out.WriteString([]string{"deleted\n", "deleted before\n", "success, but ignored\n", "refused\n"}[outcome])
	case "change":
		err = w.q.ChangeVisibility(w, w.now, w.handles[word(0)], seconds(number(word(1))))
	case "hang-up":
		for i, name := range w.names {
			if name == word(0) {
				w.q.HangUp(uint64(i))
			}
		}
	case "run":
		end := w.now + seconds(number(word(0)))
		for at := w.q.Due(); at <= end; at = w.q.Due() {
			w.now = at
			w.q.Advance(w, at)
		}
		w.now = end
	default:
		t.Fatalf("%s: no such command", d.Pos)
	}
	if err != nil {
		fmt.Fprintf(&w.out, "%s: %s\n", err.Code, err.Text)
	}
}
