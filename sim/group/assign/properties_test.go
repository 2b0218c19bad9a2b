package assign

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ksim/sim/kafka"
)

// scene is a small group in the middle of its life: what the members own comes from
// earlier rebalances of the same assignor, so that no two claims contradict.
type scene struct {
	assignor Assignor
	topics   []Topic
	members  []Member
}

// drawScene draws up to four members and six partitions, and an earlier rebalance
// or two of some of the members.
func drawScene(t *rapid.T, assignor Assignor, equal bool) *scene {
	s := &scene{assignor: assignor}
	for left, k := rapid.IntRange(1, 6).Draw(t, "partitions"), 0; left > 0; k++ {
		n := rapid.IntRange(1, left).Draw(t, "count")
		s.topics = append(s.topics, Topic{fmt.Sprint("t", k), int32(n)})
		left -= n
	}
	ids := rapid.Permutation([]string{"a", "b", "c", "d"}).Draw(t, "ids")
	for _, id := range ids[:rapid.IntRange(1, 4).Draw(t, "members")] {
		m := Member{ID: id, Subscription: kafka.Subscription{Generation: -1}}
		if rapid.IntRange(0, 3).Draw(t, "static") == 0 {
			m.InstanceID = "i" + string('z'-id[0]+'a')
		}
		first := rapid.IntRange(0, len(s.topics)-1).Draw(t, "subscribes")
		for k, topic := range s.topics {
			if equal || k == first || rapid.Bool().Draw(t, "also") {
				m.Topics = append(m.Topics, topic.Name)
			}
		}
		s.members = append(s.members, m)
	}
	for generation := range int32(rapid.IntRange(0, 2).Draw(t, "earlier")) {
		var present []Member
		for _, m := range s.members {
			if rapid.Bool().Draw(t, "present") {
				present = append(present, m)
			}
		}
		s.rebalance(present, generation)
	}
	return s
}

// rebalance lets the members present be assigned; the others lose what they had.
func (s *scene) rebalance(present []Member, generation int32) map[string][]kafka.TopicPartition {
	answer := byMember(s.assignor(s.topics, present))
	for i := range s.members {
		m := &s.members[i]
		m.Owned, m.Generation, m.UserData = nil, -1, ""
		if owned, ok := answer[m.ID]; ok {
			m.Owned, m.Generation = owned, generation
			m.UserData = EncodeUserData(owned, generation)
		}
	}
	return answer
}

// owners counts by partition how often the answer gives it, and fails if it goes to
// a member that does not subscribe.
func (s *scene) owners(t *rapid.T, answer map[string][]kafka.TopicPartition) map[kafka.TopicPartition]int {
	owners := make(map[kafka.TopicPartition]int)
	for _, m := range s.members {
		for _, tp := range answer[m.ID] {
			if !slices.Contains(m.Topics, tp.Topic) {
				t.Fatalf("%s gets %s unsubscribed", m.ID, tp)
			}
			owners[tp]++
		}
	}
	return owners
}

// wanted lists the partitions that somebody subscribes.
func (s *scene) wanted() []kafka.TopicPartition {
	var wanted []kafka.TopicPartition
	for _, topic := range s.topics {
		if slices.ContainsFunc(s.members, func(m Member) bool { return slices.Contains(m.Topics, topic.Name) }) {
			for p := range topic.Partitions {
				wanted = append(wanted, kafka.TopicPartition{Topic: topic.Name, Partition: p})
			}
		}
	}
	return wanted
}

var all = []struct {
	name string
	Assignor
}{
	{"range", Range},
	{"roundrobin", RoundRobin},
	{"sticky", Sticky},
	{"cooperative-sticky", CooperativeSticky},
	{"librdkafka-range", LibrdkafkaRange},
	{"librdkafka-roundrobin", LibrdkafkaRoundRobin},
	{"librdkafka-cooperative-sticky", LibrdkafkaCooperativeSticky},
	{"sarama-range", SaramaRange},
	{"sarama-roundrobin", SaramaRoundRobin},
	{"sarama-sticky", SaramaSticky},
	{"franz-go-sticky", FranzGoSticky},
	{"franz-go-cooperative-sticky", FranzGoCooperativeSticky},
}

// rounds is how many rebalances a cooperative group may need until nothing is in
// transit: two, and more where subscriptions differ and one move permits another.
const rounds = 4

// Every partition that is subscribed has one owner; from the cooperative assignor it
// may have none yet.
func TestEveryPartitionHasOneOwner(t *testing.T) {
	for _, a := range all {
		t.Run(a.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := drawScene(t, a.Assignor, false)
				owners := s.owners(t, s.rebalance(s.members, 8))
				for round := 1; strings.HasSuffix(a.name, "cooperative-sticky") && round < rounds; round++ {
					for tp, n := range owners {
						if n > 1 {
							t.Fatalf("%s has %d owners in transit", tp, n)
						}
					}
					owners = s.owners(t, s.rebalance(s.members, 8+int32(round)))
				}
				for _, tp := range s.wanted() {
					if owners[tp] != 1 {
						t.Fatalf("%s has %d owners", tp, owners[tp])
					}
				}
			})
		})
	}
}

// The answer does not depend on the order in which the leader got the members. (It
// may for sticky where ids share a hash bucket, as in Java; these do not.)
func TestMemberOrderDoesNotMatter(t *testing.T) {
	for _, a := range all[:4] {
		t.Run(a.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := drawScene(t, a.Assignor, rapid.Bool().Draw(t, "equal"))
				want := fmt.Sprint(a.Assignor(s.topics, s.members))
				shuffled := rapid.Permutation(s.members).Draw(t, "order")
				if got := fmt.Sprint(a.Assignor(s.topics, shuffled)); got != want {
					t.Fatalf("%s\nin another order %s", want, got)
				}
			})
		})
	}
}

// Range gives each member one contiguous block of a topic, and sizes that differ by
// one at most.
func TestRangeIsContiguous(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t, Range, false)
		answer := s.rebalance(s.members, 8)
		for _, topic := range s.topics {
			smallest, largest := topic.Partitions, int32(0)
			for _, m := range s.members {
				if !slices.Contains(m.Topics, topic.Name) {
					continue
				}
				var block []int32
				for _, tp := range answer[m.ID] {
					if tp.Topic == topic.Name {
						block = append(block, tp.Partition)
					}
				}
				n := int32(len(block))
				if n > 0 && block[n-1]-block[0] != n-1 {
					t.Fatalf("%s has %v of %s", m.ID, block, topic.Name)
				}
				smallest, largest = min(smallest, n), max(largest, n)
			}
			if largest-smallest > 1 {
				t.Fatalf("blocks of %s have from %d to %d partitions", topic.Name, smallest, largest)
			}
		}
	})
}

// With equal subscriptions sticky is perfect: among all balanced assignments, tried
// one by one, none leaves more partitions where they were.
func TestStickyKeepsTheMostPossible(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t, Sticky, true)
		before := slices.Clone(s.members)
		answer := s.rebalance(s.members, 8)
		kept, loads := 0, make([]int, len(before))
		for i, m := range before {
			loads[i] = len(answer[m.ID])
			for _, tp := range answer[m.ID] {
				if slices.Contains(m.Owned, tp) {
					kept++
				}
			}
		}
		if !even(loads) {
			t.Fatalf("loads %v", loads)
		}
		if best := mostKept(s.wanted(), before, make([]int, len(before))); kept != best {
			t.Fatalf("keeps %d partitions of %d", kept, best)
		}
	})
}

func even(loads []int) bool { return slices.Max(loads)-slices.Min(loads) <= 1 }

// mostKept tries every owner of every partition, and returns how many can stay where
// they are if the loads shall be even; -1 if they cannot be.
func mostKept(partitions []kafka.TopicPartition, members []Member, loads []int) int {
	if len(partitions) == 0 {
		if even(loads) {
			return 0
		}
		return -1
	}
	best := -1
	for i, m := range members {
		loads[i]++
		n := mostKept(partitions[1:], members, loads)
		loads[i]--
		if n >= 0 && slices.Contains(m.Owned, partitions[0]) {
			n++
		}
		best = max(best, n)
	}
	return best
}

// With different subscriptions no single partition could move to a member that has
// at least two less.
func TestStickyIsBalanced(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawScene(t, Sticky, false)
		answer := s.rebalance(s.members, 8)
		for _, from := range s.members {
			for _, tp := range answer[from.ID] {
				for _, to := range s.members {
					if slices.Contains(to.Topics, tp.Topic) && len(answer[from.ID]) >= len(answer[to.ID])+2 {
						t.Fatalf("%s has %v, %s only %v", from.ID, answer[from.ID], to.ID, answer[to.ID])
					}
				}
			}
		}
	})
}

// The cooperative assignors never give a member what another still owns, and a
// group that they have settled stays as it is.
func TestCooperativeWaitsForTheOwner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		assignor := rapid.SampledFrom([]Assignor{CooperativeSticky, LibrdkafkaCooperativeSticky}).Draw(t, "assignor")
		s := drawScene(t, assignor, rapid.Bool().Draw(t, "equal"))
		before := slices.Clone(s.members)
		answer := s.rebalance(s.members, 8)
		for _, owner := range before {
			for _, tp := range owner.Owned {
				for _, m := range before {
					if m.ID != owner.ID && slices.Contains(answer[m.ID], tp) {
						t.Fatalf("%s gets %s, which %s owns", m.ID, tp, owner.ID)
					}
				}
			}
		}
		settled := answer
		for round := range int32(rounds) {
			settled, answer = answer, s.rebalance(s.members, 9+round)
		}
		for _, m := range before {
			if !slices.Equal(sorted(settled[m.ID]), sorted(answer[m.ID])) {
				t.Fatalf("%s has %v, then %v", m.ID, settled[m.ID], answer[m.ID])
			}
		}
	})
}

func sorted(list []kafka.TopicPartition) []kafka.TopicPartition {
	return slices.SortedFunc(slices.Values(list), kafka.TopicPartition.Compare)
}
