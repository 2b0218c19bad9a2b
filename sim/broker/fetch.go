package broker

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// parkedFetch is a fetch that waits for data (DelayedFetch).
type parkedFetch struct {
	id       kafka.RequestID // 0: the slot is free
	broker   int32
	request  *kafka.FetchRequest
	share    *kafka.ShareFetchRequest // instead
	deadline clock.Time
}

// Fetch answers a broker's fetch at once when enough bytes are there, when a partition
// has an error, or when it may not wait (ReplicaManager.fetchMessages);
// otherwise it parks it.
func (c *Cluster) Fetch(h Host, now clock.Time, broker int32, id kafka.RequestID, r *kafka.FetchRequest) {
	if r.MaxWait <= 0 || len(r.Partitions) == 0 || c.enough(broker, r, now) {
		h.Reply(id, c.read(broker, r, now))
		return
	}
	slot := c.slot()
	c.parked[slot] = parkedFetch{id: id, broker: broker, request: r, deadline: now + r.MaxWait}
	h.ArmFetch(slot, c.wake(broker, r, now, now+r.MaxWait))
}

// FetchDue looks at a parked fetch again: its data has come or its time is over.
func (c *Cluster) FetchDue(h Host, now clock.Time, slot uint32) {
	f := c.parked[slot]
	if f.share != nil {
		c.shareFetchDue(h, now, slot)
		return
	}
	if now < f.deadline && !c.enough(f.broker, f.request, now) {
		h.ArmFetch(slot, c.wake(f.broker, f.request, now, f.deadline))
		return
	}
	c.unpark(slot)
	h.Reply(f.id, c.read(f.broker, f.request, now))
}

// unpark gives a slot back.
func (c *Cluster) unpark(slot uint32) {
	c.parked[slot] = parkedFetch{}
	c.free = append(c.free, slot)
}

// reconsider sets the parked fetches of a topic anew after its producers have
// changed, or its partitions' leaders.
func (c *Cluster) reconsider(h Host, now clock.Time, topic string) {
	for slot := range c.parked {
		f := &c.parked[slot]
		if f.share != nil && slices.ContainsFunc(f.share.Partitions, func(tp kafka.TopicPartition) bool { return tp.Topic == topic }) {
			h.ArmFetch(uint32(slot), now)
		}
		if f.request == nil {
			continue
		}
		for _, p := range f.request.Partitions {
			if p.Topic == topic {
				h.ArmFetch(uint32(slot), c.wake(f.broker, f.request, now, f.deadline))
				break
			}
		}
	}
}

func (c *Cluster) slot() uint32 {
	if n := len(c.free); n > 0 {
		s := c.free[n-1]
		c.free = c.free[:n-1]
		return s
	}
	c.parked = append(c.parked, parkedFetch{})
	return uint32(len(c.parked) - 1)
}

// enough tells whether the fetch can be answered at t: fetch.min.bytes are
// there, or a partition has an error.
func (c *Cluster) enough(broker int32, r *kafka.FetchRequest, t clock.Time) bool {
	var bytes int64
	for i := range r.Partitions {
		p := &r.Partitions[i]
		l, end, err := c.readable(broker, r, p, t)
		if err != kafka.ErrNone {
			return true
		}
		if end <= p.Offset {
			continue
		}
		if bytes += l.bytes(p.Offset, end, l.visible(t), r.MinBytes); bytes >= r.MinBytes {
			return true
		}
	}
	return false
}

// readable gives what a partition's fetch may read up to, or why it may not.
func (c *Cluster) readable(broker int32, r *kafka.FetchRequest, p *kafka.FetchPartition, t clock.Time) (*Log, int64, kafka.ErrorCode) {
	l := c.Log(p.TopicPartition)
	if err := c.unreadable(broker, l); err != kafka.ErrNone {
		return nil, 0, err
	}
	end := l.End(t)
	if p.Offset > end || p.Offset < l.start {
		return nil, 0, kafka.ErrOffsetOutOfRange
	}
	if r.ReadCommitted {
		end = l.stable(t)
	}
	return l, end, kafka.ErrNone
}

// bytes is the size of the records [from, to), counted no further than enough.
func (l *Log) bytes(from, to int64, by clock.Time, enough int64) int64 {
	if each, ok := l.uniform(); ok {
		return (to - from) * each.wire
	}
	var n int64
	for o := from; o < to && n < enough; {
		each, k := l.alike(o, by)
		k = min(k, to-o)
		n += k * each.wire
		o += k
	}
	return n
}

// wake is the first instant from now on at which the fetch can be answered, at
// the latest its deadline. Nothing between two arrivals can change the answer,
// and the amount only grows, so a search over time finds it.
func (c *Cluster) wake(broker int32, r *kafka.FetchRequest, now, deadline clock.Time) clock.Time {
	if c.enough(broker, r, now) {
		return now
	}
	next := deadline
	for i := range r.Partitions {
		if l := c.Log(r.Partitions[i].TopicPartition); l != nil {
			next = min(next, l.Next(now))
		}
	}
	if next >= deadline || c.enough(broker, r, next) {
		return next
	}
	lo, hi := next+1, deadline
	for lo < hi {
		if mid := lo + (hi-lo)/2; c.enough(broker, r, mid) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// read collects what the fetch brings at t.
func (c *Cluster) read(broker int32, r *kafka.FetchRequest, t clock.Time) *kafka.FetchResponse {
	var pieces [4]piece
	var few [8]kafka.FetchedRange // usually enough, so that the answer is allocated once
	got := few[:0]
	left := r.MaxBytes
	for i := range r.Partitions {
		p := &r.Partitions[i]
		l, end, err := c.readable(broker, r, p, t)
		switch {
		case err != kafka.ErrNone:
			got = append(got, kafka.FetchedRange{TopicPartition: p.TopicPartition, Err: err})
		case p.Offset < end && left > 0:
			for _, x := range l.pieces(pieces[:0], p.Offset, end, l.visible(t), min(left, p.MaxBytes)) {
				got = append(got, kafka.FetchedRange{TopicPartition: p.TopicPartition, From: x.from, To: x.to, Size: x.size})
				left -= (x.to - x.from) * x.wire
			}
		}
	}
	return &kafka.FetchResponse{Partitions: slices.Clone(got)}
}
