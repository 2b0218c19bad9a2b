package group

import (
	"fmt"
	"slices"

	"ksim/sim/clock"
)

func (c *Coordinator) armExpireOffsets(h Host, now clock.Time) {
	h.Arm(TimerID{Kind: TimerExpireOffsets}, now+c.cfg.RetentionCheckInterval)
}

// expireOffsets is the retention job (GroupCoordinatorShard.cleanupGroupMetadata).
// A group that is empty and has no offsets left is deleted.
func (c *Coordinator) expireOffsets(h Host, now clock.Time) {
	tombstones := 0
	for _, g := range c.groups {
		if !g.exists {
			continue
		}
		before := len(g.offsets)
		g.offsets = slices.DeleteFunc(g.offsets, func(o committedOffset) bool { return c.expired(g, &o, now) })
		tombstones += before - len(g.offsets)
		if len(g.offsets) == 0 && g.state == Empty {
			g.discard()
			tombstones++
		}
	}
	if tombstones > 0 {
		h.Log("INFO", fmt.Sprintf("Generated %d tombstone records while cleaning up group metadata in 0 milliseconds.", tombstones))
		h.Append(0)
	}
	c.armExpireOffsets(h, now)
}

// expired tells whether an offset is older than the retention. The age of a
// group's offsets counts from when the group became empty; offsets of topics that
// members of a stable group still read have no age
// (ClassicGroup.offsetExpirationCondition).
func (c *Coordinator) expired(g *classicGroup, o *committedOffset, now clock.Time) bool {
	base := o.at
	switch {
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
