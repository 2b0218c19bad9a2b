package assign

import (
	"cmp"
	"slices"
	"strings"

	"ksim/sim/kafka"
)

// stickyPython is the StickyPartitionAssignor of kafka-python and aiokafka for
// members that subscribe the same topics, as those of a scenario's group do: the
// general algorithm of the Java client before 2.4.
type stickyPython struct {
	ids      []string // member ids, in the leader's order
	all      []kafka.TopicPartition
	owned    map[string][]kafka.TopicPartition
	owner    map[kafka.TopicPartition]string
	previous map[kafka.TopicPartition]string // who had it in a generation before the latest
	fresh    bool                            // nobody has had anything
}

// pythonSticky is as balanced as can be, then with as few moves as it finds. It
// goes by what the members' user data says they had.
func pythonSticky(topics []Topic, members []Member) []Assigned {
	return newStickyPython(topics, members, func(m *Member) ([]kafka.TopicPartition, int32) { return DecodeUserData(m.UserData) }).assign()
}

// pythonCooperative is kafka-python's CooperativeStickyAssignor: the same, by what
// the members say they own, without a generation; and what is to move is left out
// of the new owner's share until the old one has given it up.
func pythonCooperative(topics []Topic, members []Member) []Assigned {
	owner := make(map[kafka.TopicPartition]string)
	for _, m := range members {
		for _, tp := range m.Owned {
			owner[tp] = m.ID
		}
	}
	out := newStickyPython(topics, members, func(m *Member) ([]kafka.TopicPartition, int32) { return m.Owned, -1 }).assign()
	for i := range out {
		out[i].Partitions = slices.DeleteFunc(out[i].Partitions, func(tp kafka.TopicPartition) bool {
			id, owned := owner[tp]
			return owned && id != out[i].MemberID
		})
	}
	return out
}

// assign makes the assignment.
func (s *stickyPython) assign() []Assigned {
	candidates := s.candidates()
	var unassigned []kafka.TopicPartition
	for _, tp := range candidates {
		if _, ok := s.owner[tp]; !ok {
			unassigned = append(unassigned, tp)
		}
	}
	initializing := len(s.owned[s.most()]) == 0
	for _, tp := range unassigned {
		s.give(tp, s.least())
	}
	if len(s.ids) > 1 {
		s.balance(unassigned, candidates, initializing)
	}
	var out []Assigned
	for _, id := range s.ids {
		slices.SortFunc(s.owned[id], kafka.TopicPartition.Compare)
		out = append(out, Assigned{id, s.owned[id]})
	}
	return out
}

// newStickyPython reads what the members say they had (_init_current_assignments):
// of several claims to a partition the latest generation's holds.
func newStickyPython(topics []Topic, members []Member, had func(*Member) ([]kafka.TopicPartition, int32)) *stickyPython {
	s := &stickyPython{
		owned:    make(map[string][]kafka.TopicPartition),
		owner:    make(map[kafka.TopicPartition]string),
		previous: make(map[kafka.TopicPartition]string),
	}
	exists := make(map[kafka.TopicPartition]bool)
	for _, t := range subscribedTopics(topics, members) {
		for p := range t.Partitions {
			tp := kafka.TopicPartition{Topic: t.Name, Partition: p}
			s.all, exists[tp] = append(s.all, tp), true
		}
	}
	claimed, claims := s.readClaims(members, had)
	s.fresh = len(claimed) == 0
	for _, tp := range claimed {
		c := claims[tp]
		slices.SortFunc(c, func(a, b stickyClaim) int { return cmp.Compare(b.generation, a.generation) })
		if len(c) > 1 {
			s.previous[tp] = c[1].member
		}
		if exists[tp] {
			s.give(tp, c[0].member)
		}
	}
	return s
}

// stickyClaim is a member's word that it had a partition in a generation.
type stickyClaim struct {
	generation int32
	member     string
}

// readClaims gives the claims by partition, the partitions in the order in which
// they are first claimed. In one generation the first claim stays.
func (s *stickyPython) readClaims(members []Member, had func(*Member) ([]kafka.TopicPartition, int32)) (claimed []kafka.TopicPartition, claims map[kafka.TopicPartition][]stickyClaim) {
	claims = make(map[kafka.TopicPartition][]stickyClaim)
	for i := range members {
		m := &members[i]
		s.ids = append(s.ids, m.ID)
		partitions, generation := had(m)
		for _, tp := range partitions {
			if claims[tp] == nil {
				claimed = append(claimed, tp)
			}
			if !slices.ContainsFunc(claims[tp], func(c stickyClaim) bool { return c.generation == generation }) {
				claims[tp] = append(claims[tp], stickyClaim{generation, m.ID})
			}
		}
	}
	return claimed, claims
}

// give hands a partition to a member, taking it from its owner if it has one.
func (s *stickyPython) give(tp kafka.TopicPartition, to string) {
	if from, ok := s.owner[tp]; ok {
		i := slices.Index(s.owned[from], tp)
		s.owned[from] = slices.Delete(s.owned[from], i, i+1)
	}
	s.owned[to], s.owner[tp] = append(s.owned[to], tp), to
}

// compareLoad orders members by what they own, then by id.
func (s *stickyPython) compareLoad(a, b string) int {
	return cmp.Or(cmp.Compare(len(s.owned[a]), len(s.owned[b])), strings.Compare(a, b))
}

func (s *stickyPython) least() string { return slices.MinFunc(s.ids, s.compareLoad) }
func (s *stickyPython) most() string  { return slices.MaxFunc(s.ids, s.compareLoad) }

// balanced tells whether nobody has two more than another.
func (s *stickyPython) balanced() bool {
	return len(s.owned[s.least()]) >= len(s.owned[s.most()])-1
}

// candidates is the partitions in the order in which they are looked at
// (_populate_sorted_partitions): those of the most loaded member from its end, the
// ones that another had before first; then the rest in their order.
func (s *stickyPython) candidates() []kafka.TopicPartition {
	if s.fresh {
		return s.all
	}
	rest := &stickyPython{ids: s.ids, owned: make(map[string][]kafka.TopicPartition)}
	for _, id := range s.ids {
		rest.owned[id] = slices.Clone(s.owned[id])
	}
	var out []kafka.TopicPartition
	for {
		m := rest.most()
		list := rest.owned[m]
		if len(list) == 0 {
			break
		}
		at := slices.IndexFunc(list, func(tp kafka.TopicPartition) bool { _, ok := s.previous[tp]; return ok })
		if at < 0 {
			at = len(list) - 1
		}
		out = append(out, list[at])
		rest.owned[m] = slices.Delete(list, at, at+1)
	}
	for _, tp := range s.all {
		if _, ok := s.owner[tp]; !ok {
			out = append(out, tp)
		}
	}
	return out
}

// balance moves partitions to members that have fewer, the new ones alone first.
// What has been moved for nothing, as the result is no better, is moved back.
func (s *stickyPython) balance(unassigned, all []kafka.TopicPartition, initializing bool) {
	owned, before := make(map[string][]kafka.TopicPartition), s.imbalance()
	for _, id := range s.ids {
		owned[id] = slices.Clone(s.owned[id])
	}
	s.reassign(unassigned)
	if moved := s.reassign(all); moved && !initializing && s.imbalance() >= before {
		s.owned = owned
	}
}

// reassign goes through the partitions until a whole pass moves none of them, and
// tells whether it has moved any.
func (s *stickyPython) reassign(list []kafka.TopicPartition) (moved bool) {
	again := true
	for pass := 0; again && pass < maxPasses; pass++ {
		again = false
		for _, tp := range list {
			if s.balanced() {
				break
			}
			load, to := len(s.owned[s.owner[tp]]), s.least()
			if old, ok := s.previous[tp]; ok && load > len(s.owned[old])+1 {
				to = old
			}
			if load > len(s.owned[to])+1 {
				s.give(tp, to)
				moved, again = true, true
			}
		}
	}
	return moved
}

// imbalance is the sum of the differences between any two members' loads.
func (s *stickyPython) imbalance() (sum int) {
	for i, a := range s.ids {
		for _, b := range s.ids[:i] {
			d := len(s.owned[a]) - len(s.owned[b])
			sum += max(d, -d)
		}
	}
	return sum
}
