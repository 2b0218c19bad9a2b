package app

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// fate is what becomes of a record when its handler ends.
type fate uint8

const (
	processed fate = iota
	poisoned       // it cannot be processed
	unrouted       // nobody handles its topic
)

// poisonIn is how many records of a stretch lie before its first poisonous one;
// the whole stretch when it has none.
func poisonIn(p *scenario.Poison, r client.Range) int64 {
	first := r.To
	if p.Every > 0 {
		first = min(first, (r.From/p.Every+1)*p.Every-1) // offset + 1 is a multiple
	}
	for _, o := range p.Offsets {
		if o.TopicPartition == r.TopicPartition && r.From <= o.Offset {
			first = min(first, o.Offset)
		}
	}
	return first - r.From
}

// routeOf is the route of a topic; without routes every topic has the model's own
// handler.
func routeOf(a *scenario.App, tp kafka.TopicPartition) (*clock.Dist, bool) {
	if a.Model != scenario.Router {
		return &a.Process, true
	}
	i := slices.IndexFunc(a.Routes, func(r scenario.Route) bool { return r.Topic == tp.Topic })
	if i < 0 {
		return nil, false
	}
	return &a.Routes[i].Process, true
}

// handling is how the next at most n records of a stretch are handled: those that
// are alike.
func handling(a *scenario.App, r client.Range, n int64) (k int64, d *clock.Dist, f fate) {
	d, ok := routeOf(a, r.TopicPartition)
	if !ok {
		return 1, &noWork, unrouted
	}
	switch at := poisonIn(&a.Poison, r); {
	case at == r.Len() && a.Model != scenario.Router && a.Poison.Every == 0 && len(a.Poison.Offsets) == 0:
		return n, d, processed // whatever follows is handled in the same way
	case at == 0:
		return 1, d, poisoned
	default:
		return min(n, at), d, processed
	}
}

var noWork = clock.Fixed(0)

// tries counts how often a poisonous record has been tried.
type tries struct {
	record client.Range
	n      int64
}

// again tells whether the record is to be tried once more.
func (t *tries) again(p *scenario.Poison, r client.Range) bool {
	if p.Action != scenario.PoisonRetry {
		return false
	}
	if t.record != r {
		*t = tries{record: r}
	}
	t.n++
	return p.Attempts == 0 || t.n < p.Attempts
}

// reject does what is to be done with a record that was not processed, and tells
// whether the program lives on.
func reject(h Host, a *scenario.App, r client.Range, f fate) bool {
	if f == unrouted {
		return ignoreTopic(h, a, r)
	}
	switch a.Poison.Action {
	case scenario.PoisonSkip:
		h.GaveUp(r.Len())
	case scenario.PoisonCrash:
		h.Crash("poison", a.Poison.Restart)
		return false
	default: // to the error topic, a retried one too when it has been tried enough
		toErrorTopic(h, r)
		h.Completed(r)
	}
	return true
}

// toErrorTopic publishes records to TOPIC.errors.
func toErrorTopic(h Host, r client.Range) {
	h.Emit(trace.Event{Type: trace.AppError, What: "to " + r.Topic + ".errors", Records: r.Len(), Partitions: []kafka.TopicPartition{r.TopicPartition}})
}

// ignoreTopic is what a router does with a record that has no route.
func ignoreTopic(h Host, a *scenario.App, r client.Range) bool {
	switch a.Unknown {
	case scenario.UnknownWarnAndCommit:
		h.Log("WARNING", "Unknown topic: "+r.Topic)
	case scenario.UnknownCrash:
		h.Crash("unknown topic: "+r.Topic, clock.Never)
		return false
	}
	h.GaveUp(r.Len())
	return true
}
