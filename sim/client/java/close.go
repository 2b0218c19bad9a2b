package java

import (
	"fmt"

	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/clock"
)

// closeCall is where close() stands.
type closeCall struct {
	step     closeStep
	deadline clock.Time // the close timeout
}

// closeStep is a step of ConsumerCoordinator.close.
type closeStep uint8

const (
	closeBegins  closeStep = iota
	closeCommits           // the last auto-commit, and commits in flight
	closeListens           // the last callback
	closeLeaves            // LeaveGroup
	closeAwaits            // answers that are still out
)

// runClose goes through the steps of close(), as far as answers allow.
func (c *Consumer) runClose(h client.Host, now clock.Time) {
	k := &c.closing
	if k.step == closeBegins {
		c.commit = commitCall{offsets: c.subscriptions.Consumed(), deadline: k.deadline, backoff: c.s.retryBackoff}
		k.step = closeCommits
	}
	if k.step == closeCommits {
		if !c.closeCommitted(h, now) {
			h.Arm(timerApp, k.deadline)
			return
		}
		c.runCommitCallbacks(h)
		k.step = closeListens
	}
	if k.step == closeListens {
		h.Cancel(timerHeartbeat)
		k.step = closeLeaves
		if !c.onLeavePrepare(h) {
			return
		}
	}
	if k.step == closeLeaves {
		c.leave(h, now, "the consumer is being closed")
		k.step = closeAwaits
	}
	waits := c.pending(apiLeave) || c.pending(apiCommit)
	if waits && now < k.deadline {
		h.Arm(timerApp, k.deadline)
		return
	}
	if waits {
		c.log(h, "WARN", fmt.Sprintf("Close timed out with %d pending requests to coordinator, terminating client connections", c.pendingAtCoordinator()))
	}
	h.Cancel(timerApp)
	h.Cancel(timerMetadata)
	h.Cancel(timerRequests)
	c.call = callNone
	h.Closed()
}

// pendingAtCoordinator is how many requests to the coordinator have no answer.
func (c *Consumer) pendingAtCoordinator() (n int) {
	for _, q := range c.inflight {
		if q.api.toCoordinator() {
			n++
		}
	}
	return n
}

// closeCommitted is the synchronous auto-commit of close().
func (c *Consumer) closeCommitted(h client.Host, now clock.Time) bool {
	if !c.s.autoCommit {
		return true
	}
	if !c.commitStep(h, now, commitClose) {
		return false
	}
	if err := c.commit.err; err != nil && err.Name != "TimeoutException" {
		c.log(h, "WARN", "Synchronous auto-commit of offsets "+words.Offsets(c.commit.offsets)+" failed: "+err.Text)
	}
	return true
}

// onLeavePrepare runs the last callback: revoked, or lost when the generation is
// gone or a rebalance runs; none when nothing is owned, nor before 2.4. False while
// the listener goes on.
func (c *Consumer) onLeavePrepare(h client.Host) bool {
	if len(c.subscriptions.Owned()) == 0 || !c.since(lostCallback) {
		return true
	}
	kind := client.Revoked
	if c.generation.id < 0 || c.state == preparingRebalance || c.state == completingRebalance {
		kind = client.Lost
	}
	return c.giveUp(h, kind, thenLeave)
}
