package group

import (
	"fmt"
	"maps"
	"slices"

	"ksim/sim/clock"
)

// initializeShares asks the share coordinator to keep a state for partitions that the
// group subscribes and that have none (maybeCreateInitializeShareGroupStateRequest).
// Nobody waits for it: what has a state is assigned with some later heartbeat.
func (c *Coordinator) initializeShares(h Host, now clock.Time, g *shareGroup) {
	if len(g.initializing) > 0 {
		return
	}
	for _, name := range g.subscribed() {
		if n, ok := c.topics.find(name); ok && c.topics.list[n].Partitions > g.initialized[n] {
			g.initializing[n] = c.topics.list[n].Partitions
		}
	}
	if len(g.initializing) > 0 {
		h.Arm(g.initialization(), now+c.cfg.ShareInitialization)
	}
}

func (g *shareGroup) initialization() TimerID {
	return TimerID{Kind: TimerShareInitialized, Group: g.index}
}

// sharesInitialized is the share coordinator's answer.
func (c *Coordinator) sharesInitialized(g *shareGroup) {
	for _, n := range slices.Sorted(maps.Keys(g.initializing)) {
		g.initialized[n] = g.initializing[n]
	}
	clear(g.initializing)
}

// unload stops the group's timers: the partition of its log moves to another broker.
// What the share coordinator has been asked for is asked for again.
func (g *shareGroup) unload(h Host) {
	if !g.exists {
		return
	}
	h.Log("INFO", fmt.Sprintf("[GroupId=%s] Unloaded group metadata for group epoch %d.", g.id, g.epoch))
	for i := range g.slots {
		if m := &g.slots[i]; m.role == roleMember {
			h.Cancel(g.session(m))
		}
	}
	h.Cancel(g.initialization())
	clear(g.initializing)
}

// shareLoaded begins the members' sessions anew.
func (c *Coordinator) shareLoaded(h Host, now clock.Time, g *shareGroup) {
	h.Log("INFO", fmt.Sprintf("Loaded share group %s with %d members.", g.id, g.members.Len()))
	g.refresh = true
	for id := range g.members.All() {
		armShareSession(h, now, g, g.member(id), c.shareTimes[g.id].Session)
	}
}
