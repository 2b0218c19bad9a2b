package group

import (
	"fmt"

	"ksim/sim/clock"
)

// unload stops the group's timers: the partition of its log moves to another broker.
// Everything else is in the log.
func (g *consumerGroup) unload(h Host) {
	if g.exists {
		h.Log("INFO", fmt.Sprintf("[GroupId=%s] Unloaded group metadata for group epoch %d.", g.id, g.epoch))
	}
	for i := range g.slots {
		m := &g.slots[i]
		if m.sessionArmed {
			cancelConsumerSession(h, g, m)
		}
		cancelRevocation(h, g, m)
		cancelClassicJoin(h, g, m)
		cancelClassicSync(h, g, m)
		if m.role == roleGone {
			g.letGo(m)
		}
	}
}

// consumerLoaded begins the members' times anew (GroupMetadataManager.onLoaded): the
// group's, also for members of the classic protocol until they are heard of. The topics
// may have changed while nobody looked.
func (c *Coordinator) consumerLoaded(h Host, now clock.Time, g *consumerGroup) {
	h.Log("INFO", fmt.Sprintf("Loaded consumer group %s with %d members.", g.id, g.members.Len()))
	g.refresh = true
	for _, slot := range g.allMembers() {
		m := &g.slots[slot]
		armConsumerSession(h, now, g, m, c.times[g.id].Session)
		if m.state == MemberUnrevoked {
			armRevocation(h, now, g, m)
		}
	}
}
