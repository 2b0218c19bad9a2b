package javaasync

import (
	"ksim/sim/client"
	"ksim/sim/clock"
)

// pollCall is the running poll().
type pollCall struct {
	end   clock.Time // when its timeout is over
	step  pollStep
	until clock.Time // how long it waits for records before the next turn
	// spins tells that the real thread would not wait at all but turn and turn: the
	// next turn comes with whatever arrives.
	spins bool
	// woken tells that something has come into the buffer, if only to be dropped:
	// that too ends the wait.
	woken bool
}

// pollStep is what the application's thread waits for.
type pollStep uint8

const (
	seekingPositions pollStep = iota // CheckAndUpdatePositionsEvent
	awaitingRecords                  // FetchBuffer.awaitNotEmpty
)

// runPoll is one turn of the loop of AsyncKafkaConsumer.poll: the background thread
// is told of it, waiting callbacks run, positions are looked for, records taken.
func (c *Consumer) runPoll(h client.Host, now clock.Time) {
	c.pollEvent(h, now)
	if c.runEvents(h, now) {
		c.validatePositions(h, now)
		c.seek(h, now)
	}
}

// pollEvent is how the background thread takes a PollEvent: here a reconciliation
// may commit, auto-commit is due or not, the first one joins, and the poll deadline
// is stamped.
func (c *Consumer) pollEvent(h client.Host, now clock.Time) {
	c.maybeReconcile(h, now, true)
	c.maybeAutoCommit(h, now)
	if c.subscribed && c.state == unsubscribed {
		c.subscribed = false
		c.join(h)
	}
	c.stampPoll(h, now)
	c.runBackground(h, now)
}

// seek looks for missing positions; the application's thread is blocked meanwhile.
func (c *Consumer) seek(h client.Host, now clock.Time) {
	c.poll.step = seekingPositions
	if err := c.updatePositions(h, now); err != nil {
		c.endPoll(h, client.PollResult{Err: err})
		return
	}
	if c.positionsPending() && now < c.poll.end {
		h.Arm(timerApp, c.poll.end)
		return
	}
	c.fetchOrWait(h, now)
}

// fetchOrWait is pollForFetches: what the buffer has, or a wait for more.
func (c *Consumer) fetchOrWait(h client.Host, now clock.Time) {
	if c.takeRecords(h, now) {
		return
	}
	c.sendFetches(h, now)
	if now >= c.poll.end {
		c.endPoll(h, client.PollResult{})
		return
	}
	wait := c.timeToWait(now)
	c.poll.spins, c.poll.woken = wait <= 0, false
	if c.poll.spins {
		wait = c.s.retryBackoff
	}
	if c.metadata.wanted { // a leader cannot be reached: the next turn tries it, or the one after it
		wait = min(wait, c.s.retryBackoff)
	}
	if c.subscriptions.Missing() {
		wait = min(wait, c.s.retryBackoff)
	}
	c.poll.step, c.poll.until = awaitingRecords, min(now+wait, c.poll.end)
	h.Arm(timerApp, c.poll.until)
}

// resumePoll goes on when something has arrived or the wait is over. Nothing but
// what has been fetched ends the wait early: a callback that the background thread
// has left waits for it.
func (c *Consumer) resumePoll(h client.Host, now clock.Time) {
	switch {
	case c.poll.step == seekingPositions:
		c.seek(h, now)
	case c.takeRecords(h, now):
	case now < c.poll.until && !c.poll.spins && !c.poll.woken:
	case now >= c.poll.end:
		c.endPoll(h, client.PollResult{})
	default:
		c.runPoll(h, now)
	}
}

// takeRecords ends the poll with what the buffer holds, if it holds anything: the
// next fetches go out first (prefetch).
func (c *Consumer) takeRecords(h client.Host, now clock.Time) bool {
	records := c.subscriptions.Collect(c.s.maxPollRecords, &c.s.fetch)
	if len(records) == 0 {
		return false
	}
	c.sendFetches(h, now)
	c.endPoll(h, client.PollResult{Records: records})
	return true
}

// endPoll leaves poll().
func (c *Consumer) endPoll(h client.Host, r client.PollResult) {
	c.call = callNone
	h.Cancel(timerApp)
	h.Polled(r)
}

// timeToWait is how long the application's thread waits for records at most before
// it tells of itself again (maximumTimeToWait): half of what is left of the poll
// deadline, the next heartbeat, the next auto-commit.
func (c *Consumer) timeToWait(now clock.Time) clock.Duration {
	b := &c.heartbeat
	wait := min((b.pollDeadline-now)/2, max(b.due, b.retryAt)-now)
	if c.state.heartbeatsNow() && b.inflight == 0 {
		wait = 0
	}
	if c.s.autoCommit {
		wait = min(wait, c.auto.due-now)
	}
	return wait
}

// Pause is pause(assignment()).
func (c *Consumer) Pause(client.Host, clock.Time) { c.subscriptions.Pause() }

// Resume is resume(paused()).
func (c *Consumer) Resume(client.Host, clock.Time) { c.subscriptions.Resume() }
