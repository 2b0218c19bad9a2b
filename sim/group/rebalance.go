package group

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/kafka/javahash"
	"ksim/sim/trace"
)

// rebalanceOrCompleteJoin starts a rebalance, or, when one is collecting members
// already, ends its join phase if nobody is awaited any more
// (GroupMetadataManager.maybePrepareRebalanceOrCompleteJoin).
func (c *Coordinator) rebalanceOrCompleteJoin(h Host, now clock.Time, g *classicGroup, why cause) {
	if g.state == PreparingRebalance {
		c.maybeCompleteJoin(h, now, g)
		return
	}
	c.prepareRebalance(h, now, g, why)
}

// prepareRebalance is the only way into PreparingRebalance. A group that was
// empty waits for the initial delay, so that consumers which start together make
// one generation; any other waits for its members, and no longer than the
// rebalance timeout that the group has now.
func (c *Coordinator) prepareRebalance(h Host, now clock.Time, g *classicGroup, why cause) {
	if g.state == CompletingRebalance {
		g.dropAssignments(h, now, kafka.ErrRebalanceInProgress)
	}
	clearOrder(&g.pendingSync)
	h.Cancel(g.timer(TimerSync))

	initial := g.state == Empty
	if initial {
		delay := c.cfg.InitialRebalanceDelay
		g.initial = initialDelay{true, delay, max(g.rebalanceTimeout()-delay, 0)}
		h.Arm(g.timer(TimerJoin), now+delay)
	}
	g.setState(PreparingRebalance, now)
	g.reason = why.reason
	h.Emit(Event{Kind: Rebalancing, Group: g.id, Generation: g.generation,
		MemberID: why.memberID, ClientID: why.clientID, Reason: cmp.Or(why.trace, why.reason.Trace())})
	h.Log("INFO", fmt.Sprintf("Preparing to rebalance group %s in state %s with old generation %d (reason: %s).", g.id, g.state, g.generation, why.words(g.id)))
	if initial {
		return
	}
	if g.allJoined() {
		c.completeJoin(h, now, g)
		return
	}
	c.armJoin(h, now, g)
}

// armJoin gives the group's members one rebalance timeout to join.
func (c *Coordinator) armJoin(h Host, now clock.Time, g *classicGroup) {
	g.initial = initialDelay{}
	h.Arm(g.timer(TimerJoin), now+g.rebalanceTimeout())
}

// maybeCompleteJoin ends the join phase if nobody is awaited, but never cuts the
// initial delay short.
func (c *Coordinator) maybeCompleteJoin(h Host, now clock.Time, g *classicGroup) {
	switch {
	case g.previous == Empty:
		h.Log("DEBUG", fmt.Sprintf("Cannot complete join phase of group %s because this is an initial rebalance.", g.id))
	case !g.allJoined():
		h.Log("DEBUG", fmt.Sprintf("Cannot complete join phase of group %s because not all the members have rejoined. Members=%d, AwaitingJoinResponses=%d, PendingJoinMembers=%d.",
			g.id, g.members.Len(), g.awaitingJoin, g.pendingJoin))
	default:
		c.completeJoin(h, now, g)
	}
}

// completeJoinIfAllJoined ends the join phase when the one who was awaited is
// gone: even during the initial delay, other than maybeCompleteJoin.
func (c *Coordinator) completeJoinIfAllJoined(h Host, now clock.Time, g *classicGroup) {
	if g.state == PreparingRebalance && g.allJoined() {
		c.completeJoin(h, now, g)
	}
}

// joinTimerFired is the end of the initial delay, or of the rebalance timeout.
// The delay starts again when somebody new has joined during it, until the
// rebalance timeout that the first member had is used up.
func (c *Coordinator) joinTimerFired(h Host, now clock.Time, g *classicGroup) {
	if !g.exists {
		return // it is of the consumer protocol meanwhile
	}
	if g.initial.running && g.newMemberAdded && g.initial.remaining != 0 {
		g.newMemberAdded = false
		last := g.initial
		next := min(c.cfg.InitialRebalanceDelay, last.remaining)
		g.initial = initialDelay{true, next, max(last.remaining-last.delay, 0)}
		h.Arm(g.timer(TimerJoin), now+next)
		return
	}
	c.completeJoin(h, now, g)
}

// completeJoin ends the join phase (GroupMetadataManager.completeClassicGroupJoin).
func (c *Coordinator) completeJoin(h Host, now clock.Time, g *classicGroup) {
	h.Cancel(g.timer(TimerJoin))
	g.initial = initialDelay{}
	removeNotJoined(h, g)
	if !g.electLeader(h) && g.members.Len() > 0 {
		h.Log("ERROR", fmt.Sprintf("Group %s could not complete rebalance because no members rejoined.", g.id))
		c.armJoin(h, now, g)
		return
	}
	g.generation++
	clearOrder(&g.pendingSync)
	if g.members.Len() == 0 {
		c.becomeEmpty(h, now, g)
		return
	}
	g.protocol = g.selectProtocol()
	g.subscribe()
	g.setState(CompletingRebalance, now)
	h.Emit(Event{Kind: Stabilized, Group: g.id, Generation: g.generation, Members: g.members.Len()})
	h.Log("INFO", fmt.Sprintf("Stabilized group %s generation %d with %d members.", g.id, g.generation, g.members.Len()))

	for _, slot := range g.allMembers() {
		m := &g.slots[slot]
		if id := g.unparkJoin(m); id != 0 {
			g.answerJoin(h, m, id)
		}
		armSession(h, now, g, m, m.sessionTimeout)
		m.isNew = false
		g.pendingSync.Add(m.id)
	}
	h.Arm(g.timer(TimerSync), now+g.rebalanceTimeout())
}

func (c *Coordinator) becomeEmpty(h Host, now clock.Time, g *classicGroup) {
	g.protocol = ""
	g.subscribe()
	g.setState(Empty, now)
	h.Emit(Event{Kind: Emptied, Group: g.id, Generation: g.generation})
	h.Log("INFO", fmt.Sprintf("Group %s with generation %d is now empty.", g.id, g.generation))
	c.storeEmptied(h, g)
}

// removeNotJoined drops the dynamic members that did not come back. Static ones
// stay: they may be restarting.
func removeNotJoined(h Host, g *classicGroup) {
	var absent javahash.Order
	for _, slot := range g.allMembers() {
		if m := &g.slots[slot]; m.awaitingJoin == 0 && m.instance == "" {
			absent.Add(m.id)
		}
	}
	if absent.Len() == 0 {
		return
	}
	for id := range absent.All() {
		evict(h, g, g.member(id), trace.ReasonRebalanceTimeout)
	}
	h.Log("INFO", fmt.Sprintf("Group %s removed dynamic members who haven't joined: [%s]", g.id, strings.Join(slices.Collect(absent.All()), ", ")))
}

// electLeader makes sure that the leader is one of those who joined, and reports
// false if nobody did (ClassicGroup.maybeElectNewJoinedLeader).
func (g *classicGroup) electLeader(h Host) bool {
	leader := g.member(g.leader)
	if leader == nil {
		return false
	}
	if leader.awaitingJoin != 0 {
		return true
	}
	failed := fmt.Sprintf("Group leader [memberId: %s, groupInstanceId: %s] failed to join before the rebalance timeout", leader.id, leader.instance)
	for _, slot := range g.allMembers() {
		if m := &g.slots[slot]; m.awaitingJoin != 0 {
			g.leader = m.id
			h.Log("INFO", fmt.Sprintf("%s. Member %s was elected as the new leader.", failed, m.describe(g.protocolType)))
			return true
		}
	}
	h.Log("INFO", failed+" and the group couldn't proceed to the next generation because no member joined.")
	return false
}

// selectProtocol is the vote of the members (ClassicGroup.selectProtocol). On a
// tie the first of the HashMap that counts the votes wins.
func (g *classicGroup) selectProtocol() string {
	var names javahash.Order
	votes := map[string]int{}
	for _, slot := range g.allMembers() {
		v := g.slots[slot].vote(g)
		names.Add(v)
		votes[v]++
	}
	winner := ""
	for name := range names.All() {
		if votes[name] > votes[winner] {
			winner = name
		}
	}
	return winner
}

// consumerType is the protocol type of consumers, whose metadata can be read.
const consumerType = "consumer"

// subscribe notes what the members subscribe to
// (ClassicGroup.computeSubscribedTopics).
func (g *classicGroup) subscribe() {
	g.subscribed, g.subscribedKnown = nil, g.protocolType == consumerType
	if !g.subscribedKnown {
		return
	}
	var topics []string
	for i := range g.slots {
		if m := &g.slots[i]; m.role == roleMember {
			topics = append(topics, kafka.DecodeSubscription(m.metadata(g.protocol)).Topics...)
		}
	}
	slices.Sort(topics)
	g.subscribed = slices.Compact(topics)
}

// clearOrder empties a set as HashSet.clear does: its table keeps its size.
func clearOrder(o *javahash.Order) {
	for n := o.Len(); n > 0; n-- {
		o.Remove(o.At(n - 1))
	}
}
