package broker

import (
	"cmp"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// model is the same cluster, record by record: what the closed form has to equal.
type model struct {
	producers []modelProducer
	logs      [][]record // by partition
	feeds     int        // stretches of writing so far, over all producers
}

// modelProducer writes its record k at origin + k·per/records, the fraction of a
// microsecond rounded up, to partition (k−1) mod known.
type modelProducer struct {
	from, to, origin clock.Time
	records, per     int64
	size             int64
	known            int32
	k                int64
	feed             int // which stretch this is: records of one microsecond lie in the order of stretches
}

type record struct {
	at   clock.Time
	feed int
	size int64
}

func (m *model) open(i int) {
	m.producers[i].feed = m.feeds
	m.feeds++
}

// run writes all records up to t, inclusive.
func (m *model) run(t clock.Time) {
	for i := range m.producers {
		p := &m.producers[i]
		for p.records > 0 {
			at := p.origin + clock.Time(((p.k+1)*p.per+p.records-1)/p.records)
			if at > min(t, p.to) {
				break
			}
			log := &m.logs[p.k%int64(p.known)]
			*log = append(*log, record{at, p.feed, p.size})
			p.k++
		}
	}
	for _, log := range m.logs {
		slices.SortStableFunc(log, func(a, b record) int {
			return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.feed, b.feed))
		})
	}
}

func (m *model) setRate(now clock.Time, i int, records, per int64) {
	m.run(now)
	p := &m.producers[i]
	p.origin, p.k, p.records, p.per = max(now, p.from), 0, records, per
	m.open(i)
}

func (m *model) refresh(now clock.Time, i int) {
	m.run(now)
	p := &m.producers[i]
	if n := int32(len(m.logs)); n != p.known {
		p.known = n
		m.open(i)
	}
}

// end, next and arrival are what Log says, counted.
func (m *model) end(partition int32, t clock.Time) (n int64) {
	for _, r := range m.logs[partition] {
		if r.at <= t {
			n++
		}
	}
	return n
}

func (m *model) next(partition int32, t clock.Time) clock.Time {
	for _, r := range m.logs[partition] {
		if r.at > t {
			return r.at
		}
	}
	return clock.Never
}

// read is the records of one partition from an offset on, at most maxBytes but
// always one, as stretches of equal size.
func (m *model) read(tp kafka.TopicPartition, offset int64, t clock.Time, maxBytes int64) (out []kafka.FetchedRange) {
	left := maxBytes
	for o := offset; o < m.end(tp.Partition, t); o++ {
		size := m.logs[tp.Partition][o].size
		if left -= size; left < 0 && o > offset {
			break
		}
		if n := len(out); n > 0 && out[n-1].Size == size {
			out[n-1].To++
		} else {
			out = append(out, kafka.FetchedRange{TopicPartition: tp, From: o, To: o + 1, Size: size})
		}
	}
	return out
}

// bytes is the size of all records of the request's partitions from their offsets on.
func (m *model) bytes(r *kafka.FetchRequest, t clock.Time) (n int64) {
	for _, p := range r.Partitions {
		for o := p.Offset; o < m.end(p.Partition, t); o++ {
			n += m.logs[p.Partition][o].size
		}
	}
	return n
}

// fetch is the answer that a fetch sent at t has to get, and when.
func (m *model) fetch(t clock.Time, r *kafka.FetchRequest) (clock.Time, []kafka.FetchedRange) {
	at, deadline := t, t+r.MaxWait
	for at < deadline && m.bytes(r, at) < r.MinBytes && !m.beyond(r, at) {
		next := deadline
		for _, p := range r.Partitions {
			next = min(next, m.next(p.Partition, at))
		}
		at = next
	}
	var out []kafka.FetchedRange
	left := r.MaxBytes
	for _, p := range r.Partitions {
		switch end := m.end(p.Partition, at); {
		case p.Offset > end:
			out = append(out, kafka.FetchedRange{TopicPartition: p.TopicPartition, Err: kafka.ErrOffsetOutOfRange})
		case left > 0:
			for _, x := range m.read(p.TopicPartition, p.Offset, at, min(left, p.MaxBytes)) {
				out = append(out, x)
				left -= (x.To - x.From) * x.Size
			}
		}
	}
	return at, out
}

// beyond tells whether a partition's offset is out of range.
func (m *model) beyond(r *kafka.FetchRequest, t clock.Time) bool {
	return slices.ContainsFunc(r.Partitions, func(p kafka.FetchPartition) bool { return p.Offset > m.end(p.Partition, t) })
}
