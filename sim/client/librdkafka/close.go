package librdkafka

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// terminate begins close(): the subscription ends, the assignment is given back
// through the application, then the member leaves, unless it is static
// (rd_kafka_cgrp_terminate0, rd_kafka_cgrp_unsubscribe).
func (c *Consumer) terminate(h client.Host, now clock.Time) {
	g := &c.group
	g.terminating, g.terminatingFrom = true, now
	c.stopMaxPoll(h)
	g.subscribed = false
	g.members = nil
	if c.s.consumerProtocol {
		c.terminateMember(h, now)
		return
	}
	g.leaveOnUnassign = g.memberID != ""
	if !g.lost {
		c.revokeAll(h, now, false, whyUnsubscribe)
	}
	if !g.waitsForCall() {
		c.unassign(h, now)
	}
}

// leaveMaybe leaves the group if that is due once the partitions are given back
// (rd_kafka_cgrp_leave_maybe, KIP-345).
func (c *Consumer) leaveMaybe(h client.Host, now clock.Time) {
	g := &c.group
	if !g.leaveOnUnassign {
		return
	}
	g.leaveOnUnassign = false
	switch {
	case c.s.consumerProtocol:
		c.leaveMember(h, now)
	case c.s.instance == "" || !g.terminating:
		c.leave(h, now)
	}
}

// leave sends LeaveGroup, with no reason (rd_kafka_cgrp_leave).
func (c *Consumer) leave(h client.Host, now clock.Time) {
	g := &c.group
	if g.waitLeave || c.coordinator.broker == 0 {
		return
	}
	g.waitLeave = true
	c.send(h, now, c.coordinator.broker, request{api: apiLeave}, &kafka.LeaveGroupRequest{
		Group:   c.o.Group,
		Members: []kafka.LeavingMember{{MemberID: g.memberID, InstanceID: c.s.instance}},
	})
	g.memberID = ""
}

// tryTerminate ends close() when nothing is left to wait for
// (rd_kafka_cgrp_try_terminate). Commits that wait for a coordinator are given up
// session.timeout.ms after close() began.
func (c *Consumer) tryTerminate(h client.Host, now clock.Time) {
	g := &c.group
	if !g.terminating || g.terminated {
		return
	}
	if now >= g.terminatingFrom+c.s.session {
		c.dropDeferred(h, now)
	}
	if c.app.within != callNone || g.waitsForCall() || c.queue.rebalances() || len(c.assignment.parts) > 0 || c.commits.waiting > 0 || g.waitLeave {
		return
	}
	g.terminated = true
	for t := timerPoll; t <= timerRequests; t++ {
		c.set(h, t, clock.Never)
	}
	c.app.call = callNone
	h.Closed()
}

// fail makes the handle useless for ever (rd_kafka_set_fatal_error): a static member
// that another one has fenced, or one that the coordinator will not have in the
// consumer protocol. A program that does not ask whether an error is fatal polls on,
// and gets nothing more.
func (c *Consumer) fail(reason string, code kafka.ErrorCode) {
	if c.group.fatal {
		return
	}
	c.group.fatal = true
	text := fatalText(code, reason)
	c.log("CRITICAL", facFatal, text)
	event := trace.PollFailed
	if code == kafka.ErrFencedInstanceID {
		event = trace.MemberFenced
	}
	c.queue.push(op{kind: opError, err: client.Error{Name: nameFatal, Text: text}, event: event})
}
