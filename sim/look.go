package sim

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/group"
	"ksim/sim/kafka"
)

// Look is the state of a world at one instant, for those who show it. Nothing in
// it is the world's own.
type Look struct {
	At      clock.Time
	Groups  []GroupLook  // in the scenario's order
	Members []MemberLook // likewise
	Brokers []BrokerLook // by id
	Queues  []QueueSample
}

// GroupLook is a group as its coordinator has it.
type GroupLook struct {
	ID          string
	Protocol    Protocol
	State       string // Kafka's own word: PreparingRebalance, Reconciling, …; Dead when there is no such group
	Generation  int32  // the group epoch, in the consumer protocol and of share groups
	Assignor    string // the one chosen in a classic group, "" before
	Coordinator int32  // broker; less than 1: none at present
	Awaited     []string
	// PhaseEnds is when the coordinator goes on without those awaited; Never when
	// it waits for nothing.
	PhaseEnds  clock.Time
	Partitions []PartitionLook // by topic and number
}

// Protocol is which of Kafka's group protocols a group speaks.
type Protocol string

// The protocols.
const (
	Classic  Protocol = "classic"
	Consumer Protocol = "consumer"
	Share    Protocol = "share"
)

// PartitionLook is a partition as a group reads it.
type PartitionLook struct {
	PartitionSample
	Leader   int32  // broker; less than 1: none
	Owner    string // the member whose client holds it; "" when none does, several in share groups
	Position int64  // of the owner: the offset it will be handed next; NoOffset when there is none
}

// MemberLook is a member's process, as it is and as the coordinator knows it.
type MemberLook struct {
	Name, Group string
	Process     ProcessState
	Stopping    bool
	Isolated    bool
	ThawsAt     clock.Time // while frozen

	ID         string // the member id that the coordinator knows; "" outside of the group
	Awaited    bool   // its JoinGroup or SyncGroup is waited for
	Waiting    bool   // it waits for the answer of its JoinGroup or SyncGroup
	Generation int32  // its epoch, in the consumer protocol
	Reconciles string // the consumer protocol's word for its state
	Assigned   []kafka.TopicPartition

	Heartbeat   clock.Time // when its client sent the last one; before 0: never
	SessionEnds clock.Time // the coordinator's deadline; Never when none runs

	Doing    Doing
	Since    clock.Time // when its latest poll returned, or was called while it polls
	WorkEnds clock.Time // when the work in its loop ends; Never when none runs
	Open     int64      // records handed out and neither completed nor given up
	Figures  MemberFigures
	MemberSample
}

// ProcessState is where a process stands, in a word.
type ProcessState string

// The states of a process.
const (
	NotStarted ProcessState = "not started"
	Running    ProcessState = "running"
	Frozen     ProcessState = "frozen"
	Ended      ProcessState = "ended"
)

// Doing is what the application's loop is in.
type Doing string

// What a loop can be in.
const (
	DoingNothing Doing = ""
	DoingPoll    Doing = "poll"
	DoingWork    Doing = "work"
	DoingCommit  Doing = "commit"
	DoingClose   Doing = "close"
)

// BrokerLook is a broker.
type BrokerLook struct {
	ID           int32
	Down, Fenced bool
	Leads        int // partitions of the scenario's topics
}

// Look gives the state of the world. It brings the accounts up to date, so a world
// that is to be run on unchanged is looked at in a copy.
func (w *World) Look() Look {
	l := Look{At: w.Now()}
	for i := range w.brokers {
		b := &w.brokers[i]
		l.Brokers = append(l.Brokers, BrokerLook{ID: b.id, Down: b.down, Fenced: b.fenced})
	}
	for i := range w.groups {
		sample := w.sampleGroup(i)
		g := GroupLook{ID: w.groups[i].id, State: group.Dead.String(), Coordinator: w.shards[w.groups[i].shard].broker, PhaseEnds: clock.Never}
		members := sample.Members
		for k := range w.procs {
			if w.procs[k].group == i {
				l.Members = append(l.Members, w.lookAtMember(&w.procs[k], members[0]))
				members = members[1:]
			}
		}
		w.lookAtCoordinator(i, &g, l.Members[len(l.Members)-len(sample.Members):])
		g.Partitions = w.lookAtPartitions(i, sample.Partitions, l.Members[len(l.Members)-len(sample.Members):])
		l.Groups = append(l.Groups, g)
	}
	for i := range w.queues {
		l.Queues = append(l.Queues, w.sampleQueue(i))
	}
	for _, t := range w.scenario.Topics {
		for n := int32(0); n < w.cluster.Partitions(t.Name); n++ {
			if b := w.cluster.Leader(kafka.TopicPartition{Topic: t.Name, Partition: n}); b > 0 {
				l.Brokers[b-1].Leads++
			}
		}
	}
	return l
}

// lookAtPartitions adds to the samples of a group who holds and who leads each. Of two
// who hold the same, it is the one that the coordinator knows: the other has been dropped
// and has not noticed.
func (w *World) lookAtPartitions(i int, samples []PartitionSample, members []MemberLook) []PartitionLook {
	known := func(name string) bool {
		return slices.ContainsFunc(members, func(m MemberLook) bool { return m.Name == name && m.ID != "" })
	}
	out := make([]PartitionLook, len(samples))
	for n, s := range samples {
		out[n] = PartitionLook{PartitionSample: s, Leader: w.cluster.Leader(s.TopicPartition), Position: kafka.NoOffset}
	}
	for k := range w.procs {
		p := &w.procs[k]
		if p.group != i || !p.alive() {
			continue
		}
		for _, o := range p.positions(nil) {
			n, ok := slices.BinarySearchFunc(out, o.TopicPartition, func(x PartitionLook, tp kafka.TopicPartition) int {
				return x.TopicPartition.Compare(tp)
			})
			if ok && (out[n].Owner == "" || !known(out[n].Owner) && known(p.member.Name)) {
				out[n].Owner, out[n].Position = p.member.Name, o.Offset
			}
		}
	}
	return out
}

// lookAtMember is a process without what its coordinator knows of it.
func (w *World) lookAtMember(p *process, sample MemberSample) MemberLook {
	m := MemberLook{
		Name: p.member.Name, Group: w.groups[p.group].id, MemberSample: sample, Stopping: p.stopping, Isolated: p.isolation.now,
		Heartbeat: p.heartbeat, SessionEnds: clock.Never, WorkEnds: clock.Never, ThawsAt: clock.Never, Open: p.open,
		Process: [...]ProcessState{notStarted: NotStarted, running: Running, frozen: Frozen, ended: Ended}[p.state],
		Figures: w.Member(p.member.Name),
	}
	if !p.alive() {
		return m
	}
	if p.state == frozen {
		m.ThawsAt = p.thawsAt
	}
	m.Since = p.polled
	if at, ok := w.queue.Deadline(p.appTimers[threadLoop].handle); ok {
		m.WorkEnds = at
	}
	switch {
	case p.calling == callCommit || p.calling > callCrash:
		m.Doing = DoingCommit
	case p.calling == callClose:
		m.Doing = DoingClose
	case p.polling:
		m.Doing = DoingPoll
	case !p.member.ReadsKafka() && m.BufferRecords == 0: // a worker that sleeps
		m.WorkEnds = clock.Never
	case m.WorkEnds != clock.Never:
		m.Doing = DoingWork
		if p.oneByOne {
			_, m.Since = p.app.Taken(w.Now())
		}
	}
	for _, o := range p.positions(nil) {
		m.Assigned = append(m.Assigned, o.TopicPartition)
	}
	slices.SortFunc(m.Assigned, kafka.TopicPartition.Compare)
	return m
}
