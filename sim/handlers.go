package sim

import (
	"ksim/sim/app"
	"ksim/sim/client"
	"ksim/sim/kafka"
)

// handlerCall is what a handler of the application, or its listener, tells the
// consumer (client.HandlerConsumer, client.Listened): passed on, like calls, when both
// sides wait.
type handlerCall struct {
	kind   handlerCallKind
	by     client.Caller // Claim alone, but of a commit
	offset int64         // of a mark
}

type handlerCallKind uint8

const (
	handlerDrained handlerCallKind = iota
	handlerExited
	handlerMarks
	handlerCommits
	sessionCancelled
	listenerReturned
)

// newApp makes the application that fits the consumer: a poll loop, or a program
// with a handler a partition.
func newApp(p *process) app.App {
	if _, pushes := p.consumer.(client.HandlerConsumer); pushes {
		return app.NewClaims(&p.member.App)
	}
	return app.New(&p.member.App)
}

// handlerCalled passes a handler's call to the consumer.
func (p *process) handlerCalled(n handlerCall) {
	h, now := (*clientPort)(p), p.w.Now()
	if n.kind == listenerReturned {
		p.consumer.(client.Listened).CalledBack(h, now)
		return
	}
	c := p.consumer.(client.HandlerConsumer)
	switch n.kind {
	case handlerDrained:
		c.Drained(h, now, n.by.Claim)
	case handlerExited:
		c.Exited(h, now, n.by.Claim)
		p.app.(*app.Claims).Gone(n.by.Claim)
	case handlerMarks:
		c.Mark(n.by.Claim, n.offset)
	case handlerCommits:
		p.settle()
		c.CommitMarks(h, now, n.by)
	case sessionCancelled:
		c.Cancel(h, now)
	}
}

// claims is the application of a consumer with handlers.
func (c *clientPort) claims() *app.Claims { return c.app.(*app.Claims) }

// Disconnect closes the connection to a broker.
func (c *clientPort) Disconnect(broker int32) {
	for i := range c.connections {
		if x := &c.connections[i]; x.broker == broker {
			c.w.hangUp(x)
		}
	}
}

// Claim starts the handler of a partition.
func (c *clientPort) Claim(tp kafka.TopicPartition) { c.claims().Claim((*appPort)(c), tp) }

// Release tells a handler that its context is done.
func (c *clientPort) Release(tp kafka.TopicPartition, queued int64) {
	c.claims().Release((*appPort)(c), c.w.Now(), tp, queued)
}

// Feed puts records into the channel of a handler.
func (c *clientPort) Feed(r client.Range) {
	p := (*process)(c)
	for _, x := range p.w.visible(p, []client.Range{r}) {
		p.w.groups[p.group].ledger.Delivered(x)
		p.open += x.Len()
		c.claims().Feed((*appPort)(p), p.w.Now(), x)
	}
}

// Untaken is how many records of its channel a handler has not begun.
func (c *clientPort) Untaken(tp kafka.TopicPartition) int64 {
	return c.claims().Untaken(c.w.Now(), tp)
}

// Watch asks to be told when a channel has been drained so far.
func (c *clientPort) Watch(tp kafka.TopicPartition, most int64) {
	c.claims().Watch((*appPort)(c), c.w.Now(), tp, most)
}

// Marked is the offset that a handler has marked.
func (c *clientPort) Marked(tp kafka.TopicPartition) int64 {
	return c.claims().Marked((*appPort)(c), c.w.Now(), tp)
}

// MarkCommitted ends the commit that a handler or a worker waits for.
func (c *clientPort) MarkCommitted(by client.Caller) {
	c.claims().MarkCommitted((*appPort)(c), c.w.Now(), by)
}

// Drained tells the consumer that a channel has been drained as far as it asked.
func (a *appPort) Drained(tp kafka.TopicPartition) {
	a.tell(handlerCall{kind: handlerDrained, by: client.Caller{Claim: tp}})
}

// Exited tells the consumer that a handler has returned.
func (a *appPort) Exited(tp kafka.TopicPartition) {
	a.tell(handlerCall{kind: handlerExited, by: client.Caller{Claim: tp}})
}

// Mark marks an offset as done.
func (a *appPort) Mark(o kafka.OffsetCommit) {
	a.tell(handlerCall{kind: handlerMarks, by: client.Caller{Claim: o.TopicPartition}, offset: o.Offset})
}

// CommitMarks is a synchronous commit of a handler or a worker.
func (a *appPort) CommitMarks(by client.Caller) { a.tell(handlerCall{kind: handlerCommits, by: by}) }

// CancelSession cancels the context of the sessions.
func (a *appPort) CancelSession() { a.tell(handlerCall{kind: sessionCancelled}) }

func (a *appPort) tell(n handlerCall) { a.handlerCalls = append(a.handlerCalls, n) }
