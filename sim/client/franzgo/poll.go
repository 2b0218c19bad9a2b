package franzgo

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Poll is PollRecords(ctx, n), or PollFetches where no number is set, after
// AllowRebalance. What waits at the gate comes first.
func (c *Consumer) Poll(h client.Host, now clock.Time, timeout clock.Duration, _ int64) {
	c.allow(h, now)
	if c.transact.resetting {
		c.reset(h, now)
	}
	c.undirty()
	c.polling = true
	h.Arm(timerPoll, now+timeout)
	c.ready(h)
}

// ready ends the poll that waits if there is anything to return.
func (c *Consumer) ready(h client.Host) {
	if !c.polling {
		return
	}
	records := c.take(h)
	if len(records) == 0 && c.fake == nil {
		return
	}
	c.returnPoll(h, client.PollResult{Records: records, Err: c.fake})
}

// pollTimedOut is the end of the poll's context.
func (c *Consumer) pollTimedOut(h client.Host) {
	if c.polling {
		c.returnPoll(h, client.PollResult{})
	}
}

// Interrupt cancels the context of a running poll.
func (c *Consumer) Interrupt(h client.Host, _ clock.Time) { c.pollTimedOut(h) }

// returnPoll leaves the poll; with BlockRebalanceOnPoll callbacks wait from now on.
func (c *Consumer) returnPoll(h client.Host, r client.PollResult) {
	h.Cancel(timerPoll)
	c.polling, c.gate.held, c.fake = false, c.s.block, nil
	h.Polled(r)
}

// take takes records from the sources in the order in which they have become
// ready, each to its end before the next.
func (c *Consumer) take(h client.Host) (out []client.Range) {
	left := c.s.pollRecords
	for left > 0 || c.s.pollRecords == 0 {
		s := c.nextReady()
		if s == nil {
			return out
		}
		r := &s.buffer[0]
		if slices.Contains(c.paused, r.TopicPartition) { // stripped; its cursor has not moved
			c.unbuffer(h, s)
			continue
		}
		n := r.Len()
		if c.s.pollRecords > 0 {
			n = min(n, left)
			left -= n
		}
		part := *r
		part.To = r.From + n
		r.From += n
		out = append(out, part)
		x := c.cursor(part.TopicPartition)
		x.offset = part.To
		c.polled(part)
		if r.Len() > 0 {
			continue
		}
		c.unbuffer(h, s)
	}
	return out
}

// unbuffer takes the first partition's records away from a source. One that is
// drained fetches again.
func (c *Consumer) unbuffer(h client.Host, s *source) {
	if s.buffer = slices.Delete(s.buffer, 0, 1); len(s.buffer) == 0 {
		c.release(s.broker)
		c.fetchFrom(h, s)
	}
}

// Pause is PauseFetchPartitions. It outlasts a rebalance: the client remembers
// partitions that it does not have.
func (c *Consumer) Pause(client.Host, clock.Time) {
	c.paused = append(c.paused, kafka.Without(c.nowAssigned, c.paused)...)
}

// Resume is ResumeFetchPartitions of all that is paused.
func (c *Consumer) Resume(h client.Host, now clock.Time) {
	c.paused = nil
	c.fetch(h, now)
}

// nextReady is the source that has become ready first, nil if none is.
func (c *Consumer) nextReady() (first *source) {
	for i := range c.sources {
		if s := &c.sources[i]; len(s.buffer) > 0 && (first == nil || s.order < first.order) {
			first = s
		}
	}
	return first
}
