package aiokafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// part is an assigned partition (TopicPartitionState).
type part struct {
	tp       kafka.TopicPartition
	step     positionStep
	position int64 // the next offset that getmany() returns
	paused   bool  // by the application: neither fetched nor returned
}

// positionStep is how far a partition is on the way to a position.
type positionStep uint8

const (
	needsCommitted  positionStep = iota // the committed offset has not been asked for
	awaitsCommitted                     // it is asked for
	needsReset                          // there is none: auto_offset_reset
	positioned
)

// assign takes over an assignment: whatever was pending for the old one is
// cancelled, and what was fetched for it dropped.
func (c *Consumer) assign(h client.Host, partitions []kafka.TopicPartition) {
	c.parts, c.records, c.nodes = nil, nil, nil
	for i := range c.inflight {
		if q := &c.inflight[i]; q.api == apiFetch || q.api == apiListOffsets {
			q.abandoned = true
		}
	}
	for _, tp := range partitions {
		c.parts = append(c.parts, part{tp: tp})
	}
	slices.SortFunc(c.parts, func(a, b part) int { return a.tp.Compare(b.tp) })
	c.forget(apiOffsetFetch)
	h.Cancel(timerRefresh)
	c.refreshing, c.refreshAt = false, 0
	c.hasAssignment, c.reassigning, c.fetchLate = true, false, true
}

// owned is the assigned partitions, sorted.
func (c *Consumer) owned() []kafka.TopicPartition {
	out := make([]kafka.TopicPartition, 0, len(c.parts))
	for i := range c.parts {
		out = append(out, c.parts[i].tp)
	}
	return out
}

// part is an assigned partition; nil if it is not assigned.
func (c *Consumer) part(tp kafka.TopicPartition) *part {
	i, ok := slices.BinarySearchFunc(c.parts, tp, func(p part, tp kafka.TopicPartition) int { return p.tp.Compare(tp) })
	if !ok {
		return nil
	}
	return &c.parts[i]
}

// updatePositions is _update_fetch_positions for one broker: one partition after
// the other waits for its committed offset, then those that have none are reset
// together.
func (c *Consumer) updatePositions(h client.Host, broker int32) {
	i := slices.IndexFunc(c.nodes, func(t nodeTask) bool { return t.broker == broker && t.reset != nil && !t.listed })
	if i < 0 {
		return
	}
	t := &c.nodes[i]
	for len(t.tps) > 0 {
		p := c.part(t.tps[0])
		if c.holds(p.tp) { // the error that getmany() is to raise
			t.tps = t.tps[1:]
			continue
		}
		if p.step == needsCommitted {
			p.step = awaitsCommitted // refreshCommitted is still to run
		}
		if p.step == awaitsCommitted {
			return
		}
		t.tps = t.tps[1:]
	}
	var of []kafka.TopicPartition
	for _, tp := range t.reset {
		if c.part(tp).step == needsReset {
			of = append(of, tp)
		}
	}
	if len(of) == 0 {
		c.nodeEnded(broker)
		return
	}
	if c.blocked(broker) {
		return
	}
	t.listed = true
	q := c.send(h, broker, apiListOffsets, &kafka.ListOffsetsRequest{Partitions: of, Latest: c.s.reset == "latest"})
	q.partitions = of
}

// refreshCommitted is _maybe_refresh_commit_offsets: it asks for the committed
// offsets that somebody waits for, one request at a time.
func (c *Consumer) refreshCommitted(h client.Host, now clock.Time) {
	if c.refreshing || c.coordinator == 0 || now < c.refreshAt {
		return
	}
	var of []kafka.TopicPartition
	for i := range c.parts {
		if c.parts[i].step == awaitsCommitted {
			of = append(of, c.parts[i].tp)
		}
	}
	if len(of) == 0 {
		return
	}
	c.refreshing = true
	q := c.send(h, c.coordinator, apiOffsetFetch, &kafka.OffsetFetchRequest{Group: c.o.Group, Partitions: of})
	q.partitions = of
}

// offsetsFetched hands out the committed offsets.
func (c *Consumer) offsetsFetched(h client.Host, now clock.Time, q request, r *kafka.OffsetFetchResponse) {
	switch r.Err {
	case kafka.ErrNone:
	case kafka.ErrNotCoordinator:
		c.coordinatorDead(h)
		c.refreshFailed(h, now)
		return
	default:
		c.refreshFailed(h, now)
		return
	}
	c.refreshing = false
	for i, tp := range q.partitions {
		p := c.part(tp)
		switch {
		case p == nil || p.step != awaitsCommitted:
		case r.Offsets[i] >= 0:
			p.step, p.position = positioned, r.Offsets[i]
		case c.s.reset == "none":
			p.step = needsCommitted
			c.noOffset(h, now, tp)
		default:
			p.step = needsReset
		}
	}
	for _, broker := range c.leaders() {
		c.updatePositions(h, broker)
	}
}

// noOffset makes getmany() raise.
func (c *Consumer) noOffset(h client.Host, now clock.Time, tp kafka.TopicPartition) {
	c.records = append(c.records, fetched{tp: tp, at: now, err: noOffsetError(tp)})
	c.recordsArrived(h, now)
}

// refreshFailed tries again after retry_backoff_ms.
func (c *Consumer) refreshFailed(h client.Host, now clock.Time) {
	c.refreshing, c.refreshAt = false, now+c.s.retryBackoff
	h.Arm(timerRefresh, c.refreshAt)
}

// offsetsListed sets the positions that the reset policy gives.
func (c *Consumer) offsetsListed(q request, r *kafka.ListOffsetsResponse) {
	c.nodeEnded(q.broker)
	for i, tp := range q.partitions {
		if p := c.part(tp); p != nil && p.step == needsReset {
			p.step, p.position = positioned, r.Offsets[i]
		}
	}
}
