package kafkapython

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// heartbeat is kafka.coordinator.heartbeat.Heartbeat and the loop around it
// (BaseCoordinator._heartbeat_loop).
type heartbeat struct {
	enabled bool
	started bool // there has been a join
	// awaits tells that the loop waits for an answer: to its heartbeat, to its
	// LeaveGroup, or to a search for the coordinator.
	awaits bool

	lastSend, lastReceive, lastReset clock.Time
	lastPoll                         clock.Time
	failed                           bool // the latest heartbeat: the next one comes after retry_backoff_ms
}

// wakeSlip is how late the loop wakes, on average: its selector sleeps for whole
// milliseconds, rounded up, and the next heartbeat counts from there. So
// heartbeats that are due each second leave 1001 ms apart.
const wakeSlip = 850 * clock.Microsecond

// next is when the next heartbeat is due (time_to_next_heartbeat).
func (b *heartbeat) next(s *settings) clock.Time {
	interval := s.heartbeat
	if b.failed {
		interval = s.retryBackoff
	}
	return max(b.lastSend, b.lastReset) + interval
}

// reset is Heartbeat.reset_timeouts.
func (b *heartbeat) reset(now clock.Time) {
	b.lastReset, b.lastPoll, b.failed = now, now, false
}

// enableHeartbeat starts the loop and its deadlines anew, as a join succeeds.
func (c *Consumer) enableHeartbeat(h client.Host, now clock.Time) {
	if c.d.oldJoin && !c.beat.started {
		c.logf(h, "INFO", "Starting new heartbeat thread")
	}
	c.beat.enabled, c.beat.started = true, true
	c.beat.reset(now)
	c.heartbeatLoop(h, now)
}

// disableHeartbeat stops the loop until the next join has succeeded.
func (c *Consumer) disableHeartbeat(h client.Host) {
	c.beat.enabled = false
	h.Cancel(timerHeartbeat)
}

// resumeHeartbeatLoop goes on after the answer that the loop has waited for.
func (c *Consumer) resumeHeartbeatLoop(h client.Host, now clock.Time) {
	if c.beat.awaits {
		c.beat.awaits = false
		c.heartbeatLoop(h, now)
	}
}

// heartbeatLoop runs the loop until it waits: the first condition that holds acts.
func (c *Consumer) heartbeatLoop(h client.Host, now clock.Time) {
	b := &c.beat
	for b.enabled && !b.awaits {
		switch {
		case c.state != stable:
			c.disableHeartbeat(h)
		case c.coordinator == 0 && now < c.lookupAt:
			h.Arm(timerHeartbeat, c.lookupAt)
			return
		case c.coordinator == 0:
			b.awaits = c.lookupCoordinator(h, now)
		case now-max(b.lastReceive, b.lastReset) > c.s.session:
			c.logf(h, "WARNING", "Heartbeat session expired, marking coordinator dead")
			c.coordinatorDead(h, "Heartbeat session expired")
		case now-b.lastPoll >= c.s.maxPoll:
			c.pollTimeoutExpired(h, now)
		case now < b.next(c.s):
			c.armHeartbeat(h, now)
			return
		default:
			// In 2.0 the thread goes on, and would notice that no answer comes.
			b.awaits, b.lastSend, b.failed = !c.d.oldJoin, now, false
			c.send(h, c.coordinator, apiHeartbeat, &kafka.HeartbeatRequest{
				Group: c.o.Group, MemberID: c.generation.member, InstanceID: c.s.instance, Generation: c.generation.id,
			})
		}
	}
	h.Cancel(timerHeartbeat)
}

// armHeartbeat sets the loop's next wake. In 2.0 it wakes each retry_backoff_ms,
// later only for the next heartbeat; wakes without effect are left out.
func (c *Consumer) armHeartbeat(h client.Host, now clock.Time) {
	at := c.beat.next(c.s)
	if c.d.wakesOften {
		expires := max(c.beat.lastReceive, c.beat.lastReset) + c.s.session + clock.Microsecond
		step, deadline := c.s.retryBackoff, min(c.beat.lastPoll+c.s.maxPoll, at, expires)
		at = now + max(1, (deadline-now+step-1)/step)*step
	}
	h.Arm(timerHeartbeat, at+wakeSlip)
}

// pollTimeoutExpired is the poll deadline: the client itself leaves the group,
// unless it is static; then it only stops to heartbeat.
func (c *Consumer) pollTimeoutExpired(h client.Host, now clock.Time) {
	h.BlameApp()
	h.Emit(trace.Event{Type: trace.PollExceeded, Text: c.d.pollTimeout})
	h.Log("WARNING", c.d.pollTimeout)
	if c.leave(h) {
		c.beat.awaits = true
		return
	}
	c.leaveEnded(h, now)
}

// leave sends LeaveGroup, if the member is dynamic and known to the coordinator
// (maybe_leave_group).
func (c *Consumer) leave(h client.Host) bool {
	if c.s.instance != "" || c.coordinator == 0 || c.state == unjoined || c.generation.member == "" {
		return false
	}
	h.Log("INFO", c.d.leaving(c.o.Group, c.generation.member))
	c.send(h, c.coordinator, apiLeave, &kafka.LeaveGroupRequest{
		Group: c.o.Group, Members: []kafka.LeavingMember{{MemberID: c.generation.member}},
	})
	return true
}

// left is _handle_leave_group_response.
func (c *Consumer) left(h client.Host, now clock.Time, r *kafka.LeaveGroupResponse) {
	if r.Err == kafka.ErrNone && !c.d.quietLeave {
		c.logf(h, "INFO", "LeaveGroup request for group %s returned successfully", c.o.Group)
	} else if r.Err != kafka.ErrNone {
		c.logf(h, "ERROR", "LeaveGroup request for group %s failed with error: %s", c.o.Group, c.d.errorText(r.Err, ""))
	}
	c.leaveEnded(h, now)
}

// leaveEnded gives up the generation: only then does the member count as gone.
func (c *Consumer) leaveEnded(h client.Host, now clock.Time) {
	c.resetGeneration("", "it has left the group")
	c.resumeHeartbeatLoop(h, now)
}

// heartbeatAnswered is _handle_heartbeat_response.
func (c *Consumer) heartbeatAnswered(h client.Host, now clock.Time, r *kafka.HeartbeatResponse) {
	b := &c.beat
	switch r.Err {
	case kafka.ErrNone:
		b.lastReceive = now
	case kafka.ErrRebalanceInProgress:
		level, text := c.d.rebalancing(c.o.Group)
		h.Log(level, text)
		c.rejoinNeeded = true
		b.lastReceive = now
	case kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator:
		c.logf(h, "WARNING", "Heartbeat failed for group %s: coordinator (node %s) is either not started or not valid", c.o.Group, c.coordinatorText())
		c.coordinatorDead(h, c.d.errorText(r.Err, ""))
		b.failed = true
	case kafka.ErrIllegalGeneration:
		c.logf(h, "WARNING", "Heartbeat failed for group %s: generation id is not  current.", c.o.Group)
		c.generationRefused(r.Err, "Heartbeat")
		b.failed = true
	case kafka.ErrUnknownMemberID:
		c.logf(h, "WARNING", "Heartbeat: local member_id was not recognized; this consumer needs to re-join")
		c.generationRefused(r.Err, "Heartbeat")
		b.failed = true
	case kafka.ErrFencedInstanceID:
		c.logf(h, "ERROR", "Heartbeat failed for group %s due to fenced id error: %s", c.o.Group, c.s.instance)
		c.logf(h, "ERROR", "Heartbeat thread caught fenced group_instance_id %s error", c.s.instance)
		c.disableHeartbeat(h)
	default:
		c.logf(h, "ERROR", "Heartbeat failed: Unhandled error: %s", c.d.errorText(r.Err, ""))
		b.failed = true
	}
	c.resumeHeartbeatLoop(h, now)
}
