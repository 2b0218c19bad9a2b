package franzgo

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// fastCheck is when a cooperative session sends its first heartbeat: the second
// rebalance of two follows at once.
const fastCheck = 500 * clock.Millisecond

// heartbeat is the heartbeat loop of a session. Its timer begins anew with each
// answer; while an answer is awaited nothing else is looked at.
type heartbeat struct {
	running  bool
	inFlight bool
	due      clock.Time // the timer
	fast     clock.Time // the early heartbeat; 0: there is none any more
	why      string     // of the rejoin that has ended the session
	revoking bool       // the revoke callback runs, or waits at the gate
	revoked  bool       // it has run
	last     *groupError
}

// startHeartbeat starts the loop.
func (c *Consumer) startHeartbeat(h client.Host, now clock.Time) {
	c.info(h, "beginning heartbeat loop", "group", c.o.Group)
	c.heartbeat = heartbeat{running: true, due: now + c.s.heartbeat}
	if c.manage.cooperative {
		c.heartbeat.fast = now + fastCheck
		h.Arm(timerFast, c.heartbeat.fast)
	}
	h.Arm(timerHeartbeat, c.heartbeat.due)
	c.takeForced(h, now)
}

// stopHeartbeat ends the loop.
func (c *Consumer) stopHeartbeat(h client.Host) {
	if c.transact.forced == flying { // its answer will not come; the next session's loop takes it
		c.transact.forced = forcing
	}
	c.heartbeat = heartbeat{}
	h.Cancel(timerHeartbeat)
	h.Cancel(timerFast)
	c.forget(func(r kafka.Request) bool { _, ok := r.(*kafka.HeartbeatRequest); return ok })
}

// heartbeatDue sends a heartbeat, unless one is in flight.
func (c *Consumer) heartbeatDue(h client.Host, now clock.Time) {
	b := &c.heartbeat
	if !b.running || b.inFlight {
		return
	}
	if b.fast != 0 && now >= b.fast {
		b.fast = 0
	}
	b.inFlight = true
	h.Cancel(timerHeartbeat)
	c.ask(h, request{body: &kafka.HeartbeatRequest{Group: c.o.Group, MemberID: c.member, InstanceID: c.s.instance, Generation: c.generated}})
}

// heartbeatAnswered goes on after a heartbeat.
func (c *Consumer) heartbeatAnswered(h client.Host, now clock.Time, q request, code kafka.ErrorCode) {
	b := &c.heartbeat
	if !b.running || !b.inFlight {
		return
	}
	if c.moved(h, now, q, code) {
		return
	}
	b.inFlight = false
	b.due = now + c.s.heartbeat
	h.Arm(timerHeartbeat, b.due)
	c.forcedAnswered(h, code)
	if code != kafka.ErrNone && !c.loopErred(h, now, &groupError{code: code}) {
		return
	}
	if b.fast != 0 && now >= b.fast && !c.closing {
		c.heartbeatDue(h, now)
		return
	}
	c.takeForced(h, now)
	c.noticeRejoin(h, now)
}

// leaving is the cancelled context of a group that is being left.
var leaving = &groupError{leaving: true}

// noticeRejoin looks whether the group is being left, somebody has asked for a
// rejoin, or the revoke callback has run.
func (c *Consumer) noticeRejoin(h client.Host, now clock.Time) {
	b := &c.heartbeat
	if !b.running || b.inFlight {
		return
	}
	if c.closing && !b.revoking {
		c.loopErred(h, now, leaving)
		return
	}
	if c.rejoin != "" {
		b.why, c.rejoin = c.rejoin, ""
		c.info(h, "forced rejoin quitting heartbeat loop", "why", b.why, "is848", "false")
		c.loopErred(h, now, &groupError{code: kafka.ErrRebalanceInProgress})
		return
	}
	if b.revoked {
		c.sessionEnded(h, now, b.why, b.last)
	}
}

// loopErred is an error in the heartbeat loop: a rebalance has the revoke callback
// run, any other ends the session at once, unless that callback runs already. It
// tells whether the loop goes on.
func (c *Consumer) loopErred(h client.Host, now clock.Time, err *groupError) bool {
	b := &c.heartbeat
	text := "heartbeat errored"
	if b.last != nil {
		text = "heartbeat errored again while waiting for user revoke to finish"
	}
	c.info(h, text, "group", c.o.Group, "err", err.text())
	if b.revoking {
		b.last = err
		if b.revoked {
			c.sessionEnded(h, now, b.why, b.last)
			return false
		}
		return true
	}
	if err.code != kafka.ErrRebalanceInProgress {
		c.endLoop(h, now, err)
		return false
	}
	b.last, b.revoking = err, true
	if c.session.assigned {
		c.pass(h, now, gateRevoke)
	}
	return c.heartbeat.running
}

// endLoop ends the session with an error, once its assigned callback has run.
func (c *Consumer) endLoop(h client.Host, now clock.Time, err *groupError) {
	c.stopHeartbeat(h)
	if !c.session.assigned {
		c.session.ended, c.session.err = true, err
		return
	}
	c.forgetOffsetFetch(h)
	c.sessionEnded(h, now, "", err)
}

// revoked is the end of the revoke callback: the loop ends as soon as it looks.
func (c *Consumer) revoked(h client.Host, now clock.Time) {
	c.heartbeat.revoked = true
	c.noticeRejoin(h, now)
}
