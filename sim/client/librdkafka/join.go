package librdkafka

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// joinInterval is the least time between two attempts to join; an attempt that
// was refused counts double (rd_interval_backoff).
const joinInterval = clock.Second

// join sends JoinGroup, or asks for the metadata that it needs
// (rd_kafka_cgrp_join).
func (c *Consumer) join(h client.Host, now clock.Time) {
	g := &c.group
	// A member that has missed its poll deadline stays out until the application
	// has polled.
	if c.deadline.exceeded && c.pollExcess(now) > 0 {
		return
	}
	c.deadline.exceeded = false
	if c.metadata.brokers == nil {
		g.setJoinState(waitMetadata, whyNoMetadata)
		c.requestMetadata(h, now)
		return
	}
	if len(c.metadata.effective) == 0 {
		return
	}
	g.setJoinState(waitJoin, whyJoining)
	g.awaiting = true
	c.send(h, now, c.coordinator.broker, request{api: apiJoin}, &kafka.JoinGroupRequest{
		APIVersion:       joinVersion(c.o.Version),
		Group:            c.o.Group,
		ClientID:         c.o.ClientID,
		MemberID:         g.memberID,
		InstanceID:       c.s.instance,
		SessionTimeout:   c.s.session,
		RebalanceTimeout: c.rebalanceTimeout(),
		ProtocolType:     "consumer",
		Protocols:        c.protocols(),
	})
}

// rebalanceTimeout is how long the group waits for this member.
func (c *Consumer) rebalanceTimeout() clock.Duration {
	if c.o.Version < pollDeadlineSince {
		return c.s.session
	}
	return c.s.maxPoll
}

// protocols is what the member offers: each assignor with the subscription.
func (c *Consumer) protocols() []kafka.GroupProtocol {
	s := kafka.Subscription{Generation: -1}
	if c.cooperative() {
		s.Owned, s.Generation = c.group.owned, c.group.ownedGeneration
	}
	for _, t := range c.metadata.effective {
		s.Topics = append(s.Topics, t.Name)
	}
	metadata := kafka.EncodeSubscription(s)
	var p []kafka.GroupProtocol
	for _, name := range c.s.assignors {
		p = append(p, kafka.GroupProtocol{Name: name, Metadata: metadata})
	}
	return p
}

// joined is rd_kafka_cgrp_handle_JoinGroup.
func (c *Consumer) joined(h client.Host, now clock.Time, r *kafka.JoinGroupResponse) {
	g := &c.group
	g.awaiting = false
	if g.join != waitJoin {
		return // outdated
	}
	if r.Err != kafka.ErrNone {
		c.joinRefused(h, now, r)
		return
	}
	g.memberID, g.generation, g.protocol = r.MemberID, r.Generation, r.Protocol
	if r.Leader == r.MemberID {
		g.members = r.Members
		g.setJoinState(waitMetadata, whyLeading)
		c.send(h, now, c.coordinator.broker, request{api: apiMetadata, leading: true}, &kafka.MetadataRequest{Topics: memberTopics(r.Members)})
		return
	}
	c.sync(h, now, nil)
}

// joinRefused gives up the attempt; the next one waits.
func (c *Consumer) joinRefused(h client.Host, now clock.Time, r *kafka.JoinGroupResponse) {
	g := &c.group
	g.nextJoin += joinInterval
	switch r.Err {
	case kafka.ErrMemberIDRequired: // KIP-394: at once
		g.memberID = r.MemberID
		g.nextJoin = 0
	case kafka.ErrUnknownMemberID:
		g.memberID = ""
	case kafka.ErrIllegalGeneration:
		g.generation = -1
	case kafka.ErrFencedInstanceID:
		c.fail(fencedText(r.Err), r.Err)
	case errTransport:
	case kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable, kafka.ErrCoordinatorLoadInProgress:
		c.queryCoordinator(h, now)
	default:
		c.queue.pushError(errorName(r.Err), joinFailedText(r.Err))
	}
	if c.cooperative() && (r.Err == kafka.ErrIllegalGeneration || r.Err == kafka.ErrMemberIDRequired) {
		c.revokeAll(h, now, true, whyJoinRefused)
		return
	}
	c.rejoin(h, now, whyJoinRefused)
}

// rejoin goes back to the start, where the next serve joins again if it may
// (rd_kafka_cgrp_rejoin, rd_kafka_cgrp_consumer_rejoin).
func (c *Consumer) rejoin(h client.Host, now clock.Time, why string) {
	if c.s.consumerProtocol {
		c.leaveMaybe(h, now)
		c.resetMember()
		c.group.setJoinState(joinInit, why)
		c.expedite(now)
		return
	}
	if !c.group.subscribed {
		c.leaveMaybe(h, now)
	}
	c.group.setJoinState(joinInit, why)
}
