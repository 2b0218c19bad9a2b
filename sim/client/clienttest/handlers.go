package clienttest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/sim/client"
	"ksim/sim/kafka"
)

// claim is one handler of the application, and the channel before it.
type claim struct {
	tp           kafka.TopicPartition
	taken, given int64 // the next record that the handler takes, the end of its channel
	marked       int64 // −1: nothing
	watch        int64 // −1: nobody waits
}

// playHandler plays what a handler does (client.HandlerConsumer), and whether there
// is such an input.
//
//	take t-0=50     it takes so many records from its channel, works on them and
//	                marks them
//	commit-marks P  it commits, and waits; worker=3: a worker does
//	mark P=7        a worker marks
//	exit P          it returns; each may begin with at=T
//	cancel-session  the program ends without Close
func (w *World) playHandler(t *testing.T, d *datadriven.TestData) bool {
	if !slices.Contains([]string{"take", "commit-marks", "exit", "mark", "cancel-session"}, d.Cmd) {
		return false
	}
	if w.playWorker(t, d) {
		return true
	}
	name := d.CmdArgs[len(d.CmdArgs)-1]
	i := w.claimOf(kafka.DecodeAssignment(name.Key)[0])
	if i < 0 {
		t.Fatalf("%s: no handler of %s", d.Pos, name.Key)
	}
	x, c := &w.claims[i], w.Consumer.(client.HandlerConsumer)
	switch d.Cmd {
	case "take":
		x.taken = min(x.given, x.taken+Number(t, name.Vals[0]))
		x.marked = x.taken
		if x.watch >= 0 && x.given-x.taken <= x.watch {
			x.watch = -1
			c.Drained(w, w.now, x.tp)
		}
	case "commit-marks":
		c.CommitMarks(w, w.now, client.Caller{Claim: x.tp})
	case "exit":
		tp := x.tp
		c.Exited(w, w.now, tp)
		w.claims = slices.DeleteFunc(w.claims, func(x claim) bool { return x.tp == tp })
	}
	return true
}

// playWorker plays what a worker beside the handlers does, or the program's end.
func (w *World) playWorker(t *testing.T, d *datadriven.TestData) bool {
	c := w.Consumer.(client.HandlerConsumer)
	if d.Cmd == "cancel-session" {
		c.Cancel(w, w.now)
		return true
	}
	x := d.CmdArgs[len(d.CmdArgs)-1]
	switch {
	case d.Cmd == "mark":
		c.Mark(kafka.DecodeAssignment(x.Key)[0], Number(t, x.Vals[0]))
	case d.Cmd == "commit-marks" && x.Key == "worker":
		c.CommitMarks(w, w.now, client.Caller{Worker: Number(t, x.Vals[0])})
	default:
		return false
	}
	return true
}

// claimOf is the index of a partition's handler, −1 for none.
func (w *World) claimOf(tp kafka.TopicPartition) int {
	return slices.IndexFunc(w.claims, func(x claim) bool { return x.tp == tp })
}

// Claim starts a handler.
func (w *World) Claim(tp kafka.TopicPartition) {
	w.see("claim %s", tp)
	w.claims = append(w.claims, claim{tp: tp, marked: -1, watch: -1})
}

// Release writes down that a handler's context is done; it returns with `exit`.
func (w *World) Release(tp kafka.TopicPartition, _ int64) {
	w.see("release %s", tp)
	w.claims[w.claimOf(tp)].watch = -1
}

// Feed puts records into a channel.
func (w *World) Feed(r client.Range) {
	w.see("feed %s[%d,%d)", r.TopicPartition, r.From, r.To)
	x := &w.claims[w.claimOf(r.TopicPartition)]
	if x.taken == x.given {
		x.taken = r.From
	}
	x.given = r.To
}

// Untaken is what is in a channel.
func (w *World) Untaken(tp kafka.TopicPartition) int64 {
	x := &w.claims[w.claimOf(tp)]
	return x.given - x.taken
}

// Watch notes how empty a channel has to be for HandlerConsumer.Drained.
func (w *World) Watch(tp kafka.TopicPartition, most int64) { w.claims[w.claimOf(tp)].watch = most }

// Marked is how far a handler has come.
func (w *World) Marked(tp kafka.TopicPartition) int64 { return w.claims[w.claimOf(tp)].marked }

// MarkCommitted writes the end of a handler's or a worker's commit down.
func (w *World) MarkCommitted(by client.Caller) {
	if by.Worker != 0 {
		w.see("commit of worker %d ends", by.Worker)
		return
	}
	w.see("commit of %s ends", by.Claim)
}

// Disconnect closes a connection: what waits on it is not answered.
func (w *World) Disconnect(broker int32) {
	w.see("disconnect from %d", broker)
	w.requests = slices.DeleteFunc(w.requests, func(s sent) bool { return s.broker == broker })
}

// channels prints what is in the handlers' channels.
func (w *World) channels() string {
	var out []string
	for _, x := range w.claims {
		out = append(out, fmt.Sprintf("%s[%d,%d)", x.tp, x.taken, x.given))
	}
	return "channels " + strings.Join(out, " ")
}
