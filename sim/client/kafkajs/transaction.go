package kafkajs

import "ksim/sim/kafka"

// Transacted books what a transaction of the program has committed: producer and
// consumer of one Kafka object share the committed offsets (markOffsetAsCommitted).
func (c *Consumer) Transacted(offsets []kafka.OffsetCommit) {
	for _, o := range offsets {
		if p := c.offsets.find(o.TopicPartition); p != nil {
			p.committed = o.Offset
		}
	}
}

// Rewind is consumer.seek() of all partitions back to what is committed, as programs
// call it that have aborted a transaction. The worker looks at it before the next
// message.
func (c *Consumer) Rewind() { c.app.seeks = true }

// seekBack does what Rewind has asked for: what is fetched of a partition that goes
// back is not given to the handler (hasSeekOffset).
func (c *Consumer) seekBack() {
	c.app.seeks = false
	for i := range c.offsets.parts {
		p := &c.offsets.parts[i]
		if p.committed < 0 || p.next == p.committed {
			continue
		}
		p.resolved, p.next = p.committed, p.committed
		if w := &c.worker; w.batch.TopicPartition == p.TopicPartition {
			w.batch.records = nil
		}
		for j := range c.worker.queue {
			if c.worker.queue[j].TopicPartition == p.TopicPartition {
				c.worker.queue[j].records = nil
			}
		}
	}
}
