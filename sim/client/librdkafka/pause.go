package librdkafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Pause is rd_kafka_pause_partitions of the assignment. A version barrier voids what
// has been fetched of each and not handed over, in the queue and on its way
// (rd_kafka_toppar_op_pause_resume).
func (c *Consumer) Pause(h client.Host, now clock.Time) {
	c.enter(h, now)
	c.queue.unread(c.handed.records)
	c.rewind()
	var paused []kafka.TopicPartition
	for i := range c.assignment.parts {
		p := &c.assignment.parts[i]
		if p.paused {
			continue
		}
		if paused = append(paused, p.TopicPartition); p.state == active {
			c.deactivate(p)
			p.next = p.position
		}
		p.paused = true
	}
	c.queue.purgeOf(paused)
	for i := range c.inflight {
		if q := &c.inflight[i]; q.api == apiFetch {
			q.void = append(slices.Clip(q.void), paused...)
		}
	}
	c.arm(h, now)
}

// Resume is rd_kafka_resume_partitions of what is paused: it is fetched from where
// the application is.
func (c *Consumer) Resume(h client.Host, now clock.Time) {
	c.enter(h, now)
	for i := range c.assignment.parts {
		p := &c.assignment.parts[i]
		if !p.paused {
			continue
		}
		if p.paused = false; p.state == active {
			c.delegate(p, p.leader)
		}
	}
	c.arm(h, now)
}
