package javaasync

// GroupMetadata is groupMetadata(), for the producer of a transaction: with the
// latest epoch as a member, also when the membership has been lost since.
func (c *Consumer) GroupMetadata() (memberID, instanceID string, generation int32) {
	if c.latestEpoch == 0 {
		return "", c.s.instance, -1
	}
	return c.memberID, c.s.instance, c.latestEpoch
}

// Rewind seeks back to the committed offsets of all assigned partitions, as
// programs do that have aborted a transaction.
func (c *Consumer) Rewind() { c.subscriptions.Rewind() }
