package group

// MemberState is how far a member of the consumer protocol has come with its target
// (org.apache.kafka.coordinator.group.modern.MemberState). Each heartbeat of the
// member, and nothing else, takes it further.
type MemberState uint8

const (
	// STABLE: the member has all that was its target in its epoch, and nothing else.
	//
	//	target of a newer epoch, something to give up  -> UNREVOKED_PARTITIONS, same epoch
	//	target of a newer epoch, something not free    -> UNRELEASED_PARTITIONS, that epoch
	//	target of a newer epoch, all free              stays, that epoch, with what is new
	MemberStable MemberState = iota

	// UNREVOKED_PARTITIONS: the member is told a smaller assignment, and is to say
	// that it owns no more than that. Its epoch stands still meanwhile, and its
	// rebalance timeout runs: when that is over, the member is fenced.
	//
	//	owned partitions not told           stays
	//	owns a partition to be given up     stays
	//	owns none of them                   they are free; the latest target counts:
	//	  something else to give up         -> UNREVOKED_PARTITIONS, anew
	//	  something not free                -> UNRELEASED_PARTITIONS
	//	  all free                          -> STABLE
	//	the rebalance timeout is over       fenced
	MemberUnrevoked

	// UNRELEASED_PARTITIONS: the member has reached the epoch, but others have not
	// yet given up all that it is to have. No timer runs.
	//
	//	something to give up                -> UNREVOKED_PARTITIONS
	//	some of it is free                  stays, with that
	//	all of it is free                   -> STABLE
	MemberUnreleased
)

// memberStateNames are as the broker prints them.
var memberStateNames = [...]string{"STABLE", "UNREVOKED_PARTITIONS", "UNRELEASED_PARTITIONS"}

// String is the state as the broker prints it.
func (s MemberState) String() string { return memberStateNames[s] }

// memberStep is a member's next state with what goes with it.
type memberStep struct {
	state    MemberState
	epoch    int32
	assigned []heldPartition
	revoking []heldPartition
}

// take is the only way from one state to the next: the partitions that the member
// no longer has become free, those that it gets are taken.
func (g *consumerGroup) take(m *consumerMember, to memberStep) {
	g.put(m, m.assignor)
	g.release(m.assigned)
	g.release(m.revoking)
	m.state, m.previous, m.epoch = to.state, m.epoch, to.epoch
	m.assigned, m.revoking = to.assigned, to.revoking
	g.hold(m, m.assigned)
	g.hold(m, m.revoking)
}
