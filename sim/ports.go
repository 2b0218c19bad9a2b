package sim

import (
	"strings"

	"ksim/sim/app"
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// clientPort is the world as a member's consumer sees it (client.Host).
type clientPort process

// Send puts a request on the wire.
func (c *clientPort) Send(to int32, r kafka.Request) kafka.RequestID {
	p := (*process)(c)
	p.setIsolation(r)
	switch r.(type) {
	case *kafka.HeartbeatRequest, *kafka.ConsumerGroupHeartbeatRequest, *kafka.ShareGroupHeartbeatRequest:
		p.heartbeat = p.w.Now()
	}
	return p.w.post(message{process: p.index, incarnation: p.incarnation, broker: to, request: r, cause: p.w.cause})
}

// Arm sets one of the consumer's timers.
func (c *clientPort) Arm(t client.TimerID, at clock.Time) {
	p := (*process)(c)
	p.forget(t)
	p.timers[t].cause = p.w.cause
	p.w.queue.Arm(p.timers[t].handle, at)
}

// Cancel unsets one of the consumer's timers.
func (c *clientPort) Cancel(t client.TimerID) {
	(*process)(c).forget(t)
	c.w.queue.Cancel(c.timers[t].handle)
}

// Log prints a line of the client, or several in one.
func (c *clientPort) Log(level, text string) {
	first, rest, more := strings.Cut(text, "\n")
	e := trace.Event{Type: trace.Log, Level: level, Text: first}
	if more {
		e.More = strings.Split(rest, "\n")
	}
	(*process)(c).emit(e)
}

// Emit records something that happened in the client.
func (c *clientPort) Emit(e trace.Event) { (*process)(c).emit(e) }

// BlameApp makes the application's latest activity the cause of what follows.
func (c *clientPort) BlameApp() { c.w.cause = c.activity }

var callbackTypes = [...]trace.Type{
	client.Assigned: trace.PartitionsAssigned,
	client.Revoked:  trace.PartitionsRevoked,
	client.Lost:     trace.PartitionsLost,
}

// Callback runs the rebalance listener.
func (c *clientPort) Callback(kind client.Callback, partitions []kafka.TopicPartition) bool {
	p := (*process)(c)
	p.commitError = ""
	p.emit(trace.Event{Type: callbackTypes[kind], Partitions: partitions})
	return p.app.Callback((*appPort)(p), p.w.Now(), kind, partitions)
}

// Polled ends a poll.
func (c *clientPort) Polled(r client.PollResult) {
	r.Records = c.w.visible((*process)(c), r.Records)
	c.results = append(c.results, result{kind: callPoll, poll: r})
}

// Committed ends a commit.
func (c *clientPort) Committed(err *client.Error) {
	c.results = append(c.results, result{kind: callCommit, error: err})
}

// Closed ends a close.
func (c *clientPort) Closed() { c.results = append(c.results, result{kind: callClose}) }

// Taken tells how far the application is in the latest result.
func (c *clientPort) Taken() (int64, clock.Time) { return c.app.Taken(c.w.Now()) }

// Cut takes back what the application has not begun.
func (c *clientPort) Cut() {
	p := (*process)(c)
	p.app.Cut((*appPort)(p), p.w.Now())
}

// Rand is the client's random stream.
func (c *clientPort) Rand() *clock.Stream { return &c.rand }

// appPort is the world as a member's application sees it (app.Host).
type appPort process

// Poll calls the consumer's poll.
func (a *appPort) Poll(timeout clock.Duration, most int64) {
	a.next = nextCall{kind: callPoll, timeout: timeout, most: most}
}

// Commit calls the consumer's synchronous commit.
func (a *appPort) Commit(offsets []kafka.OffsetCommit) {
	a.next = nextCall{kind: callCommit, offsets: offsets}
}

// Close calls the consumer's close.
func (a *appPort) Close() { a.next = nextCall{kind: callClose} }

// Pause calls the consumer's pause, Resume its resume. The loader refuses programs
// that pause a consumer that cannot be.
func (a *appPort) Pause() {
	if c, ok := a.consumer.(client.Pauser); ok {
		c.Pause((*clientPort)(a), a.w.Now())
	}
}

// Resume calls the consumer's resume.
func (a *appPort) Resume() {
	if c, ok := a.consumer.(client.Pauser); ok {
		c.Resume((*clientPort)(a), a.w.Now())
	}
}

// CallbackReturned tells the consumer that its listener has returned.
func (a *appPort) CallbackReturned() {
	a.handlerCalls = append(a.handlerCalls, handlerCall{kind: listenerReturned})
}

// Exit ends the process.
func (a *appPort) Exit() { a.next = nextCall{kind: callExit} }

// Crash ends the process without closing, and starts it again later.
func (a *appPort) Crash(reason string, restart clock.Duration) {
	a.next = nextCall{kind: callCrash, reason: reason, restart: restart}
}

// Arm sets the timer of the thread that polls.
func (a *appPort) Arm(at clock.Time) { a.arm(threadLoop, at) }

// ArmWorkers sets the timer of the workers; Never unsets it.
func (a *appPort) ArmWorkers(at clock.Time) { a.arm(threadWorkers, at) }

func (a *appPort) arm(thread uint32, at clock.Time) {
	p := (*process)(a)
	p.forgetApp(thread)
	t := &p.appTimers[thread]
	if at == clock.Never {
		p.w.queue.Cancel(t.handle)
		return
	}
	t.cause = p.w.cause
	p.w.queue.Arm(t.handle, at)
}

// Cancel unsets the timer of the thread that polls.
func (a *appPort) Cancel() { a.arm(threadLoop, clock.Never) }

// Log prints a line of the application.
func (a *appPort) Log(level, text string) {
	(*process)(a).emit(trace.Event{Type: trace.Log, Level: level, Text: text})
}

// Emit records something that happened in the application.
func (a *appPort) Emit(e trace.Event) {
	p := (*process)(a)
	p.emit(e)
	p.activity = p.w.cause
}

// Cause is the latest event.
func (a *appPort) Cause() app.Cause { return app.Cause{Seq: a.w.cause.seq, Shown: a.w.cause.shown} }

// Blame makes an earlier event the cause of what follows.
func (a *appPort) Blame(c app.Cause) { a.w.cause = cause{c.Seq, c.Shown} }

// Completed books records that have been processed.
func (a *appPort) Completed(r client.Range) {
	a.w.groups[a.group].ledger.Completed(a.member.Name, r)
	a.open -= r.Len()
}

// GaveUp books records that will not be processed by this process.
func (a *appPort) GaveUp(records int64) { a.open -= records }

// Draw gives the length of a piece of work.
func (a *appPort) Draw(d *clock.Dist) clock.Duration {
	return d.Draw(&a.appRand, &a.drawn)
}
