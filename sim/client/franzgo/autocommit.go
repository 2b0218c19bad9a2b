package franzgo

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// autocommit is the autocommit loop: a ticker that commits what earlier polls have
// handed out.
type autocommit struct{ next clock.Time }

// autocommitTick commits the heads; while the group is joined, or the application
// commits, this tick is left out or waits.
func (c *Consumer) autocommitTick(h client.Host, now clock.Time) {
	a := &c.auto
	a.next += c.s.autoCommitInterval
	if a.next <= now { // a frozen process has overslept
		a.next = now + c.s.autoCommitInterval - (now-a.next)%c.s.autoCommitInterval
	}
	h.Arm(timerCommit, a.next)
	if slices.ContainsFunc(c.commits.waiting, func(x commitCall) bool { return x.kind == commitAuto }) {
		return
	}
	var offsets []kafka.OffsetCommit
	for _, u := range c.uncommitted {
		if u.head != u.committed {
			offsets = append(offsets, kafka.OffsetCommit{TopicPartition: u.tp, Offset: u.head})
		}
	}
	if len(offsets) > 0 {
		c.commit(h, commitCall{commitAuto, offsets})
	}
}
