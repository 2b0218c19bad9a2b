package expect

import (
	"fmt"
	"sort"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// stability follows whether a group is at rest. A rebalance lasts from
// group.rebalancing to group.stabilized: a group that it left empty is not at
// rest.
type stability struct {
	run         *Run
	group       string
	from        clock.Time   // since when nothing may disturb the group
	disturbed   *trace.Event // the latest rebalance or epoch
	rebalancing bool
	owners      *owners
}

// judgeStable holds when, from After + Within to the end of the window, the
// group neither rebalances nor begins a new epoch, and each partition has an
// owner.
func judgeStable(e *scenario.Expectation, run *Run) Verdict {
	from, until := e.After+e.Within, min(e.Window.To, run.End)
	v := Verdict{Want: fmt.Sprintf("%s stable from %s to %s: no rebalance, an owner for each partition", e.Group, from, until), At: from}
	if from > until {
		v.Got, v.At = "the run ends at "+run.End.String()+", before that time", run.End
		return v
	}
	s := stability{run: run, group: e.Group, from: from, owners: newOwners(e.Group)}
	settled := sampled(from, until)
	events := within(run.Events, scenario.Window{To: until})
	first := sort.Search(len(events), func(i int) bool { return events[i].At > settled })
	for i := range events[:first] {
		s.see(&events[i])
	}
	v.Got, v.Near = s.unrest(from)
	for i := first; i < len(events) && v.Got == ""; i++ {
		if s.see(&events[i]) {
			v.Got, v.Near = s.unrest(events[i].At)
			v.At = events[i].At
		}
	}
	if v.Got == "" {
		v.OK, v.Got = true, "stable"
	}
	return v
}

// see takes in one event and tells whether it may end the rest.
func (s *stability) see(e *trace.Event) bool {
	if e.Type == trace.TopicPartitions {
		return true
	}
	if e.Group != s.group {
		return false
	}
	switch e.Type {
	case trace.GroupRebalancing:
		s.disturbed, s.rebalancing = e, true
		return true
	case trace.GroupEpoch:
		s.disturbed = e
		return true
	case trace.GroupStabilized:
		s.rebalancing = false
		return false
	case trace.MemberStopped, trace.MemberCrashed:
		return s.owners.see(e, s.partitions(e.At))
	}
	return s.owners.see(e, nil)
}

// unrest says what keeps the group from being stable at an instant; "" when
// nothing does.
func (s *stability) unrest(at clock.Time) (why string, near []uint64) {
	if d := s.disturbed; d != nil && d.At >= s.from {
		return string(d.Type) + " at " + d.At.String(), []uint64{d.Seq}
	}
	if s.rebalancing {
		return "still rebalancing since " + s.disturbed.At.String(), []uint64{s.disturbed.Seq}
	}
	for _, tp := range s.partitions(at) {
		switch last := s.owners.last[tp]; {
		case last.seq == 0:
			return tp.String() + " has no owner at " + at.String(), lastBefore(s.run, s.group, "", at)
		case last.member == "":
			return tp.String() + " has no owner since " + last.at.String(), []uint64{last.seq}
		}
	}
	return "", nil
}

// partitions lists what exists at an instant of the topics that the group reads.
func (s *stability) partitions(at clock.Time) []kafka.TopicPartition {
	var all []kafka.TopicPartition
	for _, g := range s.run.Scenario.Groups {
		if g.ID != s.group {
			continue
		}
		for _, topic := range g.Topics {
			for p := range partitionCount(s.run.Scenario, topic, at) {
				all = append(all, kafka.TopicPartition{Topic: topic, Partition: p})
			}
		}
	}
	return all
}

// partitionCount is how many partitions a topic has at an instant.
func partitionCount(s *scenario.Scenario, topic string, at clock.Time) int32 {
	var n int32
	for _, t := range s.Topics {
		if t.Name == topic {
			n = t.Partitions
		}
	}
	for _, a := range s.Timeline {
		if a.Kind == scenario.ActAddPartitions && a.Topic == topic && a.At <= at {
			n = max(n, a.Total) // the file need not be in order of time
		}
	}
	return n
}
