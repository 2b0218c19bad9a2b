package group

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

func (c *Coordinator) armExpireOffsets(h Host, now clock.Time) {
	h.Arm(TimerID{Kind: TimerExpireOffsets}, now+c.cfg.RetentionCheckInterval)
}

// expireOffsets is the retention job (GroupCoordinatorShard.cleanupGroupMetadata).
// A group that is empty and has no offsets left is deleted.
func (c *Coordinator) expireOffsets(h Host, now clock.Time) {
	tombstones := 0
	for i, g := range c.groups {
		if !g.exists && !c.consumers[i].exists {
			continue
		}
		before := len(c.offsets[i])
		c.offsets[i] = slices.DeleteFunc(c.offsets[i], func(o committedOffset) bool {
			return c.expired(g, &o, now) && !c.unstable(g.id, o.TopicPartition)
		})
		tombstones += before - len(c.offsets[i])
		if len(c.offsets[i]) == 0 && !c.pendingTransactions(uint32(i)) {
			tombstones += c.deleteEmpty(uint32(i))
		}
	}
	if tombstones > 0 {
		h.Log("INFO", fmt.Sprintf("Generated %d tombstone records while cleaning up group metadata in 0 milliseconds.", tombstones))
		h.Append(0)
	}
	c.armExpireOffsets(h, now)
}

// deleteEmpty deletes a group without members, and tells how many records that takes.
func (c *Coordinator) deleteEmpty(index uint32) (tombstones int) {
	if g := c.consumers[index]; g.exists && g.members.Len() == 0 {
		g.discard()
		return 3 // its epoch, its assignment's, and its topics
	}
	if g := c.groups[index]; g.exists && g.state == Empty {
		g.discard()
		return 1
	}
	return 0
}

// expiryByGroupSince: until then an offset ages from its commit, also while members
// read (KIP-211, upgrade notes of 2.1.0).
var expiryByGroupSince = kafka.V(2, 1, 0)

// expired tells whether an offset is older than the retention. The age of a
// group's offsets counts from when the group became empty; offsets of topics that
// members of a stable group still read have no age
// (ClassicGroup.offsetExpirationCondition).
func (c *Coordinator) expired(g *classicGroup, o *committedOffset, now clock.Time) bool {
	if consumer := c.consumers[g.index]; consumer.exists {
		return !consumer.subscribes(o.Topic) && now-o.at >= c.cfg.OffsetsRetention
	}
	base := o.at
	switch {
	case c.cfg.Version < expiryByGroupSince: // whoever reads
	case g.protocolType == "": // a simple group
	case g.state == Empty:
		base = g.since
	case g.state == Stable && g.subscribedKnown:
		if _, ok := slices.BinarySearch(g.subscribed, o.Topic); ok {
			return false
		}
	default:
		return false
	}
	return now-base >= c.cfg.OffsetsRetention
}
