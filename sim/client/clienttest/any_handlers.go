package clienttest

import (
	"slices"

	"pgregory.net/rapid"

	"ksim/sim/client"
	"ksim/sim/kafka"
)

// anyClaim is one handler of the application, and the channel before it.
type anyClaim struct {
	claim
	fed        bool // something has come
	released   bool
	committing bool
}

// handleAny is an input of the handlers: one takes some of its records, commits, or
// returns, which it does soon after its context is done.
func (g *AnyHost) handleAny() {
	if rapid.IntRange(0, 9).Draw(g.T, "worker") == 9 {
		g.lastWorker++
		g.workers = append(g.workers, g.lastWorker)
		by := client.Caller{Worker: g.lastWorker}
		g.input(func(c client.Consumer, h client.Host) { c.(client.HandlerConsumer).CommitMarks(h, g.now, by) })
		return
	}
	i := rapid.IntRange(0, len(g.claims)-1).Draw(g.T, "handler")
	x := &g.claims[i]
	if x.committing {
		return // it waits
	}
	switch n := rapid.IntRange(0, 19).Draw(g.T, "does"); {
	case n == 19, x.released && n > 8:
		tp := x.tp
		g.input(func(c client.Consumer, h client.Host) { c.(client.HandlerConsumer).Exited(h, g.now, tp) })
		g.claims = slices.DeleteFunc(g.claims, func(x anyClaim) bool { return x.tp == tp })
	case n > 14 && !x.released:
		x.committing = true
		tp := x.tp
		g.input(func(c client.Consumer, h client.Host) {
			c.(client.HandlerConsumer).CommitMarks(h, g.now, client.Caller{Claim: tp})
		})
	case x.given > x.taken:
		x.taken += rapid.Int64Range(1, x.given-x.taken).Draw(g.T, "takes")
		x.marked = x.taken
		g.reached[x.tp] = max(g.reached[x.tp], x.marked)
		if x.watch >= 0 && x.given-x.taken <= x.watch {
			x.watch = -1
			tp := x.tp
			g.input(func(c client.Consumer, h client.Host) { c.(client.HandlerConsumer).Drained(h, g.now, tp) })
		}
	}
}

// claimed is the handler of a partition, which must be there.
func (g *AnyHost) claimed(tp kafka.TopicPartition) *anyClaim {
	for i := range g.claims {
		if g.claims[i].tp == tp {
			return &g.claims[i]
		}
	}
	g.T.Fatalf("%s has no handler", tp)
	return nil
}

// Claim starts the handler of an assigned partition that has none.
func (g *AnyHost) Claim(tp kafka.TopicPartition) {
	if !slices.Contains(g.owned, tp) || slices.ContainsFunc(g.claims, func(x anyClaim) bool { return x.tp == tp }) {
		g.T.Fatalf("a handler of %s with %v assigned and %v running", tp, g.owned, g.claims)
	}
	g.claims = append(g.claims, anyClaim{claim: claim{tp: tp, marked: -1, watch: -1}})
}

// Release ends a handler's context, once.
func (g *AnyHost) Release(tp kafka.TopicPartition, _ int64) {
	x := g.claimed(tp)
	if x.released {
		g.T.Fatalf("%s is released twice", tp)
	}
	x.released, x.watch = true, -1
}

// Feed continues the channel of a handler without gap or repetition.
func (g *AnyHost) Feed(r client.Range) {
	x := g.claimed(r.TopicPartition)
	switch {
	case x.released:
		g.T.Fatalf("feeds %s, which is released", x.tp)
	case x.fed && x.given != r.From:
		g.T.Fatalf("%s goes on with %d, not %d", x.tp, r.From, x.given)
	case !x.fed:
		x.taken = r.From
	}
	x.fed, x.given = true, r.To
	g.next[x.tp] = r.To
}

// Untaken is what is in a channel.
func (g *AnyHost) Untaken(tp kafka.TopicPartition) int64 {
	x := g.claimed(tp)
	return x.given - x.taken
}

// Watch notes how empty a channel has to be.
func (g *AnyHost) Watch(tp kafka.TopicPartition, most int64) { g.claimed(tp).watch = most }

// Marked is how far a handler has come.
func (g *AnyHost) Marked(tp kafka.TopicPartition) int64 { return g.claimed(tp).marked }

// MarkCommitted ends a handler's or a worker's commit, which must be waited for.
func (g *AnyHost) MarkCommitted(by client.Caller) {
	if by.Worker != 0 {
		i := slices.Index(g.workers, by.Worker)
		if i < 0 {
			g.T.Fatalf("a commit of worker %d ends that has not begun", by.Worker)
		}
		g.workers = slices.Delete(g.workers, i, i+1)
		return
	}
	x := g.claimed(by.Claim)
	if !x.committing {
		g.T.Fatalf("a commit of %s ends that has not begun", by.Claim)
	}
	x.committing = false
}

// Disconnect closes a connection: what waits on it is not answered.
func (g *AnyHost) Disconnect(broker int32) { g.drop(broker) }

// drop takes away what a broker has not answered.
func (g *AnyHost) drop(broker int32) (lost []sent) {
	g.requests = slices.DeleteFunc(g.requests, func(s sent) bool {
		if s.broker != broker {
			return false
		}
		switch kind(s.request) {
		case "joingroup", "syncgroup":
			g.joining--
		case "fetch":
			g.fetching[broker]--
		}
		lost = append(lost, s)
		return true
	})
	return lost
}
