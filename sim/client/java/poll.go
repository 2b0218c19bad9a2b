package java

import (
	"ksim/sim/client"
	"ksim/sim/clock"
)

// runPoll is the loop of ClassicKafkaConsumer.poll: each turn stamps the poll
// deadline, moves the membership and the positions on, and takes records; it
// ends with records, with an exception, or when the timeout is over, and
// otherwise blocks in the select of the network client.
func (c *Consumer) runPoll(h client.Host, now clock.Time) {
	for {
		c.pollHeartbeat(h, now)
		ready := c.pollCoordinator(h, now)
		if c.call != callPoll {
			return // an exception has left the poll
		}
		if c.seekCoordinator = !ready && c.coordinator == 0 && now < c.pollEnd; c.seekCoordinator {
			if c.drainInbox(h, now) {
				continue
			}
			c.block(h, now)
			return
		}
		if ready {
			c.updatePositions(h, now)
		}
		if c.call != callPoll || c.takeRecords(h, now) {
			return
		}
		c.sendFetches(h, now)
		c.validatePositions(h, now) // the next turn, which comes at once
		if c.drainInbox(h, now) {
			if c.call != callPoll || c.takeRecords(h, now) {
				return
			}
			if now < c.pollEnd {
				continue
			}
		}
		if now >= c.pollEnd {
			c.returnRecords(h, now, nil)
			return
		}
		c.block(h, now)
		return
	}
}

// resumePoll goes on after the select: with what has arrived, with the timeout,
// or with another turn.
func (c *Consumer) resumePoll(h client.Host, now clock.Time) {
	if (!c.seekCoordinator || now >= c.pollEnd) && c.takeRecords(h, now) {
		return
	}
	if now >= c.pollEnd {
		c.returnRecords(h, now, nil)
		return
	}
	c.runPoll(h, now)
}

// pollCoordinator is ConsumerCoordinator.poll: false when something is still to
// be waited for.
func (c *Consumer) pollCoordinator(h client.Host, now clock.Time) bool {
	if c.auto.fenced {
		c.fail(h, &client.Error{Name: fencedException.Name, Text: "Get fenced exception for group.instance.id " + c.s.instance + ", current member.id is " + c.generation.member, Fatal: true})
		return false
	}
	c.runCommitCallbacks(h)
	if c.fenced {
		c.fail(h, fencedException)
		return false
	}
	if !c.coordinatorReady(h, now) {
		return false
	}
	if c.rejoinNeededOrPending(h) && !c.joinGroupIfNeeded(h, now) {
		return false
	}
	if !c.hasThread() {
		c.heartbeatTask(h, now)
	}
	c.maybeAutoCommit(h, now)
	return true
}

// takeRecords ends the poll with what the buffer holds, if it holds anything:
// the next fetches go out first (prefetch).
func (c *Consumer) takeRecords(h client.Host, now clock.Time) bool {
	records := c.subscriptions.Collect(c.s.maxPollRecords, &c.s.fetch)
	if len(records) == 0 {
		return false
	}
	c.sendFetches(h, now)
	if !c.hasThread() { // nobody else reads the network
		c.drainInbox(h, now)
	}
	c.returnRecords(h, now, records)
	return true
}

// returnRecords leaves poll().
func (c *Consumer) returnRecords(h client.Host, now clock.Time, records []client.Range) {
	c.call = callNone
	h.Cancel(timerApp)
	h.Polled(client.PollResult{Records: records})
	c.armHeartbeat(h, now)
}

// block waits in the select: until the poll's timeout, the next heartbeat or
// auto-commit (ConsumerCoordinator.timeToNextPoll), or, with positions missing
// or something to be tried again, at most the backoff.
func (c *Consumer) block(h client.Host, now clock.Time) {
	at := c.pollEnd
	if c.joinedGroup() && c.heartbeat.due > now {
		at = min(at, c.heartbeat.due+wakeLate)
	}
	if c.s.autoCommit && c.auto.due > now {
		at = min(at, c.auto.due)
	}
	if c.retryAt > now {
		at = min(at, c.retryAt)
	}
	if c.prepare.running && c.prepare.deadline > now {
		at = min(at, c.prepare.deadline)
	}
	if c.subscriptions.Missing() {
		at = min(at, now+c.s.retryBackoff)
	}
	c.selectEnd = at
	h.Arm(timerApp, at)
	c.armHeartbeat(h, now)
}

// Thawed is how the threads of a member that waits in poll() go on after the process
// was stopped. The heartbeat thread has waited for less and looks at its deadlines
// first. Then the select ends: one whose timeout has passed meanwhile reports nothing,
// whatever has arrived (EPollSelectorImpl.doSelect, after EINTR), so poll() returns
// without records and the program calls it again.
func (c *Consumer) Thawed(h client.Host, now clock.Time) {
	if c.call != callPoll || now < c.selectEnd {
		return
	}
	if c.hasThread() {
		c.wakeHeartbeat(h, now)
	}
	c.resumePoll(h, now)
}
