package javashare

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Poll is poll(timeout). It accepts what the poll before has returned.
func (c *Consumer) Poll(h client.Host, now clock.Time, timeout clock.Duration, _ int64) {
	c.call, c.deadline = callPoll, now+timeout
	c.accept()
	if c.subscribed && c.state == unsubscribed {
		c.subscribed = false
		c.join(h)
	}
	c.stampPoll(h, now)
	c.wanted = c.wanted || len(c.buffer) == 0
	c.runBackground(h, now)
	c.runPoll(h, now)
}

// runPoll ends the poll when there is something to return, or when its time is over.
// A poll that waits for longer than half of max.poll.interval.ms tells of itself in
// between.
func (c *Consumer) runPoll(h client.Host, now clock.Time) {
	switch {
	case c.err != nil:
		c.endPoll(h, client.PollResult{Err: c.err})
	case len(c.buffer) > 0:
		c.batch = c.take()
		c.endPoll(h, client.PollResult{Records: slices.Clone(c.batch)})
	case now >= c.deadline:
		c.endPoll(h, client.PollResult{})
	default:
		if next := c.heartbeat.pollDeadline - c.s.maxPoll/2; now >= next {
			c.stampPoll(h, now)
		}
		h.Arm(timerApp, min(c.deadline, max(now+clock.Millisecond, c.heartbeat.pollDeadline-c.s.maxPoll/2)))
	}
}

// take takes max.poll.records out of the buffer.
func (c *Consumer) take() (records []client.Range) {
	most := c.s.maxPollRecords
	for len(c.buffer) > 0 && most > 0 {
		r := c.buffer[0]
		r.To = min(r.To, r.From+most)
		most -= r.Len()
		records = append(records, r)
		if c.buffer[0].From = r.To; c.buffer[0].Len() == 0 {
			c.buffer = slices.Delete(c.buffer, 0, 1)
		}
	}
	return records
}

// endPoll leaves poll().
func (c *Consumer) endPoll(h client.Host, r client.PollResult) {
	c.call = callNone
	h.Cancel(timerApp)
	h.Polled(r)
}

// Commit is commitSync(): it accepts what the latest poll has returned and waits for
// the brokers to take it. A share consumer has no commit of offsets.
func (c *Consumer) Commit(h client.Host, now clock.Time, _ []kafka.OffsetCommit) {
	c.call, c.deadline, c.failed = callCommit, now+c.s.apiTimeout, nil
	c.accept()
	c.runBackground(h, now)
	c.runCommit(h, now)
}

// runCommit ends commitSync() when all verdicts have been answered.
func (c *Consumer) runCommit(h client.Host, now clock.Time) {
	if c.unanswered() && now < c.deadline {
		h.Arm(timerApp, c.deadline)
		return
	}
	c.call = callNone
	h.Cancel(timerApp)
	h.Committed(c.failed)
}

// unanswered tells whether verdicts are still to be sent or under way.
func (c *Consumer) unanswered() bool {
	return len(c.acks) > 0 || slices.ContainsFunc(c.sessions, func(s session) bool { return s.busy && len(s.carry) > 0 })
}
