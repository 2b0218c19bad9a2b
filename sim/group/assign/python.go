package assign

import (
	"cmp"
	"slices"
	"strings"

	"ksim/sim/kafka"
)

// KafkaPython finds kafka-python's assignor with that protocol name: range,
// roundrobin, sticky or cooperative-sticky.
func KafkaPython(name string) (Assignor, bool) {
	if name == "cooperative-sticky" {
		return pythonCooperative, true
	}
	return pythonAssignor(name, staticRunsFirst)
}

// Aiokafka finds aiokafka's assignor with that protocol name: range, roundrobin
// or sticky.
func Aiokafka(name string) (Assignor, bool) { return pythonAssignor(name, membersByID) }

// pythonAssignor gives an assignor of the Python clients, which differ in the
// order of the members only.
func pythonAssignor(name string, order func([]Member) []Member) (Assignor, bool) {
	switch name {
	case "range":
		return func(t []Topic, m []Member) []Assigned { return pythonRange(t, m, order(m)) }, true
	case "roundrobin":
		return func(t []Topic, m []Member) []Assigned { return pythonRoundRobin(t, m, order(m)) }, true
	case "sticky":
		return pythonSticky, true
	}
	return nil, false
}

// membersByID sorts members by member id.
func membersByID(members []Member) []Member {
	return slices.SortedFunc(slices.Values(members), func(a, b Member) int { return byID(&a, &b) })
}

// staticRunsFirst is kafka-python's order: static members by instance id, then
// dynamic ones by member id. Its grouping sees only neighbours, and of several
// runs of one kind the last one counts: in a group that mixes both kinds members
// can be left out.
func staticRunsFirst(members []Member) []Member {
	var static, dynamic []Member
	for i, m := range members {
		run := &dynamic
		if m.InstanceID != "" {
			run = &static
		}
		if i > 0 && (m.InstanceID == "") != (members[i-1].InstanceID == "") {
			*run = nil
		}
		*run = append(*run, m)
	}
	slices.SortFunc(static, func(a, b Member) int {
		return cmp.Or(strings.Compare(a.InstanceID, b.InstanceID), byID(&a, &b))
	})
	return append(static, membersByID(dynamic)...)
}

// subscribedTopics is the topics with metadata that some member subscribes.
func subscribedTopics(topics []Topic, members []Member) []Topic {
	var out []Topic
	for _, t := range topics {
		if t.Partitions > 0 && slices.ContainsFunc(members, func(m Member) bool { return slices.Contains(m.Topics, t.Name) }) {
			out = append(out, t)
		}
	}
	return out
}

// pythonRange deals out each topic in contiguous blocks to its subscribers in the
// given order; the first ones get one partition more.
func pythonRange(topics []Topic, members, order []Member) []Assigned {
	owned := make(map[string][]kafka.TopicPartition)
	for _, t := range subscribedTopics(topics, members) {
		subscribers := slices.DeleteFunc(slices.Clone(order), func(m Member) bool { return !slices.Contains(m.Topics, t.Name) })
		if len(subscribers) == 0 {
			continue
		}
		quota, extra := int(t.Partitions)/len(subscribers), int(t.Partitions)%len(subscribers)
		next := int32(0)
		for i, m := range subscribers {
			size := quota
			if i < extra {
				size++
			}
			for range size {
				owned[m.ID] = append(owned[m.ID], kafka.TopicPartition{Topic: t.Name, Partition: next})
				next++
			}
		}
	}
	return pythonAnswer(members, owned)
}

// pythonRoundRobin deals out all partitions one by one to the members in the given
// order; one that does not subscribe the topic is passed over.
func pythonRoundRobin(topics []Topic, members, order []Member) []Assigned {
	owned := make(map[string][]kafka.TopicPartition)
	turn := 0
	for _, t := range subscribedTopics(topics, order) {
		for p := range t.Partitions {
			for !slices.Contains(order[turn%len(order)].Topics, t.Name) {
				turn++
			}
			m := order[turn%len(order)]
			owned[m.ID] = append(owned[m.ID], kafka.TopicPartition{Topic: t.Name, Partition: p})
			turn++
		}
	}
	return pythonAnswer(members, owned)
}

// pythonAnswer is what each member gets, in the order of the members.
func pythonAnswer(members []Member, owned map[string][]kafka.TopicPartition) []Assigned {
	var out []Assigned
	for _, m := range members {
		out = append(out, Assigned{m.ID, owned[m.ID]})
	}
	return out
}
