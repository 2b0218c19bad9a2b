// Package subscription is what a Java consumer of either group protocol knows of
// its partitions (org.apache.kafka.clients.consumer.internals.SubscriptionState)
// and what it has fetched of them and not returned (FetchBuffer, FetchCollector).
// It sends nothing and prints nothing.
package subscription

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// State is the assignment, in the fetcher's order, and the fetched records.
type State struct {
	parts  []Partition
	buffer []chunk // in arrival order
	found  int     // where Find found one; only speed depends on it
}

// Partition is an assigned partition (SubscriptionState.TopicPartitionState).
type Partition struct {
	kafka.TopicPartition
	Leader   int32 // its broker, 0 when unknown or none
	Step     Step
	Position int64 // the next offset that poll returns
	// Held back from being fetched and returned: what is about to be revoked, and
	// what the application has not been told of (KIP-848 only).
	Revoking, AwaitsCallback bool
	// Paused tells that the application has called pause().
	Paused bool
	// OutOfRange tells that NeedsReset is for a position that the log does not have.
	OutOfRange bool
	// NotBefore is when a reset or a validation that has failed may be tried again.
	NotBefore clock.Time
	// WithEpoch tells that the position carries the leader epoch of the record before
	// it: that of a record that was consumed, or committed with it (FetchPosition).
	WithEpoch bool
}

// Step is how far a partition is on the way to a position.
type Step uint8

// The steps (SubscriptionState.FetchStates).
const (
	NeedsCommitted  Step = iota // the committed offset has not been asked for
	NeedsReset                  // there is none: auto.offset.reset
	Resetting                   // ListOffsets is in flight
	NeedsValidation             // the committed offset carries an epoch: AWAIT_VALIDATION
	Validating                  // OffsetsForLeaderEpoch is in flight
	Positioned                  // it may be fetched
)

// Assign takes over an assignment: a partition that was assigned already keeps
// its position and what has been fetched, a new one looks for its position
// (assignFromSubscribed). leader tells who leads a partition.
func (s *State) Assign(partitions []kafka.TopicPartition, leader func(kafka.TopicPartition) int32) {
	var parts []Partition
	for _, tp := range partitions {
		if p := s.Find(tp); p != nil {
			parts = append(parts, *p)
			continue
		}
		parts = append(parts, Partition{TopicPartition: tp, Leader: max(0, leader(tp))})
	}
	s.parts = parts
	s.buffer = slices.DeleteFunc(s.buffer, func(b chunk) bool { return s.Find(b.tp) == nil })
}

// Unassign gives the assignment up, and with it what has been fetched for it.
func (s *State) Unassign() { s.parts, s.buffer = nil, nil }

// Pause is pause(assignment()): nothing of these partitions is fetched or returned
// until Resume, or until they are given up.
func (s *State) Pause() { s.setPaused(true) }

// Resume is resume(paused()).
func (s *State) Resume() { s.setPaused(false) }

func (s *State) setPaused(paused bool) {
	for i := range s.parts {
		s.parts[i].Paused = paused
	}
}

// Owned is the assigned partitions, sorted.
func (s *State) Owned() []kafka.TopicPartition {
	out := make([]kafka.TopicPartition, 0, len(s.parts))
	for i := range s.parts {
		out = append(out, s.parts[i].TopicPartition)
	}
	slices.SortFunc(out, kafka.TopicPartition.Compare)
	return out
}

// Find is an assigned partition; nil if it is not assigned. Answers name the
// partitions in the order in which they were asked for, so the one after the
// latest found is looked at first.
func (s *State) Find(tp kafka.TopicPartition) *Partition {
	n := len(s.parts)
	for i := range n {
		if at := (s.found + 1 + i) % n; s.parts[at].TopicPartition == tp {
			s.found = at
			return &s.parts[at]
		}
	}
	return nil
}

// HoldBack marks partitions as about to be revoked (markPendingRevocation).
func (s *State) HoldBack(tps []kafka.TopicPartition) {
	for _, tp := range tps {
		if p := s.Find(tp); p != nil {
			p.Revoking = true
		}
	}
}

// Missing tells whether a partition that may be fetched has no position yet.
func (s *State) Missing() bool {
	return slices.ContainsFunc(s.parts, func(p Partition) bool { return p.Step != Positioned && !p.AwaitsCallback })
}

// At is the partitions that stand at a step, in the fetcher's order.
func (s *State) At(step Step) []kafka.TopicPartition {
	var out []kafka.TopicPartition
	for i := range s.parts {
		if p := &s.parts[i]; p.Step == step && !p.AwaitsCallback {
			out = append(out, p.TopicPartition)
		}
	}
	return out
}

// TakeCommitted takes the committed offsets of partitions, negative where there is
// none: those need a reset. One that was committed with a leader epoch is to be
// validated, if the client does that. It gives the partitions that have still waited
// for them.
func (s *State) TakeCommitted(tps []kafka.TopicPartition, r *kafka.OffsetFetchResponse, validates bool) (taken []*Partition) {
	for i, tp := range tps {
		p := s.Find(tp)
		if p == nil || p.Step != NeedsCommitted {
			continue
		}
		if p.Step = NeedsReset; r.Offsets[i] >= 0 {
			p.Step, p.Position, p.WithEpoch = Positioned, r.Offsets[i], validates && r.HasEpoch(i)
		}
		if p.Step == Positioned && p.WithEpoch {
			p.Step, p.NotBefore = NeedsValidation, 0
		}
		taken = append(taken, p)
	}
	return taken
}

// BeginResets notes that ListOffsets goes to a broker, and gives the partitions that
// it is to ask for: those of tps that the broker leads.
func (s *State) BeginResets(tps []kafka.TopicPartition, broker int32) []kafka.TopicPartition {
	return s.begin(Resetting, tps, broker)
}

// begin notes that a request of that step goes to a broker.
func (s *State) begin(step Step, tps []kafka.TopicPartition, broker int32) (of []kafka.TopicPartition) {
	for _, tp := range tps {
		if p := s.Find(tp); p.Leader == broker {
			p.Step = step
			of = append(of, tp)
		}
	}
	return of
}

// Validations is the partitions whose positions a broker may be asked about now.
func (s *State) Validations(now clock.Time) []kafka.TopicPartition {
	return s.ready(NeedsValidation, now)
}

// ready is the partitions that stand at a step and need not wait any longer.
func (s *State) ready(step Step, now clock.Time) []kafka.TopicPartition {
	return slices.DeleteFunc(s.At(step), func(tp kafka.TopicPartition) bool { return s.Find(tp).NotBefore > now })
}

// BeginValidations notes that OffsetsForLeaderEpoch goes to a broker, and gives the
// partitions that it is to ask for: those of tps that the broker leads.
func (s *State) BeginValidations(tps []kafka.TopicPartition, broker int32) []kafka.TopicPartition {
	return s.begin(Validating, tps, broker)
}

// ValidateLater lets partitions whose validation has failed try again at a time.
func (s *State) ValidateLater(tps []kafka.TopicPartition, at clock.Time) {
	for _, tp := range tps {
		if p := s.Find(tp); p != nil && p.Step == Validating {
			p.Step, p.NotBefore = NeedsValidation, at
		}
	}
}

// Validated takes the answer about positions. A partition that its broker does not
// lead waits until metadata tells its leader, and is asked about again at a time.
func (s *State) Validated(tps []kafka.TopicPartition, r *kafka.OffsetsForLeaderEpochResponse, again clock.Time) {
	for i, tp := range tps {
		p := s.Find(tp)
		switch {
		case p == nil || p.Step != Validating:
		case r.Errs[i] != kafka.ErrNone:
			p.Step, p.NotBefore, p.Leader = NeedsValidation, again, 0
		default:
			p.Step = Positioned
		}
	}
}

// Resets is the partitions whose reset may be asked for now.
func (s *State) Resets(now clock.Time) []kafka.TopicPartition {
	return s.ready(NeedsReset, now)
}

// ResetLater lets a partition whose reset has failed try again at a time.
func (s *State) ResetLater(tp kafka.TopicPartition, at clock.Time) {
	if p := s.Find(tp); p != nil && p.Step == Resetting {
		p.Step, p.NotBefore = NeedsReset, at
	}
}

// Reset puts the partition where its reset policy says: what is read there has no
// leader epoch to be held to.
func (p *Partition) Reset(offset int64) {
	p.Step, p.Position, p.OutOfRange, p.WithEpoch = Positioned, offset, false, false
}

// Consumed is the positions of all partitions that have one (allConsumed), sorted.
func (s *State) Consumed() []kafka.OffsetCommit {
	out := []kafka.OffsetCommit{}
	for i := range s.parts {
		if p := &s.parts[i]; p.Step == Positioned {
			out = append(out, kafka.OffsetCommit{TopicPartition: p.TopicPartition, Offset: p.Position, WithEpoch: p.WithEpoch})
		}
	}
	slices.SortFunc(out, func(a, b kafka.OffsetCommit) int { return a.TopicPartition.Compare(b.TopicPartition) })
	return out
}

// Leaders is the leaders of the given partitions, each once, in ascending order.
func (s *State) Leaders(tps []kafka.TopicPartition) []int32 {
	var ids []int32
	for _, tp := range tps {
		if p := s.Find(tp); p != nil {
			ids = p.addLeader(ids)
		}
	}
	slices.Sort(ids)
	return ids
}

// AllLeaders is the leaders of the assignment, each once, in ascending order.
func (s *State) AllLeaders() []int32 {
	var ids []int32
	for i := range s.parts {
		ids = s.parts[i].addLeader(ids)
	}
	slices.Sort(ids)
	return ids
}

// addLeader adds the partition's leader, if it has one that is not there yet.
func (p *Partition) addLeader(ids []int32) []int32 {
	if p.Leader == 0 || slices.Contains(ids, p.Leader) {
		return ids
	}
	return append(ids, p.Leader)
}

// Clone is a deep copy.
func (s *State) Clone() State {
	return State{parts: slices.Clone(s.parts), buffer: slices.Clone(s.buffer), found: s.found}
}

// UpdateLeaders asks leader anew who leads each partition, when metadata has come.
func (s *State) UpdateLeaders(leader func(kafka.TopicPartition) int32) {
	for i := range s.parts {
		s.parts[i].Leader = max(0, leader(s.parts[i].TopicPartition))
	}
}

// Leaderless tells whether the metadata does not show the leader of a partition
// that is wanted.
func (s *State) Leaderless() bool {
	return slices.ContainsFunc(s.parts, func(p Partition) bool { return p.Leader == 0 && !p.AwaitsCallback })
}

// AssignAwaitingCallback takes over an assignment of which the application has not
// been told what is new: that is neither looked for nor fetched until
// EnableAll (assignFromSubscribedAwaitingCallback, enablePartitionsAwaitingCallback).
func (s *State) AssignAwaitingCallback(partitions, added []kafka.TopicPartition, leader func(kafka.TopicPartition) int32) {
	s.Assign(partitions, leader)
	for _, tp := range added {
		s.Find(tp).AwaitsCallback = true
	}
}

// EnableAll makes what awaited its callback an assignment like any other.
func (s *State) EnableAll() {
	for i := range s.parts {
		s.parts[i].AwaitsCallback = false
	}
}

// Rewind forgets all positions: each partition looks for its committed offset
// again, and what has been fetched is dropped.
func (s *State) Rewind() {
	for i := range s.parts {
		s.parts[i].Step = NeedsCommitted
	}
	s.buffer = nil
}
