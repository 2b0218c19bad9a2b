package assign

import (
	"ksim/sim/kafka"
	"ksim/sim/kafka/javahash"
)

// moves remembers which partitions have been moved from whom to whom, so that
// members do not swap partitions of one topic: that is two moves that balance
// nothing (AbstractStickyAssignor.PartitionMovements).
type moves interface {
	// instead is the partition to move in place of p: if another one of its topic
	// has come the opposite way, that one goes back.
	instead(topic, p, from, to int) int
	// record notes a move of p, joined to those before. A partition that is back
	// where it began has not moved.
	record(topic int, tp kafka.TopicPartition, p, from, to int)
}

// setMoves are the Java client's moves.
type setMoves struct {
	of     map[int]route                 // by partition moved: from its first owner to its present one
	routes map[route]*javahash.Keys[int] // partitions by route, as a HashSet<TopicPartition>
}

// route is the way of a topic's partitions from one member to another.
type route struct{ topic, from, to int }

func newSetMoves() *setMoves {
	return &setMoves{make(map[int]route), make(map[route]*javahash.Keys[int])}
}

func (m *setMoves) instead(topic, p, from, to int) int {
	if past, ok := m.of[p]; ok {
		from = past.from
	}
	if back := m.routes[route{topic, to, from}]; back != nil {
		return back.At(0)
	}
	return p
}

func (m *setMoves) record(topic int, tp kafka.TopicPartition, p, from, to int) {
	hash := partitionHash(tp)
	if past, ok := m.of[p]; ok {
		from = past.from
		delete(m.of, p)
		m.routes[past].Remove(p, hash)
		if m.routes[past].Len() == 0 {
			delete(m.routes, past)
		}
		if from == to {
			return
		}
	}
	r := route{topic, from, to}
	m.of[p] = r
	if m.routes[r] == nil {
		m.routes[r] = new(javahash.Keys[int])
	}
	m.routes[r].Add(p, hash)
}

// partitionHash is TopicPartition.hashCode.
func partitionHash(tp kafka.TopicPartition) int32 {
	return 31*(31+tp.Partition) + javahash.StringHash(tp.Topic)
}

// listMoves are librdkafka's moves: it keeps lists where Java has sets, and looks
// for the opposite way of this move only, not of all the way that p has come.
type listMoves struct {
	of     map[int]route
	routes map[route][]int
}

func newListMoves() *listMoves { return &listMoves{make(map[int]route), make(map[route][]int)} }

func (m *listMoves) instead(topic, p, from, to int) int {
	if back := m.routes[route{topic, to, from}]; len(back) > 0 {
		return back[0]
	}
	return p
}

func (m *listMoves) record(topic int, _ kafka.TopicPartition, p, from, to int) {
	if past, ok := m.of[p]; ok {
		from = past.from
		delete(m.of, p)
		m.routes[past] = without(m.routes[past], p)
		if from == to {
			return
		}
	}
	r := route{topic, from, to}
	m.of[p] = r
	m.routes[r] = append(m.routes[r], p)
}
