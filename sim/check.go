package sim

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/group"
	"ksim/sim/kafka"
)

// checks is what the invariants remember from one event to the next.
type checks struct {
	last        clock.Time
	generations []int32 // by group: its generation, or its epoch
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
	if broken := w.cluster.Broken(w.Now()); broken != "" {
		w.broken("%s", broken)
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
	c := w.shards[g.shard].coordinator
	if v, ok := c.Group(g.id); ok {
		w.checkGeneration(i, v.Generation)
		w.checkOwners(g.id, v.Assignments())
	} else if v, ok := c.ConsumerGroup(g.id); ok {
		w.checkGeneration(i, v.Epoch)
		w.checkConsumerGroup(g.id, v)
	} else if v, ok := c.ShareGroup(g.id); ok { // partitions may have several owners
		w.checkGeneration(i, v.Epoch)
	} else { // not yet there, or deleted with its last offset: it will begin anew
		w.checks.generations[i] = -1
	}
	for _, p := range w.partitions(i) {
		if p.Committed > p.End && !w.cluster.Log(p.TopicPartition).Cut() {
			w.broken("group %s: %s is committed to %d, beyond its end %d", g.id, p.TopicPartition, p.Committed, p.End)
		}
	}
}

func (w *World) checkGeneration(i int, now int32) {
	if now < w.checks.generations[i] {
		w.broken("group %s: generation or epoch fell from %d to %d", w.groups[i].id, w.checks.generations[i], now)
	}
	w.checks.generations[i] = now
}

// checkConsumerGroup: in the consumer protocol a partition has one owner at any
// instant, who may still have to give it up; nobody is ahead of the group's epoch.
func (w *World) checkConsumerGroup(group string, v group.ConsumerView) {
	owners := map[kafka.TopicPartition]string{}
	for _, m := range v.Members {
		for _, tp := range slices.Concat(m.Assigned, m.Revoking) {
			if other, taken := owners[tp.TopicPartition]; taken {
				w.broken("group %s: %s is owned by %s and by %s", group, tp.TopicPartition, other, m.ID)
			}
			owners[tp.TopicPartition] = m.ID
		}
		if m.Epoch > v.TargetEpoch || v.TargetEpoch > v.Epoch {
			w.broken("group %s: %s is in epoch %d, the assignment of %d, the group of %d", group, m.ID, m.Epoch, v.TargetEpoch, v.Epoch)
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
			if l := w.cluster.Log(o.TopicPartition); l == nil || o.Offset > l.End(w.Now()) && !l.Cut() {
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
