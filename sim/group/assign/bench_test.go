package assign

import (
	"fmt"
	"testing"

	"ksim/sim/kafka"
)

// BenchmarkAssign is one rebalance of 50 members and 500 partitions, all owned, with
// one member new.
func BenchmarkAssign(b *testing.B) {
	for _, a := range all[:4] {
		for _, equal := range []bool{true, false} {
			b.Run(fmt.Sprintf("%s/equal=%v", a.name, equal), func(b *testing.B) {
				s := &scene{assignor: a.Assignor}
				for k := range 10 {
					s.topics = append(s.topics, Topic{fmt.Sprint("t", k), 50})
				}
				for i := range 50 {
					m := Member{ID: fmt.Sprintf("consumer-%d-5f3a", i), Subscription: kafka.Subscription{Generation: -1}}
					for k, topic := range s.topics {
						if equal || k != i%10 {
							m.Topics = append(m.Topics, topic.Name)
						}
					}
					s.members = append(s.members, m)
				}
				s.rebalance(s.members[:49], 1)
				for b.Loop() {
					a.Assignor(s.topics, s.members)
				}
			})
		}
	}
}
