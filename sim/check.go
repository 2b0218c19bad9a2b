package sim

import (
	"fmt"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// checks is what the invariants remember from one event to the next.
type checks struct {
	last        clock.Time
	generations []int32 // by group
}

func (c *checks) clone() checks {
	d := *c
	d.generations = append([]int32(nil), c.generations...)
	return d
}

// check panics if the world is in a state that Kafka's cannot be in; the panic
// names the seed and the instant, which replay it.
func (w *World) check() {
	if w.Now() < w.checks.last {
		w.broken("virtual time went back from %s", w.checks.last)
	}
	w.checks.last = w.Now()
	for len(w.checks.generations) < len(w.groups) {
		w.checks.generations = append(w.checks.generations, -1)
	}
	for i := range w.groups {
		w.checkGroup(i)
	}
	for i := range w.procs {
		w.checkProcess(&w.procs[i])
	}
}

func (w *World) broken(format string, args ...any) {
	panic(fmt.Sprintf("invariant broken at %s (event %d, seed %d): ", w.Now(), w.seq, w.scenario.Seed) + fmt.Sprintf(format, args...))
}

// checkGroup: the generation never falls; what is committed is in the log; a
// stable generation gives each partition at most one owner.
func (w *World) checkGroup(i int) {
	g := &w.groups[i]
	v, ok := w.shards[g.shard].coordinator.Group(g.id)
	if !ok { // not yet there, or deleted with its last offset: it will begin anew
		w.checks.generations[i] = -1
	} else {
		if v.Generation < w.checks.generations[i] {
			w.broken("group %s: generation fell from %d to %d", g.id, w.checks.generations[i], v.Generation)
		}
		w.checks.generations[i] = v.Generation
		w.checkOwners(g.id, v.Assignments())
	}
	for _, p := range w.partitions(i) {
		if p.Committed > p.End {
			w.broken("group %s: %s is committed to %d, beyond its end %d", g.id, p.TopicPartition, p.Committed, p.End)
		}
	}
}

func (w *World) checkOwners(group string, assignments []string) {
	owned := map[kafka.TopicPartition]bool{}
	for _, a := range assignments {
		for _, tp := range kafka.DecodeAssignment(a) {
			if owned[tp] {
				w.broken("group %s: %s has two owners in one generation", group, tp)
			}
			owned[tp] = true
		}
	}
}

// checkProcess: a dead process holds nothing, and no timer of it runs; what a
// living one has is in the log, and every record that it was handed is
// completed, in its hands or given up.
func (w *World) checkProcess(p *process) {
	if p.alive() {
		held := int64(0)
		for _, r := range p.app.Held(nil) {
			held += r.Len()
		}
		if held != p.open {
			w.broken("%s holds %d records, %d are accounted for", p.member.Name, held, p.open)
		}
		for _, o := range p.consumer.Positions(nil) {
			if l := w.cluster.Log(o.TopicPartition); l == nil || o.Offset > l.End(w.Now()) {
				w.broken("%s is at %s %d, beyond its end", p.member.Name, o.TopicPartition, o.Offset)
			}
		}
		return
	}
	for _, t := range p.timers {
		if _, armed := w.queue.Deadline(t.handle); armed {
			w.broken("%s is not alive and has a timer", p.member.Name)
		}
	}
	if len(p.backlog) > 0 || len(p.results) > 0 {
		w.broken("%s is not alive and holds work", p.member.Name)
	}
}
