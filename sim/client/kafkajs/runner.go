package kafkajs

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// runner keeps the consumer going (runner.js, and index.js around it): it joins,
// lets the fetchers fetch until one fails, and begins anew.
type runner struct {
	state   runnerState
	running bool     // false before the first join and from stop() on
	closing bool     // disconnect() waits for its end
	failure *failure // the first of the fetchers'
	retrier retrier  // of the present attempt to fetch
	crash   *failure // what it restarts or ends for
}

// runnerState is where the runner stands.
type runnerState uint8

const (
	runnerIdle       runnerState = iota // not started, or stopped
	runnerStarting                      // connects and joins for the first time
	runnerConsuming                     // the fetchers run, or come to their end
	runnerRejoining                     // after a failure
	runnerBackoff                       // after a failure that joining does not mend
	runnerLeaving                       // the group, after a crash or at the end
	runnerRestarting                    // waits, crashed
	runnerDead                          // crashed for good
)

// setState is the one door of all changes.
func (r *runner) setState(s runnerState) { r.state = s }

// connected starts the runner once the cluster is known.
func (c *Consumer) connected(h client.Host, now clock.Time, f *failure) {
	if f != nil {
		c.crash(h, now, f)
		return
	}
	h.Log("INFO", startingText)
	c.group = group{}
	c.beat = heartbeat{last: now}
	c.joinAndSync(h, now, task{kind: taskRunner})
}

// runnerJoined goes on with the outcome of a join that the runner waits for.
func (c *Consumer) runnerJoined(h client.Host, now clock.Time, f *failure) {
	switch {
	case f == nil:
		c.runner.running = c.runner.running || c.runner.state == runnerStarting
		c.schedule(h, now)
	case c.runner.state == runnerStarting:
		c.crash(h, now, f)
	default:
		c.tryAgain(h, now, f)
	}
}

// schedule lets the fetchers fetch, or ends when the consumer has been stopped
// (scheduleFetchManager).
func (c *Consumer) schedule(h client.Host, now clock.Time) {
	if !c.runner.running {
		h.Log("INFO", notRunningText)
		c.leave(h, now)
		return
	}
	c.runner.retrier = c.newRetrier(h.Rand())
	c.consume(h, now)
}

// consume starts the fetchers.
func (c *Consumer) consume(h client.Host, now clock.Time) {
	c.runner.setState(runnerConsuming)
	c.runner.failure = nil
	c.startFetchers(h, now)
}

// fetchingEnds goes on when all fetchers have ended: by joining again where that
// mends what one of them has failed for.
func (c *Consumer) fetchingEnds(h client.Host, now clock.Time) {
	f := c.runner.failure
	switch {
	case f == nil:
		c.schedule(h, now)
	case f == fetchersChanged:
		c.consume(h, now)
	case f.rebalancing():
		h.Log("WARN", rebalancingText+" "+f.text)
		c.rejoin(h, now)
	case f.code == kafka.ErrUnknownMemberID:
		h.Log("ERROR", unknownMemberText+" "+f.text)
		c.group.memberID = ""
		c.rejoin(h, now)
	default:
		c.tryAgain(h, now, f)
	}
}

func (c *Consumer) rejoin(h client.Host, now clock.Time) {
	c.runner.setState(runnerRejoining)
	c.joinAndSync(h, now, task{kind: taskRunner})
}

// tryAgain waits and lets the fetchers fetch again, or crashes.
func (c *Consumer) tryAgain(h client.Host, now clock.Time, f *failure) {
	wait, last := c.again(h.Rand(), &c.runner.retrier, f)
	if last != nil {
		c.crash(h, now, last)
		return
	}
	c.runner.setState(runnerBackoff)
	h.Arm(timerRunner, now+wait)
}

// runnerWakes ends a wait of the runner.
func (c *Consumer) runnerWakes(h client.Host, now clock.Time) {
	switch {
	case c.runner.state == runnerRestarting:
		c.runner.setState(runnerStarting)
		c.requestMetadata(h, now, task{kind: taskRunner})
	case c.runner.running:
		c.consume(h, now)
	default:
		c.schedule(h, now)
	}
}

// crash ends the runner for a failure that it cannot mend (onCrash): the member
// leaves, if it had joined, and starts anew after a while where that may help.
func (c *Consumer) crash(h client.Host, now clock.Time, f *failure) {
	h.Log("ERROR", crashText(f))
	r := &c.runner
	joined := r.running
	r.running, r.crash, r.failure = false, f, nil
	if joined {
		c.leave(h, now)
		return
	}
	c.stopped(h, now)
}

// leave sends LeaveGroup, if there is a member to leave.
func (c *Consumer) leave(h client.Host, now clock.Time) {
	c.runner.setState(runnerLeaving)
	g := &c.group
	if g.memberID == "" {
		c.stopped(h, now)
		return
	}
	c.send(h, now, g.coordinator, request{api: apiLeave}, &kafka.LeaveGroupRequest{
		Group:   c.o.Group,
		Members: []kafka.LeavingMember{{MemberID: g.memberID}},
	})
}

// left goes on after LeaveGroup, whatever its answer.
func (c *Consumer) left(h client.Host, now clock.Time) {
	c.group.memberID = ""
	c.stopped(h, now)
}

// stopped ends stop(): for a disconnect(), or to start anew after a crash.
func (c *Consumer) stopped(h client.Host, now clock.Time) {
	h.Log("INFO", stoppedText)
	c.disconnectAll()
	r := &c.runner
	f := r.crash
	r.crash = nil
	r.setState(runnerIdle)
	if f != nil {
		h.Emit(trace.Event{Type: trace.PollFailed, Error: f.name, Text: f.text})
		r.setState(runnerDead)
		if f.name == nameRetriesExceeded || f.causeRetriable {
			wait := f.retryTime
			if wait == 0 {
				wait = c.s.retry.initial
			}
			h.Log("ERROR", restartText(wait))
			r.setState(runnerRestarting)
			h.Arm(timerRunner, now+wait)
		}
	}
	if r.closing {
		c.closed(h)
	}
}

// Close is consumer.disconnect(): the fetchers come to their end, the member
// leaves. A consumer that has not joined yet is gone at once, without a word to the
// group.
func (c *Consumer) Close(h client.Host, now clock.Time) {
	c.handlerReturned(h)
	c.app.call = callClose
	c.runner.closing = true
	switch c.runner.state {
	case runnerStarting, runnerRestarting, runnerDead, runnerIdle:
		h.Log("INFO", stoppedText)
		c.closed(h)
		return
	case runnerConsuming:
		c.stopFetchers()
	}
	c.runner.running = false
	c.work(h, now)
}

// closed ends disconnect().
func (c *Consumer) closed(h client.Host) {
	for t := timerPoll; t <= timerRequests; t++ {
		h.Cancel(t)
	}
	c.expiry = clock.Never
	c.disconnectAll()
	c.runner.setState(runnerIdle)
	c.app.call = callNone
	h.Closed()
}
