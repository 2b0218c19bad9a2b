package broker

import (
	"cmp"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// batch is records that were appended at one instant, beside the closed form: by
// a transactional producer, or the marker of its transaction's end.
type batch struct {
	at       clock.Time
	first    int64 // place of the first among all that were written
	total    int64 // records appended, up to and with these
	n, size  int64
	producer int64
	marker   bool
	aborted  bool
}

// writer is what a log knows of a transactional producer
// (ProducerStateManager).
type writer struct {
	id    int64
	epoch int16
	next  int64 // the sequence that is expected in this transaction
	open  bool  // its transaction has records here …
	first int64 // … from this place on
}

// markerSize is the bytes of a batch with one control record.
const markerSize = 78

// appended is how many records have been appended by t.
func (l *Log) appended(t clock.Time) int64 {
	i, _ := slices.BinarySearchFunc(l.batches, t+1, func(b batch, t clock.Time) int { return cmp.Compare(b.at, t) })
	if i == 0 {
		return 0
	}
	return l.batches[i-1].total
}

// nextAppended is when the first append after t was, or Never.
func (l *Log) nextAppended(t clock.Time) clock.Time {
	i, _ := slices.BinarySearchFunc(l.batches, t+1, func(b batch, t clock.Time) int { return cmp.Compare(b.at, t) })
	if i == len(l.batches) {
		return clock.Never
	}
	return l.batches[i].at
}

// append writes a batch now, behind all that has been written by now.
func (l *Log) append(now clock.Time, b batch) {
	b.at, b.first = now, l.count(now)
	b.total = b.n
	if k := len(l.batches); k > 0 {
		b.total += l.batches[k-1].total
	}
	l.batches = append(l.batches, b)
}

// writer is a producer's state, made when it first writes.
func (l *Log) writer(id int64) *writer {
	i := slices.IndexFunc(l.writers, func(w writer) bool { return w.id == id })
	if i < 0 {
		i = len(l.writers)
		l.writers = append(l.writers, writer{id: id, epoch: -1})
	}
	return &l.writers[i]
}

// stable is the last stable offset: what lies below it, and can be read at t,
// belongs to no open transaction.
func (l *Log) stable(t clock.Time) int64 {
	end := l.End(t)
	for _, w := range l.writers {
		if w.open {
			end = min(end, l.kept(w.first))
		}
	}
	return end
}

// Produce serves a broker's Produce request of a transactional producer, and tells
// how long its answer waits for the replicas.
func (c *Cluster) Produce(h Host, now clock.Time, broker int32, r *kafka.ProduceRequest) (*kafka.ProduceResponse, clock.Duration) {
	out := &kafka.ProduceResponse{Errs: make([]kafka.ErrorCode, len(r.Batches))}
	wait := clock.Duration(0)
	for i := range r.Batches {
		b := &r.Batches[i]
		l := c.Log(b.TopicPartition)
		if out.Errs[i] = c.unwritable(broker, l, b, r); out.Errs[i] != kafka.ErrNone {
			continue
		}
		w := l.writer(r.ProducerID)
		if w.epoch = r.Epoch; !w.open {
			w.open, w.first, w.next = true, l.count(now), 0
		}
		if b.Sequence < w.next {
			continue // a duplicate: its answer got lost
		}
		w.next += b.Records
		l.append(now, batch{n: b.Records, size: b.Size, producer: r.ProducerID})
		c.reconsider(h, now, b.Topic)
		if len(l.isr) > 1 {
			wait = 2 * c.cfg.Latency
		}
	}
	return out, wait
}

// unwritable is why a broker cannot take a producer's batch, or NONE. A log whose
// replicas are missing is written to later, as a producer that waits in vain for
// their acknowledgement would do again.
func (c *Cluster) unwritable(broker int32, l *Log, b *kafka.ProduceBatch, r *kafka.ProduceRequest) kafka.ErrorCode {
	if err := c.unreadable(broker, l); err != kafka.ErrNone {
		return err
	}
	w := l.writer(r.ProducerID)
	expected := w.next
	if !w.open {
		expected = 0
	}
	switch {
	case r.Epoch < w.epoch:
		return kafka.ErrInvalidProducerEpoch
	case b.Sequence > expected:
		return kafka.ErrOutOfOrderSequenceNumber
	case c.few(c.topic(b.Topic), l) || !c.replicated(l):
		return kafka.ErrNotEnoughReplicas
	}
	return kafka.ErrNone
}

// WriteMarker writes the end of a producer's transaction to a partition: what it
// has written there counts, or is passed over by those who read committed records
// only. Either way the marker takes an offset.
func (c *Cluster) WriteMarker(h Host, now clock.Time, tp kafka.TopicPartition, producer int64, epoch int16, commit bool) {
	l := c.Log(tp)
	if l == nil {
		return
	}
	w := l.writer(producer)
	w.epoch = max(w.epoch, epoch)
	if !commit && w.open {
		for i := len(l.batches) - 1; i >= 0 && l.batches[i].first >= w.first; i-- {
			if b := &l.batches[i]; b.producer == producer && !b.marker {
				b.aborted = true
			}
		}
	}
	w.open = false
	l.append(now, batch{n: 1, size: markerSize, producer: producer, marker: true})
	c.reconsider(h, now, tp.Topic)
}

// Hidden appends the offsets from … to − 1 of a partition that no consumer returns
// to its application: markers, and aborted records if it reads committed ones only.
func (c *Cluster) Hidden(out [][2]int64, tp kafka.TopicPartition, from, to int64, committed bool) [][2]int64 {
	l := c.Log(tp)
	if l == nil || len(l.batches) == 0 {
		return out
	}
	begin, end := l.written(from), l.written(to-1)
	i, _ := slices.BinarySearchFunc(l.batches, begin, func(b batch, p int64) int { return cmp.Compare(b.first+b.n, p+1) })
	for ; i < len(l.batches) && l.batches[i].first <= end; i++ {
		if b := &l.batches[i]; b.marker || b.aborted && committed {
			out = append(out, [2]int64{max(from, l.kept(b.first)), min(to, l.kept(b.first+b.n))})
		}
	}
	return out
}
