package java

// GroupMetadata is groupMetadata(), for the producer of a transaction: of the
// latest completed join, also when the membership has been lost since. That is how
// the group's coordinator knows a zombie.
func (c *Consumer) GroupMetadata() (memberID, instanceID string, generation int32) {
	return c.groupMetadata.member, c.s.instance, c.groupMetadata.id
}

// Rewind seeks back to the committed offsets of all assigned partitions, as
// programs do that have aborted a transaction.
func (c *Consumer) Rewind() { c.subscriptions.Rewind() }
