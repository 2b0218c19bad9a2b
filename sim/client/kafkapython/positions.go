package kafkapython

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// part is an assigned partition (SubscriptionState.TopicPartitionState).
type part struct {
	tp       kafka.TopicPartition
	step     positionStep
	position int64      // the next offset that poll returns
	revoking bool       // pending revocation: neither fetched nor returned
	paused   bool       // by the application: the same
	resetAt  clock.Time // when a failed reset may be tried again
}

// positionStep is how far a partition is on the way to a position.
type positionStep uint8

const (
	needsCommitted positionStep = iota // the committed offset has not been asked for
	needsReset                         // there is none: auto_offset_reset
	outOfRange                         // the log does not have the position, and there is no policy
	resetting                          // ListOffsets is in flight
	positioned
)

// assign takes over an assignment (assign_from_subscribed): a partition that stays
// keeps its state, new ones come in random order, so that consumers that live
// shortly do not always begin with the same one. Before 3.0 all begin anew.
func (c *Consumer) assign(h client.Host, partitions []kafka.TopicPartition) {
	if !c.d.keepsPositions {
		c.parts = nil
		for _, tp := range partitions {
			c.parts = append(c.parts, part{tp: tp})
		}
		return
	}
	c.parts = slices.DeleteFunc(c.parts, func(p part) bool { return !slices.Contains(partitions, p.tp) })
	for i := range c.parts {
		c.parts[i].revoking = false
	}
	var added []part
	for _, tp := range partitions {
		if c.part(tp) == nil {
			added = append(added, part{tp: tp})
		}
	}
	for i := len(added) - 1; i > 0; i-- {
		j := h.Rand().Below(uint64(i + 1))
		added[i], added[j] = added[j], added[i]
	}
	c.parts = append(c.parts, added...)
}

// owned is the assigned partitions, sorted.
func (c *Consumer) owned() []kafka.TopicPartition {
	out := make([]kafka.TopicPartition, 0, len(c.parts))
	for i := range c.parts {
		out = append(out, c.parts[i].tp)
	}
	slices.SortFunc(out, kafka.TopicPartition.Compare)
	return out
}

// part is an assigned partition; nil if it is not assigned.
func (c *Consumer) part(tp kafka.TopicPartition) *part {
	for i := range c.parts {
		if c.parts[i].tp == tp {
			return &c.parts[i]
		}
	}
	return nil
}

// at is the partitions that stand at a step, in the fetcher's order.
func (c *Consumer) at(step positionStep) []kafka.TopicPartition {
	var out []kafka.TopicPartition
	for i := range c.parts {
		if c.parts[i].step == step {
			out = append(out, c.parts[i].tp)
		}
	}
	return out
}

// refreshPositions is _refresh_committed_offsets: poll waits until the committed
// offsets of new partitions are known. False while it waits.
func (c *Consumer) refreshPositions(h client.Host, now clock.Time) bool {
	tps := c.at(needsCommitted)
	switch {
	case len(tps) == 0:
		return true
	case c.pending(apiOffsetFetch):
		c.block(h, now, waitOffsets, c.app.end)
	case now < c.offsetsAt:
		c.block(h, now, waitTime, min(c.app.end, c.offsetsAt))
	case c.coordinatorReady(h, now, c.app.end):
		q := c.send(h, c.coordinator, apiOffsetFetch, &kafka.OffsetFetchRequest{Group: c.o.Group, Partitions: tps, RequireStable: c.s.requireStable})
		q.partitions = tps
		c.block(h, now, waitOffsets, c.app.end)
	}
	return false
}

// resetPositions is reset_offsets_if_needed: ListOffsets goes out for partitions
// without a committed offset, and poll does not wait for it yet.
func (c *Consumer) resetPositions(h client.Host, now clock.Time) {
	if tps := c.at(outOfRange); len(tps) > 0 {
		p := c.part(tps[0])
		c.fail(h, outOfRangeError(p.tp, p.position))
		return
	}
	tps := c.at(needsReset)
	if len(tps) == 0 || c.pending(apiListOffsets) {
		return
	}
	if c.s.reset == "none" {
		c.fail(h, noOffsetError(tps))
		return
	}
	for _, broker := range c.leaders(tps) {
		var of []kafka.TopicPartition
		for _, tp := range tps {
			if p := c.part(tp); c.metadata.leader(tp) == broker && now >= p.resetAt {
				p.step = resetting
				of = append(of, tp)
			}
		}
		if len(of) == 0 {
			continue
		}
		q := c.send(h, broker, apiListOffsets, &kafka.ListOffsetsRequest{Partitions: of, Latest: c.s.reset == "latest"})
		q.partitions = of
	}
}

// leaders is the brokers that lead the given partitions, ascending. For one
// without a leader metadata is asked for.
func (c *Consumer) leaders(tps []kafka.TopicPartition) []int32 {
	var ids []int32
	for _, tp := range tps {
		if id := c.metadata.leader(tp); id > 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// offsetsFetched sets the positions of partitions that have a committed offset.
func (c *Consumer) offsetsFetched(h client.Host, now clock.Time, q request, r *kafka.OffsetFetchResponse) {
	if r.Err != kafka.ErrNone {
		if r.Err == kafka.ErrNotCoordinator {
			c.coordinatorDead(h, c.d.errorText(r.Err, ""))
		}
		c.offsetsAt = now + c.s.retryBackoff
		return
	}
	for i, tp := range q.partitions {
		p := c.part(tp)
		switch {
		case p == nil || p.step != needsCommitted:
		case r.Offsets[i] < 0:
			p.step = needsReset
		default:
			p.step, p.position = positioned, r.Offsets[i]
		}
	}
}

// offsetsListed sets the positions that the reset policy gives.
func (c *Consumer) offsetsListed(q request, r *kafka.ListOffsetsResponse) {
	c.arrived = true
	for i, tp := range q.partitions {
		if p := c.part(tp); p != nil && p.step == resetting {
			p.step, p.position = positioned, r.Offsets[i]
		}
	}
}

// resetFailed lets a reset be tried again after retry_backoff_ms.
func (c *Consumer) resetFailed(now clock.Time, q request) {
	c.arrived = true
	for _, tp := range q.partitions {
		if p := c.part(tp); p != nil && p.step == resetting {
			p.step, p.resetAt = needsReset, now+c.s.retryBackoff
		}
	}
}
