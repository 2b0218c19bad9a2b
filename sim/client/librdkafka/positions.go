package librdkafka

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// noOffset is an offset that is not known (RD_KAFKA_OFFSET_INVALID).
const noOffset = -1001

// partition is an assigned partition (rd_kafka_toppar_t).
type partition struct {
	kafka.TopicPartition
	state     fetchState
	leader    int32      // whose thread fetches it, while it is active; −1: none
	notBefore clock.Time // earliest instant of what the state does next
	next      int64      // offset of the next record to fetch
	position  int64      // offset of the next record to hand to the application
	stored    int64      // what an auto-commit or a commit without arguments commits
	committed int64
}

// fetchState is where a partition is on its way to being fetched
// (rktp_fetch_state).
type fetchState uint8

const (
	pending     fetchState = iota // its committed offset is to be asked for
	querying                      // OffsetFetch is on its way
	resetting                     // it has none: ListOffsets is to be sent
	listing                       // ListOffsets is on its way
	active                        // it is fetched
	interrupted                   // it was, until a rebalance
	stopped                       // it has nowhere to start from
)

// resetDelay is how long librdkafka waits before it asks for the offset to which
// it resets (rd_kafka_offset_reset).
const resetDelay = 100 * clock.Millisecond

// interrupt voids what is under way for the partition.
func (p *partition) interrupt() {
	switch p.state {
	case querying:
		p.state = pending
	case listing:
		p.state = resetting
	case active:
		p.state = interrupted
	}
}

func newPartition(tp kafka.TopicPartition) partition {
	return partition{TopicPartition: tp, next: noOffset, position: noOffset, stored: noOffset, committed: noOffset}
}

// queryCommitted asks for the committed offsets of the partitions that start
// (rd_kafka_assignment_serve_pending).
func (c *Consumer) queryCommitted(h client.Host, now clock.Time) {
	if c.assignment.paused {
		return
	}
	var ask []kafka.TopicPartition
	for i := range c.assignment.parts {
		p := &c.assignment.parts[i]
		if p.state == pending && p.notBefore <= now && c.coordinator.broker != 0 {
			p.state = querying
			ask = append(ask, p.TopicPartition)
		}
	}
	if len(ask) == 0 {
		return
	}
	c.send(h, now, c.coordinator.broker, request{api: apiOffsetFetch, partitions: ask}, &kafka.OffsetFetchRequest{
		Group:         c.o.Group,
		Partitions:    ask,
		RequireStable: c.s.readCommitted,
	})
}

// offsetsFetched is rd_kafka_assignment_handle_OffsetFetch: partitions start where
// the group is, or, if it is nowhere, by auto.offset.reset.
func (c *Consumer) offsetsFetched(h client.Host, now clock.Time, q request, r *kafka.OffsetFetchResponse) {
	if q.version != c.assignment.version {
		return
	}
	if r.Err != kafka.ErrNone {
		if r.Err == kafka.ErrNotCoordinator || r.Err == kafka.ErrCoordinatorNotAvailable {
			c.queryCoordinator(h, now)
		}
		c.askLater(q, now+c.s.retryBackoff)
		return
	}
	for i, tp := range q.partitions {
		p := c.assignment.find(tp)
		if r.Offsets[i] >= 0 {
			p.committed = r.Offsets[i]
			c.activate(p, r.Offsets[i])
			continue
		}
		c.resetOffset(now, p, nameNoOffset, noOffsetText)
	}
}

// resetOffset applies auto.offset.reset (rd_kafka_offset_reset), for an error of that
// name and text. Where a log begins is asked once in the life of the handle: later it
// is known from fetching.
func (c *Consumer) resetOffset(now clock.Time, p *partition, name, text string) {
	if c.s.reset == resetError {
		p.state = stopped
		if c.o.Version >= resetErrorSince {
			name = nameAutoOffsetReset
		}
		c.queue.pushError(name, text)
		return
	}
	i := slices.IndexFunc(c.logStarts, func(o kafka.OffsetCommit) bool { return o.TopicPartition == p.TopicPartition })
	if c.s.reset == resetEarliest && i >= 0 {
		c.activate(p, c.logStarts[i].Offset)
		return
	}
	p.state, p.notBefore = resetting, now+resetDelay
}

// outOfRange resets a partition whose log does not have the offset. The answer that
// says so does not say where the log begins, and with it what earlier ones said is
// forgotten (rktp_lo_offset): it is asked.
func (c *Consumer) outOfRange(now clock.Time, p *partition) {
	c.logStarts = slices.DeleteFunc(c.logStarts, func(o kafka.OffsetCommit) bool { return o.TopicPartition == p.TopicPartition })
	if c.s.reset != resetError && c.o.Version >= resetErrorSince {
		c.log("WARNING", facOffset, resetText(c.o.Version, p.TopicPartition, p.next, p.leader, c.s.reset))
	}
	text := outOfRangeText
	if c.o.Version >= resetBrokerSince {
		text += fmt.Sprintf(" (broker %d)", p.leader)
	}
	c.resetOffset(now, p, brokerErrors[kafka.ErrOffsetOutOfRange][0], text)
}

// startPartitions asks for offsets whose time has come; of those to reset the
// highest partition first, each in a request of its own.
func (c *Consumer) startPartitions(h client.Host, now clock.Time) {
	for i := len(c.assignment.parts) - 1; i >= 0; i-- {
		p := &c.assignment.parts[i]
		if c.assignment.paused || p.state != resetting || p.notBefore > now {
			continue
		}
		leader := c.metadata.leader(p.TopicPartition)
		if leader < 0 {
			p.notBefore = now + resetDelay
			continue
		}
		p.state = listing
		one := []kafka.TopicPartition{p.TopicPartition}
		c.send(h, now, leader, request{api: apiListOffsets, partitions: one}, &kafka.ListOffsetsRequest{
			Partitions: one,
			Latest:     c.s.reset == resetLatest,
		})
	}
}

// offsetsListed is rd_kafka_toppar_handle_Offset.
func (c *Consumer) offsetsListed(h client.Host, now clock.Time, q request, r *kafka.ListOffsetsResponse) {
	if q.version != c.assignment.version {
		return
	}
	for i, tp := range q.partitions {
		if r.Err(i) != kafka.ErrNone {
			p := c.assignment.find(tp)
			p.state, p.notBefore = resetting, now+c.s.retryBackoff
			if !c.pending(apiMetadata) {
				c.requestMetadata(h, now)
			}
			continue
		}
		if c.s.reset == resetEarliest {
			c.logStarts = append(c.logStarts, kafka.OffsetCommit{TopicPartition: tp, Offset: r.Offsets[i]})
		}
		c.activate(c.assignment.find(tp), r.Offsets[i])
	}
}

// askLater lets a request for offsets be made again.
func (c *Consumer) askLater(q request, at clock.Time) {
	if q.version != c.assignment.version {
		return
	}
	for _, tp := range q.partitions {
		p := c.assignment.find(tp)
		p.state, p.notBefore = pending, at
		if q.api == apiListOffsets {
			p.state = resetting
		}
	}
}

// armPositions sets the timer for the first partition whose time comes.
func (c *Consumer) armPositions(h client.Host, now clock.Time) {
	first := clock.Never
	for i := range c.assignment.parts {
		p := &c.assignment.parts[i]
		if !c.assignment.paused && (p.state == resetting || p.state == pending && p.notBefore > now) {
			first = min(first, max(p.notBefore, now))
		}
	}
	c.set(h, timerPositions, first)
}

// firstError is the last error among the partitions of an answer, as librdkafka
// sums it up (rd_kafka_handle_OffsetCommit).
func firstError(errs []kafka.ErrorCode) kafka.ErrorCode {
	for _, e := range slices.Backward(errs) {
		if e != kafka.ErrNone {
			return e
		}
	}
	return kafka.ErrNone
}
