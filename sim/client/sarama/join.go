package sarama

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// sendJoin sends JoinGroup (joinGroupRequest).
func (c *Consumer) sendJoin(h client.Host, now clock.Time) {
	c.enter(joining, "JoinGroup is sent")
	r := &kafka.JoinGroupRequest{
		APIVersion: c.s.joinVersion(), Group: c.o.Group, ClientID: c.o.ClientID,
		MemberID: c.member, InstanceID: c.s.instance,
		SessionTimeout: c.s.session, RebalanceTimeout: c.s.rebalance, ProtocolType: "consumer",
	}
	if c.s.reasons() {
		r.Reason = c.cause
	}
	for _, name := range c.s.strategies {
		r.Protocols = append(r.Protocols, kafka.GroupProtocol{Name: name, Metadata: c.subscription(name)})
	}
	c.send(h, request{broker: c.coordinator, body: r})
	h.Arm(timerRead, now+c.s.readTimeout)
}

// joined goes on after JoinGroup: the leader makes its plan first.
func (c *Consumer) joined(h client.Host, now clock.Time, r *kafka.JoinGroupResponse) {
	if c.consume.step != joining {
		return
	}
	h.Cancel(timerRead)
	switch r.Err {
	case kafka.ErrNone:
	case kafka.ErrMemberIDRequired:
		c.member = r.MemberID
		c.joinSync(h, now)
		return
	default:
		c.joinRefused(h, now, r.Err)
		return
	}
	c.member, c.cause = r.MemberID, ""
	c.session = session{member: r.MemberID, generation: r.Generation, leader: r.Leader == r.MemberID, strategy: r.Protocol}
	if c.session.leader {
		c.enter(balancing, "the member leads")
		c.consume.join = r
		c.refresh(h, byBalance)
		return
	}
	c.sendSync(h, now, nil)
}

// joinRefused is what a refused JoinGroup or SyncGroup leads to: an id that is
// not known any more is forgotten, a group that is not ready is asked again after
// a pause, any other error ends Consume.
func (c *Consumer) joinRefused(h client.Host, now clock.Time, err kafka.ErrorCode) {
	switch err {
	case kafka.ErrUnknownMemberID, kafka.ErrIllegalGeneration:
		c.member = ""
		c.joinSync(h, now)
	case kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable, kafka.ErrRebalanceInProgress, kafka.ErrCoordinatorLoadInProgress:
		if c.consume.retries <= 0 {
			c.fail(h, errorOf(err))
			return
		}
		if c.closing {
			c.enter(returned, "the context is cancelled")
			c.leave(h)
			return
		}
		c.consume.retries--
		c.enter(backingOff, err.String())
		h.Arm(timerRetry, now+c.s.retryBackoff)
	case kafka.ErrFencedInstanceID:
		c.log(h, "JoinGroup failed: group instance id "+c.s.instance+" has been fenced")
		c.fail(h, fenced)
	default:
		c.fail(h, errorOf(err))
	}
}

// retryJoin goes on after the pause: the coordinator is looked for anew.
func (c *Consumer) retryJoin(h client.Host) {
	c.enter(finding, "the pause is over")
	c.findCoordinator(h, byConsume)
}

// plan is the leader's assignment.
func (c *Consumer) plan(h client.Host, now clock.Time) {
	r := c.consume.join
	c.consume.join = nil
	c.session.partitions = c.partitionCounts()
	c.sendSync(h, now, balance(r.Protocol, c.session.partitions, r.Members))
}

// sendSync sends SyncGroup, the leader's with everybody's assignment.
func (c *Consumer) sendSync(h client.Host, now clock.Time, plan []kafka.MemberAssignment) {
	c.enter(syncing, "SyncGroup is sent")
	r := &kafka.SyncGroupRequest{
		Group: c.o.Group, MemberID: c.member, InstanceID: c.s.instance,
		Generation: c.session.generation, Assignments: plan,
	}
	if c.s.joinVersion() >= 7 {
		r.ProtocolType, r.Protocol = "consumer", c.session.strategy
	}
	c.send(h, request{broker: c.coordinator, body: r})
	h.Arm(timerRead, now+c.s.readTimeout)
}

// synced ends joinSync: the assignment is there, and a session begins.
func (c *Consumer) synced(h client.Host, now clock.Time, r *kafka.SyncGroupResponse) {
	if c.consume.step != syncing {
		return
	}
	h.Cancel(timerRead)
	if r.Err != kafka.ErrNone {
		c.joinRefused(h, now, r.Err)
		return
	}
	c.session.assigned = c.received(r.Assignment)
	c.beginSession(h, now)
}
