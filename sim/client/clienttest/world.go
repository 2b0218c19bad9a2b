// Package clienttest is for tests of client packages: a fake host that plays
// transcripts to a consumer (World), and one that throws anything at it in any
// order (AnyHost).
package clienttest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// World is a fake host around one consumer: it keeps the clock, the timers and the
// requests without an answer, and writes down all that it is asked, but for the
// timers, which `timers` prints.
type World struct {
	Consumer client.Consumer
	// State prints the consumer's inner state for the command `state`.
	State func() string
	// TimerNames names the consumer's timers.
	TimerNames []string
	Words      // what is printed in other words than those of most transcripts
	// Play plays a command that only this client's transcripts have, and tells
	// whether it was one; nil for none.
	Play func(t *testing.T, d *datadriven.TestData) bool
	// Response makes an answer that only this client gets, from the arguments of
	// `answer`; nil is the usual one, for which it may fill in arguments.
	Response func(r kafka.Request, args map[string]string, code kafka.ErrorCode) kafka.Response
	// GivenUp tells that the consumer has closed the connection that an answer would
	// come over; nil when it never does.
	GivenUp func(id kafka.RequestID) bool
	// OneByOne tells that the application takes one record after another, so that
	// the consumer may ask how many it has: one at once, then what `taken` says.
	OneByOne bool
	// Most and Timeout are what `poll` asks for unless it says; 1 and 1 s if 0.
	Most    int64
	Timeout clock.Duration

	now      clock.Time
	out      strings.Builder
	timers   [client.MaxTimers]timer
	sets     int // Arm calls
	requests []sent
	lastID   kafka.RequestID
	beats    bool // heartbeats are answered at once, and only in full transcripts written down
	rand     clock.Stream
	claims   []claim // the handlers of a client that pushes
	taken    int64   // how many of a result's records the application has taken,
	since    clock.Time
	listens  bool // a listener that is to give something back goes on until called-back
}

// Words is how a transcript tells what its host saw.
type Words struct {
	// Full tells that timers are written down too, when they are set, unset and
	// fire, and that messages and errors stand as they are.
	Full bool
	// PollFails and CommitFails begin the line of an error: "poll raises" and
	// "commit raises" if empty.
	PollFails, CommitFails string
	// Request prints a request; nil, or "" for one, for the usual words.
	Request func(kafka.Request) string
	// Line prints a line of log; nil for its level and text.
	Line func(level, text string) string
}

// timer is one of the consumer's, armed if set is not 0.
type timer struct {
	at  clock.Time
	set int
}

// sent is a request without an answer yet.
type sent struct {
	id      kafka.RequestID
	broker  int32
	request kafka.Request
}

// due is the timer that fires next, false for none. Of one instant's it is the one
// that was set first, in full transcripts the one that is named first.
func (w *World) due() (client.TimerID, bool) {
	best := -1
	for i, t := range w.timers {
		if t.set != 0 && (best < 0 || t.at < w.timers[best].at || !w.Full && t.at == w.timers[best].at && t.set < w.timers[best].set) {
			best = i
		}
	}
	return client.TimerID(max(best, 0)), best >= 0
}

// run lets time pass and fires the timers that fall due, in their order.
func (w *World) run(until clock.Time) {
	for {
		t, ok := w.due()
		if !ok || w.timers[t].at > until {
			break
		}
		w.now = max(w.now, w.timers[t].at)
		w.timers[t] = timer{}
		if w.Full {
			w.see("timer %s", w.TimerNames[t])
		}
		w.Consumer.Timer(w, w.now, t)
		w.answerBeats()
	}
	w.now = max(w.now, until)
}

// answerBeats answers the heartbeats that wait, if they are to be.
func (w *World) answerBeats() {
	for w.beats {
		i := slices.IndexFunc(w.requests, func(s sent) bool { return beat(s.request) != nil })
		if i < 0 {
			return
		}
		w.respond(i, beat(w.requests[i].request))
	}
}

// beat is the answer to a heartbeat that changes nothing; nil to anything else.
func beat(r kafka.Request) kafka.Response {
	switch r := r.(type) {
	case *kafka.HeartbeatRequest:
		return &kafka.HeartbeatResponse{}
	case *kafka.ConsumerGroupHeartbeatRequest:
		return &kafka.ConsumerGroupHeartbeatResponse{MemberID: r.MemberID, MemberEpoch: r.MemberEpoch, HeartbeatInterval: 5 * clock.Second}
	}
	return nil
}

// respond answers the i-th request that waits.
func (w *World) respond(i int, r kafka.Response) {
	id := w.requests[i].id
	w.requests = slices.Delete(w.requests, i, i+1)
	w.Consumer.Response(w, w.now, id, r)
}

// Now is the time.
func (w *World) Now() clock.Time { return w.now }

// Set makes it another time, without a timer.
func (w *World) Set(now clock.Time) { w.now = now }

// Run lets time pass until then.
func (w *World) Run(until clock.Time) { w.run(until) }

// Waits tells whether a request waits for an answer.
func (w *World) Waits() bool { return len(w.requests) > 0 }

// Forget drops what has been written down: a start that another file tells.
func (w *World) Forget() { w.out.Reset() }

// See writes a line down as it is.
func (w *World) See(text string) { fmt.Fprintln(&w.out, text) }

// see writes down what the host saw, and when.
func (w *World) see(format string, args ...any) {
	fmt.Fprintf(&w.out, "%s %s\n", w.now, fmt.Sprintf(format, args...))
}

// printed is what has been written down since the last time.
func (w *World) printed() string {
	text := w.out.String()
	w.out.Reset()
	return cmp.Or(text, "ok\n")
}

// Send takes a request.
func (w *World) Send(broker int32, r kafka.Request) kafka.RequestID {
	w.lastID++
	w.requests = append(w.requests, sent{w.lastID, broker, r})
	if w.Full || !w.beats || beat(r) == nil {
		w.see("send to %d: %s", broker, w.request(r))
	}
	return w.lastID
}

// Arm sets a timer.
func (w *World) Arm(t client.TimerID, at clock.Time) {
	if at < w.now {
		panic(fmt.Sprintf("timer %s set to the past", w.TimerNames[t]))
	}
	w.sets++
	w.timers[t] = timer{at, w.sets}
	if w.Full {
		w.see("arm %s %s", w.TimerNames[t], at)
	}
}

// Cancel unsets a timer.
func (w *World) Cancel(t client.TimerID) {
	if w.Full && w.timers[t].set != 0 {
		w.see("cancel %s", w.TimerNames[t])
	}
	w.timers[t] = timer{}
}

// Log writes a line down.
func (w *World) Log(level, text string) {
	if w.Line != nil {
		w.see("%s", w.Line(level, text))
		return
	}
	w.see("%s %s", level, text)
}

// Emit writes an event's type down.
func (w *World) Emit(e trace.Event) {
	if w.Full {
		w.see("emit %s %s %s", e.Type, e.Error, e.Text)
		return
	}
	w.see("emit %s", e.Type)
}

// BlameApp writes down that the application is the cause.
func (w *World) BlameApp() { w.see("blame the application") }

// Callback writes a call of the listener down.
func (w *World) Callback(kind client.Callback, partitions []kafka.TopicPartition) bool {
	names := [...]string{client.Assigned: "assigned", client.Revoked: "revoked", client.Lost: "lost"}
	w.see("callback %s %v", names[kind], partitions)
	return kind == client.Assigned || !w.listens
}

// Polled writes a poll's result down.
func (w *World) Polled(r client.PollResult) {
	w.taken = 0
	if r.Err != nil {
		w.see("%s %s", cmp.Or(w.PollFails, "poll raises"), errorText(r.Err))
		return
	}
	var ranges []string
	for _, x := range r.Records {
		ranges = append(ranges, fmt.Sprintf("%s[%d,%d)", x.TopicPartition, x.From, x.To))
	}
	if r.Len() > 0 {
		w.taken, w.since = 1, w.now
	}
	w.see("polled %s", cmp.Or(strings.Join(ranges, " "), "nothing"))
}

// Committed writes a commit's end down.
func (w *World) Committed(err *client.Error) {
	if err != nil {
		w.see("%s %s", cmp.Or(w.CommitFails, "commit raises"), errorText(err))
		return
	}
	w.see("committed")
}

// Closed writes the end of close down.
func (w *World) Closed() { w.see("closed") }

// Taken is not asked by a client that returns batches.
func (w *World) Taken() (int64, clock.Time) {
	if !w.OneByOne {
		panic("a batch client does not ask")
	}
	return w.taken, w.since
}

// Cut is not asked by a client that returns batches.
func (w *World) Cut() {
	if !w.OneByOne {
		panic("a batch client does not cut")
	}
	w.see("cut")
}

// Rand is the same stream in every transcript.
func (w *World) Rand() *clock.Stream { return &w.rand }

func errorText(e *client.Error) string {
	text := e.Name + ": " + e.Text
	if e.Fatal {
		text += " (fatal)"
	}
	return text
}
