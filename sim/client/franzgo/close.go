package franzgo

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Close is AllowRebalance and Close: the group is left, which gives everything
// back in the revoked callback.
func (c *Consumer) Close(h client.Host, now clock.Time) {
	c.polling = false
	h.Cancel(timerPoll)
	c.allow(h, now)
	c.closing = true
	c.info(h, "assigning partitions", "why", "invalidating all assignments in LeaveGroup", "how", "unassigning everything", "input", "")
	c.unassignAll()
	switch c.manage.step {
	case idle:
		c.manageGone(h)
	case backingOff:
		h.Cancel(timerBackoff)
		c.endManage(h)
	case inSession:
		c.noticeRejoin(h, now)
	}
}

// endManage is the end of the manage loop.
func (c *Consumer) endManage(h client.Host) {
	c.enter(ended, "the group is left")
	c.manageGone(h)
}

// manageGone sends LeaveGroup, after which nothing else is waited for. A static member leaves only if it has given up
// partitions that the group can assign only then.
func (c *Consumer) manageGone(h client.Host) {
	for t := range client.TimerID(client.MaxTimers) {
		h.Cancel(t)
	}
	c.inflight, c.retry.requests, c.commits = nil, nil, commits{} // whoever has asked is gone
	if c.member == "" {
		c.info(h, "tried to leave group but we have no member ID yet, returning early", "group", c.o.Group)
		c.left(h)
		return
	}
	if c.s.instance != "" {
		if !c.manage.rejoinOwed {
			c.left(h)
			return
		}
		c.logLine(h, "WARN", "leaving group as a static member: we revoked partitions in a cooperative rebalance and are closing before the rejoin that lets the group assign them; our restart joins as a new member",
			"group", c.o.Group, "member_id", c.member, "instance_id", c.s.instance)
	}
	c.info(h, "leaving group", "group", c.o.Group, "member_id", c.member)
	c.ask(h, request{body: &kafka.LeaveGroupRequest{Group: c.o.Group,
		Members: []kafka.LeavingMember{{MemberID: c.member, InstanceID: c.s.instance, Reason: "client leaving group per normal operation"}}}})
}

// left is the end of Close.
func (c *Consumer) left(h client.Host) { h.Closed() }
