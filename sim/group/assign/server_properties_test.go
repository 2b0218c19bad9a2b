package assign

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/kafka"
)

// drawServer draws a group of the consumer protocol whose targets come from earlier
// assignments of the same assignor to some of the members.
func drawServer(t *rapid.T, assignor ServerAssignor, equal bool) ([]ServerTopic, []ServerMember) {
	var topics []ServerTopic
	for k := range rapid.IntRange(1, 4).Draw(t, "topics") {
		topics = append(topics, ServerTopic{kafka.UUID{Hi: uint64(k + 1), Lo: 1}, rapid.Int32Range(1, 40).Draw(t, "count")})
	}
	var members []ServerMember
	for i := range rapid.IntRange(1, 8).Draw(t, "members") {
		m := ServerMember{ID: fmt.Sprint("m", i)}
		for k := range topics {
			if equal || rapid.Bool().Draw(t, "subscribes") {
				m.Topics = append(m.Topics, k)
			}
		}
		m.SubscribedNames = len(m.Topics)
		members = append(members, m)
	}
	for range rapid.IntRange(0, 3).Draw(t, "earlier") {
		var present []int
		for i := range members {
			if rapid.Bool().Draw(t, "present") {
				present = append(present, i)
			} else {
				members[i].Target = nil
			}
		}
		reassign(assignor, topics, members, present, equal)
	}
	return topics, members
}

// reassign gives the members present their new targets.
func reassign(assignor ServerAssignor, topics []ServerTopic, members []ServerMember, present []int, equal bool) {
	var group []ServerMember
	for _, i := range present {
		group = append(group, members[i])
	}
	for i, target := range assignor(topics, group, equal) {
		members[present[i]].Target = target.Stored(topics)
	}
}

func everyone(members []ServerMember) []int {
	all := make([]int, len(members))
	for i := range all {
		all[i] = i
	}
	return all
}

// Every partition that somebody subscribes has one owner, who subscribes it: the
// broker relies on it when it decides which partitions are free.
func TestServerAssignorsGiveEachPartitionOnce(t *testing.T) {
	for _, name := range []string{"uniform", "range"} {
		assignor, _ := ServerByName(name)
		rapid.Check(t, func(t *rapid.T) {
			equal := rapid.Bool().Draw(t, "equal")
			topics, members := drawServer(t, assignor, equal)
			reassign(assignor, topics, members, everyone(members), equal)
			owners := make([][]int, len(topics))
			wanted := make([]bool, len(topics))
			for k := range topics {
				owners[k] = make([]int, topics[k].Partitions)
			}
			for _, m := range members {
				for _, k := range m.Topics {
					wanted[k] = true
				}
				for _, s := range m.Target {
					if !slices.Contains(m.Topics, s.Topic) {
						t.Fatalf("%s: %s gets topic %d, which it does not subscribe", name, m.ID, s.Topic)
					}
					for _, p := range s.Partitions {
						owners[s.Topic][p]++
					}
				}
			}
			for k := range topics {
				for p, n := range owners[k] {
					if wanted[k] && n != 1 || !wanted[k] && n != 0 {
						t.Fatalf("%s: %d owners of partition %d of topic %d", name, n, p, k)
					}
				}
			}
		})
	}
}

// Uniform means that no two members of equal subscriptions differ by more than one
// partition, whatever they had before.
func TestUniformIsBalanced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		topics, members := drawServer(t, Uniform, true)
		reassign(Uniform, topics, members, everyone(members), true)
		least, most := members[0].Target.size(), members[0].Target.size()
		for _, m := range members {
			least, most = min(least, m.Target.size()), max(most, m.Target.size())
		}
		if most-least > 1 {
			t.Fatalf("between %d and %d partitions", least, most)
		}
	})
}

// An assignment from the same members, topics and targets moves nothing: otherwise
// every new epoch would take partitions from members for no gain.
func TestUniformIsSticky(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		equal := rapid.Bool().Draw(t, "equal")
		topics, members := drawServer(t, Uniform, equal)
		reassign(Uniform, topics, members, everyone(members), equal)
		for i, target := range Uniform(topics, members, equal) {
			if !target.Equal(members[i].Target) {
				t.Fatalf("%s had %v and gets %v", members[i].ID, members[i].Target.Sorted(), target.Sorted())
			}
		}
	})
}

// A name that the broker does not have must not pass for one that it has.
func TestServerByNameKnowsTheBrokersOnly(t *testing.T) {
	for _, name := range []string{"uniform", "range"} {
		if _, ok := ServerByName(name); !ok {
			t.Errorf("%s is unknown", name)
		}
	}
	if _, ok := ServerByName("roundrobin"); ok {
		t.Error("roundrobin is no assignor of the broker")
	}
}
