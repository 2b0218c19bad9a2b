package assign

import "slices"

// Simple is the broker's assignor for share groups (SimpleAssignor, KIP-932). With more
// members than partitions a partition has several sharers, as many as it takes to give
// everybody something; members differ by one partition at most. Balance comes first:
// what a member has it keeps as far as that goes.
//
// When members subscribe to different topics, each topic is dealt out by itself among
// its subscribers.
func Simple(topics []ServerTopic, members []ServerMember, homogeneous bool) []Target {
	s := sharing{topics: topics, members: members, has: make([][]shared, len(members))}
	if homogeneous && len(members) > 0 {
		s.deal(everyTopic(members), members[0].Topics)
	} else {
		for t := range topics {
			var subscribers []int
			for m := range members {
				if slices.Contains(members[m].Topics, t) {
					subscribers = append(subscribers, m)
				}
			}
			s.deal(subscribers, []int{t})
		}
	}
	return s.targets()
}

// everyTopic is all members: each subscribes to every topic.
func everyTopic(members []ServerMember) []int {
	all := make([]int, len(members))
	for i := range all {
		all[i] = i
	}
	return all
}

// shared is a partition that has one sharer or more.
type shared struct {
	topic     int
	partition int32
}

// sharing is a distribution as it is made.
type sharing struct {
	topics  []ServerTopic
	members []ServerMember
	has     [][]shared // by member: what has been dealt out so far
}

// deal distributes the partitions of some topics among members
// (SimpleHomogeneousAssignmentBuilder).
func (s *sharing) deal(members, topics []int) {
	d := dealing{sharers: map[shared][]int{}, has: make([][]shared, len(members)), desired: make([]int, len(members))}
	for _, t := range topics {
		for p := range s.topics[t].Partitions {
			d.partitions = append(d.partitions, shared{t, p})
		}
	}
	if len(d.partitions) == 0 || len(members) == 0 {
		return
	}
	d.most = (len(members) + len(d.partitions) - 1) / len(d.partitions)
	whole := d.most * len(d.partitions)
	for i := range members {
		d.desired[i] = ceiling(whole*(i+1), len(members)) - ceiling(whole*i, len(members))
		for _, p := range d.partitions {
			if s.members[members[i]].Target.has(p) {
				d.give(i, p)
			}
		}
	}
	d.trimMembers()
	d.trimPartitions()
	d.fill()
	d.exchange()
	for i, m := range members {
		s.has[m] = append(s.has[m], d.has[i]...)
	}
}

func ceiling(a, b int) int { return (a + b - 1) / b }

// has tells whether a partition is in the target.
func (t Target) has(p shared) bool {
	for _, s := range t {
		if s.Topic == p.topic {
			return slices.Contains(s.Partitions, p.partition)
		}
	}
	return false
}

// targets are what the members have in the end.
func (s *sharing) targets() []Target {
	targets := make([]Target, len(s.members))
	for m, has := range s.has {
		targets[m] = Target{}
		slices.SortFunc(has, shared.compare)
		for _, p := range has {
			if n := len(targets[m]); n == 0 || targets[m][n-1].Topic != p.topic {
				targets[m] = append(targets[m], TopicShare{Topic: p.topic})
			}
			last := &targets[m][len(targets[m])-1]
			last.Partitions = append(last.Partitions, p.partition)
		}
	}
	return targets
}

func (p shared) compare(o shared) int {
	if p.topic != o.topic {
		return p.topic - o.topic
	}
	return int(p.partition - o.partition)
}
