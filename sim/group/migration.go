package group

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
	"ksim/sim/kafka/javahash"
)

// MigrationPolicy is group.consumer.migration.policy: whether a group with members
// may go from one protocol to the other (KIP-848, online migration). With neither,
// no member of the classic protocol may join a group of the consumer protocol.
type MigrationPolicy struct{ Upgrade, Downgrade bool }

// upgrade makes a classic group with members one of the consumer protocol, for its
// first member of that protocol (GroupMetadataManager.convertToConsumerGroup). All
// members stay with what they have; whoever waits for an answer must join again.
// before is the group as it was.
func (c *Coordinator) upgrade(h Host, now clock.Time, classic *classicGroup) (g *consumerGroup, before *classicGroup, no *refusal) {
	if why := c.cannotUpgrade(classic); why != "" {
		text := fmt.Sprintf("Cannot upgrade classic group %s to consumer group because %s", classic.id, why)
		h.Log("INFO", text)
		return nil, nil, refuse(kafka.ErrGroupIDNotFound, "%s", text)
	}
	classic.endWaits(h, kafka.ErrRebalanceInProgress)
	if classic.protocol == "" { // its first join phase is not over: Kafka has no metadata to go by
		return nil, nil, refuse(kafka.ErrUnknownServerError, "No value present")
	}
	var members []consumerMember
	for _, slot := range classic.allMembers() {
		if classic.slots[slot].metadata(classic.protocol) == "" { // and none of who has come with others since
			return nil, nil, refuse(kafka.ErrUnknownServerError, "Member does not support protocol %s", classic.protocol)
		}
		members = append(members, c.upgraded(classic, &classic.slots[slot]))
	}
	before = classic.clone()
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Converted the classic group to a consumer group.", classic.id))
	g = c.consumers[classic.index]
	g.exists, g.epoch, g.targetEpoch = true, classic.generation, classic.generation
	classic.discard()
	for _, m := range members {
		g.add(m)
	}
	for _, slot := range g.allMembers() {
		m := &g.slots[slot]
		armConsumerSession(h, now, g, m, m.classic.session)
	}
	g.settle()
	g.topicsHash = c.topics.hash(g.subscribed())
	g.unwritten = true
	return g, before, nil
}

// replayUpgrade puts the members in the order that they have from now on. Until the
// heartbeat of the one who joins is done, Kafka works on a group that it has put
// together; then it makes the group anew from the records, which name each member
// twice, in the order of that first one.
func (g *consumerGroup) replayUpgrade(joins string) {
	var order javahash.Timeline
	for range 2 {
		for id := range g.members.All() {
			if id != joins {
				order.Add(id)
			}
		}
	}
	order.Add(joins)
	g.members = order
}

// revertUpgrade makes the group classic again when the heartbeat for which it was
// upgraded is refused after all. The sessions that have begun run on without effect.
func (c *Coordinator) revertUpgrade(before *classicGroup) {
	c.consumers[before.index].discard()
	c.groups[before.index] = before
}

// cannotUpgrade is why a classic group stays one, "" when it does not
// (validateOnlineUpgrade).
func (c *Coordinator) cannotUpgrade(g *classicGroup) string {
	switch {
	case !c.cfg.Migration.Upgrade:
		return "online upgrade is disabled."
	case g.protocolType != consumerType:
		return "the group does not use the consumer embedded protocol."
	case int64(g.members.Len()) > c.cfg.ConsumerMaxSize:
		return "the group size exceeds the consumer group maximum size."
	}
	return ""
}

// upgraded is a member of a classic group as a member of its successor: stable, with
// its latest assignment as its own and as its target (ConsumerGroup.fromClassicGroup).
func (c *Coordinator) upgraded(g *classicGroup, m *member) consumerMember {
	n := consumerMember{
		id: m.id, instance: m.instance, clientID: m.process, epoch: g.generation, previous: g.generation,
		rebalanceTimeout: m.rebalanceTimeout,
		topics:           distinct(kafka.DecodeSubscription(m.metadata(g.protocol)).Topics),
		classic:          classicMetadata{true, m.sessionTimeout, m.protocols},
	}
	for _, tp := range kafka.DecodeAssignment(m.assignment) {
		if p, ok := c.topics.of(tp); ok {
			n.assigned = append(n.assigned, heldPartition{p, g.generation})
		}
	}
	slices.SortFunc(n.assigned, heldPartition.compare)
	n.target = targetOf(n.assigned).Stored(c.topics.list)
	return n
}

// targetOf are held partitions, which are sorted, as a target; heldOf is the inverse,
// without epochs.
func targetOf(held []heldPartition) assign.Target {
	var t assign.Target
	for _, p := range held {
		if n := len(t); n == 0 || t[n-1].Topic != int(p.topic) {
			t = append(t, assign.TopicShare{Topic: int(p.topic)})
		}
		last := &t[len(t)-1]
		last.Partitions = append(last.Partitions, p.partition)
	}
	return t
}

func heldOf(t assign.Target) []heldPartition {
	var held []heldPartition
	for _, s := range t {
		for _, p := range s.Partitions {
			held = append(held, heldPartition{partitionID: partitionID{int32(s.Topic), p}})
		}
	}
	return held
}

// endWaits answers every parked JoinGroup and SyncGroup with an error.
func (g *classicGroup) endWaits(h Host, err kafka.ErrorCode) {
	for _, slot := range g.allMembers() {
		g.endJoin(h, &g.slots[slot], g.slots[slot].id, err)
	}
	for _, slot := range g.allMembers() {
		if m := &g.slots[slot]; m.awaitingSync != 0 {
			refuseSync(h, m.awaitingSync, err)
			m.awaitingSync = 0
		}
	}
}

// downgrades tells whether the group becomes a classic one when these members have
// gone: all that stay speak the classic protocol
// (validateOnlineDowngradeWithFencedMembers).
func (c *Coordinator) downgrades(h Host, g *consumerGroup, leaving []*consumerMember) bool {
	staying := g.members.Len() - len(leaving)
	classic := g.classicMembers()
	for _, m := range leaving {
		if m.classic.speaks {
			classic--
		}
	}
	switch {
	case classic != staying:
		return false
	case staying <= 0:
		h.Log("DEBUG", fmt.Sprintf("Skip downgrading the consumer group %s to classic group because it's empty.", g.id))
		return false
	}
	return c.mayDowngrade(h, g, staying)
}

// mayDowngrade tells whether the broker's properties let so many members be a
// classic group.
func (c *Coordinator) mayDowngrade(h Host, g *consumerGroup, members int) bool {
	why := ""
	switch {
	case !c.cfg.Migration.Downgrade:
		why = "the online downgrade is disabled."
	case int64(members) > c.cfg.MaxSize:
		why = "its group size is greater than classic group max size."
	default:
		return true
	}
	h.Log("INFO", fmt.Sprintf("Cannot downgrade consumer group %s to classic group because %s", g.id, why))
	return false
}

// downgrade makes a group whose members all speak the classic protocol a classic one
// (convertToClassicGroup): stable in the group's epoch, each member with its target.
// The members without are left
// out, but the last, who may be nil, comes in after the others. With a reason it
// rebalances at once.
func (c *Coordinator) downgrade(h Host, now clock.Time, g *consumerGroup, without []*consumerMember, last *consumerMember, epoch int32, why cause) {
	var members []member
	for _, slot := range g.allMembers() {
		if m := &g.slots[slot]; !slices.Contains(without, m) {
			members = append(members, c.downgraded(m))
		}
	}
	if last != nil {
		members = append(members, c.downgraded(last))
	}
	g.discard()
	classic := c.groups[g.index]
	classic.begin(Stable, now)
	classic.generation, classic.protocolType = epoch, consumerType
	for _, m := range members {
		classic.addMember(m)
	}
	classic.protocol = classic.selectProtocol()
	classic.subscribe()
	c.write(h, classic, classic.record(), waitingAppend{kind: appendDowngraded})
	for _, slot := range classic.allMembers() {
		m := &classic.slots[slot]
		armSession(h, now, classic, m, m.sessionTimeout)
	}
	if why.reason != ReasonNone {
		c.prepareRebalance(h, now, classic, why)
	}
	h.Log("INFO", fmt.Sprintf("[GroupId %s] Converted the consumer group to a classic group.", g.id))
}

// downgraded is a member of a group of the consumer protocol as a member of its
// classic successor (ClassicGroup.fromConsumerGroup).
func (c *Coordinator) downgraded(m *consumerMember) member {
	return member{
		id: m.id, instance: m.instance, clientID: m.clientID, process: m.clientID,
		sessionTimeout: m.classic.session, rebalanceTimeout: m.rebalanceTimeout, protocols: m.classic.protocols,
		assignment: kafka.EncodeAssignment(c.named(heldOf(m.target))),
	}
}

// downgradeFor is the downgrade after members have gone.
func (c *Coordinator) downgradeFor(h Host, now clock.Time, g *consumerGroup, leaving []*consumerMember, why epochCause) {
	reason := ReasonDowngraded
	if c.cfg.Version < kafka.V(4, 2, 0) {
		reason = ReasonDowngradedEarly
	}
	c.downgrade(h, now, g, leaving, nil, g.epoch, cause{reason: reason, memberID: why.memberID, clientID: why.clientID, trace: why.reason})
}

// replacesLast tells whether a static member of the classic protocol takes the place
// of the group's last member of the consumer protocol, so that the group may become a
// classic one (validateOnlineDowngradeWithReplacedMember).
func (c *Coordinator) replacesLast(h Host, g *consumerGroup, replaced *consumerMember) bool {
	return !replaced.classic.speaks && g.classicMembers() == g.members.Len()-1 && c.mayDowngrade(h, g, g.members.Len())
}

// downgradeStale is the cause of the rebalance in a group that is downgraded while
// its targets are older than its epoch; 4.1 leaves it as it is.
func (c *Coordinator) downgradeStale(m *consumerMember) cause {
	why := cause{reason: ReasonDowngradedStale, memberID: m.id, clientID: m.clientID}
	switch v := c.cfg.Version; {
	case v < kafka.V(4, 2, 0):
		return cause{}
	case v < kafka.V(4, 3, 0):
		why.reason = ReasonDowngradedResubscribed
	}
	return why
}
