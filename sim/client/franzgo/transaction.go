package franzgo

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// transact is what a GroupTransactSession needs of the group (txn.go).
type transact struct {
	forced    forced
	resetting bool // SetOffsets(CommittedOffsets()) before the next poll
}

// forced is a heartbeat out of turn (heartbeatForceCh).
type forced uint8

const (
	notForced forced = iota
	forcing          // the heartbeat loop has not taken it
	flying           // it is in flight
)

// GroupMetadata is the member whose offsets TxnOffsetCommit commits.
func (c *Consumer) GroupMetadata() (memberID, instanceID string, generation int32) {
	return c.member, c.s.instance, c.generated
}

// ForceHeartbeat asks the group, before a transaction is committed, whether the
// member still belongs to it; Host.Committed ends it. A group that rebalances is no
// error where it waits for the offsets of open transactions (KIP-447).
func (c *Consumer) ForceHeartbeat(h client.Host, now clock.Time) {
	c.transact.forced = forcing
	c.takeForced(h, now)
}

// takeForced lets the heartbeat loop send it as soon as it waits for its timer.
func (c *Consumer) takeForced(h client.Host, now clock.Time) {
	if b := &c.heartbeat; c.transact.forced == forcing && b.running && !b.inFlight {
		c.transact.forced = flying
		c.heartbeatDue(h, now)
	}
}

// forcedAnswered ends a forced heartbeat.
func (c *Consumer) forcedAnswered(h client.Host, code kafka.ErrorCode) {
	if c.transact.forced != flying {
		return
	}
	c.transact.forced = notForced
	if code == kafka.ErrNone || code == kafka.ErrRebalanceInProgress && (c.o.Broker == 0 || c.o.Broker >= stableOffsets) {
		h.Committed(nil)
		return
	}
	h.Committed(&client.Error{Name: errorText(code), Text: errorText(code)})
}

// stableOffsets is the version of brokers that do not tell offsets of open
// transactions (KIP-447).
var stableOffsets = kafka.V(2, 5, 0)

// unforce ends a forced heartbeat that a callback has overtaken: the transaction
// will be aborted.
func (c *Consumer) unforce(h client.Host) {
	if c.transact.forced != notForced {
		c.transact.forced = notForced
		h.Committed(nil)
	}
}

// Transacted books what a transaction has committed.
func (c *Consumer) Transacted(offsets []kafka.OffsetCommit) {
	for _, o := range offsets {
		if u := c.offsetsOf(o.TopicPartition); u != nil {
			u.committed, u.head = o.Offset, max(u.head, o.Offset)
		}
	}
}

// Rewind is what End does after an abort: back to what is committed.
func (c *Consumer) Rewind() { c.transact.resetting = true }

// reset does what Rewind has asked for. A partition of which nothing is committed
// goes back to offset 0, as in kgo, whatever ConsumeStartOffset says.
func (c *Consumer) reset(h client.Host, now clock.Time) {
	c.transact.resetting = false
	stopped := false
	for i := range c.uncommitted {
		u := &c.uncommitted[i]
		x := c.cursor(u.tp)
		if u.dirty == u.committed || x == nil {
			continue
		}
		if !stopped {
			c.stopFetching()
			stopped = true
		}
		u.dirty, u.head = u.committed, u.committed
		x.offset, x.set, x.loads = u.committed, true, false
	}
	if stopped {
		c.load(h, now)
	}
}
