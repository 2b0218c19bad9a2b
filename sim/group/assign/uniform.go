package assign

import "ksim/sim/kafka/javahash"

// Uniform is the broker's default assignor (UniformAssignor): as many partitions
// for each member as for any other, with as few moves as it finds. Two algorithms
// share the name: one for members that all subscribe to the same topics, one for the
// rest.
func Uniform(topics []ServerTopic, members []ServerMember, homogeneous bool) []Target {
	if homogeneous {
		return uniformHomogeneous(topics, members)
	}
	return uniformHeterogeneous(topics, members)
}

// uniformGroup is what the algorithm for equal subscriptions works on
// (UniformHomogeneousAssignmentBuilder).
type uniformGroup struct {
	topics     []ServerTopic
	members    []ServerMember
	unassigned []freePartition
	unfilled   []unfilledMember
	drafts     []*draft
	quota      int // partitions that every member gets
	extra      int // members that still get one more
}

// freePartition is a partition that nobody is to have so far.
type freePartition struct {
	topic     int
	partition int32
}

// unfilledMember is a member that is to get more.
type unfilledMember struct{ member, remaining int }

func uniformHomogeneous(topics []ServerTopic, members []ServerMember) []Target {
	targets := make([]Target, len(members))
	if len(members) == 0 || len(members[0].Topics) == 0 {
		return targets
	}
	g := &uniformGroup{topics: topics, members: members}
	total := g.findUnassigned()
	g.quota, g.extra = total/len(members), total%len(members)
	for m := range members {
		g.keep(m)
	}
	g.handOut()
	for m, d := range g.drafts {
		targets[m] = d.target()
	}
	return targets
}

// findUnassigned lists what is in nobody's target, topics in the order of a HashSet
// by id, and counts all partitions.
func (g *uniformGroup) findUnassigned() int {
	owned := make([][]bool, len(g.topics))
	for t := range owned {
		owned[t] = make([]bool, g.topics[t].Partitions)
	}
	for m := range g.members {
		for _, s := range g.members[m].Target {
			for _, p := range s.Partitions {
				if p < g.topics[s.Topic].Partitions {
					owned[s.Topic][p] = true
				}
			}
		}
	}
	first := &g.members[0]
	order := javahash.Sized[int](javahash.CopySize(first.SubscribedNames))
	for _, t := range first.Topics {
		order.Add(t, g.topics[t].ID.HashCode())
	}
	total := 0
	for i := range order.Len() {
		t := order.At(i)
		for p := range g.topics[t].Partitions {
			if !owned[t][p] {
				g.unassigned = append(g.unassigned, freePartition{t, p})
			}
		}
		total += int(g.topics[t].Partitions)
	}
	return total
}

// keep leaves a member what it has, up to its quota; the rest becomes free. The
// first members get the extra partitions, but one that would have to be given its
// extra leaves it to a later one, as long as there are enough of those
// (maybeRevokePartitions).
func (g *uniformGroup) keep(m int) {
	quota, extra := g.quota, false
	if g.extra > 0 {
		quota, extra = quota+1, true
	}
	d := newDraft(g.members[m].Target)
	g.drafts = append(g.drafts, d)
	for _, s := range g.members[m].Target {
		if !g.subscribes(s.Topic) {
			d.drop(s.Topic)
			continue
		}
		for _, p := range s.Partitions {
			if quota > 0 {
				quota--
				continue
			}
			d.remove(s.Topic, p)
			g.unassigned = append(g.unassigned, freePartition{s.Topic, p})
		}
	}
	if quota > 0 && extra && len(g.members)-m > g.extra {
		quota, extra = quota-1, false
	}
	if quota > 0 {
		g.unfilled = append(g.unfilled, unfilledMember{m, quota})
	}
	if extra {
		g.extra--
	}
}

func (g *uniformGroup) subscribes(topic int) bool {
	for _, t := range g.members[0].Topics {
		if t == topic {
			return true
		}
	}
	return false
}

// handOut fills one unfilled member after the other with what is free.
func (g *uniformGroup) handOut() {
	for _, u := range g.unfilled {
		n := min(u.remaining, len(g.unassigned))
		for _, f := range g.unassigned[:n] {
			g.drafts[u.member].add(f.topic, f.partition, javahash.CopySize(0))
		}
		g.unassigned = g.unassigned[n:]
	}
}
