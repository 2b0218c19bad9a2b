package sim

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"ksim/sim/group"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// watchers hand each group's events to its watcher.
type watchers []*watcher

// Event takes in an event.
func (all watchers) Event(e *trace.Event) {
	for _, w := range all {
		if w.id == e.Group {
			w.event(e)
		}
	}
}

// watcher looks at the trace of a group for what no single state of the world shows.
type watcher struct {
	group     int
	id        string
	scenario  *randomScenario
	owners    map[kafka.TopicPartition]string // by the callbacks
	outside   map[string]bool                 // members that the group has lost, and that may not know it
	overtaken map[string]bool                 // members that have not acknowledged what they have; see assigned
	unsynced  map[string]bool                 // members of kafkajs whose SyncGroup has failed; see mayRewind
	committed map[kafka.TopicPartition]int64  // by anybody
	risen     map[kafka.TopicPartition]int64  // by those whose commits may not go back
	since     map[kafka.TopicPartition]uint64 // the event in which the owner has got it
	polled    map[string]uint64               // the last poll of each member
	had       map[holding]bool                // who has had what
	again     map[kafka.TopicPartition]bool   // the owner has had it before
	sent      map[commitOf]int                // how often
	world     *World
	broken    string // the first thing that must not happen
}

// holding is a member and a partition.
type holding struct {
	member string
	kafka.TopicPartition
}

// commitOf is an offset that a member has committed.
type commitOf struct {
	holding
	offset int64
}

func newWatcher(group int, id string, x *randomScenario) *watcher {
	return &watcher{group: group, id: id, scenario: x, owners: map[kafka.TopicPartition]string{}, outside: map[string]bool{}, overtaken: map[string]bool{}, unsynced: map[string]bool{},
		since: map[kafka.TopicPartition]uint64{}, polled: map[string]uint64{}, had: map[holding]bool{}, again: map[kafka.TopicPartition]bool{}, sent: map[commitOf]int{},
		committed: map[kafka.TopicPartition]int64{}, risen: map[kafka.TopicPartition]int64{}}
}

// event takes in an event of the group.
func (w *watcher) event(e *trace.Event) {
	switch e.Type {
	case trace.Log:
		switch {
		case strings.Contains(e.Text, "transitioned from ACKNOWLEDGING to RECONCILING"):
			w.overtaken[e.Member] = true
		case strings.Contains(e.Text, "transitioned from ACKNOWLEDGING to STABLE"):
			w.overtaken[e.Member] = false
		case strings.HasPrefix(e.Text, "Response SyncGroup(key: 14"):
			w.unsynced[e.Member] = true
		}
	case trace.GroupEpoch:
		if e.Reason == trace.ReasonMemberJoined {
			w.outside[e.Member] = false
		}
	case trace.AppPoll:
		w.polled[e.Member] = e.Seq
	case trace.NetRequest:
		if e.What == "SyncGroup" { // it has been let in
			w.outside[e.Member] = false
		}
	case trace.PartitionsAssigned:
		if w.outside[e.Member] {
			return // the callback of an assignment from before it left; it loses it next
		}
		w.unsynced[e.Member] = false
		for _, tp := range e.Partitions {
			w.assigned(e, tp)
		}
	case trace.PartitionsRevoked, trace.PartitionsLost:
		for _, tp := range e.Partitions {
			if w.owners[tp] == e.Member {
				delete(w.owners, tp)
			}
		}
	case trace.MemberLeft, trace.MemberRemoved, trace.MemberFenced, trace.PollExceeded:
		w.outside[e.Member] = true
	case trace.MemberCrashed, trace.MemberStopped: // its next process has nothing of it
		w.outside[e.Member] = true
		maps.DeleteFunc(w.owners, func(_ kafka.TopicPartition, owner string) bool { return owner == e.Member })
	case trace.Offsets: // what has been accepted outlives its coordinator
		for _, o := range e.Committed {
			if last, ok := w.committed[o.TopicPartition]; ok && o.Offset < last {
				w.report("at %s %s is committed to %d, after %d", e.At, o.TopicPartition, o.Offset, last)
			}
		}
	case trace.CommitDone:
		for _, o := range e.Committed {
			w.commit(e, o)
			w.committed[o.TopicPartition] = o.Offset
		}
	}
}

// assigned: in the cooperative protocols nobody gets a partition before its
// owner has given it up, unless the group has lost that owner. A static member
// that misses a rebalance stays in the classic group with what it said it owned
// when it last joined: what it has got since goes to others under its hands. So does
// what a Java member of the consumer protocol has got by the answer to a heartbeat
// that was out when it was to acknowledge what it had before: its next heartbeat says
// that it owns the older assignment, and the broker takes it at its word.
func (w *watcher) assigned(e *trace.Event, tp kafka.TopicPartition) {
	owner := w.owners[tp]
	if (w.scenario.cooperative && !w.scenario.static(owner) || w.scenario.consumer) && owner != "" && owner != e.Member && w.inGroup(owner) && !w.overtaken[owner] {
		w.report("at %s %s is assigned %s, which %s has not given up", e.At, e.Member, tp, owner)
	}
	w.owners[tp], w.since[tp] = e.Member, e.Seq
	h := holding{e.Member, tp}
	w.again[tp] = w.had[h]
	w.had[h] = true
}

// inGroup tells whether the group has a member, as far as it knows. A SyncGroup that
// comes too late lets nobody in.
func (w *watcher) inGroup(member string) bool {
	if w.outside[member] {
		return false
	}
	g := &w.world.groups[w.group]
	v, classic := w.world.shards[g.shard].coordinator.Group(g.id)
	return !classic || slices.ContainsFunc(v.Members, func(m group.MemberView) bool { return m.ClientID == member })
}

// commit: no committed offset goes back but by a stated cause. Where a cause takes it
// back, the one who gets the partition next begins there.
func (w *watcher) commit(e *trace.Event, o kafka.OffsetCommit) {
	last, ok := w.risen[o.TopicPartition]
	// kafkajs commits the name of the log's end when retention has overtaken it
	// (setDefaultOffset).
	named := w.scenario.client == "kafkajs" && w.scenario.has("retention.ms") && o.Offset < 0
	stray := named || w.mayRewind(e.Member, o.TopicPartition) || w.sentAgain(e.Member, o)
	if ok && o.Offset < last && !stray {
		w.report("at %s %s commits %s to %d, after %d", e.At, e.Member, o.TopicPartition, o.Offset, last)
	}
	if !stray || ok && o.Offset < last {
		w.risen[o.TopicPartition] = o.Offset
	}
}

// sentAgain: a commit of librdkafka that was answered with an error that may pass waits
// for a coordinator and is sent again (rd_kafka_cgrp_defer_offset_commit), after what
// the timer has committed since. Some errors come late: the first commit had been
// written, and was only not replicated.
func (w *watcher) sentAgain(member string, o kafka.OffsetCommit) bool {
	x := commitOf{holding{member, o.TopicPartition}, o.Offset}
	w.sent[x]++
	return w.sent[x] > 1 && w.scenario.client == "librdkafka" && w.scenario.has("commit: auto") && w.scenario.has("fail-broker")
}

// mayRewind tells whether a member's commit may take a partition's offset back.
func (w *watcher) mayRewind(member string, tp kafka.TopicPartition) bool {
	x, own := w.scenario, w.owners[tp] == member
	before := !own || w.since[tp] > w.polled[member] // it works on records of before it got the partition
	switch {
	case x.client == "kafka-go": // its commits belong to no generation
		return true
	case (x.client == "franz-go" || x.client == "aiokafka" && x.has("commit: record")) && before:
		// They rebalance while the program works on what it has polled, and it commits that
		// by the new generation, whoever owns the partition by then. With
		// block.rebalance.on.poll franz-go holds even what the group has taken from it: the
		// rejoin that a refused commit forces (triggering rejoin) hides from it that it was
		// out (heartbeat: "we always save the latest error"), so that it loses nothing.
		return true
	case x.workers && (!x.contiguous || x.client == "kafkajs" || !own || w.again[tp]):
		// Workers commit what they end, in that order, or for a partition that has moved on,
		// and perhaps come back: nobody checks that it is still theirs; a program on kafkajs
		// is not told that it has moved, either.
		return true
	case x.client == "kafkajs" && !own && w.unsynced[member]:
		// When SyncGroup fails for anything but a rebalance (joinAndSync: bail), the runner
		// lets its fetchers go on, with the assignment of before and in the new generation.
		return true
	case x.client == "kafkajs" && !own && (x.has("commit: record") || x.has("commit: before")):
		// A fetch that is refused, or sees new partitions, joins again from where it is
		// (recoverFromFetch), while the worker goes through what other fetchers have brought
		// before; commitOffsets sends the generation of the moment.
		return true
	case x.consumer && w.outside[member]:
		// A consumer of the consumer protocol that has left because it polled too late
		// commits without an epoch, and a group that is empty by then accepts that.
		return true
	case x.client == "aiokafka" && !own:
		// A consumer that has left for idleness still commits, in the name of nobody, and a
		// group without members takes that.
		return true
	}
	return false
}

func (w *watcher) report(format string, args ...any) {
	if w.broken == "" {
		w.broken = fmt.Sprintf(format, args...)
	}
}

// mayLose tells whether real consumers may lose records in such a scenario:
// commits before the work, commits by a timer, a commit of all that a poll has
// returned as a pool takes over a part of it, commits of workers in the order in
// which they end, and a reset to the log's end when nothing was committed before a
// rebalance. What a program passes over counts as lost as well: poisonous records, and
// topics that its router does not know.
func mayLose(x *randomScenario) bool {
	if x.has("retention.ms: ") { // it may overtake whoever is slow
		return true
	}
	if x.has("action: skip") || x.has("model: router") && x.has("topic: u") {
		return true
	}
	if x.has("type: share") { // who has been given it often enough, and has crashed or been late
		batch := x.number("process: ") * x.number("max.poll.records: ")
		return x.has("timeline:") || x.has("poison") || batch >= x.number("share.record.lock.duration.ms: ")
	}
	if x.client == "kafka-python" && !x.has("kafka-python@2") && x.has("on-revoke: drop") {
		// It keeps the position of a partition that it is given again (_apply_assignment):
		// what the program has dropped in between is passed over.
		return true
	}
	if x.client == "aiokafka" && x.has("on-revoke: drop") {
		// It leaves for idleness, and calls the listener, in the middle of a batch: what is
		// dropped then lies below what the rest of the batch commits, in the name of nobody,
		// which a group without members takes.
		return true
	}
	if x.client != "sarama" && x.has("on-revoke: flush") && (x.has("stop: ") || x.has("rolling-restart")) {
		// A program that is told to stop takes nothing more of what its last poll has
		// returned (the contract's stop), be it one record; then closing calls the listener,
		// whose commit is of all of that; sarama's is of what has been marked.
		return true
	}
	outOfOrder := x.workers && !x.contiguous
	if x.client == "sarama" { // its timer commits what is marked
		return outOfOrder || x.has("commit: before") || x.has("reset: latest")
	}
	byBatch := slices.Contains([]string{"java", "kafka-python", "aiokafka", "franz-go"}, x.client)
	return byBatch && x.has("upload-mode: pool") || outOfOrder || x.has("commit: before") || x.has("commit: auto") || x.has("reset: latest")
}
