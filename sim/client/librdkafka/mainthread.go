package librdkafka

import (
	"ksim/sim/client"
	"ksim/sim/clock"
)

// The main thread sleeps until an op arrives or one of its timers is due, and
// serves the group whenever it wakes: what becomes due in between waits. Two of
// its timers tick always: the scan of topics, once a second, and the one that
// watches the poll deadline.
const scanInterval = clock.Second + tickSlip

// tickSlip is how late a tick is, on average, and the next one counts from it: the
// loop sleeps for whole milliseconds, rounded up. So heartbeats that are due each
// second leave 1001 ms apart, and those of a member that has vanished and of those
// that are left drift away from its session's end, never onto it. A member that is
// blocked right after its assign() is found to have missed the poll deadline by the
// first tick past it only because that one is late.
const tickSlip = 500 * clock.Microsecond

// serve is rd_kafka_cgrp_serve.
func (c *Consumer) serve(h client.Host, now clock.Time) {
	if c.group.terminated {
		return
	}
	if c.group.join == steady {
		c.checkSession(h, now)
	}
	c.serveCoordinator(h, now)
	c.expireCommits(h, now)
	if c.coordinator.broker != 0 {
		c.resendCommits(h, now)
		c.serveAssignment(h, now)
		if c.s.consumerProtocol {
			c.serveMember(h, now)
		} else {
			c.serveJoinState(h, now)
		}
	}
	c.tryTerminate(h, now)
}

// serveJoinState is rd_kafka_cgrp_join_state_serve.
func (c *Consumer) serveJoinState(h client.Host, now clock.Time) {
	g := &c.group
	if g.fatal || !g.subscribed {
		return
	}
	switch g.join {
	case joinInit:
		if !g.awaiting && now >= g.nextJoin {
			g.nextJoin = now + joinInterval
			c.join(h, now)
		}
	case steady, waitAssignCall, waitUnassignCall:
		if now >= c.beat.next {
			c.beat.next = now + c.s.heartbeat + clock.Microsecond // rd_interval: when more than it has passed
			c.heartbeat(h, now)
		}
	}
}

// due is when serve next has something to do.
func (c *Consumer) due() clock.Time {
	g, due := &c.group, clock.Never
	if g.terminated {
		return due
	}
	if g.join == steady && c.beat.session != 0 && c.o.Version >= sessionCheckSince {
		due = c.beat.session
	}
	if !c.coordinator.asking {
		due = min(due, c.coordinator.next)
	}
	if g.terminating && len(c.commits.deferred) > 0 {
		due = min(due, g.terminatingFrom+c.s.session)
	}
	for _, k := range c.commits.deferred {
		if k.waitUntil != 0 {
			due = min(due, k.waitUntil)
		}
	}
	if c.coordinator.broker == 0 {
		return due
	}
	for _, k := range c.commits.deferred {
		due = min(due, k.retryAt)
	}
	if g.fatal || !g.subscribed || c.s.consumerProtocol {
		return due
	}
	switch g.join {
	case joinInit:
		if !g.awaiting {
			due = min(due, g.nextJoin)
		}
	case steady, waitAssignCall, waitUnassignCall:
		if !c.deadline.exceeded {
			due = min(due, c.beat.next)
		}
	}
	return due
}

// armServe sets the timer for the first wake of the main thread that finds
// something to do. One that is still to come at this instant stays.
func (c *Consumer) armServe(h client.Host, now clock.Time) {
	if c.timers[timerServe] == now {
		return
	}
	at := c.due()
	if at != clock.Never {
		at = c.wake(max(at, now+clock.Microsecond))
	}
	if c.group.opArrives > now {
		at = min(at, c.group.opArrives)
	}
	if c.s.consumerProtocol && c.beats(now) {
		at = min(at, max(c.kip848.nextBeat(), now)+memberBeatSlip)
	}
	c.set(h, timerServe, at)
}

// set is the one door to the timers; Never unsets.
func (c *Consumer) set(h client.Host, t client.TimerID, at clock.Time) {
	if c.timers[t] == at {
		return
	}
	c.timers[t] = at
	if at == clock.Never {
		h.Cancel(t)
		return
	}
	h.Arm(t, at)
}

// arm sets the timers of whatever waits for a time, and lets the broker threads
// fetch on.
func (c *Consumer) arm(h client.Host, now clock.Time) {
	c.serveLogs(h)
	if c.group.terminated {
		return
	}
	c.fetch(h, now)
	c.armServe(h, now)
	c.armMaxPoll(h, now)
	c.armAutoCommit(h, now)
	c.armPositions(h, now)
	c.armMetadata(h, now)
	c.armRequests(h)
}

// wake is the first instant from t on at which the main thread wakes by itself.
func (c *Consumer) wake(t clock.Time) clock.Time {
	at := tickFrom(c.started, scanInterval, t)
	if c.deadline.running {
		at = min(at, tickFrom(c.deadline.phase, maxPollTick, t))
	}
	return at
}

// tickFrom is the first tick at or after t of a timer that ticks every interval
// after start.
func tickFrom(start clock.Time, interval clock.Duration, t clock.Time) clock.Time {
	if t <= start {
		return start + interval
	}
	return start + (t-start+interval-1)/interval*interval
}
