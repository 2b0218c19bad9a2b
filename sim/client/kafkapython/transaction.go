package kafkapython

// GroupMetadata is group_metadata(), for the producer of a transaction.
func (c *Consumer) GroupMetadata() (memberID, instanceID string, generation int32) {
	return c.generation.member, c.s.instance, c.generation.id
}

// Rewind seeks back to the committed offsets of all assigned partitions, as programs
// do that have aborted a transaction; the next poll asks for them.
func (c *Consumer) Rewind() {
	for i := range c.parts {
		c.parts[i].step = needsCommitted
	}
	c.buffer = nil
}
