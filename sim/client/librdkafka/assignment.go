package librdkafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// assignment is what the application has been assigned (rd_kafka_assignment_t).
// Its version is the barrier that makes whatever was fetched for an earlier
// assignment void.
type assignment struct {
	parts   []partition // by topic and number
	version int
	paused  bool // a rebalance waits for the application: nothing starts
}

// find is the assigned partition tp, or nil.
func (a *assignment) find(tp kafka.TopicPartition) *partition {
	i, ok := slices.BinarySearchFunc(a.parts, tp, func(p partition, tp kafka.TopicPartition) int { return p.Compare(tp) })
	if !ok {
		return nil
	}
	return &a.parts[i]
}

// starting tells whether the committed offset of some partition is not known yet.
func (a *assignment) starting() bool {
	return slices.ContainsFunc(a.parts, func(p partition) bool { return p.state == pending || p.state == querying })
}

// revokeAllMaybe is revokeAll unless a rebalance runs already
// (rd_kafka_cgrp_revoke_all_rejoin_maybe).
func (c *Consumer) revokeAllMaybe(h client.Host, now clock.Time, lost bool, why string) {
	if !c.group.rebalancing() {
		c.revokeAll(h, now, lost, why)
	}
}

// revokeAll gives up the assignment, with the application's help if there is one,
// and rejoins (rd_kafka_cgrp_revoke_all_rejoin).
func (c *Consumer) revokeAll(h client.Host, now clock.Time, lost bool, why string) {
	g := &c.group
	if c.cooperative() {
		c.revokeOwned(h, now, lost, why)
		return
	}
	if lost && c.o.Version >= lostSince {
		g.lost = true
	}
	if g.assigned && !g.waitsForCall() {
		c.delegateRevoke(h, now, why)
		return
	}
	g.nextJoin = 0
	c.rejoin(h, now, why)
}

// delegateAssign hands the new assignment to the application
// (rd_kafka_rebalance_op).
func (c *Consumer) delegateAssign(h client.Host, now clock.Time, parts []kafka.TopicPartition) {
	g := &c.group
	if g.fatal {
		c.unassign(h, now)
		return
	}
	g.setJoinState(waitAssignCall, whySynced)
	g.assigned, g.owned = true, parts
	c.queue.push(op{kind: opAssign, partitions: parts})
}

// delegateRevoke stops fetching, voids what has been fetched, and hands the
// revocation to the application (rd_kafka_rebalance_op). A handle that has failed
// gives everything back by itself and stays where it is.
func (c *Consumer) delegateRevoke(h client.Host, now clock.Time, why string) {
	g := &c.group
	parts := g.owned
	g.assigned, g.owned = false, nil
	if g.fatal {
		c.unassign(h, now)
		return
	}
	g.setJoinState(waitUnassignCall, why)
	c.pause(h)
	c.queue.push(op{kind: opRevoke, partitions: parts})
}

// serveAssign runs the application's callback for an assignment; the Python
// wrapper calls assign() after it, which a consumer that closes takes for
// unassign() (rd_kafka_cgrp_handle_assign_op).
func (c *Consumer) serveAssign(h client.Host, now clock.Time, o *op) {
	g := &c.group
	h.Callback(client.Assigned, o.partitions)
	switch {
	case g.terminating:
		if g.join == waitAssignCall {
			g.setJoinState(waitUnassignCall, whyUnsubscribe)
		}
		c.unassign(h, now)
	case o.incremental:
		c.incrementalAssign(h, now, o.partitions)
	default:
		c.assign(h, now, o.partitions)
	}
	c.serve(h, now)
}

// serveRevoke runs the application's callback for a revocation; the wrapper calls
// unassign() after it.
func (c *Consumer) serveRevoke(h client.Host, now clock.Time, o *op) {
	kind := client.Revoked
	if c.group.lost {
		kind = client.Lost
	}
	if !h.Callback(kind, o.partitions) {
		c.app.within, c.app.serving, c.app.call = c.app.call, *o, callListener
		return
	}
	c.revokeServed(h, now, o)
}

// CalledBack goes on in poll() or close() when the rebalance callback has returned.
func (c *Consumer) CalledBack(h client.Host, now clock.Time) {
	c.enter(h, now)
	o := c.app.serving
	c.app.call, c.app.within, c.app.serving = c.app.within, callNone, op{}
	c.revokeServed(h, now, &o)
	c.proceed(h, now)
}

// revokeServed is what follows the callback for a revocation.
func (c *Consumer) revokeServed(h client.Host, now clock.Time, o *op) {
	if o.incremental && !c.group.terminating {
		c.incrementalUnassign(h, now, o.partitions)
	} else {
		c.unassign(h, now)
	}
	c.serve(h, now)
}

// assign starts the partitions and the watch over the poll deadline
// (rd_kafka_cgrp_assign).
func (c *Consumer) assign(h client.Host, now clock.Time, parts []kafka.TopicPartition) {
	g := &c.group
	c.assignment.version++
	c.assignment.paused = false
	c.assignment.parts = nil
	for _, tp := range parts {
		c.assignment.parts = append(c.assignment.parts, newPartition(tp))
	}
	c.compareAssignment()
	g.lost = false
	if g.join == waitAssignCall {
		g.setJoinState(steady, whyAssigned)
		c.startMaxPoll(h, now)
	}
}

// unassign gives the assignment back (rd_kafka_cgrp_unassign).
func (c *Consumer) unassign(h client.Host, now clock.Time) {
	c.pause(h)
	stored := c.giveBack(nil)
	if c.group.join == waitUnassignCall {
		c.group.setJoinState(waitUnassignComplete, whyUnassigned)
	}
	c.commitGivenBack(h, now, stored)
}

// giveBack removes partitions from the assignment, all when parts is nil, and
// tells what is stored for them (rd_kafka_assignment_serve_removals).
func (c *Consumer) giveBack(parts []kafka.TopicPartition) (stored []kafka.OffsetCommit) {
	c.assignment.parts = slices.DeleteFunc(c.assignment.parts, func(p partition) bool {
		if parts != nil && !slices.Contains(parts, p.TopicPartition) {
			return false
		}
		if p.stored >= 0 {
			stored = append(stored, kafka.OffsetCommit{TopicPartition: p.TopicPartition, Offset: p.stored})
		}
		return true
	})
	c.compareAssignment()
	return stored
}

// commitGivenBack is the automatic commit of partitions that go.
func (c *Consumer) commitGivenBack(h client.Host, now clock.Time, stored []kafka.OffsetCommit) {
	if c.o.Version < lostCommits {
		c.group.lost = false
	}
	if c.s.autoCommit && len(stored) > 0 && !c.group.lost {
		c.commit(h, now, commit{purpose: commitUnassigned, offsets: stored})
	}
	c.serveAssignment(h, now)
}

// pause voids what has been fetched for the assignment, also what the application
// has got and not begun, and stops fetching (rd_kafka_assignment_pause and its
// version barrier).
func (c *Consumer) pause(h client.Host) {
	c.assignment.version++
	c.assignment.paused = true
	c.queue.purge()
	c.takeBack(h)
	for i := range c.fetchers {
		c.fetchers[i].stop()
	}
	for i := range c.assignment.parts {
		c.assignment.parts[i].interrupt()
	}
}

// serveAssignment goes on with the assignment once no commit is on its way
// (rd_kafka_assignment_serve): committed offsets can be asked for, and when there
// is nothing left to do the rebalance goes on (rd_kafka_cgrp_assignment_done).
func (c *Consumer) serveAssignment(h client.Host, now clock.Time) {
	if c.commits.waiting > 0 {
		return
	}
	c.queryCommitted(h, now)
	switch c.group.join {
	case waitUnassignComplete:
		c.unassignDone(h, now)
	case waitIncrUnassignComplete:
		c.incrementalUnassignDone(h, now)
	case joinInit:
		if c.s.consumerProtocol {
			c.memberAssignmentDone(h, now)
		}
	case steady:
		if c.s.consumerProtocol {
			c.memberAssignmentDone(h, now)
			return
		}
		if c.group.rejoinAfter && !c.assignment.starting() {
			c.rejoinDone(h, now, whyRedistribute)
		}
	}
}

// unassignDone leaves the group, or joins it again without delay
// (rd_kafka_cgrp_unassign_done).
func (c *Consumer) unassignDone(h client.Host, now clock.Time) {
	c.leaveMaybe(h, now)
	c.group.lost = false
	c.group.nextJoin = 0
	c.rejoin(h, now, whyUnassignDone)
}
