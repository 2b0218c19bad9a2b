package broker

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// shareSession finds the session of a request and counts its epoch up, or tells what
// is wrong with it (SharePartitionManager.newContext).
func (c *Cluster) shareSession(h Host, now clock.Time, broker int32, group, member string, epoch int32) kafka.ErrorCode {
	i := slices.IndexFunc(c.shares.sessions, func(s shareSession) bool { return s.broker == broker && s.group == group && s.member == member })
	switch {
	case epoch == kafka.ShareSessionOpen:
		if i >= 0 {
			c.closeShareSession(h, now, broker, group, member)
		}
		c.shares.sessions = append(c.shares.sessions, shareSession{broker, group, member, 1})
		return kafka.ErrNone
	case i < 0:
		return kafka.ErrShareSessionNotFound
	case epoch == kafka.ShareSessionClose:
		return kafka.ErrNone
	case epoch != c.shares.sessions[i].epoch:
		return kafka.ErrInvalidShareSessionEpoch
	}
	c.shares.sessions[i].epoch++
	return kafka.ErrNone
}

// closeShareSession ends a member's session with a broker: what it has acquired there
// is released.
func (c *Cluster) closeShareSession(h Host, now clock.Time, broker int32, group, member string) {
	c.shares.sessions = slices.DeleteFunc(c.shares.sessions, func(s shareSession) bool {
		return s.broker == broker && s.group == group && s.member == member
	})
	for i := range c.shares.partitions {
		p := &c.shares.partitions[i]
		if p.group != group || p.leader != broker {
			continue
		}
		if c.share(now, group, p.tp).Close(member) > 0 {
			c.reconsiderShare(h, now, group, p.tp)
		}
	}
}

// ShareDisconnected tells that a member's connections have ended: so have its
// sessions (ConnectionDisconnectListener). What it waited for finds nobody.
func (c *Cluster) ShareDisconnected(h Host, now clock.Time, group, member string) {
	for slot := range c.parked {
		if r := c.parked[slot].share; r != nil && r.Group == group && r.MemberID == member {
			id := c.parked[slot].id
			c.unpark(uint32(slot))
			h.DisarmFetch(uint32(slot))
			h.Reply(id, &kafka.ShareFetchResponse{})
		}
	}
	for {
		i := slices.IndexFunc(c.shares.sessions, func(s shareSession) bool { return s.group == group && s.member == member })
		if i < 0 {
			return
		}
		c.closeShareSession(h, now, c.shares.sessions[i].broker, group, member)
	}
}

// endShareSessions forgets the sessions with a broker that has died. The next leader
// of its partitions knows of no locks.
func (c *Cluster) endShareSessions(broker int32) {
	c.shares.sessions = slices.DeleteFunc(c.shares.sessions, func(s shareSession) bool { return s.broker == broker })
	for i := range c.shares.partitions {
		if p := &c.shares.partitions[i]; p.leader == broker {
			p.state.Forget()
		}
	}
}
