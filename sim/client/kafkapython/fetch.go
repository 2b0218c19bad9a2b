package kafkapython

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// chunk is what one fetch has brought for one partition (CompletedFetch; once it
// is being read, PartitionRecords).
type chunk struct {
	tp       kafka.TopicPartition
	from, to int64
	size     int64 // bytes a record
	reading  bool
}

// sendFetches sends one Fetch to every broker that leads a partition without
// fetched records and has none in flight (_create_fetch_requests).
func (c *Consumer) sendFetches(h client.Host, now clock.Time) {
	var tps []kafka.TopicPartition
	for i := range c.parts {
		p := &c.parts[i]
		if p.step != positioned || p.revoking || p.paused || c.buffered(p.tp) {
			continue
		}
		if c.metadata.leader(p.tp) <= 0 {
			c.requestMetadata(h, now)
			continue
		}
		tps = append(tps, p.tp)
	}
	for _, broker := range c.leaders(tps) {
		if c.fetching(broker) || c.reach.Resting(broker, now) {
			continue
		}
		r := &kafka.FetchRequest{MaxWait: c.s.fetchMaxWait, MinBytes: c.s.fetchMin, MaxBytes: c.s.fetchMax}
		for _, tp := range tps {
			if c.metadata.leader(tp) == broker {
				r.Partitions = append(r.Partitions, kafka.FetchPartition{TopicPartition: tp, Offset: c.part(tp).position, MaxBytes: c.s.fetchPartition})
			}
		}
		c.send(h, broker, apiFetch, r)
	}
}

// fetching tells whether a Fetch to the broker has no answer yet.
func (c *Consumer) fetching(broker int32) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.api == apiFetch && q.broker == broker })
}

func (c *Consumer) buffered(tp kafka.TopicPartition) bool {
	return slices.ContainsFunc(c.buffer, func(b chunk) bool { return b.tp == tp })
}

// unread tells whether a fetched chunk has not been looked at: then nothing more
// is fetched. One that is parked for a paused partition holds nothing up.
func (c *Consumer) unread() bool {
	return slices.ContainsFunc(c.buffer, func(b chunk) bool { return !b.reading && !c.isPaused(b.tp) })
}

func (c *Consumer) isPaused(tp kafka.TopicPartition) bool {
	p := c.part(tp)
	return p != nil && p.paused
}

// fetched is _handle_fetch_response.
func (c *Consumer) fetched(h client.Host, now clock.Time, r *kafka.FetchResponse) {
	c.arrived = true
	for _, f := range r.Partitions {
		p := c.part(f.TopicPartition)
		if p == nil || p.step != positioned {
			continue // revoked or reset meanwhile
		}
		switch f.Err {
		case kafka.ErrNone:
			c.buffer = append(c.buffer, chunk{tp: f.TopicPartition, from: f.From, to: f.To, size: f.Size})
		case kafka.ErrOffsetOutOfRange:
			p.step = needsReset
			if c.s.reset == "none" {
				p.step = outOfRange
			}
			c.moveToEnd(p.tp)
		default:
			c.moveToEnd(p.tp)
			c.requestMetadata(h, now)
		}
	}
}

// Pause is pause(*assignment()).
func (c *Consumer) Pause(client.Host, clock.Time) { c.setPaused(true) }

// Resume is resume(*paused()).
func (c *Consumer) Resume(client.Host, clock.Time) { c.setPaused(false) }

func (c *Consumer) setPaused(paused bool) {
	for i := range c.parts {
		c.parts[i].paused = paused
	}
}

// drain takes at most max_poll_records from the buffer, chunk by chunk in the
// order of arrival, and moves the positions on (Fetcher.fetched_records). A chunk
// that ends exactly with the last record asked for stays, empty, until the next
// attempt to read past its end. Chunks of paused partitions are kept behind the
// others, or, before 3.0, dropped, to be fetched again.
func (c *Consumer) drain() []client.Range {
	var out, paused = []client.Range(nil), []chunk(nil)
	left := c.s.maxPollRecords
	for left > 0 && len(c.buffer) > 0 {
		b := &c.buffer[0]
		p := c.part(b.tp)
		if p == nil || p.step != positioned || p.revoking || p.paused || p.position != b.from {
			if p != nil && p.paused && c.d.parksPaused {
				paused = append(paused, *b)
			}
			c.buffer = slices.Delete(c.buffer, 0, 1)
			continue
		}
		b.reading = true
		n := min(left, b.to-b.from)
		if n > 0 {
			out = append(out, client.Range{TopicPartition: b.tp, From: b.from, To: b.from + n, Size: b.size})
			b.from += n
			p.position += n
		}
		if left -= n; left > 0 {
			c.moveToEnd(b.tp)
			c.buffer = slices.Delete(c.buffer, 0, 1)
		}
	}
	c.buffer = append(c.buffer, paused...)
	return out
}

// moveToEnd makes a partition the last to be fetched
// (SubscriptionState.move_partition_to_end).
func (c *Consumer) moveToEnd(tp kafka.TopicPartition) {
	i := slices.IndexFunc(c.parts, func(p part) bool { return p.tp == tp })
	p := c.parts[i]
	c.parts = append(slices.Delete(c.parts, i, i+1), p)
}
