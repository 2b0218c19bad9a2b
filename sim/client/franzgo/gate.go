package franzgo

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// gate is BlockRebalanceOnPoll: from the return of a poll until AllowRebalance,
// which the program calls at the end of each turn of its loop, no callback runs.
// What waits runs in order as soon as it may. Nothing passes either while a callback
// goes on, which the manage loop waits for.
type gate struct {
	held      bool
	waiting   []gated
	listening bool
	running   gated // the callback that goes on
}

// gated is what waits at the gate.
type gated uint8

const (
	gateDowngrade gated = iota
	gatePrerevoke
	gateAssign
	gateRevoke
	gateFail
)

// pass runs something behind the gate, or lets it wait.
func (c *Consumer) pass(h client.Host, now clock.Time, what gated) {
	if c.gate.held || c.gate.listening {
		c.gate.waiting = append(slices.Clone(c.gate.waiting), what)
		return
	}
	c.run(h, now, what)
}

// allow is AllowRebalance.
func (c *Consumer) allow(h client.Host, now clock.Time) {
	c.gate.held = false
	c.runWaiting(h, now)
}

func (c *Consumer) runWaiting(h client.Host, now clock.Time) {
	for !c.gate.held && !c.gate.listening && len(c.gate.waiting) > 0 {
		next := c.gate.waiting[0]
		c.gate.waiting = c.gate.waiting[1:]
		c.run(h, now, next)
	}
}

func (c *Consumer) run(h client.Host, now clock.Time, what gated) {
	switch what {
	case gateDowngrade:
		c.downgrade(h, now)
	case gatePrerevoke:
		c.prerevoke(h, now)
	case gateAssign:
		c.assign(h, now)
	case gateRevoke:
		c.revoke(h, now)
	case gateFail:
		c.clearAssignment(h, now)
	}
}

// callback runs a callback; what follows it runs at once, or when it has returned.
func (c *Consumer) callback(h client.Host, now clock.Time, kind client.Callback, partitions []kafka.TopicPartition, what gated) {
	if kind != client.Assigned && (len(partitions) > 0 || !c.manage.cooperative) {
		defer c.unforce(h)
	}
	if !h.Callback(kind, partitions) {
		c.gate.listening, c.gate.running = true, what
		return
	}
	c.after(h, now, what)
}

// CalledBack goes on when a callback has returned.
func (c *Consumer) CalledBack(h client.Host, now clock.Time) {
	c.gate.listening = false
	c.after(h, now, c.gate.running)
	c.runWaiting(h, now)
}

// after is what follows a callback.
func (c *Consumer) after(h client.Host, now clock.Time, what gated) {
	switch what {
	case gateDowngrade:
		c.uncommitted, c.fetching = nil, nil
		c.setUp(h, now)
	case gatePrerevoke:
		c.prerevoked(h, now)
	case gateRevoke:
		if !c.manage.cooperative {
			c.nowAssigned, c.lastAssigned, c.uncommitted = nil, nil, nil
		}
		c.revoked(h, now)
	case gateFail:
		c.assignmentCleared(h, now)
	}
}
