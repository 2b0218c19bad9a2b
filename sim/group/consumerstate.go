package group

// ConsumerState is where a group of the consumer protocol stands
// (ConsumerGroup.ConsumerGroupState). It follows from the epochs of the group and of
// its members, and is kept nowhere.
type ConsumerState uint8

const (
	// Empty: nobody is in the group. It lingers until its offsets have expired.
	ConsumerEmpty ConsumerState = iota

	// Assigning: the group has a new epoch, and no targets for it yet. The next
	// heartbeat of any member computes them, unless it comes before the assignment
	// interval is over.
	ConsumerAssigning

	// Reconciling: the targets are there; some member has not got to its own yet.
	ConsumerReconciling

	// Stable: every member has its target.
	ConsumerStable
)

// consumerStateNames are as the broker prints them.
var consumerStateNames = [...]string{"Empty", "Assigning", "Reconciling", "Stable"}

// String is the state as the broker prints it.
func (s ConsumerState) String() string { return consumerStateNames[s] }

// state is where the group stands.
func (g *consumerGroup) state() ConsumerState {
	if g.members.Len() == 0 {
		return ConsumerEmpty
	}
	if g.epoch > g.targetEpoch {
		return ConsumerAssigning
	}
	for i := range g.slots {
		if m := &g.slots[i]; m.role == roleMember && (m.state != MemberStable || m.epoch != g.targetEpoch) {
			return ConsumerReconciling
		}
	}
	return ConsumerStable
}
