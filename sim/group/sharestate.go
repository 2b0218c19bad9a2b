package group

// ShareState is where a share group stands (ShareGroup.ShareGroupState). It follows
// from its members and is kept nowhere; a member takes its target at once, so there is
// nothing between.
type ShareState uint8

const (
	// Empty: nobody is in the group. Its offsets stay: they never expire.
	//
	//	a heartbeat with epoch 0 -> Stable
	ShareEmpty ShareState = iota

	// Stable: the group has members. Each reaches a new target with its next heartbeat.
	//
	//	the last member leaves, or its session is over -> Empty
	ShareStable
)

// String is the state as the broker prints it.
func (s ShareState) String() string { return [...]string{"Empty", "Stable"}[s] }

// state is where the group stands.
func (g *shareGroup) state() ShareState {
	if g.members.Len() == 0 {
		return ShareEmpty
	}
	return ShareStable
}
