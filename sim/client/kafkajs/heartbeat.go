package kafkajs

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// heartbeat is the one heartbeat that may be on its way: who asks for another
// meanwhile waits for the same (sharedPromiseTo).
type heartbeat struct {
	last     clock.Time // when the latest one succeeded, or the group was made (lastRequest)
	inFlight bool
	waiters  []task
	request  *kafka.HeartbeatRequest // of the present generation: all are alike
}

// heartbeat sends a heartbeat if one is due (ConsumerGroup.heartbeat). It tells
// whether the task may go on at once; otherwise it is resumed.
func (c *Consumer) heartbeat(h client.Host, now clock.Time, t task) bool {
	b, g := &c.beat, &c.group
	if !b.inFlight {
		if g.memberID == "" || now < c.beatDue() {
			return true
		}
		b.inFlight = true
		if r := b.request; r == nil || r.Generation != g.generation || r.MemberID != g.memberID {
			b.request = &kafka.HeartbeatRequest{Group: c.o.Group, MemberID: g.memberID, Generation: g.generation}
		}
		c.send(h, now, g.coordinator, request{api: apiHeartbeat}, b.request)
	}
	b.waiters = append(b.waiters, t)
	return false
}

// beatDue is when the next heartbeat may be sent.
func (c *Consumer) beatDue() clock.Time { return c.beat.last + c.s.heartbeat }

// heartbeatAnswered ends the wait of all who asked. A rebalance makes each of them
// commit what it has resolved before its error goes on (Runner.heartbeat).
func (c *Consumer) heartbeatAnswered(h client.Host, now clock.Time, r *kafka.HeartbeatResponse, f *failure) {
	if f == nil {
		f = c.refused(h, apiHeartbeat, r.Err)
	}
	waiters := c.beat.waiters
	c.beat.inFlight, c.beat.waiters = false, nil
	if f == nil {
		c.beat.last = now
	}
	for _, t := range waiters {
		if f != nil && f.rebalancing() && c.autoCommit(h, now, request{task: t, purpose: commitThenThrow, thrown: f}) {
			continue
		}
		c.resume(h, now, t, f)
	}
}
