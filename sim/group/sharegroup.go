package group

import (
	"maps"
	"slices"

	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// shareGroup is a share group (ShareGroup, KIP-932): its members may have the same
// partitions, so nothing is ever given up for another. All of it is written to the log
// with each change.
type shareGroup struct {
	modernGroup

	slots []shareMember // by slot number
	free  []uint32
	byID  map[string]uint32

	// initialized is how many partitions of each topic have a state that the share
	// coordinator keeps: only they are assigned. initializing are those for which
	// it has been asked.
	initialized  map[int32]int32
	initializing map[int32]int32
}

// shareMember is a member of a share group (ShareGroupMember). There are no static
// ones.
type shareMember struct {
	slot     uint32
	role     role // roleFree or roleMember
	id       string
	clientID string

	epoch, previous int32    // the epoch that the member has reached, and the one before
	topics          []string // sorted
	assigned        []partitionID
	target          assign.Target
}

// newShareGroup is a group that does not exist yet.
func newShareGroup(index uint32, id string) *shareGroup {
	return &shareGroup{modernGroup: newModernGroup(index, id), byID: map[string]uint32{}, initialized: map[int32]int32{}, initializing: map[int32]int32{}}
}

// share is the share group with the id, or nil when there is none.
func (c *Coordinator) share(id string) *shareGroup {
	if i, ok := c.byID[id]; ok && c.shares[i].exists {
		return c.shares[i]
	}
	return nil
}

// member is the member with the id, or nil. The pointer holds until the group takes in
// another id.
func (g *shareGroup) member(id string) *shareMember {
	if slot, ok := g.byID[id]; ok {
		return &g.slots[slot]
	}
	return nil
}

// add makes an id a member.
func (g *shareGroup) add(id string) *shareMember {
	var slot uint32
	if n := len(g.free); n > 0 {
		slot, g.free = g.free[n-1], g.free[:n-1]
	} else {
		slot = uint32(len(g.slots))
		g.slots = append(g.slots, shareMember{})
	}
	g.slots[slot] = shareMember{slot: slot, role: roleMember, id: id}
	g.byID[id] = slot
	g.members.Add(id)
	g.unwritten = true
	return &g.slots[slot]
}

// remove takes a member out of the group. Its timer does not run any more.
func (g *shareGroup) remove(m *shareMember) {
	g.resubscribe(m.topics, nil)
	g.members.Remove(m.id)
	delete(g.byID, m.id)
	g.free = append(g.free, m.slot)
	g.unwritten = true
	*m = shareMember{slot: m.slot}
}

// assignable are the topics as far as their partitions have a state.
func (g *shareGroup) assignable(t *topics) []assign.ServerTopic {
	list := slices.Clone(t.list)
	for n := range list {
		list[n].Partitions = min(list[n].Partitions, g.initialized[int32(n)])
	}
	return list
}

// pending tells whether a partition that has a state is not assigned yet
// (initializedAssignmentPending).
func (g *shareGroup) pending(t *topics) bool {
	assigned := map[partitionID]bool{}
	for i := range g.slots {
		for _, s := range g.slots[i].target {
			for _, p := range s.Partitions {
				assigned[partitionID{int32(s.Topic), p}] = true
			}
		}
	}
	list := g.assignable(t)
	for _, name := range g.subscribed() {
		if n, ok := t.find(name); ok {
			for p := range list[n].Partitions {
				if !assigned[partitionID{n, p}] {
					return true
				}
			}
		}
	}
	return false
}

func (g *shareGroup) clone() *shareGroup {
	c := *g
	c.modernGroup = g.modernGroup.clone()
	c.slots = slices.Clone(g.slots)
	c.free = slices.Clone(g.free)
	c.byID = maps.Clone(g.byID)
	c.initialized = maps.Clone(g.initialized)
	c.initializing = maps.Clone(g.initializing)
	return &c
}

// ShareView is a share group as it is, for those who look at it.
type ShareView struct {
	State              ShareState
	Epoch, TargetEpoch int32
	Members            []ShareMemberView // by id
}

// ShareMemberView is a member of a ShareView.
type ShareMemberView struct {
	ID, ClientID string
	Epoch        int32
	Assigned     []kafka.TopicPartition
}

// ShareGroup gives a view of a share group, if there is one.
func (c *Coordinator) ShareGroup(id string) (ShareView, bool) {
	g := c.share(id)
	if g == nil {
		return ShareView{}, false
	}
	v := ShareView{State: g.state(), Epoch: g.epoch, TargetEpoch: g.targetEpoch}
	for _, id := range slices.Sorted(maps.Keys(g.byID)) {
		m := g.member(id)
		v.Members = append(v.Members, ShareMemberView{m.id, m.clientID, m.epoch, c.sharedNames(m)})
	}
	return v, true
}

// sharedNames is what a member has, by name, sorted.
func (c *Coordinator) sharedNames(m *shareMember) []kafka.TopicPartition {
	list := make([]kafka.TopicPartition, 0, len(m.assigned))
	for _, p := range m.assigned {
		list = append(list, c.topics.name(p))
	}
	slices.SortFunc(list, kafka.TopicPartition.Compare)
	return list
}
