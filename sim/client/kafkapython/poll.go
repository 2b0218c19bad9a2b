package kafkapython

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// call is the method that the application's thread is in.
type call uint8

const (
	callNone call = iota // the application is busy with its own work
	callPoll
	callCommit
	callClose
)

// application is the application's thread: the call that it is in, and what it
// waits for inside.
type application struct {
	call call
	end  clock.Time // when the call's timeout is over
	wait wait
	// joining tells that this very call waits for the join task: then it takes the
	// result. A later poll asks anew whether a join is needed.
	joining bool
	step    closeStep
}

// wait is what the application's thread is blocked by.
type wait uint8

const (
	waitTime        wait = iota // only for the time: a backoff, or nothing to fetch
	waitCoordinator             // FindCoordinator
	waitCommit                  // the answer to a synchronous commit
	waitJoin                    // the join task
	waitOffsets                 // OffsetFetch
	waitFetch                   // any fetch, or the reset of positions
	waitLeave                   // LeaveGroup
)

// block makes the application's thread wait, at most until then.
// If that is over, it goes on with the next turn of the loop.
func (c *Consumer) block(h client.Host, now clock.Time, w wait, until clock.Time) {
	c.app.wait, c.arrived = w, false
	if until == clock.Never {
		h.Cancel(timerApp)
		return
	}
	h.Arm(timerApp, max(until, now))
}

// goOn lets the application's thread go on if what it waits for has happened.
func (c *Consumer) goOn(h client.Host, now clock.Time) {
	if c.app.call != callNone && c.happened() {
		c.resume(h, now)
	}
}

// happened tells whether the application's thread need not wait any longer.
func (c *Consumer) happened() bool {
	switch c.app.wait {
	case waitCoordinator:
		return !c.pending(apiFindCoordinator)
	case waitCommit:
		return !c.syncCommitOut()
	case waitJoin:
		return c.join.done
	case waitOffsets:
		return !c.pending(apiOffsetFetch)
	case waitFetch:
		return c.arrived
	case waitLeave:
		return !c.pending(apiLeave)
	}
	return false
}

// resume lets the application's thread go on in the call that it is in.
func (c *Consumer) resume(h client.Host, now clock.Time) {
	switch c.app.call {
	case callPoll:
		c.resumePoll(h, now)
	case callCommit:
		c.runCommit(h, now)
	case callClose:
		c.runClose(h, now)
	}
}

// resumePoll goes on after a wait in poll: what has been fetched ends it, and so
// does its timeout, but not in the middle of the commit before a join; else the
// loop goes round again.
func (c *Consumer) resumePoll(h client.Host, now clock.Time) {
	if c.app.wait == waitFetch && c.returnFetched(h) {
		return
	}
	if now >= c.app.end && !c.sync.running && !c.blockedByJoin() {
		c.returnRecords(h, nil)
		return
	}
	c.runPoll(h, now)
}

// blockedByJoin: a poll of 2.0 that has to join has no timeout.
func (c *Consumer) blockedByJoin() bool {
	return c.d.oldJoin && (c.app.joining || c.app.wait == waitCoordinator || c.join.retryAt > 0)
}

// runPoll is the loop of KafkaConsumer.poll, a turn of it _poll_once: membership,
// positions, records. It ends with records, with an exception, or when the timeout
// is over.
func (c *Consumer) runPoll(h client.Host, now clock.Time) {
	if !c.pollCoordinator(h, now) || !c.refreshPositions(h, now) {
		return // it waits, or an exception has left the poll
	}
	c.resetPositions(h, now)
	if c.app.call != callPoll || c.returnBuffered(h, now) {
		return
	}
	if now >= c.app.end {
		c.returnRecords(h, nil)
		return
	}
	until := max(min(c.app.end, c.nextDuty()), now+clock.Millisecond)
	if c.pending(apiFetch) || c.pending(apiListOffsets) {
		c.block(h, now, waitFetch, until)
	} else {
		c.block(h, now, waitTime, min(until, now+c.s.retryBackoff))
	}
}

// nextDuty is when poll must go round again whatever is fetched
// (ConsumerCoordinator.time_to_next_poll).
func (c *Consumer) nextDuty() clock.Time {
	at := clock.Never
	if c.beat.enabled {
		at = c.beat.next(c.s)
	}
	if c.s.autoCommit {
		at = min(at, c.auto.due)
	}
	return at
}

// pollCoordinator is ConsumerCoordinator.poll: false when the thread waits or the
// poll has failed. Passing it stamps the poll deadline.
func (c *Consumer) pollCoordinator(h client.Host, now clock.Time) bool {
	if c.auto.fenced {
		c.fail(h, &client.Error{Name: fencedName, Text: c.d.errorText(kafka.ErrFencedInstanceID, "Got fenced exception for group_instance_id "+c.s.instance), Fatal: true})
		return false
	}
	if !c.sync.running && !c.app.joining && !c.coordinatorReady(h, now, c.joinEnd()) {
		return false
	}
	if !c.joinGroup(h, now) {
		return false
	}
	c.beat.lastPoll = now
	c.maybeAutoCommit(h, now)
	return true
}

// returnBuffered ends the poll with what the buffer holds, if it holds anything;
// fetches for the partitions without any go out first (Fetcher.fetch_records).
func (c *Consumer) returnBuffered(h client.Host, now clock.Time) bool {
	records := c.drain()
	if !c.unread() {
		c.sendFetches(h, now)
	}
	if len(records) == 0 {
		return false
	}
	c.returnRecords(h, records)
	return true
}

// returnFetched ends the poll with what has just come, without another fetch.
func (c *Consumer) returnFetched(h client.Host) bool {
	records := c.drain()
	if len(records) == 0 {
		return false
	}
	c.returnRecords(h, records)
	return true
}

// returnRecords leaves poll().
func (c *Consumer) returnRecords(h client.Host, records []client.Range) {
	c.app = application{}
	h.Cancel(timerApp)
	h.Polled(client.PollResult{Records: records})
}
