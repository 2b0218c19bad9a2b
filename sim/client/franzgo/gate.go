package franzgo

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
)

// gate is BlockRebalanceOnPoll: from the return of a poll until AllowRebalance,
// which the program calls at the end of each turn of its loop, no callback runs.
// What waits runs in order as soon as it may.
type gate struct {
	held    bool
	waiting []gated
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
	if c.gate.held {
		c.gate.waiting = append(slices.Clone(c.gate.waiting), what)
		return
	}
	c.run(h, now, what)
}

// allow is AllowRebalance.
func (c *Consumer) allow(h client.Host, now clock.Time) {
	c.gate.held = false
	for len(c.gate.waiting) > 0 {
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
