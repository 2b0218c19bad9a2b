package expect

import (
	"fmt"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// owners follows who owns the partitions of a group ("": of any group): who got
// them in the latest partitions.assigned, unless that member has since given
// them back, stopped or crashed.
type owners struct {
	group string
	last  map[kafka.TopicPartition]change // never iterated
}

// change is the last change of a partition's owner; Member is "" when it was
// taken away.
type change struct {
	member string
	at     clock.Time
	seq    uint64
}

func newOwners(group string) *owners {
	return &owners{group, map[kafka.TopicPartition]change{}}
}

// see takes in one event and tells whether it may have changed an owner. What a
// member loses when it stops or crashes is sought among all.
func (o *owners) see(e *trace.Event, all []kafka.TopicPartition) bool {
	if o.group != "" && e.Group != o.group {
		return false
	}
	now := change{at: e.At, seq: e.Seq}
	switch e.Type {
	case trace.PartitionsAssigned:
		now.member = e.Member
		for _, tp := range e.Partitions {
			o.last[tp] = now
		}
	case trace.PartitionsRevoked, trace.PartitionsLost:
		o.takeAway(e.Member, e.Partitions, now)
	case trace.MemberStopped, trace.MemberCrashed:
		o.takeAway(e.Member, all, now)
	default:
		return false
	}
	return true
}

func (o *owners) takeAway(member string, partitions []kafka.TopicPartition, now change) {
	for _, tp := range partitions {
		if o.last[tp].member == member {
			o.last[tp] = now
		}
	}
}

// owned follows what one member owns, of all partitions or of one.
type owned struct {
	e         *scenario.Expectation
	stability stability // of the group: its events, its partitions
	next      int       // event
}

func newOwned(e *scenario.Expectation, run *Run) *owned {
	return &owned{e: e, stability: stability{run: run, group: e.Group, owners: newOwners(e.Group)}}
}

// at is what the member owns after an instant, none without a member; instants come in
// order.
func (o *owned) at(t clock.Time) (partitions []kafka.TopicPartition) {
	if o.e.Member == "" {
		return nil
	}
	events := o.stability.run.Events
	for ; o.next < len(events) && events[o.next].At <= t; o.next++ {
		o.stability.see(&events[o.next])
	}
	for _, tp := range o.stability.partitions(t) {
		if o.stability.owners.last[tp].member == o.e.Member && (o.e.Partition.Topic == "" || o.e.Partition == tp) {
			partitions = append(partitions, tp)
		}
	}
	return partitions
}

// judgeOwner looks at the owner of a partition at an instant.
func judgeOwner(e *scenario.Expectation, run *Run) Verdict {
	o := newOwners(e.Group)
	only := []kafka.TopicPartition{e.Partition}
	in := within(run.Events, scenario.Window{To: sampled(e.At, run.End)})
	for i := range in {
		o.see(&in[i], only)
	}
	last := o.last[e.Partition]
	at := min(e.At, run.End)
	v := Verdict{Want: fmt.Sprintf("owner of %s at %s: %s", e.Partition, at, e.Owner), At: at}
	v.Got = last.member
	if v.Got == "" {
		v.Got = "none"
	}
	v.OK = v.Got == e.Owner
	if last.seq > 0 {
		v.Got += " since " + last.at.String()
		v.Near = []uint64{last.seq}
	}
	return v
}
