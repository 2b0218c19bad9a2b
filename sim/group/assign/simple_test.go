package assign

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Everybody gets something when there are more members than partitions, nobody more
// than one partition more than another, and every partition has as many sharers as
// every other: that is what the assignor of share groups is for, whatever the members
// had before.
func TestSimpleIsBalanced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		topics, members := drawServer(t, Simple, true)
		if rapid.Bool().Draw(t, "few partitions") {
			for i := range topics {
				topics[i].Partitions = topics[i].Partitions%2 + 1
			}
		}
		reassign(Simple, topics, members, everyone(members), true)
		var partitions int32
		for _, topic := range topics {
			partitions += topic.Partitions
		}
		want := ceiling(len(members), int(partitions))
		for k, topic := range topics {
			for p := range topic.Partitions {
				if n := sharers(members, k, p); n != want {
					t.Fatalf("partition %d of topic %d has %d sharers, want %d", p, k, n, want)
				}
			}
		}
		least, most := members[0].Target.size(), members[0].Target.size()
		for _, m := range members {
			least, most = min(least, m.Target.size()), max(most, m.Target.size())
		}
		if most-least > 1 {
			t.Fatalf("between %d and %d partitions", least, most)
		}
	})
}

// With different subscriptions members get what they subscribe only, and every topic
// that has a subscriber is read.
func TestSimpleGoesBySubscription(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		topics, members := drawServer(t, Simple, false)
		reassign(Simple, topics, members, everyone(members), false)
		for k, topic := range topics {
			subscribers := 0
			for _, m := range members {
				if slices.Contains(m.Topics, k) {
					subscribers++
				} else if slices.ContainsFunc(m.Target, func(s TopicShare) bool { return s.Topic == k }) {
					t.Fatalf("%s gets topic %d, which it does not subscribe", m.ID, k)
				}
			}
			want := ceiling(subscribers, int(topic.Partitions))
			for p := range topic.Partitions {
				if n := sharers(members, k, p); n != want {
					t.Fatalf("partition %d of topic %d has %d sharers, want %d", p, k, n, want)
				}
			}
		}
	})
}

// An assignment from the same members, topics and targets moves nothing: otherwise
// each new epoch would release records for no gain.
func TestSimpleIsSticky(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		equal := rapid.Bool().Draw(t, "equal")
		topics, members := drawServer(t, Simple, equal)
		reassign(Simple, topics, members, everyone(members), equal)
		for i, target := range Simple(topics, members, equal) {
			if !target.Equal(members[i].Target) {
				t.Fatalf("%s had %v and gets %v", members[i].ID, members[i].Target.Sorted(), target.Sorted())
			}
		}
	})
}

// sharers is how many members have a partition.
func sharers(members []ServerMember, topic int, p int32) (n int) {
	for _, m := range members {
		if m.Target.has(shared{topic, p}) {
			n++
		}
	}
	return n
}
