package librdkafka

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/trace"
)

// maxPollTick is the period of the timer that watches max.poll.interval.ms (500 ms,
// and what each tick is late). It starts when the assignment becomes steady, so its
// phase is that of the latest assign(), and it goes on through rebalances
// (rd_kafka_cgrp_start_max_poll_interval_timer).
const maxPollTick = 500*clock.Millisecond + tickSlip

// pollDeadline is the watch over max.poll.interval.ms. Only a tick that may find
// the deadline missed gets a timer: the others change nothing.
type pollDeadline struct {
	running  bool
	phase    clock.Time // ticks are at phase + k × maxPollTick
	exceeded bool       // until the member joins again
}

// startMaxPoll starts the timer, with a new phase if it runs.
func (c *Consumer) startMaxPoll(h client.Host, now clock.Time) {
	if c.o.Version < pollDeadlineSince || c.otherPolls() {
		return
	}
	c.stopMaxPoll(h)
	c.deadline.running, c.deadline.phase = true, now
}

// otherPolls tells whether another thread polls another queue of the handle all the
// time, and that counts: then the deadline is never missed.
func (c *Consumer) otherPolls() bool {
	return c.s.logsChannel && c.o.Version < consumerPollsSince
}

func (c *Consumer) stopMaxPoll(h client.Host) {
	c.set(h, timerMaxPoll, clock.Never)
	c.deadline.running = false
}

// pollExcess is by how many whole milliseconds the poll deadline is missed: ≤ 0
// when it is not, nor while the application is blocked in a poll
// (rd_kafka_max_poll_exceeded).
func (c *Consumer) pollExcess(now clock.Time) int64 {
	if c.app.lastPoll == clock.Never {
		return 0
	}
	return (now - c.app.lastPoll).Milliseconds() - c.s.maxPoll.Milliseconds()
}

// armMaxPoll sets the timer for the first tick at which the excess can be
// positive. If the application polls before, it fires for nothing and is set anew.
func (c *Consumer) armMaxPoll(h client.Host, now clock.Time) {
	d := &c.deadline
	if !d.running || c.timers[timerMaxPoll] != clock.Never || c.app.lastPoll == clock.Never {
		return
	}
	missed := c.app.lastPoll + c.s.maxPoll + clock.Millisecond
	tick := tickFrom(d.phase, maxPollTick, max(missed-tickSlip, now+clock.Microsecond))
	c.set(h, timerMaxPoll, max(tick, missed)) // a tick that is due so shortly before is late enough
}

// checkMaxPoll is rd_kafka_cgrp_max_poll_interval_check_tmr_cb: a member that has
// not polled in time leaves, unless it is static, and gives up its assignment.
func (c *Consumer) checkMaxPoll(h client.Host, now clock.Time) {
	d := &c.deadline
	if !d.running {
		return
	}
	if (now-d.phase)%maxPollTick != 0 {
		d.phase = now // a late tick delays those that follow
	}
	excess := c.pollExcess(now)
	if excess <= 0 {
		return
	}
	h.BlameApp()
	c.log("WARNING", facMaxPoll, maxPollLog(c.s.maxPoll, excess))
	c.queue.push(op{kind: opError, err: client.Error{Name: nameMaxPollExceeded, Text: maxPollError(c.s.maxPoll, excess)}, event: trace.PollExceeded})
	d.exceeded = true
	c.stopMaxPoll(h)
	if c.s.consumerProtocol {
		c.pollDeadlineMissed(h, now)
		return
	}
	if c.s.instance == "" {
		c.leave(h, now)
	}
	c.group.memberID = ""
	c.revokeAllMaybe(h, now, true, whyMaxPoll)
}
