package group

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// groupRecord is the value of a group's record in __consumer_offsets
// (GroupMetadataValue).
type groupRecord struct {
	append       AppendID
	generation   int32
	protocolType string
	protocol     string
	leader       string
	since        clock.Time // when the group's state began
	members      []memberRecord
}

// memberRecord is a member in its group's record. Of all that the member offers
// only the metadata of the chosen protocol is kept.
type memberRecord struct {
	id, instance, clientID           string
	sessionTimeout, rebalanceTimeout clock.Duration
	metadata                         string
	assignment                       string
}

// record is the group as it is now.
func (g *classicGroup) record() groupRecord {
	r := groupRecord{
		generation: g.generation, protocolType: g.protocolType, protocol: g.protocol,
		leader: g.leader, since: g.since,
	}
	for _, slot := range g.allMembers() {
		m := &g.slots[slot]
		r.members = append(r.members, memberRecord{
			id: m.id, instance: m.instance, clientID: m.clientID,
			sessionTimeout: m.sessionTimeout, rebalanceTimeout: m.rebalanceTimeout,
			metadata: m.metadata(g.protocol), assignment: m.assignment,
		})
	}
	return r
}

// settle ends an append: a replicated record replaces those before it, a failed
// one was never there.
func (g *classicGroup) settle(id AppendID, ok bool) {
	i := slices.IndexFunc(g.stored, func(r groupRecord) bool { return r.append == id })
	switch {
	case i < 0: // the group was deleted meanwhile
	case ok:
		g.stored = slices.Delete(g.stored, 0, i)
	default:
		g.stored = slices.Delete(g.stored, i, i+1)
	}
}

// restore makes the group what the record says: stable when it has members, for
// a rebalance is never recorded (GroupMetadataManager.replay).
func (g *classicGroup) restore(r *groupRecord) {
	g.generation, g.protocolType, g.protocol = r.generation, r.protocolType, r.protocol
	state := Empty
	if len(r.members) > 0 {
		state = Stable
	}
	g.begin(state, r.since)
	for i := range r.members {
		m := &r.members[i]
		g.addMember(member{
			id: m.id, instance: m.instance, clientID: m.clientID, process: m.clientID,
			sessionTimeout: m.sessionTimeout, rebalanceTimeout: m.rebalanceTimeout,
			protocols:  []kafka.GroupProtocol{{Name: r.protocol, Metadata: m.metadata}},
			assignment: m.assignment,
		})
	}
	g.leader = r.leader
	g.subscribe()
}
