package java

import (
	"iter"
	"slices"

	"ksim/sim/client"
	"ksim/sim/kafka"
)

// chunk is what one fetch has brought for one partition (CompletedFetch).
type chunk struct {
	tp       kafka.TopicPartition
	from, to int64
	size     int64 // bytes a record
}

// sendFetches sends one Fetch to every broker that leads a partition to be
// fetched and has none in flight. A broker with any buffered partition is left
// out whole (since 4.0, KAFKA-17182).
func (c *Consumer) sendFetches(h client.Host) {
	for broker := range c.brokersOf(nil) {
		if c.fetching(broker) {
			continue
		}
		r := &kafka.FetchRequest{MaxWait: c.s.fetchMaxWait, MinBytes: c.s.fetchMin, MaxBytes: c.s.fetchMax}
		for i := range c.parts {
			p := &c.parts[i]
			if p.leader != broker || p.step != positioned || p.revoking {
				continue
			}
			if c.buffered(p.tp) {
				if c.o.Version >= skipsBufferedBrokers {
					r.Partitions = nil
					break
				}
				continue
			}
			r.Partitions = append(r.Partitions, kafka.FetchPartition{TopicPartition: p.tp, Offset: p.position, MaxBytes: c.s.fetchPartition})
		}
		if len(r.Partitions) > 0 {
			c.send(h, broker, apiFetch, r)
		}
	}
}

// skipsBufferedBrokers is the version since which one buffered partition keeps
// its broker's others from being fetched.
var skipsBufferedBrokers = kafka.V(4, 0, 0)

// brokersOf yields the leaders of the given partitions (nil: all assigned),
// each once, in ascending order.
func (c *Consumer) brokersOf(tps []kafka.TopicPartition) iter.Seq[int32] {
	var ids []int32
	for i := range c.parts {
		if p := &c.parts[i]; p.leader != 0 && (tps == nil || slices.Contains(tps, p.tp)) && !slices.Contains(ids, p.leader) {
			ids = append(ids, p.leader)
		}
	}
	slices.Sort(ids)
	return slices.Values(ids)
}

// fetching tells whether a Fetch to the broker has no answer yet.
func (c *Consumer) fetching(broker int32) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.api == apiFetch && q.broker == broker })
}

func (c *Consumer) buffered(tp kafka.TopicPartition) bool {
	return slices.ContainsFunc(c.buffer, func(b chunk) bool { return b.tp == tp })
}

// fetched takes a Fetch response into the buffer.
func (c *Consumer) fetched(h client.Host, r *kafka.FetchResponse) {
	for _, f := range r.Partitions {
		p := c.part(f.TopicPartition)
		if p == nil || p.step != positioned {
			continue // revoked or reset meanwhile
		}
		switch f.Err {
		case kafka.ErrNone:
			c.buffer = append(c.buffer, chunk{f.TopicPartition, f.From, f.To, f.Size})
		case kafka.ErrOffsetOutOfRange:
			c.info(h, c.outOfRangeText(p)+", "+c.afterOutOfRange())
			p.step, p.outOfRange = needsReset, true
		}
	}
}

// collect takes at most max.poll.records from the buffer, chunk by chunk in
// arrival order, and moves the positions on (FetchCollector.collectFetch). A
// chunk that ends exactly with the last record asked for stays, empty, until
// the next attempt to read past its end.
func (c *Consumer) collect() []client.Range {
	var out []client.Range
	left := c.s.maxPollRecords
	for left > 0 && len(c.buffer) > 0 {
		b := &c.buffer[0]
		p := c.part(b.tp)
		if p == nil || p.step != positioned || p.revoking || p.position != b.from {
			c.buffer = slices.Delete(c.buffer, 0, 1)
			continue
		}
		n := min(left, b.to-b.from)
		if n > 0 {
			out = append(out, client.Range{TopicPartition: b.tp, From: b.from, To: b.from + n, Size: b.size})
			b.from += n
			p.position += n
			c.moveToEnd(b.tp)
		}
		if left -= n; left > 0 {
			c.buffer = slices.Delete(c.buffer, 0, 1)
		}
	}
	return out
}

// moveToEnd makes a partition the last to be fetched
// (SubscriptionState.movePartitionToEnd).
func (c *Consumer) moveToEnd(tp kafka.TopicPartition) {
	i := slices.IndexFunc(c.parts, func(p part) bool { return p.tp == tp })
	p := c.parts[i]
	c.parts = append(slices.Delete(c.parts, i, i+1), p)
}
