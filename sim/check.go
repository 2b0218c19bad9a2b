package sim

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/group"
	"ksim/sim/kafka"
)

// checks is what the invariants remember from one event to the next.
type checks struct {
	last        clock.Time
	events      int          // so far
	generations []generation // by group
	starts      []int64      // of share groups (SPSO), by partition

	// What a check looks at, kept to be filled again.
	held      []client.Range
	positions []kafka.OffsetCommit
	shares    []int64
}

func (c *checks) clone() checks {
	return checks{last: c.last, events: c.events, generations: slices.Clone(c.generations), starts: slices.Clone(c.starts)}
}

// generation is how far a group has come.
type generation struct {
	protocol string // that counts: a classic group's generation or an epoch; "" while there is no group
	number   int32
	empty    bool // it has no members
}

// wholeCheck is how many events there are between two looks at everything.
const wholeCheck = 32

// check panics if the world is in a state that Kafka's cannot be in; the panic
// names the seed and the instant, which replay it. It looks at what the event may
// have changed, as clients and coordinators meet in messages only, and now and then
// at everything.
func (w *World) check(e clock.Event) {
	if w.Now() < w.checks.last {
		w.broken("virtual time went back from %s", w.checks.last)
	}
	w.checks.last = w.Now()
	for len(w.checks.generations) < len(w.groups) {
		w.checks.generations = append(w.checks.generations, generation{})
	}
	w.checks.events++
	what := touched(e)
	if w.checks.events%wholeCheck == 0 {
		what = ofEverything
	}
	if what == ofEverything {
		if broken := w.cluster.Broken(w.Now()); broken != "" {
			w.broken("%s", broken)
		}
	}
	for i := range w.queues {
		if broken := w.queues[i].queue.Broken(); broken != "" {
			w.broken("queue %s: %s", w.queues[i].conf.Name, broken)
		}
	}
	w.checkShares()
	for i := range w.groups {
		if what == ofGroups || what == ofEverything {
			w.checkGroup(i)
		}
	}
	for i := range w.procs {
		if what == ofProcesses || what == ofEverything {
			w.checkProcess(&w.procs[i])
		}
	}
}

// scope is what a check looks at.
type scope uint8

const (
	ofNothing scope = iota
	ofGroups
	ofProcesses
	ofEverything
)

// checkShares: no record of a share group is in two hands or delivered too often, and
// where the group begins never falls.
func (w *World) checkShares() {
	if broken := w.cluster.BrokenShare(); broken != "" {
		w.broken("%s", broken)
	}
	c := &w.checks
	c.shares = w.cluster.Starts(c.shares[:0])
	for i, start := range c.starts {
		if c.shares[i] < start {
			w.broken("the start of share-partition %d fell from %d to %d", i, start, c.shares[i])
		}
	}
	c.starts, c.shares = c.shares, c.starts
}

// touched is what an event may have changed.
func touched(e clock.Event) scope {
	switch e.Kind() {
	case evRequest, evGroupTimer, evAppend, evLoaded, evTxn:
		return ofGroups
	case evResponse, evClient, evApp, evProducer, evStart, evThaw, evKill, evReach, evParted:
		return ofProcesses
	case evFetch, evRefresh, evOffsets, evSample:
		return ofNothing
	}
	return ofEverything
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
		w.checkGeneration(i, generation{"classic", v.Generation, len(v.Members) == 0})
		w.checkOwners(g.id, v.Assignments())
	} else if v, ok := c.ConsumerGroup(g.id); ok {
		w.checkGeneration(i, generation{"consumer", v.Epoch, len(v.Members) == 0})
		w.checkConsumerGroup(g.id, v)
	} else if v, ok := c.ShareGroup(g.id); ok { // partitions may have several owners
		w.checkGeneration(i, generation{"share", v.Epoch, false})
	} else { // not yet there, or deleted with its last offset: it will begin anew
		w.checks.generations[i] = generation{}
	}
	if g.share {
		return
	}
	for _, topic := range g.topics {
		for n := int32(0); n < w.cluster.Partitions(topic); n++ {
			tp := kafka.TopicPartition{Topic: topic, Partition: n}
			if committed, ok := c.Committed(g.id, tp); ok && committed > w.cluster.Log(tp).End(w.Now()) && !w.cluster.Log(tp).Cut() {
				w.broken("group %s: %s is committed to %d, beyond its end %d", g.id, tp, committed, w.cluster.Log(tp).End(w.Now()))
			}
		}
	}
}

// checkGeneration: a generation or an epoch never falls, but that an empty group that
// goes over to the other protocol is a new group.
func (w *World) checkGeneration(i int, now generation) {
	was := w.checks.generations[i]
	if now.number < was.number && (now.protocol == was.protocol || !was.empty) {
		w.broken("group %s: generation or epoch fell from %d to %d", w.groups[i].id, was.number, now.number)
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
		held, c := int64(0), &w.checks
		c.held = p.app.Held(c.held[:0])
		for _, r := range c.held {
			held += r.Len()
		}
		if held != p.open {
			w.broken("%s holds %d records, %d are accounted for", p.member.Name, held, p.open)
		}
		c.positions = p.positions(c.positions[:0])
		for _, o := range c.positions {
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
