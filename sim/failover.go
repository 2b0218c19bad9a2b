package sim

import (
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// loadTime is how long a coordinator takes to read its partition of
// __consumer_offsets (GroupCoordinator, CoordinatorLoaderImpl): the few records of a
// scenario's groups.
const loadTime = 10 * clock.Millisecond

// died is the end of the coordinator with its broker: nothing is answered.
func (s *shard) died() {
	s.muted = true
	s.appends, s.held = nil, nil
	s.w.queue.Cancel(s.flush)
	s.coordinator.Unload((*groupPort)(s), s.w.Now())
	s.muted, s.active, s.dead = false, false, true
	s.loads++
}

// follow lets the coordinator run where its partition is led now. A broker that
// lives resigns first.
func (s *shard) follow() {
	w := s.w
	leader := w.cluster.OffsetsLeader(s.partition)
	if leader == s.broker && !s.dead {
		return
	}
	if s.active {
		if len(s.appends) > 0 {
			s.endAppend(kafka.ErrNotLeaderOrFollower)
		}
		s.coordinator.Unload((*groupPort)(s), w.Now())
	}
	s.broker, s.active, s.dead = leader, false, false
	s.loads++
	if leader > 0 {
		s.coordinator.StartLoading()
		w.queue.Schedule(w.Now()+loadTime, clock.ClassTimeline, clock.NewEvent(evLoaded, s.index, s.loads&clock.MaxArg))
	}
}

// loaded is the end of the load, unless the coordinator has moved on since.
func (s *shard) loaded(load uint32) {
	if s.loads&clock.MaxArg != load {
		return
	}
	w := s.w
	s.active = true
	for i := range w.groups {
		if &w.shards[w.groups[i].shard] == s {
			w.cause = w.brokers[s.broker-1].cause
			w.emit(trace.Event{Type: trace.GroupCoordinator, Group: w.groups[i].id, Broker: s.broker})
		}
	}
	s.coordinator.Load((*groupPort)(s), w.Now())
}
