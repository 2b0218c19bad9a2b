package group

import (
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// heartbeatAnswers are the common answers, made once: a heartbeat allocates
// nothing.
var (
	heartbeatNone        = &kafka.HeartbeatResponse{}
	heartbeatRebalancing = &kafka.HeartbeatResponse{Err: kafka.ErrRebalanceInProgress}
)

// Heartbeat is the classic protocol's Heartbeat
// (GroupMetadataManager.classicGroupHeartbeat). Whatever the answer, a heartbeat
// of a member of the current generation restarts its session.
func (c *Coordinator) Heartbeat(h Host, now clock.Time, id kafka.RequestID, r *kafka.HeartbeatRequest) {
	if c.phase == loading { // so that members do not give up while it loads
		h.Reply(id, heartbeatNone)
		return
	}
	if g := c.consumer(r.Group); g != nil && c.phase == active {
		c.heartbeatConsumer(h, now, g, id, r)
		return
	}
	g := c.lookup(r.Group)
	if err := c.validateHeartbeat(h, g, r); err != kafka.ErrNone {
		h.Reply(id, &kafka.HeartbeatResponse{Err: err})
		return
	}
	m := g.member(r.MemberID)
	armSession(h, now, g, m, m.sessionTimeout)
	if g.state == PreparingRebalance {
		h.Reply(id, heartbeatRebalancing)
		return
	}
	h.Reply(id, heartbeatNone)
}

func (c *Coordinator) validateHeartbeat(h Host, g *classicGroup, r *kafka.HeartbeatRequest) kafka.ErrorCode {
	if err := c.unavailable(); err != kafka.ErrNone {
		return err
	}
	if g == nil {
		return kafka.ErrUnknownMemberID
	}
	if err := g.validate(h, r.MemberID, r.InstanceID, "heartbeat"); err != kafka.ErrNone {
		return err
	}
	if r.Generation != g.generation {
		return kafka.ErrIllegalGeneration
	}
	return kafka.ErrNone
}
