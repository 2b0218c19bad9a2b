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
	kind handlerCallKind
	tp   kafka.TopicPartition
}

type handlerCallKind uint8

const (
	handlerDrained handlerCallKind = iota
	handlerExited
	handlerCommits
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
		c.Drained(h, now, n.tp)
	case handlerExited:
		c.Exited(h, now, n.tp)
		p.app.(*app.Claims).Gone(n.tp)
	case handlerCommits:
		p.settle()
		c.CommitMarks(h, now, n.tp)
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

// MarkCommitted ends the commit that a handler waits for.
func (c *clientPort) MarkCommitted(tp kafka.TopicPartition) {
	c.claims().MarkCommitted((*appPort)(c), c.w.Now(), tp)
}

// Drained tells the consumer that a channel has been drained as far as it asked.
func (a *appPort) Drained(tp kafka.TopicPartition) { a.handler(handlerDrained, tp) }

// Exited tells the consumer that a handler has returned.
func (a *appPort) Exited(tp kafka.TopicPartition) { a.handler(handlerExited, tp) }

// CommitMarks is a handler's synchronous commit.
func (a *appPort) CommitMarks(tp kafka.TopicPartition) { a.handler(handlerCommits, tp) }

func (a *appPort) handler(kind handlerCallKind, tp kafka.TopicPartition) {
	a.handlerCalls = append(a.handlerCalls, handlerCall{kind, tp})
}
