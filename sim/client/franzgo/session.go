package franzgo

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// session is one group session (setupAssignedAndHeartbeat): what it has lost is
// given up, what is new assigned, and offsets are fetched, while heartbeats go.
type session struct {
	added, lost []kafka.TopicPartition
	assigned    bool        // the assigned callback has run
	ended       bool        // the heartbeat loop has ended with err, and waits for it
	err         *groupError // of the loop
}

// beginSession begins one; a member that was cooperative and is not any more gives
// everything up first.
func (c *Consumer) beginSession(h client.Host, now clock.Time) {
	c.session = session{}
	if c.manage.downgraded {
		c.manage.downgraded = false
		c.pass(h, now, gateDowngrade)
		return
	}
	c.setUp(h, now)
}

// downgrade revokes everything of the cooperative session before.
func (c *Consumer) downgrade(h client.Host, now clock.Time) {
	c.info(h, "assigning partitions", "why", "revoking all assignments; group protocol downgraded from cooperative to eager", "how", "unassigning everything", "input", "")
	c.unassignAll()
	if len(c.lastAssigned) == 0 {
		c.after(h, now, gateDowngrade)
		return
	}
	c.callback(h, now, client.Revoked, sorted(c.lastAssigned), gateDowngrade)
}

// setUp starts the heartbeat loop, and what the assignment has changed.
func (c *Consumer) setUp(h client.Host, now clock.Time) {
	s := &c.session
	s.added = c.nowAssigned
	if c.manage.cooperative {
		s.added, s.lost = kafka.Without(c.nowAssigned, c.lastAssigned), kafka.Without(c.lastAssigned, c.nowAssigned)
	}
	c.lastAssigned = c.nowAssigned
	c.info(h, "new group session begun", "group", c.o.Group, "added", partitionsText(s.added), "lost", partitionsText(s.lost))
	c.startHeartbeat(h, now)
	if len(s.lost) > 0 {
		c.pass(h, now, gatePrerevoke)
		return
	}
	c.pass(h, now, gateAssign)
}

// prerevoke gives up what the session before had and this one has not: the group
// can assign it only when this member has joined again.
func (c *Consumer) prerevoke(h client.Host, now clock.Time) {
	lost := c.session.lost
	c.info(h, "assigning partitions", "why", "revoking assignments from cooperative consuming", "how", "unassigning any currently assigned matching partition that is in the input", "input", partitionsText(lost))
	c.unassign(h, now, lost)
	c.info(h, "calling onRevoke at the end of a session", "group", c.o.Group, "lost", partitionsText(lost), "stage", "0")
	c.callback(h, now, client.Revoked, lost, gatePrerevoke)
}

// prerevoked asks for the join that the group waits for.
func (c *Consumer) prerevoked(h client.Host, now clock.Time) {
	c.manage.rejoinOwed = true
	if c.rejoin == "" {
		c.rejoin = "after revoking what we lost from a rebalance"
	}
	c.forgetUncommitted(c.session.lost)
	c.pass(h, now, gateAssign)
}

// assign calls OnPartitionsAssigned, whether there is anything new or not, and
// then asks for the offsets of what is.
func (c *Consumer) assign(h client.Host, now clock.Time) {
	s := &c.session
	h.Callback(client.Assigned, sorted(s.added))
	s.assigned = true
	added := s.added
	if c.manage.cooperative { // and of what a cancelled fetch was for
		added = sorted(append(kafka.Without(kafka.Without(c.fetching, s.lost), s.added), s.added...))
		c.fetching = added
	}
	switch {
	case s.ended:
		c.sessionEnded(h, now, "", s.err)
		return
	case c.heartbeat.revoking:
		c.pass(h, now, gateRevoke)
		return
	case len(added) > 0:
		c.fetchOffsets(h, added)
	}
	c.noticeRejoin(h, now)
}

// revoke is the end of a session that rebalances: an eager member gives everything
// back, a cooperative one tells the program only that it ends.
func (c *Consumer) revoke(h client.Host, now clock.Time) {
	c.forgetOffsetFetch(h)
	if c.manage.cooperative {
		c.info(h, "consumer calling onRevoke at the end of a session; consumer did not change any client-side subscription", "group", c.o.Group)
		c.callback(h, now, client.Revoked, sorted(nil), gateRevoke)
	} else {
		c.info(h, "assigning partitions", "why", "revoking all assignments because we are not cooperative", "how", "unassigning everything", "input", "")
		c.unassignAll()
		c.info(h, "eager consumer revoking prior assigned partitions", "group", c.o.Group, "revoking", partitionsText(c.nowAssigned))
		c.callback(h, now, client.Revoked, sorted(c.nowAssigned), gateRevoke)
	}
}
