package kafkapython

import (
	"ksim/sim/client"
	"ksim/sim/client/kafkapython/words"
	"ksim/sim/clock"
)

// closeStep is where close() stands.
type closeStep uint8

const (
	closeCommits closeStep = iota // the last auto-commit
	closeListens                  // the last call of the listener
	closeLeaves                   // LeaveGroup
	closeAwaits                   // its answer
)

// beginClose is the entry of KafkaConsumer.close.
func (c *Consumer) beginClose() {
	if c.s.autoCommit {
		c.beginSyncCommit(commitClose, c.consumed(), c.app.end)
	}
}

// runClose goes through the steps of ConsumerCoordinator.close, as far as answers
// allow.
func (c *Consumer) runClose(h client.Host, now clock.Time) {
	if c.app.step == closeCommits {
		if c.s.autoCommit && !c.closeCommitted(h, now) {
			return
		}
		c.app.step = closeListens
	}
	if c.app.step == closeListens {
		c.app.step = closeLeaves
		if !c.onClosePrepare(h) {
			return
		}
	}
	if c.app.step == closeLeaves {
		c.app.step = closeAwaits
		if c.beat.started && c.d.oldJoin {
			c.logf(h, "INFO", "Stopping heartbeat thread")
		}
		c.disableHeartbeat(h)
		if !c.pending(apiLeave) && c.leave(h) {
			c.block(h, now, waitLeave, c.app.end)
			return
		}
	}
	if c.pending(apiLeave) && now < c.app.end {
		c.block(h, now, waitLeave, c.app.end)
		return
	}
	if c.pending(apiLeave) {
		c.logf(h, "ERROR", "LeaveGroup request failed: KafkaTimeoutError")
	}
	c.app = application{}
	h.Cancel(timerApp)
	h.Cancel(timerMetadata)
	h.Closed()
}

// closeCommitted is the synchronous auto-commit of close(): true when it has ended.
func (c *Consumer) closeCommitted(h client.Host, now clock.Time) bool {
	if !c.syncCommit(h, now) {
		return false
	}
	switch err := c.endSyncCommit(); {
	case err == nil:
	case err.Name == rebalancingLocally.Name:
		c.logf(h, "WARNING", "Offset commit failed: group membership out of date This is likely to cause duplicate message delivery.")
	default:
		c.logf(h, "ERROR", "Offset commit failed: This is likely to cause duplicate message delivery")
	}
	return true
}

// onClosePrepare is _on_close_prepare_async: the last call of the listener, none
// when nothing is owned. False while the listener goes on.
func (c *Consumer) onClosePrepare(h client.Host) bool {
	owned := c.owned()
	if !c.d.revokesAtClose || len(owned) == 0 {
		return true
	}
	c.logf(h, "INFO", "Revoking previously assigned partitions %s for group %s on close", words.Set(owned), c.o.Group)
	kind := client.Revoked
	if c.generation.lost() {
		kind = client.Lost
	}
	if !c.callback(h, kind, owned, listening{then: thenLeave}) {
		return false
	}
	c.parts = nil
	return true
}
