package java

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// heartbeat is what the heartbeat thread keeps (Heartbeat.java): three timers,
// and the grid on which the thread wakes.
type heartbeat struct {
	due     clock.Time // the next heartbeat
	session clock.Time // no answer for session.timeout.ms
	poll    clock.Time // the poll deadline: the start of the latest poll iteration + max.poll.interval.ms
	// anchor is when the thread last began to wait: it wakes retry.backoff.ms
	// later, and again, until it is notified.
	anchor clock.Time
}

// wakeLate is by how much a thread wakes too late: Java waits for whole
// milliseconds of a clock that shows whole milliseconds. It adds up over the
// wakes of the heartbeat thread and over the heartbeats of a member.
const wakeLate = clock.Millisecond

// beatLate is how long after the application's notice the heartbeat thread is awake
// and sends; the next heartbeat counts from then. With the wake of the application's
// own select it makes the 3 ms a heartbeat, those in a poll loop's way included, by
// which heartbeats are late in the recordings.
const beatLate = 800 * clock.Microsecond

// enableHeartbeat starts the thread and its timers anew, as a join succeeds.
func (c *Consumer) enableHeartbeat(h client.Host, now clock.Time) {
	c.heartbeat = heartbeat{due: now + c.s.heartbeat, session: now + c.s.session, poll: now + c.s.maxPoll, anchor: now}
	c.armHeartbeat(h, now)
}

// pollHeartbeat is what poll() does for the thread in each iteration: it stamps
// the poll deadline, and notifies the thread when a heartbeat is due.
func (c *Consumer) pollHeartbeat(h client.Host, now clock.Time) {
	if !c.hasThread() {
		return
	}
	c.heartbeat.poll = now + c.s.maxPoll
	if c.joinedGroup() && now >= c.heartbeat.due {
		c.heartbeat.anchor = now
		c.heartbeatLoop(h, now)
	}
}

// heartbeatTask is all there was before KIP-62: a delayed task of the network client
// that runs when the consumer polls the network, and only then. A session without
// an answer makes the coordinator dead.
func (c *Consumer) heartbeatTask(h client.Host, now clock.Time) {
	switch b := &c.heartbeat; {
	case !c.joinedGroup() || c.rejoinNeeded || c.coordinator == 0:
	case c.pending(apiHeartbeat): // its answer, when it is read, sets the task anew
	case now > b.session:
		c.coordinatorLost(h, now, "session timed out without receiving a heartbeat response")
	case now >= b.due:
		c.sendHeartbeat(h, now)
	}
}

// sendHeartbeat sends Heartbeat.
func (c *Consumer) sendHeartbeat(h client.Host, now clock.Time) {
	c.heartbeat.due = now + c.s.heartbeat
	if c.hasThread() {
		c.heartbeat.due += beatLate
	}
	c.send(h, now, c.coordinator, apiHeartbeat, &kafka.HeartbeatRequest{
		Group: c.o.Group, MemberID: c.generation.member, InstanceID: c.s.instance, Generation: c.generation.id,
	})
}

// wakeHeartbeat is a wake of the thread: it polls the network first.
func (c *Consumer) wakeHeartbeat(h client.Host, now clock.Time) {
	if !c.joinedGroup() {
		return
	}
	c.heartbeat.anchor = now
	if c.call == callNone {
		c.drainInbox(h, now)
	}
	c.heartbeatLoop(h, now)
}

// heartbeatLoop is AbstractCoordinator.HeartbeatThread.run: the first condition
// that holds acts.
func (c *Consumer) heartbeatLoop(h client.Host, now clock.Time) {
	switch b := &c.heartbeat; {
	case !c.joinedGroup():
	case c.coordinator == 0:
		c.findCoordinator(h, now)
	case now >= b.session:
		c.coordinatorLost(h, now, "session timed out without receiving a heartbeat response")
		c.findCoordinator(h, now)
	case now >= b.poll:
		c.pollTimeoutExpired(h, now)
	case now >= b.due:
		c.sendHeartbeat(h, now)
	}
	c.armHeartbeat(h, now)
}

// armHeartbeat sets the thread's next wake that finds something to do. The
// thread really wakes after each retry.backoff.ms; wakes without effect are left out.
func (c *Consumer) armHeartbeat(h client.Host, now clock.Time) {
	if !c.joinedGroup() || c.closing.step >= closeLeaves { // close() has ended the thread
		h.Cancel(timerHeartbeat)
		return
	}
	if !c.hasThread() {
		return
	}
	b := &c.heartbeat
	at := min(b.due, b.session, b.poll)
	if len(c.inbox) > 0 || c.coordinator == 0 {
		at = now
	}
	step := c.s.retryBackoff + wakeLate
	next := b.anchor + step
	if at > next {
		next = b.anchor + (at-b.anchor+step-1)/step*step
	}
	h.Arm(timerHeartbeat, max(next, now)) // a frozen process has overslept
}

// pollTimeoutExpired is the poll deadline: the client itself leaves the group,
// unless it is static (maybeLeaveGroup).
func (c *Consumer) pollTimeoutExpired(h client.Host, now clock.Time) {
	h.BlameApp()
	if c.since(leavesAloud) {
		h.Emit(trace.Event{Type: trace.PollExceeded, Text: pollTimeoutText})
	}
	c.leave(h, now, c.tellPollTimeout(h))
}

// leave is maybeLeaveGroup: LeaveGroup for a dynamic member, and in any case an
// end to the generation.
func (c *Consumer) leave(h client.Host, now clock.Time, reason string) {
	if c.s.instance == "" && c.coordinator != 0 && c.state != unjoined && c.generation.member != "" {
		c.tellLeaving(h, reason)
		c.send(h, now, c.coordinator, apiLeave, &kafka.LeaveGroupRequest{
			Group:   c.o.Group,
			Members: []kafka.LeavingMember{{MemberID: c.generation.member, InstanceID: c.s.instance, Reason: c.reason(reason)}},
		})
	}
	c.resetGeneration(h, leavingReason, false)
	c.requestRejoin(h, leavingReason, leavingReason)
}

// heartbeatAnswered is HeartbeatResponseHandler.
func (c *Consumer) heartbeatAnswered(h client.Host, now clock.Time, q request, r *kafka.HeartbeatResponse) {
	switch r.Err {
	case kafka.ErrNone:
		c.heartbeat.session = now + c.s.session
	case kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator:
		c.tell(h, heartbeatsAloud, "Attempt to heartbeat failed since coordinator "+c.coordinatorText()+" is either not started or not valid")
		c.coordinatorLost(h, now, "error response "+r.Err.String())
		c.heartbeat.due = now + c.s.retryBackoff
	case kafka.ErrRebalanceInProgress:
		c.heartbeat.session = now + c.s.session
		if c.state == stable {
			if !c.since(tellsRejoins) {
				c.tell(h, heartbeatsAloud, "Attempt to heartbeat failed since group is rebalancing")
			}
			c.requestRejoin(h, "group is already rebalancing", "group is already rebalancing")
		}
	case kafka.ErrIllegalGeneration, kafka.ErrUnknownMemberID, kafka.ErrFencedInstanceID:
		if q.generation != c.generation {
			c.info(h, "Attempt to heartbeat with stale "+q.generation.String()+" and group instance id "+c.instanceText()+" failed due to "+r.Err.String()+", ignoring the error")
			return
		}
		c.tellRefused(h, q, r.Err)
		c.resetOnError(h, "HEARTBEAT", r.Err)
		if r.Err == kafka.ErrFencedInstanceID {
			c.log(h, "ERROR", "Caught fenced group.instance.id "+c.instanceText()+" error in heartbeat thread")
			c.fenced = true
		}
	default:
		c.heartbeat.due = now + c.s.retryBackoff
	}
	c.armHeartbeat(h, now)
}

// left is LeaveGroupResponseHandler: success is logged at DEBUG only.
func (c *Consumer) left(h client.Host, q request, r *kafka.LeaveGroupResponse) {
	err := r.Err
	if err == kafka.ErrNone && len(r.Members) > 0 {
		err = r.Members[0].Err
	}
	if err != kafka.ErrNone {
		c.info(h, "LeaveGroup request with "+q.generation.String()+" failed with error: "+err.Message())
	}
}
