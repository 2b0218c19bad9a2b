package group

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// role is what the group knows a member id as.
type role uint8

const (
	roleFree    role = iota // the slot is not in use
	rolePending             // an id that was handed out (KIP-394) and has not come back
	roleMember
	// roleGone is an id that the group has forgotten while its session timer
	// still runs: a replaced static member, or one turned away from a full group.
	// Kafka lets such timers fire without effect.
	roleGone
)

// member is a member id and what belongs to it (ClassicGroupMember). Members
// live in the slots of their group; the number of the slot names their timer.
type member struct {
	slot     uint32
	role     role
	id       string
	instance string // "" when dynamic
	clientID string // the one that Kafka keeps: of a static member, its first process's
	process  string // client.id of the process that joined last, for the trace

	sessionTimeout   clock.Duration
	rebalanceTimeout clock.Duration
	protocols        []kafka.GroupProtocol // in order of preference
	assignment       string

	awaitingJoin, awaitingSync kafka.RequestID // parked requests; 0: none

	// isNew: no join phase has ended since the member was added. Waiting does
	// not protect a new member from its session timer.
	isNew bool

	sessionArmed bool
}

// metadata is what the member offers with a protocol.
func (m *member) metadata(protocol string) string {
	for _, p := range m.protocols {
		if p.Name == protocol {
			return p.Metadata
		}
	}
	return ""
}

// vote is the member's favourite among the protocols that all support.
func (m *member) vote(g *classicGroup) string {
	for _, p := range m.protocols {
		if g.supporters(p.Name) == g.members.Len() {
			return p.Name
		}
	}
	panic(fmt.Sprintf("group %s: member %s supports no common protocol", g.id, m.id))
}

// clientHost is where every simulated client connects from.
const clientHost = "localhost/127.0.0.1"

// describe prints the member as Java does (ClassicGroupMember.toString).
func (m *member) describe(protocolType string) string {
	var names []string
	for _, p := range m.protocols {
		names = append(names, p.Name)
	}
	return fmt.Sprintf("ClassicGroupMember(memberId='%s', groupInstanceId='%s', clientId='%s', clientHost='%s', "+
		"rebalanceTimeoutMs=%d, sessionTimeoutMs=%d, protocolType='%s', supportedProtocols=[%s])",
		m.id, m.instance, m.clientID, clientHost,
		m.rebalanceTimeout.Milliseconds(), m.sessionTimeout.Milliseconds(), protocolType, strings.Join(names, ", "))
}

// find is the slot of an id that the group knows in any role, or nil.
func (g *classicGroup) find(id string) *member {
	if slot, ok := g.byID[id]; ok {
		return &g.slots[slot]
	}
	return nil
}

// member is the member with the id, or nil. The pointer holds until the group
// takes in another id.
func (g *classicGroup) member(id string) *member {
	if m := g.find(id); m != nil && m.role == roleMember {
		return m
	}
	return nil
}

// pending tells whether the id was handed out and has not come back.
func (g *classicGroup) pending(id string) bool {
	m := g.find(id)
	return m != nil && m.role == rolePending
}

// takeIn gives an id a slot.
func (g *classicGroup) takeIn(id string) *member {
	if m := g.find(id); m != nil {
		return m
	}
	var slot uint32
	if n := len(g.free); n > 0 {
		slot, g.free = g.free[n-1], g.free[:n-1]
	} else {
		slot = uint32(len(g.slots))
		g.slots = append(g.slots, member{})
	}
	g.slots[slot] = member{slot: slot, id: id}
	g.byID[id] = slot
	return &g.slots[slot]
}

// letGo gives a slot back, at once or when its timer has fired.
func (g *classicGroup) letGo(m *member) {
	if m.sessionArmed {
		*m = member{slot: m.slot, role: roleGone, id: m.id, sessionArmed: true}
		return
	}
	delete(g.byID, m.id)
	g.free = append(g.free, m.slot)
	*m = member{slot: m.slot}
}

// addPending remembers an id that was handed out.
func (g *classicGroup) addPending(id, clientID string) *member {
	m := g.takeIn(id)
	m.role, m.clientID, m.process = rolePending, clientID, clientID
	g.pendingJoin++
	return m
}

// addMember makes the slot of a new id, or of a pending one, a member
// (ClassicGroup.add).
func (g *classicGroup) addMember(joining member) *member {
	m := g.takeIn(joining.id)
	if m.role == rolePending {
		g.pendingJoin--
	}
	joining.slot, joining.role, joining.sessionArmed = m.slot, roleMember, m.sessionArmed
	*m = joining
	g.members.Add(m.id)
	if m.instance != "" {
		g.byInstance[m.instance] = m.slot
	}
	g.support(m.protocols, 1)
	if m.awaitingJoin != 0 {
		g.awaitingJoin++
	}
	if g.leader == "" {
		g.leader = m.id
	}
	return m
}

// remove forgets an id in whatever role (ClassicGroup.remove); its JoinGroup, if
// one is parked, has been answered. The next leader is the first of the members, in
// the order of the HashMap that holds them.
func (g *classicGroup) remove(id string) {
	m := g.find(id)
	if m == nil {
		return
	}
	switch m.role {
	case rolePending:
		g.pendingJoin--
	case roleMember:
		g.members.Remove(id)
		if m.instance != "" {
			delete(g.byInstance, m.instance)
		}
		g.support(m.protocols, -1)
		if g.leader == id {
			g.leader = ""
			if g.members.Len() > 0 {
				g.leader = g.members.At(0)
			}
		}
	}
	g.pendingSync.Remove(id)
	g.letGo(m)
}

// update takes over what a known member says in a new JoinGroup and parks it
// (ClassicGroup.updateMember); a request parked before is never answered.
func (g *classicGroup) update(m *member, id kafka.RequestID, r *kafka.JoinGroupRequest) {
	g.setProtocols(m, r.Protocols)
	m.process = r.ClientID
	m.sessionTimeout, m.rebalanceTimeout = r.SessionTimeout, r.RebalanceTimeout
	if m.awaitingJoin == 0 {
		g.awaitingJoin++
	}
	m.awaitingJoin = id
}

func (g *classicGroup) setProtocols(m *member, p []kafka.GroupProtocol) {
	g.support(m.protocols, -1)
	m.protocols = p
	g.support(p, 1)
}

// protocolSupport is how many members offer a protocol.
type protocolSupport struct {
	name    string
	members int
}

func (g *classicGroup) support(protocols []kafka.GroupProtocol, change int) {
	for _, p := range protocols {
		i := slices.IndexFunc(g.supported, func(s protocolSupport) bool { return s.name == p.Name })
		if i < 0 {
			i = len(g.supported)
			g.supported = append(g.supported, protocolSupport{name: p.Name})
		}
		g.supported[i].members += change
	}
}

// supporters is how many members offer the protocol.
func (g *classicGroup) supporters(protocol string) int {
	for _, s := range g.supported {
		if s.name == protocol {
			return s.members
		}
	}
	return 0
}

// allMembers are the members in the order of Kafka's HashMap, as they are now.
func (g *classicGroup) allMembers() []uint32 {
	slots := make([]uint32, 0, g.members.Len())
	for id := range g.members.All() {
		slots = append(slots, g.byID[id])
	}
	return slots
}

// validate is the check that a request which names a member must pass: is the
// instance known, is it this member's, is the member known? Operation is the
// broker's word for the request.
func (g *classicGroup) validate(h Host, memberID, instance, operation string) kafka.ErrorCode {
	if instance != "" {
		slot, ok := g.byInstance[instance]
		if !ok {
			return kafka.ErrUnknownMemberID
		}
		if owner := g.slots[slot].id; owner != memberID {
			h.Log("INFO", fmt.Sprintf("Request memberId=%s for static member with groupInstanceId=%s is fenced by existing memberId=%s during operation %s",
				memberID, instance, owner, operation))
			return kafka.ErrFencedInstanceID
		}
	}
	if g.member(memberID) == nil {
		return kafka.ErrUnknownMemberID
	}
	return kafka.ErrNone
}
