package java

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// part is an assigned partition (SubscriptionState.TopicPartitionState).
type part struct {
	tp       kafka.TopicPartition
	leader   int32
	step     positionStep
	position int64 // the next offset that poll returns
	revoking bool  // pending revocation: not fetched and not returned
	// outOfRange tells that needsReset is for a position that the log does not have.
	outOfRange bool
}

// positionStep is how far a partition is on the way to a position.
type positionStep uint8

const (
	needsCommitted positionStep = iota // the committed offset has not been asked for
	needsReset                         // there is none: auto.offset.reset
	resetting                          // ListOffsets is in flight
	positioned
)

// assign takes over an assignment: a partition that was assigned already keeps
// its position and what has been fetched, a new one looks for its position
// (SubscriptionState.assignFromSubscribed).
func (c *Consumer) assign(partitions []kafka.TopicPartition) {
	var parts []part
	for _, tp := range partitions {
		if p := c.part(tp); p != nil {
			parts = append(parts, *p)
			continue
		}
		parts = append(parts, part{tp: tp, leader: c.metadata.leader(tp)})
	}
	c.parts = parts
	c.buffer = slices.DeleteFunc(c.buffer, func(b chunk) bool { return c.part(b.tp) == nil })
}

// unassign gives the assignment up, and with it what has been fetched for it.
func (c *Consumer) unassign() { c.parts, c.buffer = nil, nil }

// owned is the assigned partitions, sorted.
func (c *Consumer) owned() []kafka.TopicPartition {
	out := make([]kafka.TopicPartition, 0, len(c.parts))
	for i := range c.parts {
		out = append(out, c.parts[i].tp)
	}
	slices.SortFunc(out, kafka.TopicPartition.Compare)
	return out
}

// part is an assigned partition; nil if it is not assigned. Answers name the
// partitions in the order in which they were asked for, so the one after the
// latest found is looked at first.
func (c *Consumer) part(tp kafka.TopicPartition) *part {
	n := len(c.parts)
	for i := range n {
		if at := (c.found + 1 + i) % n; c.parts[at].tp == tp {
			c.found = at
			return &c.parts[at]
		}
	}
	return nil
}

// positionsMissing tells whether a partition has no position yet.
func (c *Consumer) positionsMissing() bool {
	return slices.ContainsFunc(c.parts, func(p part) bool { return p.step != positioned })
}

// updatePositions is updateFetchPositions: committed offsets first, then the
// reset policy for partitions that have none.
func (c *Consumer) updatePositions(h client.Host, now clock.Time) {
	if c.pending(apiOffsetFetch) {
		return
	}
	if tps := c.at(needsCommitted); len(tps) > 0 {
		if now < c.retryAt {
			return
		}
		q := c.send(h, c.coordinator, apiOffsetFetch, &kafka.OffsetFetchRequest{Group: c.o.Group, Partitions: tps, RequireStable: true})
		q.partitions = tps
		return
	}
	tps := c.at(needsReset)
	if len(tps) == 0 {
		return
	}
	if c.s.reset == "none" {
		c.fail(h, c.noPosition(tps))
		return
	}
	for broker := range c.brokersOf(tps) {
		var of []kafka.TopicPartition
		for _, tp := range tps {
			if p := c.part(tp); p.leader == broker {
				p.step = resetting
				of = append(of, tp)
			}
		}
		q := c.send(h, broker, apiListOffsets, &kafka.ListOffsetsRequest{Partitions: of, Latest: c.s.reset == "latest"})
		q.partitions = of
	}
}

// noPosition is what poll() throws for partitions that auto.offset.reset=none
// leaves without a position.
func (c *Consumer) noPosition(tps []kafka.TopicPartition) *client.Error {
	for _, tp := range tps {
		if p := c.part(tp); p.outOfRange {
			return &client.Error{Name: "OffsetOutOfRangeException", Text: c.outOfRangeText(p), Fatal: true}
		}
	}
	return &client.Error{Name: "NoOffsetForPartitionException", Text: "Undefined offset with no reset policy for partitions: " + c.list(tps), Fatal: true}
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

// offsetsFetched sets the positions of partitions that have a committed offset.
func (c *Consumer) offsetsFetched(h client.Host, now clock.Time, q request, r *kafka.OffsetFetchResponse) {
	if r.Err != kafka.ErrNone {
		if r.Err == kafka.ErrNotCoordinator {
			c.coordinatorLost(h, now, "error response "+r.Err.String())
		}
		c.retryAt = now + c.s.retryBackoff
		return
	}
	for i, tp := range q.partitions {
		p := c.part(tp)
		if p == nil || p.step != needsCommitted {
			continue
		}
		if r.Offsets[i] < 0 {
			c.info(h, "Found no committed offset for partition "+tp.String())
			p.step = needsReset
			continue
		}
		p.step, p.position = positioned, r.Offsets[i]
		c.info(h, fmt.Sprintf("Setting offset for partition %s to the committed offset FetchPosition{offset=%d, offsetEpoch=Optional[0], %s", tp, p.position, c.leaderText(p.leader)))
	}
}

// offsetsListed sets the positions that the reset policy gives.
func (c *Consumer) offsetsListed(h client.Host, q request, r *kafka.ListOffsetsResponse) {
	for i, tp := range q.partitions {
		p := c.part(tp)
		if p == nil || p.step != resetting {
			continue
		}
		p.step, p.position, p.outOfRange = positioned, r.Offsets[i], false
		c.info(h, fmt.Sprintf("Resetting offset for partition %s to position FetchPosition{offset=%d, offsetEpoch=Optional.empty, %s.", tp, p.position, c.leaderText(p.leader)))
	}
}
