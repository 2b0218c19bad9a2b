package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"pgregory.net/rapid"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
)

// playQueue plays the end of a request to the queue.
func (w *world) playQueue(t *testing.T, d *datadriven.TestData) bool {
	if sender, ok := w.app.(TaskSender); ok && d.Cmd == "enqueued" {
		r := client.Range{}
		if d.Input != "" { // whose task it was, where several send
			r = ranges(t, d.Input)[0]
		}
		sender.Enqueued(w, w.now, r, failure(t, d))
		return true
	}
	user, ok := w.app.(QueueUser)
	if !ok {
		return false
	}
	switch d.Cmd {
	case "received":
		user.Received(w, w.now, messages(t, d.Input), failure(t, d))
	case "deleted":
		user.Deleted(w, w.now, failure(t, d))
	case "given-back":
		user.GivenBack(w, w.now, failure(t, d))
	case "extended":
		user.Extended(w, w.now, failure(t, d))
	default:
		return false
	}
	return true
}

// messages reads `q-17 q-18x3`.
func messages(t *testing.T, text string) (out []Message) {
	for _, f := range strings.Fields(text) {
		name, times, again := strings.Cut(f, "x")
		queue, n, _ := strings.Cut(name, "-")
		m := Message{ID: number(t, n), Receives: 1, Range: client.Range{TopicPartition: kafka.TopicPartition{Topic: queue}, From: number(t, n) - 1, To: number(t, n), Size: 100}}
		if again {
			m.Receives = number(t, times)
		}
		out = append(out, m)
	}
	return out
}

func messageNames(messages ...Message) string {
	s := ""
	for _, m := range messages {
		s += fmt.Sprintf(" %s-%d", m.Topic, m.ID)
	}
	return s
}

func (w *world) Receive(most int, wait clock.Duration) {
	w.see("ReceiveMessage: at most %d, wait %s", most, wait)
}
func (w *world) Delete(m Message) { w.see("DeleteMessage%s", messageNames(m)) }
func (w *world) GiveBack(m Message, after clock.Duration) {
	w.see("ChangeMessageVisibility%s to %s", messageNames(m), after)
}

func (w *world) Extend(messages []Message, timeout clock.Duration) {
	w.see("ChangeMessageVisibilityBatch%s to %s", messageNames(messages...), timeout)
}

func (w *world) Enqueue(record client.Range, task int64, takes clock.Duration) {
	w.see("SendMessage task %d of%s, takes %s", task, rangesText([]client.Range{record}), takes)
}

// TestWorkerLosesNothing plays answers, errors, slow messages, a stop and copies to a
// worker at random instants: every message that it has received is completed once,
// given up or in its hand, at most one request is out beside the extensions, and the
// one that deletes is of a message that is done.
func TestWorkerLosesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &scenario.App{
			Model: scenario.QueueWorker, ReceiveMax: rapid.IntRange(1, 10).Draw(t, "receive-max"),
			IdleBackoff: clock.Duration(rapid.IntRange(0, 100).Draw(t, "idle")), ErrorBackoff: 100, Visibility: 300,
			ExtendEvery: clock.Duration(rapid.IntRange(0, 60).Draw(t, "extend-every")),
			Process:     clock.Dist{Kind: clock.Sequence, Values: []clock.Duration{9, 0, 4, 130}},
			Poison: scenario.Poison{Every: rapid.Int64Range(0, 4).Draw(t, "every"), Attempts: rapid.Int64Range(0, 3).Draw(t, "attempts"),
				Action: rapid.SampledFrom([]scenario.PoisonAction{scenario.PoisonErrorTopic, scenario.PoisonSkip, scenario.PoisonRetry}).Draw(t, "action")},
		}
		if rapid.Bool().Draw(t, "drains") {
			a.Shutdown = scenario.Shutdown{Given: true, Drain: 50}
		}
		h := &anyQueue{t: t, app: New(a).(QueueUser), timer: clock.Never, workers: clock.Never}
		h.app.Start(h, 0)
		for range rapid.IntRange(20, 150).Draw(t, "steps") {
			h.step()
			h.check()
		}
	})
}

// anyQueue is a host with a queue that answers anything.
type anyQueue struct {
	nobody
	t              *rapid.T
	app            QueueUser
	now            clock.Time
	timer, workers clock.Time
	drawn          int
	out            string // the request that is out
	exited         bool
	sent, received int64
	completed      map[int64]bool // never iterated
	done, gaveUp   int64
}

func (h *anyQueue) step() {
	switch n := rapid.IntRange(0, 9).Draw(h.t, "input"); {
	case h.exited:
	case n == 0:
		h.app.Slow(h, h.now, 500)
	case n == 1:
		old := h.app
		h.app = old.Clone().(QueueUser)
		if h.timer != clock.Never {
			old.Timer(nobody{}, h.now) // what the one goes through is not the other's
		}
	case n == 2 && rapid.IntRange(0, 9).Draw(h.t, "stop") == 3:
		h.app.Stop(h, h.now)
	case n < 7 && h.out != "":
		h.answer()
	default:
		h.run(h.now + clock.Time(rapid.Int64Range(0, 60).Draw(h.t, "time")))
	}
}

func (h *anyQueue) answer() {
	out := h.out
	h.out = ""
	var err *client.Error
	if rapid.IntRange(0, 5).Draw(h.t, "error") == 0 {
		err = &client.Error{Name: "InvalidParameterValue"}
	}
	switch out {
	case "receive":
		var got []Message
		for range rapid.IntRange(0, 4).Draw(h.t, "messages") {
			if err == nil {
				h.sent++
				h.received++
				got = append(got, Message{ID: h.sent, Receives: 1, Range: client.Range{From: h.sent - 1, To: h.sent}})
			}
		}
		h.app.Received(h, h.now, got, err)
	case "delete":
		h.app.Deleted(h, h.now, err)
	default:
		h.app.GivenBack(h, h.now, err)
	}
}

func (h *anyQueue) run(until clock.Time) {
	for at := min(h.timer, h.workers); at <= until && !h.exited; at = min(h.timer, h.workers) {
		h.now = max(h.now, at)
		if h.timer <= h.workers {
			h.timer = clock.Never
			h.app.Timer(h, h.now)
		} else {
			h.workers = clock.Never
			h.app.Workers(h, h.now)
		}
		h.check()
	}
	h.now = until
}

func (h *anyQueue) check() {
	if held := int64(len(h.app.Held(nil))); h.received != h.done+h.gaveUp+held {
		h.t.Fatalf("%d received: %d completed, %d given up, %d held", h.received, h.done, h.gaveUp, held)
	}
	if !h.exited && h.out == "" && h.timer == clock.Never {
		h.t.Fatal("the loop waits for nothing")
	}
}

func (h *anyQueue) ask(what string) {
	if h.out != "" {
		h.t.Fatalf("%s while %s is out", what, h.out)
	}
	h.out = what
}

func (h *anyQueue) Receive(int, clock.Duration) { h.ask("receive") }
func (h *anyQueue) Delete(m Message) {
	h.ask("delete")
	if m.ID == 0 {
		h.t.Fatal("deletes nothing")
	}
}
func (h *anyQueue) GiveBack(Message, clock.Duration) { h.ask("give back") }
func (h *anyQueue) Extend(messages []Message, _ clock.Duration) {
	if len(messages) != len(h.app.Held(nil)) {
		h.t.Fatalf("%d messages are extended, %d are in hand", len(messages), len(h.app.Held(nil)))
	}
}
func (h *anyQueue) Arm(at clock.Time)        { h.timer = at }
func (h *anyQueue) ArmWorkers(at clock.Time) { h.workers = at }
func (h *anyQueue) Cancel()                  { h.timer = clock.Never }
func (h *anyQueue) Exit()                    { h.exited = true }
func (h *anyQueue) GaveUp(n int64)           { h.gaveUp += n }
func (h *anyQueue) Draw(d *clock.Dist) clock.Duration {
	return d.Draw(nil, &h.drawn)
}

func (h *anyQueue) Completed(r client.Range) {
	if h.completed == nil {
		h.completed = map[int64]bool{}
	}
	if h.completed[r.To] {
		h.t.Fatalf("message %d is completed twice", r.To)
	}
	h.completed[r.To] = true
	h.done++
}
