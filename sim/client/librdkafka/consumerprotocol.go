package librdkafka

import (
	"encoding/base64"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// consumerProtocol is the membership in group.protocol=consumer (KIP-848) beside
// what it shares with the classic one: the join state, and the generation, which is
// the member epoch. The broker assigns; reconcile.go follows it.
type consumerProtocol struct {
	interval clock.Duration // between heartbeats, as the broker says; 0 until it has
	lastBeat clock.Time     // when the latest heartbeat left
	backoff  clock.Duration // added to the interval once
	tries    int            // heartbeats since one has succeeded

	full       bool // the next heartbeat tells everything
	sendingAck bool // the one in transit acknowledges the target
	rejoin     bool // fenced, or too late to poll: everything is lost once no rebalance runs
	rejoining  bool // and until that is given back

	reconciliation
}

// memberBeatSlip is how late a heartbeat leaves: the timer is set when the one before
// has left, and the loop sleeps for whole milliseconds, rounded up.
const memberBeatSlip = clock.Millisecond

// beginConsumerProtocol is what rd_kafka_cgrp_new does for it: the member has an id
// of its own making.
func (c *Consumer) beginConsumerProtocol(h client.Host) {
	c.group.memberID = newMemberID(h.Rand())
	c.group.generation = 0
	c.kip848.current = []kafka.TopicPartition{}
	switch {
	case c.o.Version < earlyAccessUntil:
		c.log("WARNING", facGroup, consumerProtocolText("Early Access"))
	case c.o.Version < previewUntil:
		c.log("WARNING", facGroup, consumerProtocolText("Preview"))
	}
}

// newMemberID is a random UUID as librdkafka writes it (rd_kafka_Uuid_base64str).
func newMemberID(rand *clock.Stream) string {
	return base64.RawStdEncoding.EncodeToString(kafka.RandomUUID(rand).Bytes())
}

// serveMember is rd_kafka_cgrp_consumer_serve: it gives up what is lost, and sends
// the heartbeat that is due.
func (c *Consumer) serveMember(h client.Host, now clock.Time) {
	g, k := &c.group, &c.kip848
	if g.fatal {
		return
	}
	if k.rejoin {
		if g.rebalancing() {
			return
		}
		k.rejoin, k.rejoining = false, true
		c.revokeAll(h, now, true, whyMemberFenced)
	}
	if g.join == joinInit {
		k.rejoining = false
	}
	if !c.mayBeat(now) || now < k.nextBeat() {
		return
	}
	if c.metadata.brokers == nil {
		if !c.pending(apiMetadata) {
			c.requestMetadata(h, now)
		}
		return
	}
	c.memberBeat(h, now)
}

// nextBeat is when the next heartbeat is due.
func (k *consumerProtocol) nextBeat() clock.Time { return k.lastBeat + k.interval + k.backoff }

// beats tells whether a heartbeat will be due some time: these have a timer of
// their own.
func (c *Consumer) beats(now clock.Time) bool {
	return c.coordinator.broker != 0 && c.metadata.brokers != nil && !c.group.fatal && c.mayBeat(now)
}

// mayBeat is rd_kafka_cgrp_consumer_heartbeat_preconditions_met.
func (c *Consumer) mayBeat(now clock.Time) bool {
	g := &c.group
	return g.subscribed && !c.beat.inTransit && !c.kip848.rejoining && !g.willLeave() &&
		(!c.deadline.exceeded || c.pollExcess(now) <= 0)
}

// memberBeat sends a heartbeat (rd_kafka_cgrp_consumer_group_heartbeat): it joins
// with epoch 0, tells all while it has no assignment, and acknowledges the target
// when that is in effect.
func (c *Consumer) memberBeat(h client.Host, now clock.Time) {
	g, k := &c.group, &c.kip848
	c.deadline.exceeded = false
	c.beat.inTransit = true
	k.lastBeat, k.backoff = now, 0
	k.tries++
	r := &kafka.ConsumerGroupHeartbeatRequest{
		Group: c.o.Group, ClientID: c.o.ClientID, MemberID: g.memberID, MemberEpoch: g.generation, RebalanceTimeout: -1,
	}
	if k.full || g.join == joinInit {
		r.InstanceID, r.RebalanceTimeout, r.Topics, r.Assignor = c.s.instance, c.s.maxPoll, c.o.Topics, c.s.remoteAssignor
		r.Owned = k.current
	}
	if g.join == steady && k.waitAck {
		k.sendingAck = true
		r.Owned = k.target
	}
	c.send(h, now, c.coordinator.broker, request{api: apiMemberHeartbeat}, r)
}

// expedite lets the next heartbeat leave at once, or, after failures, soon
// (rd_kafka_cgrp_consumer_expedite_next_heartbeat).
func (c *Consumer) expedite(now clock.Time) {
	k := &c.kip848
	k.lastBeat, k.backoff = now-k.interval, 0
	if k.tries > 0 {
		k.backoff = min(clock.Millisecond<<min(k.tries-1, 20), c.s.retryBackoffMax)
	}
}

// memberAnswered is rd_kafka_cgrp_handle_ConsumerGroupHeartbeat.
func (c *Consumer) memberAnswered(h client.Host, now clock.Time, r *kafka.ConsumerGroupHeartbeatResponse) {
	g, k := &c.group, &c.kip848
	c.beat.inTransit = false
	if g.willLeave() {
		return // outdated
	}
	if r.Err != kafka.ErrNone {
		c.memberRefused(h, now, r.Err)
		return
	}
	g.generation = r.MemberEpoch
	if r.HeartbeatInterval > 0 {
		k.interval = r.HeartbeatInterval
	}
	if r.Assigned {
		c.targetArrived(r.Assignment)
	}
	acked := k.sendingAck
	k.full, k.sendingAck, k.tries = false, false, 0
	if g.join == steady && k.waitAck {
		if acked {
			k.current, k.target, k.waitAck = k.target, nil, false
		} else {
			c.expedite(now)
		}
	}
	c.reconcile(h, now)
}

// memberRefused is its part for errors.
func (c *Consumer) memberRefused(h client.Host, now clock.Time, err kafka.ErrorCode) {
	k := &c.kip848
	k.sendingAck = false
	switch err {
	case kafka.ErrUnknownMemberID, kafka.ErrFencedMemberEpoch:
		k.rejoin = true
		return
	case kafka.ErrInvalidRequest, kafka.ErrGroupMaxSizeReached, kafka.ErrUnsupportedAssignor, kafka.ErrUnsupportedVersion, kafka.ErrUnreleasedInstanceID:
		c.fail(memberFatalText(err), err)
		c.revokeAllMaybe(h, now, true, whyMemberFatal)
		return
	case kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable, errTransport:
		k.full = true
		c.queryCoordinator(h, now)
	case kafka.ErrCoordinatorLoadInProgress:
		k.backoff = c.retryDelay() - k.interval
		return
	}
	if k.interval == 0 {
		k.backoff = c.retryDelay()
	}
}

// retryDelay is the pause before a heartbeat is tried again.
func (c *Consumer) retryDelay() clock.Duration {
	return min(c.s.retryBackoff<<min(max(c.kip848.tries-1, 0), 20), c.s.retryBackoffMax)
}

// leaveMember leaves the group, for a static member until it comes back
// (rd_kafka_cgrp_consumer_leave).
func (c *Consumer) leaveMember(h client.Host, now clock.Time) {
	g := &c.group
	if g.waitLeave {
		return
	}
	g.waitLeave = true
	if c.coordinator.broker == 0 {
		c.memberLeft()
		return
	}
	epoch := int32(-1)
	if c.s.instance != "" {
		epoch = -2
	}
	c.send(h, now, c.coordinator.broker, request{api: apiMemberLeave}, &kafka.ConsumerGroupHeartbeatRequest{
		Group: c.o.Group, ClientID: c.o.ClientID, MemberID: g.memberID, InstanceID: c.s.instance, MemberEpoch: epoch, RebalanceTimeout: -1,
	})
}

// memberLeft is rd_kafka_cgrp_handle_ConsumerGroupHeartbeat_leave.
func (c *Consumer) memberLeft() {
	c.group.waitLeave = false
	c.resetMember()
}

// resetMember makes it a member that has never joined
// (rd_kafka_cgrp_consumer_reset).
func (c *Consumer) resetMember() {
	k := &c.kip848
	c.group.generation = 0
	k.full, k.sendingAck, k.rejoin = false, false, false
	k.reconciliation = reconciliation{current: []kafka.TopicPartition{}}
}

// terminateMember begins close() (rd_kafka_cgrp_consumer_unsubscribe).
func (c *Consumer) terminateMember(h client.Host, now clock.Time) {
	g, k := &c.group, &c.kip848
	k.rejoin, k.rejoining = false, false
	if !g.willLeave() {
		g.leaveOnUnassign = true
		c.revokeAll(h, now, false, whyUnsubscribe)
	}
	if !g.waitsForCall() {
		c.unassign(h, now)
	}
}

// pollDeadlineMissed is what follows a missed poll deadline in this protocol.
func (c *Consumer) pollDeadlineMissed(h client.Host, now clock.Time) {
	if c.o.Version < leaveLater {
		c.leaveMember(h, now)
	} else {
		c.group.leaveOnUnassign = true
	}
	c.kip848.rejoin = true
	c.expedite(now)
	c.serveMember(h, now)
}

func (k *consumerProtocol) clone() consumerProtocol {
	c := *k
	c.current, c.target, c.next = slices.Clone(k.current), slices.Clone(k.target), slices.Clone(k.next)
	return c
}
