package group

import (
	"maps"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka/javahash"
)

// classicGroup is a group of the classic protocol (ClassicGroup) and what
// __consumer_offsets holds of it but its offsets.
type classicGroup struct {
	index  uint32 // in the timers' ids
	id     string
	exists bool // false: deleted, or not loaded; the index stays its own

	state, previous State
	since           clock.Time // when the state began
	reason          Reason     // of the last rebalance
	generation      int32
	protocolType    string // "" until the first member joins
	protocol        string // "" when none was chosen
	leader          string // member id; "" when none

	slots      []member // by slot number
	free       []uint32
	byID       map[string]uint32 // ids in all roles
	byInstance map[string]uint32 // static members
	members    javahash.Order    // ids of the members, in HashMap order
	supported  []protocolSupport

	pendingJoin    int            // ids handed out and not come back
	pendingSync    javahash.Order // ids that have not sent SyncGroup for this generation
	awaitingJoin   int            // members with a parked JoinGroup
	newMemberAdded bool           // somebody new joined since the initial delay was last armed
	initial        initialDelay

	// subscribed are the topics of the members, sorted, as of the last end of a
	// join phase. Only consumers' metadata can be read.
	subscribed      []string
	subscribedKnown bool

	stored []groupRecord // the group's record, and those not yet replicated
}

// initialDelay is the running delay of a group that was empty.
type initialDelay struct {
	running          bool
	delay, remaining clock.Duration
}

// rebalanceTimeout is the longest of the members'.
func (g *classicGroup) rebalanceTimeout() clock.Duration {
	var longest clock.Duration
	for i := range g.slots {
		longest = max(longest, g.slots[i].rebalanceTimeout)
	}
	return longest
}

// allJoined tells whether nobody is awaited: an id that was handed out is.
func (g *classicGroup) allJoined() bool {
	return g.members.Len() == g.awaitingJoin && g.pendingJoin == 0
}

// staticMembers is how many members have an instance id.
func (g *classicGroup) staticMembers() int { return len(g.byInstance) }

// deletable tells whether nothing but its offsets would be lost with the group.
func (g *classicGroup) deletable() bool { return g.state == Empty }

func (g *classicGroup) timer(kind TimerKind) TimerID { return TimerID{Kind: kind, Group: g.index} }

// newGroup is a group that does not exist yet.
func newGroup(index uint32, id string) *classicGroup {
	return &classicGroup{index: index, id: id, byID: map[string]uint32{}, byInstance: map[string]uint32{}}
}

// discard forgets everything about the group but the timers that still run.
func (g *classicGroup) discard() {
	left := *g
	*g = *newGroup(g.index, g.id)
	g.slots, g.free, g.byID = left.slots, left.free, left.byID
	for i := range g.slots {
		if m := &g.slots[i]; m.role != roleFree {
			g.letGo(m)
		}
	}
}

func (g *classicGroup) clone() *classicGroup {
	c := *g
	c.slots = slices.Clone(g.slots)
	c.free = slices.Clone(g.free)
	c.byID = maps.Clone(g.byID)
	c.byInstance = maps.Clone(g.byInstance)
	c.members = g.members.Clone()
	c.supported = slices.Clone(g.supported)
	c.pendingSync = g.pendingSync.Clone()
	c.stored = slices.Clone(g.stored)
	return &c
}
