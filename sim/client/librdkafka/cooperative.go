package librdkafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// cooperativeSticky is the assignor with which members keep their partitions
// through a rebalance and give back only those that move (KIP-429).
const cooperativeSticky = "cooperative-sticky"

// cooperative tells whether changes of the assignment are incremental: the group
// has chosen that assignor, or the broker assigns
// (rd_kafka_cgrp_rebalance_protocol).
func (c *Consumer) cooperative() bool {
	return c.s.consumerProtocol || c.group.protocol == cooperativeSticky
}

// groupRebalances is rd_kafka_cgrp_group_is_rebalancing: an eager member gives
// everything back first, a cooperative one joins in the background.
func (c *Consumer) groupRebalances(h client.Host, now clock.Time) {
	switch {
	case !c.cooperative():
		c.revokeAllMaybe(h, now, false, whyRebalance)
	case !c.group.rebalancing():
		c.rejoin(h, now, whyRebalance)
	}
}

// revokeOwned is revokeAll of a cooperative member. One that closes with a
// rebalance to serve gives up everything when it serves that.
func (c *Consumer) revokeOwned(h client.Host, now clock.Time, lost bool, why string) {
	g := &c.group
	if g.terminating && g.waitsForCall() {
		return
	}
	if len(g.owned) == 0 {
		if !g.terminating {
			c.rejoin(h, now, why)
		}
		return
	}
	if lost {
		g.lost = true
	}
	c.delegateIncremental(h, now, opRevoke, g.owned, !g.terminating, why)
}

// assignIncrementally compares the new assignment with the one before
// (rd_kafka_cgrp_handle_assignment_cooperative): what goes is given back first,
// and the member rejoins afterwards so that others can have it.
func (c *Consumer) assignIncrementally(h client.Host, now clock.Time, assigned []kafka.TopicPartition) {
	g := &c.group
	added, revoked := kafka.Without(assigned, g.owned), kafka.Without(g.owned, assigned)
	if len(revoked) > 0 {
		g.addLater = append([]kafka.TopicPartition{}, added...)
		c.delegateIncremental(h, now, opRevoke, revoked, false, whySyncRevoke)
		return
	}
	c.delegateIncremental(h, now, opAssign, added, false, whySynced)
}

// delegateIncremental hands a change of the assignment to the application
// (rd_kafka_rebalance_op_incr).
func (c *Consumer) delegateIncremental(h client.Host, now clock.Time, kind opKind, parts []kafka.TopicPartition, rejoin bool, why string) {
	g := &c.group
	if g.fatal {
		g.owned = nil
		c.unassign(h, now)
		return
	}
	to := waitUnassignCall
	if kind == opAssign {
		to = waitAssignCall
		g.owned = append(slices.Clone(g.owned), parts...)
		slices.SortFunc(g.owned, kafka.TopicPartition.Compare)
	} else {
		g.owned = kafka.Without(g.owned, parts)
	}
	g.rejoinAfter = rejoin
	g.setJoinState(to, why)
	c.pause(h)
	c.queue.push(op{kind: kind, partitions: parts, incremental: true})
}

// incrementalAssign is rd_kafka_cgrp_incremental_assign.
func (c *Consumer) incrementalAssign(h client.Host, now clock.Time, parts []kafka.TopicPartition) {
	for _, tp := range parts {
		c.assignment.parts = append(c.assignment.parts, newPartition(tp))
	}
	slices.SortFunc(c.assignment.parts, func(a, b partition) int { return a.Compare(b.TopicPartition) })
	c.compareAssignment()
	c.resume()
	c.group.lost = false
	if c.group.join == waitAssignCall {
		c.group.setJoinState(steady, whyAssigned)
		c.startMaxPoll(h, now)
	}
	c.kip848.applied = true
	c.serveAssignment(h, now)
}

// incrementalUnassign is rd_kafka_cgrp_incremental_unassign.
func (c *Consumer) incrementalUnassign(h client.Host, now clock.Time, parts []kafka.TopicPartition) {
	stored := c.giveBack(parts)
	c.resume()
	if c.group.join == waitUnassignCall {
		c.group.setJoinState(waitIncrUnassignComplete, whyUnassigned)
	}
	c.commitGivenBack(h, now, stored)
}

// incrementalUnassignDone goes on after partitions have been given back
// (rd_kafka_cgrp_incr_unassign_done).
func (c *Consumer) incrementalUnassignDone(h client.Host, now clock.Time) {
	g := &c.group
	g.lost = false
	switch {
	case g.terminating:
		g.setJoinState(waitUnassignCall, whyUnsubscribe)
		c.unassign(h, now)
	case g.addLater != nil:
		added := g.addLater
		g.addLater = nil
		c.delegateIncremental(h, now, opAssign, added, !c.s.consumerProtocol, whyAssignAfterRevoke)
	case g.rejoinAfter:
		c.rejoinDone(h, now, whyUnassignDone)
	default:
		g.setJoinState(steady, whyUnassignDone)
		if c.s.consumerProtocol {
			c.startMaxPoll(h, now)
		}
	}
}

// threadHop is how much later the main thread gets on after an incremental change
// than if it had not waited for the application's thread: that one has to wake, to
// run its callbacks, and to send ops back. A member that waits for no callback, but
// heartbeats as soon as SyncGroup is answered, is ahead of it.
const threadHop = 200 * clock.Microsecond

// rejoinDone joins without the usual delay after an incremental change.
func (c *Consumer) rejoinDone(h client.Host, now clock.Time, why string) {
	g := &c.group
	g.rejoinAfter = false
	if !c.s.consumerProtocol {
		g.nextJoin = now + threadHop
		g.opArrives = g.nextJoin
	}
	c.rejoin(h, now, why)
}

// resume fetches on where the application is (rd_kafka_assignment_resume).
func (c *Consumer) resume() {
	c.assignment.paused = false
	for i := range c.assignment.parts {
		if p := &c.assignment.parts[i]; p.state == interrupted {
			c.activate(p, p.position)
		}
	}
}
