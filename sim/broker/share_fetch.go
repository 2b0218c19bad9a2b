package broker

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/share"
)

// ShareFetch acquires records for a member of a share group. It answers at once when
// there are some, when a partition has an error, or when it may not wait; otherwise
// it parks the request (DelayedShareFetch).
func (c *Cluster) ShareFetch(h Host, now clock.Time, broker int32, id kafka.RequestID, r *kafka.ShareFetchRequest) {
	response := &kafka.ShareFetchResponse{Err: c.shareSession(h, now, broker, r.Group, r.MemberID, r.SessionEpoch)}
	if response.Err != kafka.ErrNone {
		h.Reply(id, response)
		return
	}
	response.Acknowledged = c.acknowledge(h, now, broker, r.Group, r.MemberID, r.Acknowledgements)
	response.Partitions = c.acquire(now, broker, r)
	if len(response.Partitions) > 0 || len(response.Acknowledged) > 0 || r.MaxWait <= 0 {
		h.Reply(id, response)
		return
	}
	slot := c.slot()
	deadline := now + r.MaxWait
	c.parked[slot] = parkedFetch{id: id, broker: broker, share: r, deadline: deadline}
	h.ArmFetch(slot, c.shareWake(now, r, deadline))
}

// shareFetchDue looks at a parked request again: there may be records, or its time
// is over.
func (c *Cluster) shareFetchDue(h Host, now clock.Time, slot uint32) {
	f := c.parked[slot]
	got := c.acquire(now, f.broker, f.share)
	if len(got) == 0 && now < f.deadline {
		h.ArmFetch(slot, c.shareWake(now, f.share, f.deadline))
		return
	}
	c.unpark(slot)
	h.Reply(f.id, &kafka.ShareFetchResponse{Partitions: got})
}

// acquire takes what the member may have now. The partition that is served first
// changes with each request (PartitionRotateStrategy).
func (c *Cluster) acquire(now clock.Time, broker int32, r *kafka.ShareFetchRequest) (got []kafka.SharedRange) {
	records, bytes := r.MaxRecords, r.MaxBytes
	n := len(r.Partitions)
	for i := range n {
		tp := r.Partitions[(i+int(max(0, r.SessionEpoch)))%n]
		l := c.Log(tp)
		if err := c.unreadable(broker, l); err != kafka.ErrNone {
			got = append(got, kafka.SharedRange{TopicPartition: tp, Err: err})
			continue
		}
		if records <= 0 || bytes <= 0 {
			continue
		}
		p, end := c.share(now, r.Group, tp), l.End(now)
		for _, d := range p.Acquire(now, r.MemberID, end, l.fitting(p, now, end, records, bytes)) {
			for _, x := range l.pieces(nil, d.From, d.To, l.visible(now), bytes) {
				got = append(got, kafka.SharedRange{TopicPartition: tp, From: x.from, To: x.to, Size: x.size, DeliveryCount: d.Count})
				records -= x.to - x.from
				bytes -= (x.to - x.from) * x.size
			}
		}
	}
	return got
}

// fitting is how many records from the next one on fit into so many bytes, at least
// one.
func (l *Log) fitting(p *share.Partition, now clock.Time, end, records, bytes int64) int64 {
	from := p.Next()
	if from >= end {
		return records
	}
	largest := int64(1)
	for _, x := range l.pieces(nil, from, min(end, from+records), l.visible(now), bytes) {
		largest = max(largest, x.size)
	}
	return min(records, max(1, bytes/largest))
}

// shareWake is when a parked request is looked at again: a lock may be over, a record
// may come, or its time is over.
func (c *Cluster) shareWake(now clock.Time, r *kafka.ShareFetchRequest, deadline clock.Time) clock.Time {
	at := deadline
	for _, tp := range r.Partitions {
		if l := c.Log(tp); l != nil {
			p := c.share(now, r.Group, tp)
			at = min(at, p.LockDue())
			if p.Room() {
				at = min(at, l.Next(now))
			}
		}
	}
	return max(at, now+1)
}

// reconsiderShare wakes the parked requests for a partition: records have come back,
// or others may be acquired.
func (c *Cluster) reconsiderShare(h Host, now clock.Time, group string, tp kafka.TopicPartition) {
	for slot := range c.parked {
		if r := c.parked[slot].share; r != nil && r.Group == group && slices.Contains(r.Partitions, tp) {
			h.ArmFetch(uint32(slot), now)
		}
	}
}
