package group

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// The epochs of a ConsumerGroupHeartbeat that say something else than an epoch
// (ConsumerGroupHeartbeatRequest).
const (
	epochJoin        = 0
	epochLeave       = -1
	epochLeaveStatic = -2
)

// refusal is why a heartbeat of the consumer protocol is not accepted. The text
// travels to the client.
type refusal struct {
	code kafka.ErrorCode
	text string
}

func refuse(code kafka.ErrorCode, format string, args ...any) *refusal {
	return &refusal{code, fmt.Sprintf(format, args...)}
}

// ConsumerHeartbeat is ConsumerGroupHeartbeat (GroupMetadataManager.consumerGroupHeartbeat):
// with it a member joins, leaves, stays, and says and hears who has what.
func (c *Coordinator) ConsumerHeartbeat(h Host, now clock.Time, id kafka.RequestID, r *kafka.ConsumerGroupHeartbeatRequest) {
	response, no := c.consumerHeartbeat(h, now, r)
	if no != nil {
		response = &kafka.ConsumerGroupHeartbeatResponse{Err: no.code, Message: no.text}
	}
	h.Reply(id, response)
}

func (c *Coordinator) consumerHeartbeat(h Host, now clock.Time, r *kafka.ConsumerGroupHeartbeatRequest) (*kafka.ConsumerGroupHeartbeatResponse, *refusal) {
	if no := c.validateConsumerHeartbeat(r); no != nil {
		return nil, no
	}
	if err := c.unavailable(); err != kafka.ErrNone {
		return nil, &refusal{err, err.Message()}
	}
	if r.MemberEpoch < epochJoin {
		return c.consumerLeave(h, now, r)
	}
	g, before, no := c.consumerGroupFor(h, now, r)
	if no != nil {
		return nil, no
	}
	m, no := c.subscribeMember(h, g, r)
	if no != nil {
		if before != nil {
			c.revertUpgrade(before)
		}
		return nil, no
	}
	preferred := m.assignor
	resubscribed := g.update(m, r)
	c.maybeBumpEpoch(h, g, m, r, resubscribed)
	c.maybeComputeTargets(h, now, g, preferred, m.assignor)
	if m.changed || m.joining {
		g.put(m, preferred)
		g.settle()
		m.changed, m.joining = false, false
	}
	changed := c.reconcile(h, now, g, m, resubscribed, r.Owned)
	if before != nil {
		g.replayUpgrade(m.id)
	}
	armConsumerSession(h, now, g, m, c.times[g.id].Session)

	response := &kafka.ConsumerGroupHeartbeatResponse{MemberID: m.id, MemberEpoch: m.epoch, HeartbeatInterval: c.times[g.id].Heartbeat}
	full := r.RebalanceTimeout >= 0 && r.Topics != nil && r.Owned != nil
	if r.MemberEpoch == epochJoin || full || changed {
		response.Assigned, response.Assignment = true, c.named(m.assigned)
	}
	g.write(h)
	return response, nil
}

// validateConsumerHeartbeat is what the broker checks before the coordinator sees the
// request (GroupCoordinatorService.throwIfConsumerGroupHeartbeatRequestIsInvalid).
func (c *Coordinator) validateConsumerHeartbeat(r *kafka.ConsumerGroupHeartbeatRequest) *refusal {
	invalid := func(text string) *refusal { return &refusal{kafka.ErrInvalidRequest, text} }
	switch {
	case r.MemberID == "":
		return invalid("MemberId can't be empty.")
	case r.Group == "":
		return invalid("GroupId can't be empty.")
	case r.MemberEpoch == epochJoin && r.RebalanceTimeout < 0:
		return invalid("RebalanceTimeoutMs must be provided in first request.")
	case r.MemberEpoch == epochJoin && (r.Owned == nil || len(r.Owned) > 0):
		return invalid("TopicPartitions must be empty when (re-)joining.")
	case r.MemberEpoch == epochJoin && r.Topics == nil:
		return invalid("Either SubscribedTopicNames or SubscribedTopicRegex must be non-null when (re-)joining.")
	case r.MemberEpoch == epochLeaveStatic && r.InstanceID == "":
		return invalid("InstanceId can't be null.")
	case r.MemberEpoch < epochLeaveStatic:
		return invalid("MemberEpoch is invalid.")
	}
	if r.Assignor != "" && !slices.Contains(c.cfg.ConsumerAssignors, r.Assignor) {
		return refuse(kafka.ErrUnsupportedAssignor, "ServerAssignor %s is not supported. Supported assignors: %s.", r.Assignor, c.supportedAssignors())
	}
	return nil
}

// consumerGroupFor is the group of a heartbeat. Joining creates it, or makes it one of
// the consumer protocol: before is the classic group that it was, if it had members.
func (c *Coordinator) consumerGroupFor(h Host, now clock.Time, r *kafka.ConsumerGroupHeartbeatRequest) (g *consumerGroup, before *classicGroup, no *refusal) {
	if g = c.consumer(r.Group); g == nil {
		classic := c.lookup(r.Group)
		switch {
		case c.share(r.Group) != nil:
			return nil, nil, refuse(kafka.ErrGroupIDNotFound, "Group %s is not a consumer group.", r.Group)
		case classic == nil && r.MemberEpoch != epochJoin:
			return nil, nil, refuse(kafka.ErrGroupIDNotFound, "Consumer group %s not found.", r.Group)
		case classic != nil && r.MemberEpoch != epochJoin:
			return nil, nil, refuse(kafka.ErrGroupIDNotFound, "Group %s is not a consumer group.", r.Group)
		case classic != nil && !classic.deletable():
			if g, before, no = c.upgrade(h, now, classic); no != nil {
				return nil, nil, no
			}
		case classic != nil:
			h.Log("INFO", fmt.Sprintf("[GroupId %s] Converted the empty classic group to a consumer group.", r.Group))
			classic.discard()
			fallthrough
		default:
			g = c.createConsumer(r.Group, now)
		}
	}
	if most := c.cfg.ConsumerMaxSize; int64(g.members.Len()) >= most && g.member(r.MemberID) == nil {
		if before != nil {
			c.revertUpgrade(before)
		}
		return nil, nil, refuse(kafka.ErrGroupMaxSizeReached, "The consumer group has reached its maximum capacity of %d members.", most)
	}
	return g, before, nil
}

// subscribeMember is the member of a heartbeat; joining makes it.
func (c *Coordinator) subscribeMember(h Host, g *consumerGroup, r *kafka.ConsumerGroupHeartbeatRequest) (*consumerMember, *refusal) {
	if r.InstanceID != "" {
		return c.subscribeStatic(h, g, r)
	}
	m := g.member(r.MemberID)
	joins := r.MemberEpoch == epochJoin
	if m == nil && !joins {
		return nil, unknownMember(r.MemberID, g.id)
	}
	if m != nil {
		if no := c.checkEpoch(m, r); no != nil {
			return nil, no
		}
	}
	if joins {
		h.Log("INFO", fmt.Sprintf("[GroupId %s] Member %s joins the consumer group using the consumer protocol.", g.id, r.MemberID))
	}
	if m == nil {
		m = g.add(consumerMember{id: r.MemberID, joining: true})
	}
	return m, nil
}

func unknownMember(memberID, group string) *refusal {
	return refuse(kafka.ErrUnknownMemberID, "Member %s is not a member of group %s.", memberID, group)
}

// checkEpoch compares the epoch that a member claims with the one it has
// (throwIfConsumerGroupMemberEpochIsInvalid). The epoch before is accepted when the
// member says that it owns no more than it has: the answer has been lost. Since 4.2
// joining again is always accepted.
func (c *Coordinator) checkEpoch(m *consumerMember, r *kafka.ConsumerGroupHeartbeatRequest) *refusal {
	switch {
	case r.MemberEpoch == epochJoin && c.cfg.Version >= kafka.V(4, 2, 0), r.MemberEpoch == m.epoch:
		return nil
	case r.MemberEpoch > m.epoch:
		return refuse(kafka.ErrFencedMemberEpoch, "The consumer group member has a greater member epoch (%d) than the one known by the group coordinator (%d). The member must abandon all its partitions and rejoin.", r.MemberEpoch, m.epoch)
	case r.MemberEpoch == m.previous && c.ownsNoMore(m, r.Owned):
		return nil
	}
	return refuse(kafka.ErrFencedMemberEpoch, "The consumer group member has a smaller member epoch (%d) than the one known by the group coordinator (%d). The member must abandon all its partitions and rejoin.", r.MemberEpoch, m.epoch)
}

// ownsNoMore tells whether a member says that it owns only what it is assigned.
func (c *Coordinator) ownsNoMore(m *consumerMember, owned []kafka.TopicPartition) bool {
	if owned == nil {
		return false
	}
	for _, tp := range owned {
		if p, ok := c.topics.of(tp); !ok || !holds(m.assigned, p) {
			return false
		}
	}
	return true
}

// update takes over what a heartbeat says of the member: what it does not mention is
// as before. It tells whether the topics are others.
func (g *consumerGroup) update(m *consumerMember, r *kafka.ConsumerGroupHeartbeatRequest) (resubscribed bool) {
	if m.clientID != r.ClientID {
		m.clientID, m.changed = r.ClientID, true
	}
	if m.classic.speaks {
		m.classic, m.changed = classicMetadata{}, true
	}
	if r.RebalanceTimeout >= 0 && r.RebalanceTimeout != m.rebalanceTimeout {
		m.rebalanceTimeout, m.changed = r.RebalanceTimeout, true
	}
	if r.Assignor != "" && r.Assignor != m.assignor {
		m.assignor, m.changed = r.Assignor, true
	}
	if topics := distinct(r.Topics); r.Topics != nil && !slices.Equal(topics, m.topics) {
		g.resubscribe(m.topics, topics)
		m.topics, m.changed = topics, true
		return true
	}
	return false
}

// maybeBumpEpoch gives the group a new epoch when the member subscribes to other
// topics, or when what is subscribed has changed in the cluster.
func (c *Coordinator) maybeBumpEpoch(h Host, g *consumerGroup, m *consumerMember, r *kafka.ConsumerGroupHeartbeatRequest, resubscribed bool) {
	why := epochCause{trace.ReasonMetadataChanged, m.id, m.clientID}
	switch {
	case resubscribed && r.MemberEpoch == epochJoin:
		why.reason = trace.ReasonMemberJoined
	case resubscribed:
	case g.refresh && c.topicsChanged(&g.modernGroup):
		why = epochCause{reason: trace.ReasonPartitionsChanged}
	default:
		g.refresh = false
		return
	}
	c.bumpEpoch(h, &g.modernGroup, why)
	g.refresh = false
}

// createConsumer makes an empty group of the consumer protocol.
func (c *Coordinator) createConsumer(id string, now clock.Time) *consumerGroup {
	g := c.consumers[c.index(id)]
	g.begin(c.cfg.Version)
	return g
}
