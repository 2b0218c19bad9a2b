package librdkafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Pause is rd_kafka_pause_partitions of the assignment. A version barrier voids what
// has been fetched of each and not handed over, in the queue and on its way
// (rd_kafka_toppar_op_pause_resume). The handle remembers it of partitions that it
// gives up: recorded with 2.16, they are paused when they come back.
func (c *Consumer) Pause(h client.Host, now clock.Time) {
	c.enter(h, now)
	c.queue.unread(c.handed.records)
	c.rewind()
	var paused []kafka.TopicPartition
	for i := range c.assignment.parts {
		p := &c.assignment.parts[i]
		if c.isPaused(p.TopicPartition) {
			continue
		}
		if paused = append(paused, p.TopicPartition); p.state == active {
			c.deactivate(p)
			p.next = p.position
		}
	}
	for i := range c.fetchers {
		if f := &c.fetchers[i]; len(f.active) == 0 && !f.fetches {
			f.idle = now
		}
	}
	c.paused = append(c.paused, paused...)
	c.queue.purgeOf(paused)
	for i := range c.inflight {
		if q := &c.inflight[i]; q.api == apiFetch {
			q.void = append(slices.Clip(q.void), paused...)
		}
	}
	c.arm(h, now)
}

// threadSleep is how long a broker thread sleeps that has nothing to do
// (rd_kafka_broker_thread_main). A resume does not wake it: recorded with 2.16, the
// first record comes a whole number of seconds after the pause.
const threadSleep = clock.Second

// Resume is rd_kafka_resume_partitions of all that has been paused: it is fetched
// from where the application is, as soon as its broker's thread wakes.
func (c *Consumer) Resume(h client.Host, now clock.Time) {
	c.enter(h, now)
	paused := c.paused
	c.paused = nil
	for i := range c.assignment.parts {
		p := &c.assignment.parts[i]
		if p.state != active || !slices.Contains(paused, p.TopicPartition) {
			continue
		}
		if p.leader >= 0 {
			if f := c.fetcher(p.leader); len(f.active) == 0 && !f.fetches {
				p.notBefore = tickFrom(f.idle, threadSleep, now)
			}
		}
		c.delegate(p, p.leader)
	}
	c.arm(h, now)
}

// isPaused tells whether the application has paused a partition
// (RD_KAFKA_TOPPAR_F_APP_PAUSE).
func (c *Consumer) isPaused(tp kafka.TopicPartition) bool { return slices.Contains(c.paused, tp) }
