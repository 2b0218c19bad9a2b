package assign

import (
	"cmp"
	"slices"

	"ksim/sim/kafka"
	"ksim/sim/kafka/javahash"
)

// ServerTopic is a topic as the broker's own assignors see it (KIP-848). Its id
// decides the order in which they look at topics.
type ServerTopic struct {
	ID         kafka.UUID
	Partitions int32
}

// ServerMember is a member of a group of the consumer protocol. Topics are what it
// subscribes and what exists, as numbers into the list of topics. SubscribedNames
// counts those that do not exist too.
type ServerMember struct {
	ID              string
	InstanceID      string // "" when dynamic
	Topics          []int
	SubscribedNames int
	Target          Target
}

// Target is what a member is to have: topic by topic, in the order in which Kafka's
// maps and sets iterate, which the next assignment goes by.
type Target []TopicShare

// TopicShare is the partitions of one topic that a member is to have.
type TopicShare struct {
	Topic      int // number into the list of topics
	Partitions []int32
}

// ServerAssignor decides the targets of all members, which come in the order of a
// HashMap by member id. Homogeneous says that all subscribe to the same names.
type ServerAssignor func(topics []ServerTopic, members []ServerMember, homogeneous bool) []Target

// ServerByName finds the broker's assignor with that name: uniform or range.
func ServerByName(name string) (ServerAssignor, bool) {
	switch name {
	case "uniform":
		return Uniform, true
	case "range":
		return ServerRange, true
	}
	return nil, false
}

// Stored is the target as the group keeps it once it is written to its log and read
// back: equal in content, with its maps and sets made anew.
func (t Target) Stored(topics []ServerTopic) Target {
	stored := make(Target, 0, len(t))
	var order javahash.Keys[int]
	for _, s := range t {
		order.Add(s.Topic, topics[s.Topic].ID.HashCode())
	}
	for i := range order.Len() {
		s := t[slices.IndexFunc(t, func(s TopicShare) bool { return s.Topic == order.At(i) })]
		stored = append(stored, TopicShare{s.Topic, copyOf(s.Partitions).list()})
	}
	return stored
}

// Equal tells whether both hold the same partitions, in whatever order.
func (t Target) Equal(o Target) bool {
	if len(t) != len(o) {
		return false
	}
	for _, s := range t {
		i := slices.IndexFunc(o, func(x TopicShare) bool { return x.Topic == s.Topic })
		if i < 0 || len(o[i].Partitions) != len(s.Partitions) {
			return false
		}
		for _, p := range s.Partitions {
			if !slices.Contains(o[i].Partitions, p) {
				return false
			}
		}
	}
	return true
}

// Sorted lists the partitions of a target by topic number and partition.
func (t Target) Sorted() []TopicShare {
	s := slices.Clone(t)
	for i := range s {
		s[i].Partitions = slices.Sorted(slices.Values(s[i].Partitions))
	}
	slices.SortFunc(s, func(a, b TopicShare) int { return cmp.Compare(a.Topic, b.Topic) })
	return s
}

// size is the number of partitions.
func (t Target) size() int {
	n := 0
	for _, s := range t {
		n += len(s.Partitions)
	}
	return n
}

// partitionSet is a HashSet<Integer> of partition numbers.
type partitionSet struct{ keys javahash.Keys[int32] }

// copyOf is new HashSet<>(collection).
func copyOf(partitions []int32) *partitionSet {
	s := &partitionSet{javahash.Sized[int32](javahash.CopySize(len(partitions)))}
	for _, p := range partitions {
		s.add(p)
	}
	return s
}

func (s *partitionSet) add(p int32)    { s.keys.Add(p, p) }
func (s *partitionSet) remove(p int32) { s.keys.Remove(p, p) }

// list is the set in its own order.
func (s *partitionSet) list() []int32 {
	list := make([]int32, s.keys.Len())
	for i := range list {
		list[i] = s.keys.At(i)
	}
	return list
}

// draft is a member's target as an assignor changes it: a copy of the old one.
type draft struct {
	topics []int // in the order in which they came
	sets   []*partitionSet
}

func newDraft(t Target) *draft {
	d := &draft{}
	for _, s := range t {
		d.topics = append(d.topics, s.Topic)
		d.sets = append(d.sets, copyOf(s.Partitions))
	}
	return d
}

// set is the set of a topic, nil if there is none.
func (d *draft) set(topic int) *partitionSet {
	if i := slices.Index(d.topics, topic); i >= 0 {
		return d.sets[i]
	}
	return nil
}

// drop takes a topic out.
func (d *draft) drop(topic int) {
	if i := slices.Index(d.topics, topic); i >= 0 {
		d.topics = slices.Delete(d.topics, i, i+1)
		d.sets = slices.Delete(d.sets, i, i+1)
	}
}

// remove takes a partition out, and its topic with the last one.
func (d *draft) remove(topic int, p int32) {
	s := d.set(topic)
	s.remove(p)
	if s.keys.Len() == 0 {
		d.drop(topic)
	}
}

// add puts a partition in; capacity is the initial one of a new topic's set.
func (d *draft) add(topic int, p int32, capacity int) {
	s := d.set(topic)
	if s == nil {
		s = &partitionSet{javahash.Sized[int32](capacity)}
		d.topics, d.sets = append(d.topics, topic), append(d.sets, s)
	}
	s.add(p)
}

func (d *draft) target() Target {
	t := make(Target, len(d.topics))
	for i := range t {
		t[i] = TopicShare{d.topics[i], d.sets[i].list()}
	}
	return t
}
