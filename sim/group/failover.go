package group

import (
	"fmt"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Unload is what happens when the partition of __consumer_offsets moves to
// another broker (GroupMetadataManager.onUnloaded): parked requests are answered
// NOT_COORDINATOR, every timer is unset. A JoinGroup that waits for an append is
// not answered. The recorded vectors reach this file, and fail-broker. What was
// written stays written, replicated or not; appends that run have no effect any
// more.
func (c *Coordinator) Unload(h Host, now clock.Time) {
	c.phase = unloaded
	c.waiting = nil
	h.Cancel(TimerID{Kind: TimerExpireOffsets})
	for _, g := range c.groups {
		if g.exists {
			g.unload(h, now)
		}
		g.cancelTimers(h)
		g.discardState()
	}
	for _, g := range c.consumers {
		g.unload(h)
	}
	for _, g := range c.shares {
		g.unload(h)
	}
}

func (g *classicGroup) unload(h Host, now clock.Time) {
	h.Log("INFO", fmt.Sprintf("[GroupId=%s] Unloading group metadata for generation %d.", g.id, g.generation))
	rebalancing := g.state == PreparingRebalance
	g.setState(Dead, now)
	for _, slot := range g.allMembers() {
		m := &g.slots[slot]
		if rebalancing {
			g.endJoin(h, m, m.id, kafka.ErrNotCoordinator)
		} else if m.awaitingSync != 0 {
			refuseSync(h, m.awaitingSync, kafka.ErrNotCoordinator)
		}
	}
}

func (g *classicGroup) cancelTimers(h Host) {
	h.Cancel(g.timer(TimerJoin))
	h.Cancel(g.timer(TimerSync))
	for i := range g.slots {
		if m := &g.slots[i]; m.sessionArmed {
			cancelSession(h, g, m)
		}
	}
}

// discardState forgets what is in memory only.
func (g *classicGroup) discardState() {
	stored := g.stored
	g.discard()
	g.stored = stored
}

// StartLoading is the beginning of a load: the shard is here, its log is not read
// yet. Requests are answered COORDINATOR_LOAD_IN_PROGRESS, heartbeats NONE.
func (c *Coordinator) StartLoading() { c.phase = loading }

// Load makes the shard active with what its log holds
// (GroupMetadataManager.onLoaded). A rebalance that was under way is forgotten:
// the group is stable in the last generation that was written. It follows
// Unload, or New.
func (c *Coordinator) Load(h Host, now clock.Time) {
	c.phase = active
	for _, g := range c.groups {
		if c.consumers[g.index].exists || c.shares[g.index].exists || len(g.stored) == 0 && len(c.offsets[g.index]) == 0 {
			continue
		}
		g.begin(Empty, now)
		if n := len(g.stored); n > 0 {
			g.restore(&g.stored[n-1])
		}
	}
	for _, g := range c.groups {
		if g.exists {
			c.loaded(h, now, g)
		}
		if g := c.consumers[g.index]; g.exists {
			c.consumerLoaded(h, now, g)
		}
		if g := c.shares[g.index]; g.exists {
			c.shareLoaded(h, now, g)
		}
	}
	c.armExpireOffsets(h, now)
}

func (c *Coordinator) loaded(h Host, now clock.Time, g *classicGroup) {
	h.Log("INFO", fmt.Sprintf("Loaded classic group %s with %d members.", g.id, g.members.Len()))
	for _, slot := range g.allMembers() {
		m := &g.slots[slot]
		armSession(h, now, g, m, m.sessionTimeout)
	}
	if size := g.members.Len(); int64(size) > c.cfg.MaxSize {
		c.prepareRebalance(h, now, g, cause{reason: ReasonOverCapacity, size: size, max: c.cfg.MaxSize})
	}
}
