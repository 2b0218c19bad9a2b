package librdkafka

import (
	"ksim/sim/client"
	"ksim/sim/clock"
)

// GroupMetadata is rd_kafka_consumer_group_metadata, for the producer of a
// transaction: what the group's main thread knows now.
func (c *Consumer) GroupMetadata() (memberID, instanceID string, generation int32) {
	return c.group.memberID, c.s.instance, c.group.generation
}

// Rewind makes the next poll begin anew from what is committed, as programs do that
// have aborted a transaction: assign() of what is assigned.
func (c *Consumer) Rewind() { c.rewinding = true }

// assignAnew voids what has been fetched and asks for the committed offsets again, in
// a rebalance when that is over.
func (c *Consumer) assignAnew(h client.Host, now clock.Time) {
	c.rewinding = false
	c.assignment.version++
	c.queue.purge()
	c.takeBack(h)
	for i := range c.fetchers {
		c.fetchers[i].stop()
	}
	for i := range c.assignment.parts {
		c.assignment.parts[i] = newPartition(c.assignment.parts[i].TopicPartition)
	}
	c.serve(h, now)
}
