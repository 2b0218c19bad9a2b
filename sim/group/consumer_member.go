package group

import (
	"cmp"
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/group/assign"
)

// consumerMember is a member of a group of the consumer protocol
// (ConsumerGroupMember). Members live in the slots of their group; the number of the
// slot names their timers.
type consumerMember struct {
	slot     uint32
	role     role // rolePending is of the classic protocol only
	id       string
	instance string // "" when dynamic
	clientID string // client.id, for the trace

	epoch, previous  int32 // the epoch that the member has reached, and the one before
	state            MemberState
	rebalanceTimeout clock.Duration
	topics           []string // sorted
	assignor         string   // "" when the choice is the broker's

	assigned []heldPartition // what the member has, or gets; sorted
	revoking []heldPartition // what it has yet to give up; sorted
	target   assign.Target   // what it is to have in the end

	classic classicMetadata // of a member that speaks the classic protocol

	sessionArmed, joinArmed, syncArmed bool
	revoke                             revocation

	// By the heartbeat that is being handled, and not yet in the group's books.
	joining, changed bool
}

// heldPartition is a partition with the epoch at which the member got it.
type heldPartition struct {
	partitionID
	epoch int32
}

func (p heldPartition) compare(o heldPartition) int {
	return cmp.Or(cmp.Compare(p.topic, o.topic), cmp.Compare(p.partition, o.partition))
}

// revocation is the running time of a member that has partitions to give up.
type revocation struct {
	armed   bool
	epoch   int32 // the member's, when it began
	timeout clock.Duration
}

// find is the slot of an id that the group knows in any role, or nil.
func (g *consumerGroup) find(id string) *consumerMember {
	if slot, ok := g.byID[id]; ok {
		return &g.slots[slot]
	}
	return nil
}

// member is the member with the id, or nil. The pointer holds until the group takes
// in another id.
func (g *consumerGroup) member(id string) *consumerMember {
	if m := g.find(id); m != nil && m.role == roleMember {
		return m
	}
	return nil
}

// staticMember is the member with the instance id, or nil.
func (g *consumerGroup) staticMember(instance string) *consumerMember {
	return g.member(g.byInstance[instance])
}

// add makes an id a member, with what joining says of it. The timers of an earlier
// member with the id go on.
func (g *consumerGroup) add(joining consumerMember) *consumerMember {
	m := g.find(joining.id)
	if m == nil {
		var slot uint32
		if n := len(g.free); n > 0 {
			slot, g.free = g.free[n-1], g.free[:n-1]
		} else {
			slot = uint32(len(g.slots))
			g.slots = append(g.slots, consumerMember{})
		}
		g.slots[slot].slot = slot
		g.byID[joining.id] = slot
		m = &g.slots[slot]
	}
	joining.slot, joining.role = m.slot, roleMember
	joining.sessionArmed, joining.joinArmed, joining.syncArmed, joining.revoke = m.sessionArmed, m.joinArmed, m.syncArmed, m.revoke
	*m = joining
	if m.instance != "" {
		g.byInstance[m.instance] = m.id
	}
	g.members.Add(m.id)
	g.preferred.change(m.assignor, 1)
	g.resubscribe(nil, m.topics)
	g.hold(m, m.assigned)
	g.hold(m, m.revoking)
	return m
}

// put notes what has changed about a member in the group's books, and has it written
// (ConsumerGroup.updateMember). Kafka's own tables grow with that, though nothing is
// added. Of its assignor the books know the one that it asked for before.
func (g *consumerGroup) put(m *consumerMember, preferred string) {
	g.unwritten = true
	g.members.Add(m.id)
	g.preferred.change(preferred, -1)
	g.preferred.change(m.assignor, 1)
}

// remove takes a member out of the group; its partitions are free at once.
func (g *consumerGroup) remove(m *consumerMember) {
	g.put(m, m.assignor)
	g.release(m.assigned)
	g.release(m.revoking)
	g.preferred.change(m.assignor, -1)
	g.resubscribe(m.topics, nil)
	g.members.Remove(m.id)
	if m.instance != "" {
		delete(g.byInstance, m.instance)
	}
	g.letGo(m)
}

// letGo gives a slot back, at once or when its timers have fired.
func (g *consumerGroup) letGo(m *consumerMember) {
	if m.sessionArmed || m.joinArmed || m.syncArmed || m.revoke.armed {
		*m = consumerMember{slot: m.slot, role: roleGone, id: m.id, sessionArmed: m.sessionArmed, joinArmed: m.joinArmed, syncArmed: m.syncArmed, revoke: m.revoke}
		return
	}
	delete(g.byID, m.id)
	g.free = append(g.free, m.slot)
	*m = consumerMember{slot: m.slot}
}

// hold notes that a member has partitions, which nobody else may have. That is what
// the protocol is about, so a second owner is a mistake of the coordinator.
func (g *consumerGroup) hold(m *consumerMember, partitions []heldPartition) {
	for _, p := range partitions {
		if owner, taken := g.held[p.partitionID]; taken && owner != m.id {
			panic(fmt.Sprintf("group %s: %v is given to %s and is held by %s", g.id, p.partitionID, m.id, owner))
		}
		g.held[p.partitionID] = m.id
	}
}

// release makes partitions free.
func (g *consumerGroup) release(partitions []heldPartition) {
	for _, p := range partitions {
		delete(g.held, p.partitionID)
	}
}

// isFree tells whether nobody has the partition.
func (g *consumerGroup) isFree(p partitionID) bool {
	_, taken := g.held[p]
	return !taken
}

// holds tells whether a sorted list has the partition.
func holds(list []heldPartition, p partitionID) bool {
	_, ok := slices.BinarySearchFunc(list, heldPartition{partitionID: p}, heldPartition.compare)
	return ok
}
