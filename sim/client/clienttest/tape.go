package clienttest

import (
	"fmt"

	"pgregory.net/rapid"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// tape records what a consumer asks of its host during one input, and then plays
// that to its copy, which must ask the same and gets the same answers.
type tape struct {
	t     *rapid.T
	host  client.HandlerHost // nil while it plays
	rand  *clock.Stream
	calls []call
}

// call is one question to the host, and its answer.
type call struct {
	text   string
	answer any
}

// input gives the consumer, and its copy if there is one, the same input.
func (g *AnyHost) input(f func(c client.Consumer, h client.Host)) {
	rand := g.rand
	t := &tape{t: g.T, host: g, rand: &g.rand}
	f(g.Consumer, t)
	if g.twin == nil {
		return
	}
	t.host, t.rand = nil, &rand
	f(g.twin, t)
	if len(t.calls) > 0 {
		g.T.Fatalf("the copy does not do this: %v", t.calls)
	}
}

// call asks the host, or gives what it has answered.
func (t *tape) call(text string, ask func() any) any {
	if t.host != nil {
		t.t.Log(text)
		answer := ask()
		t.calls = append(t.calls, call{text, answer})
		return answer
	}
	if len(t.calls) == 0 || t.calls[0].text != text {
		t.t.Fatalf("the copy does %q, not %v", text, t.calls)
	}
	answer := t.calls[0].answer
	t.calls = t.calls[1:]
	return answer
}

// tell is a call without an answer.
func (t *tape) tell(text string, say func()) {
	t.call(text, func() any { say(); return nil })
}

func (t *tape) Send(broker int32, r kafka.Request) kafka.RequestID {
	return t.call(fmt.Sprintf("send to %d: %s", broker, requestText(r)), func() any { return t.host.Send(broker, r) }).(kafka.RequestID)
}

func (t *tape) Arm(x client.TimerID, at clock.Time) {
	t.tell(fmt.Sprintf("arm %d %s", x, at), func() { t.host.Arm(x, at) })
}

func (t *tape) Cancel(x client.TimerID) {
	t.tell(fmt.Sprintf("cancel %d", x), func() { t.host.Cancel(x) })
}

func (t *tape) Log(level, text string) { t.tell(level+" "+text, func() { t.host.Log(level, text) }) }

func (t *tape) Emit(e trace.Event) { t.tell("emit "+string(e.Type), func() { t.host.Emit(e) }) }

func (t *tape) BlameApp() { t.tell("blame", func() { t.host.BlameApp() }) }

func (t *tape) Callback(kind client.Callback, p []kafka.TopicPartition) bool {
	return t.call(fmt.Sprintf("callback %d %v", kind, p), func() any { return t.host.Callback(kind, p) }).(bool)
}

func (t *tape) Polled(r client.PollResult) {
	t.tell(fmt.Sprintf("polled %v %v", r.Records, r.Err != nil), func() { t.host.Polled(r) })
}

func (t *tape) Committed(err *client.Error) {
	t.tell(fmt.Sprintf("committed %v", err != nil), func() { t.host.Committed(err) })
}

func (t *tape) Closed() { t.tell("closed", func() { t.host.Closed() }) }

func (t *tape) Taken() (int64, clock.Time) { return t.host.Taken() }

func (t *tape) Cut() { t.tell("cut", func() { t.host.Cut() }) }

func (t *tape) Rand() *clock.Stream { return t.rand }

func (t *tape) Disconnect(broker int32) {
	t.tell(fmt.Sprintf("disconnect %d", broker), func() { t.host.Disconnect(broker) })
}

func (t *tape) Claim(tp kafka.TopicPartition) {
	t.tell("claim "+tp.String(), func() { t.host.Claim(tp) })
}

func (t *tape) Release(tp kafka.TopicPartition, queued int64) {
	t.tell("release "+tp.String(), func() { t.host.Release(tp, queued) })
}

func (t *tape) Feed(r client.Range) { t.tell(fmt.Sprintf("feed %v", r), func() { t.host.Feed(r) }) }

func (t *tape) Untaken(tp kafka.TopicPartition) int64 {
	return t.call("untaken "+tp.String(), func() any { return t.host.Untaken(tp) }).(int64)
}

func (t *tape) Watch(tp kafka.TopicPartition, most int64) {
	t.tell(fmt.Sprintf("watch %s %d", tp, most), func() { t.host.Watch(tp, most) })
}

func (t *tape) Marked(tp kafka.TopicPartition) int64 {
	return t.call("marked "+tp.String(), func() any { return t.host.Marked(tp) }).(int64)
}

func (t *tape) MarkCommitted(by client.Caller) {
	t.tell(fmt.Sprintf("mark committed %v", by), func() { t.host.MarkCommitted(by) })
}
