package aiokafka

import "slices"

// Rewind is seek_to_committed(), as programs call it that have aborted a
// transaction: what has been fetched is of no use any more.
func (c *Consumer) Rewind() {
	for i := range c.parts {
		c.parts[i].step = awaitsCommitted
	}
	c.records = slices.DeleteFunc(c.records, func(f fetched) bool { return f.err == nil })
	c.fetchLate = true
}
