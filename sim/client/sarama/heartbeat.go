package sarama

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// heartbeat is the heartbeat loop of a session: the first one goes out at once,
// the others on a ticker. It goes on while the handlers end.
type heartbeat struct {
	running  bool
	inFlight bool
	late     bool       // the ticker has ticked while an answer was awaited
	next     clock.Time // of the ticker
	retries  int64
	dying    bool // the session waits for the loop
}

// startHeartbeat starts the loop.
func (c *Consumer) startHeartbeat(h client.Host, now clock.Time) {
	c.heartbeat = heartbeat{running: true, next: now + c.s.heartbeat, retries: c.s.metadataRetries}
	h.Arm(timerHeartbeat, c.heartbeat.next)
	c.sendHeartbeat(h)
}

func (c *Consumer) sendHeartbeat(h client.Host) {
	c.heartbeat.inFlight = true
	if c.outrun() {
		c.outran = append(c.outran, waiter{why: byHeartbeat, broker: c.coordinator})
		return
	}
	c.beat(h)
}

// beat puts a heartbeat on the wire.
func (c *Consumer) beat(h client.Host) {
	c.send(h, request{broker: c.coordinator, body: &kafka.HeartbeatRequest{
		Group: c.o.Group, MemberID: c.session.member, InstanceID: c.s.instance, Generation: c.session.generation,
	}})
}

// heartbeatTick is a tick: it waits while an answer does, and is one then,
// however many there were.
func (c *Consumer) heartbeatTick(h client.Host, now clock.Time) {
	b := &c.heartbeat
	if !b.running {
		return
	}
	b.next += c.s.heartbeat
	if b.next <= now { // a frozen process has overslept
		b.next = now + c.s.heartbeat - (now-b.next)%c.s.heartbeat
	}
	h.Arm(timerHeartbeat, b.next)
	if b.inFlight {
		b.late = true
		return
	}
	c.sendHeartbeat(h)
}

// heartbeatAnswered goes on after a heartbeat. A rebalance cancels the session's
// context, and the heartbeats go on; who is not a member any more has none.
func (c *Consumer) heartbeatAnswered(h client.Host, now clock.Time, err kafka.ErrorCode) {
	b := &c.heartbeat
	if !b.inFlight {
		return
	}
	b.inFlight = false
	switch err {
	case kafka.ErrNone:
		b.retries = c.s.metadataRetries
	case kafka.ErrRebalanceInProgress:
		b.retries = c.s.metadataRetries
		c.cancel(h, now, rebalancing)
	case kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable:
		c.heartbeatMoved(h, now, err)
	default:
		c.heartbeatRefused(h, now, err)
		return
	}
	switch {
	case !b.running: // the session has ended in the same breath
	case b.dying:
		c.heartbeatEnded(h, now, cancelled)
	case b.late:
		b.late = false
		c.sendHeartbeat(h)
	}
}

// heartbeatMoved is an answer from a broker that does not coordinate the group:
// the coordinator is looked for, and asked after a pause, a few times.
func (c *Consumer) heartbeatMoved(h client.Host, now clock.Time, err kafka.ErrorCode) {
	b := &c.heartbeat
	if b.retries <= 0 {
		c.log(h, errorOf(err).Text)
		c.heartbeatEnded(h, now, errorOf(err).Text)
		return
	}
	b.retries--
	c.seekCoordinator(h)
	b.next = now + c.s.metadataBackoff
	h.Arm(timerHeartbeat, b.next)
}

// heartbeatRefused ends the loop, and with it the session.
func (c *Consumer) heartbeatRefused(h client.Host, now clock.Time, err kafka.ErrorCode) {
	cause := errorOf(err).Text
	switch err {
	case kafka.ErrUnknownMemberID:
		cause = unknownMember
	case kafka.ErrIllegalGeneration:
		cause = staleGeneration
	case kafka.ErrFencedInstanceID:
		c.log(h, "JoinGroup failed: group instance id "+c.s.instance+" has been fenced")
		c.logError(h, errorOf(err).Text)
		cause = fencedInstance
	default:
		c.logError(h, cause)
	}
	c.heartbeatEnded(h, now, cause)
}

// heartbeatFailed is a connection that broke under a heartbeat: it is sent anew,
// a few times.
func (c *Consumer) heartbeatFailed(h client.Host, now clock.Time) {
	b := &c.heartbeat
	if !b.inFlight {
		return
	}
	b.inFlight = false
	if b.retries <= 0 {
		c.logError(h, endOfFile.Text)
		c.heartbeatEnded(h, now, heartbeatStopped)
		return
	}
	b.retries--
	c.sendHeartbeat(h)
}

// stopHeartbeat is the end of a session: the loop ends, at the latest with the
// answer that it waits for.
func (c *Consumer) stopHeartbeat(h client.Host, now clock.Time) {
	b := &c.heartbeat
	b.dying = true
	if !b.running {
		c.endConsume(h)
	} else if !b.inFlight {
		c.heartbeatEnded(h, now, cancelled)
	}
}

// heartbeatEnded is the end of the loop, which ends the session too.
func (c *Consumer) heartbeatEnded(h client.Host, now clock.Time, cause string) {
	h.Cancel(timerHeartbeat)
	awaited := c.heartbeat.dying
	c.heartbeat.running = false
	c.log(h, "consumergroup/session/"+c.session.id()+" heartbeat loop stopped")
	if awaited {
		c.endConsume(h)
		return
	}
	c.cancel(h, now, cause) // may end Consume in the same breath
}
