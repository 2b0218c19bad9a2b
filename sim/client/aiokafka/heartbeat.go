package aiokafka

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// heartbeat is the heartbeat task (_heartbeat_routine). It begins when a join has
// succeeded and ends before the next one; the listener is called in between, so a
// slow listener of an assignment costs the session.
type heartbeat struct {
	running           bool
	awaitsCoordinator bool
	leaves            bool       // LeaveGroup for idleness is out
	sentAt            clock.Time // when the latest heartbeat was sent
	lastOK            clock.Time
}

// wakeSlip is how late the task wakes, on average: the event loop sleeps for whole
// milliseconds, rounded up, and the next heartbeat counts from there.
const wakeSlip = 750 * clock.Microsecond

func (c *Consumer) startHeartbeat(h client.Host, now clock.Time) {
	c.beat = heartbeat{running: true, lastOK: now}
	h.Arm(timerHeartbeat, now+c.s.heartbeat+wakeSlip)
}

// stopHeartbeat cancels the task; an answer that is still out is for nobody.
func (c *Consumer) stopHeartbeat(h client.Host) {
	if c.beat.leaves {
		return // it ends as soon as LeaveGroup has been answered
	}
	c.beat = heartbeat{}
	c.forget(apiHeartbeat)
	h.Cancel(timerHeartbeat)
}

// heartbeatWakes is the end of the task's sleep.
func (c *Consumer) heartbeatWakes(h client.Host, now clock.Time) {
	if c.coordinator == 0 {
		c.beat.awaitsCoordinator = true
		c.lookup(h, now)
		return
	}
	c.sendHeartbeat(h, now)
}

func (c *Consumer) sendHeartbeat(h client.Host, now clock.Time) {
	c.beat.awaitsCoordinator, c.beat.sentAt = false, now
	c.send(h, c.coordinator, apiHeartbeat, &kafka.HeartbeatRequest{
		Group: c.o.Group, MemberID: c.generation.member, Generation: c.generation.id,
	})
}

// heartbeatAnswered is _do_heartbeat. REBALANCE_IN_PROGRESS counts as a good
// answer; the coordination task joins at once, whatever the application does.
func (c *Consumer) heartbeatAnswered(h client.Host, now clock.Time, err kafka.ErrorCode) {
	switch err {
	case kafka.ErrNone:
	case kafka.ErrRebalanceInProgress:
		c.logf(h, "WARNING", "Heartbeat failed for group %s because it is rebalancing", c.o.Group)
		c.rejoinNeeded = true
	case kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator:
		c.logf(h, "WARNING", "Heartbeat failed for group %s: coordinator (node %d) is either not started or not valid", c.o.Group, c.coordinator)
		c.coordinatorDead(h)
	case kafka.ErrIllegalGeneration:
		c.logf(h, "WARNING", "Heartbeat failed for group %s: generation id is not  current.", c.o.Group)
		c.resetGeneration()
	case kafka.ErrUnknownMemberID:
		c.logf(h, "WARNING", "Heartbeat failed: local member_id was not recognized; resetting and re-joining group")
		c.resetGeneration()
	default:
		e := &client.Error{Name: "KafkaError", Text: "KafkaError: Unexpected exception in heartbeat task: " + brokerErrorName(err) + "()", Fatal: true}
		c.logf(h, "ERROR", "Heartbeat failed: %s", "KafkaError('Unexpected exception in heartbeat task: "+brokerErrorName(err)+"()')")
		c.beat = heartbeat{}
		c.push(e)
		return
	}
	c.heartbeatEnded(h, now, err == kafka.ErrNone || err == kafka.ErrRebalanceInProgress)
}

// heartbeatEnded is what the task does after each heartbeat: it looks at its own
// session and at how long the application has been idle, and sleeps.
func (c *Consumer) heartbeatEnded(h client.Host, now clock.Time, ok bool) {
	b := &c.beat
	sleep := c.s.retryBackoff
	if ok {
		b.lastOK = now
		sleep = max(0, c.s.heartbeat-(now-b.sentAt))
	}
	if now-b.lastOK > c.s.session {
		c.logf(h, "ERROR", "Heartbeat session expired - marking coordinator dead")
		c.coordinatorDead(h)
	}
	if idle := c.idle(now); idle < c.s.maxPoll {
		sleep = min(sleep, c.s.maxPoll-idle)
	} else {
		h.BlameApp()
		if b.leaves = c.leave(h); b.leaves {
			return
		}
		c.resetGeneration()
	}
	c.heartbeatSleeps(h, now, sleep)
}

// heartbeatSleeps ends the task when there is no member any more.
func (c *Consumer) heartbeatSleeps(h client.Host, now clock.Time, sleep clock.Duration) {
	if c.generation.member == "" {
		c.beat = heartbeat{}
		return
	}
	h.Arm(timerHeartbeat, now+sleep+wakeSlip)
}

// idle is fetcher_idle_time: how long no getmany() has been waited for. Time spent
// inside one does not count.
func (c *Consumer) idle(now clock.Time) clock.Duration {
	if c.get.running && c.get.started {
		return 0
	}
	return now - c.idleFrom
}

// leave sends LeaveGroup, if the member is dynamic and in a generation
// (_maybe_leave_group).
func (c *Consumer) leave(h client.Host) bool {
	if c.generation.id <= 0 || c.s.instance != "" || c.coordinator == 0 {
		return false
	}
	c.send(h, c.coordinator, apiLeave, &kafka.LeaveGroupRequest{
		Group: c.o.Group, Members: []kafka.LeavingMember{{MemberID: c.generation.member}},
	})
	return true
}

// left is the answer to LeaveGroup, which the client does not look into.
func (c *Consumer) left(h client.Host, now clock.Time) {
	c.logf(h, "INFO", "LeaveGroup request succeeded")
	c.leaveEnded(h, now)
}

func (c *Consumer) leaveEnded(h client.Host, now clock.Time) {
	c.resetGeneration()
	if c.beat.leaves {
		c.beat.leaves = false
		c.heartbeatSleeps(h, now, 0)
	}
	if c.task.step == stepLeave {
		c.task.enter(stepDone)
	}
}
