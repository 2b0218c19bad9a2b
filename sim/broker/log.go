package broker

import (
	"cmp"
	"math/bits"
	"slices"

	"ksim/sim/clock"
)

// feed is a stretch of one producer's writing to one topic: from its start to
// the next change (a rate action, new partitions noticed, the producer's end),
// records k = first+1, first+2, … each in the log at origin + k/rate.
//
// Nothing is ever appended record by record: how much of a feed is in a log at
// an instant is arithmetic.
type feed struct {
	producer int        // index, to find the open feed of a producer
	number   int        // of the producer's feeds, from 0
	origin   clock.Time // when k was 0
	records  int64      // rate: records …
	per      int64      // … in this many µs
	first    int64      // records k ≤ first belong to an earlier feed …
	before   int64      // … of which this log's partition has as many
	until    clock.Time // last instant of the feed; clock.Never while it is open
	split    Split      // which partition record k goes to
	size     int64      // bytes a record …
	wire     int64      // … and in the log, where it may be compressed
	gathering
}

// produced is the largest k in the log at t.
func (f *feed) produced(t clock.Time) int64 {
	return max(f.first, f.sent(t))
}

// count is how many records of the feed partition p has at t.
func (f *feed) count(p int32, t clock.Time) int64 {
	return f.split.UpTo(f.produced(t), p) - f.before
}

// next is when partition p gets its next record of the feed after t, or Never.
func (f *feed) next(p int32, t clock.Time) clock.Time {
	if f.records == 0 || t >= f.until {
		return clock.Never
	}
	k := f.split.Next(f.produced(t)+1, p, f.produced(f.until))
	if k == 0 {
		return clock.Never
	}
	return f.at(k)
}

// mulDiv is ⌊a·b/c⌋ for non-negative numbers, without overflow in between.
func mulDiv(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	q, _ := bits.Div64(hi, lo, uint64(c))
	return int64(q)
}

// mulDivUp is ⌈a·b/c⌉.
func mulDivUp(a, b, c int64) int64 {
	hi, lo := bits.Mul64(uint64(a), uint64(b))
	q, r := bits.Div64(hi, lo, uint64(c))
	if r > 0 {
		q++
	}
	return int64(q)
}

// Log is the log of one partition: offsets as counts.
type Log struct {
	partition int32
	feeds     []feed   // in the order in which they began
	batches   []batch  // appended beside them, in order
	writers   []writer // of batches
	replicas
	advances []advance // in order of time; none: what is written is readable
	gaps     []gap     // in order of first
	hold     hold
	cut      bool // an unclean election has taken away what could be read
	retained
}

// Cut tells whether an unclean election has taken away records that could be read:
// then positions and commits may lie beyond the end.
func (l *Log) Cut() bool { return l.cut }

// End is the offset after the last record that can be read at t: the high
// watermark.
func (l *Log) End(t clock.Time) int64 { return l.kept(l.count(l.visible(t))) }

// count is how many records have been written by t.
func (l *Log) count(t clock.Time) int64 {
	n := l.appended(t)
	for i := range l.feeds {
		n += l.feeds[i].count(l.partition, t)
	}
	return n
}

// Next is when the next record after t can be read, or Never. It may be too early
// where records were lost.
func (l *Log) Next(t clock.Time) clock.Time {
	at, seen := clock.Never, l.visible(t)
	for i := range l.feeds {
		at = min(at, l.feeds[i].next(l.partition, seen))
	}
	at = min(at, l.nextAppended(seen))
	if at == clock.Never || len(l.advances) == 0 {
		return at
	}
	return l.readable(at, t)
}

// arrival is the first instant at which the record at the offset has been written,
// at most by, which must be late enough.
func (l *Log) arrival(offset int64, by clock.Time) clock.Time {
	n := l.written(offset)
	lo, hi := clock.Time(0), by
	for lo < hi {
		if mid := lo + (hi-lo)/2; l.count(mid) > n {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// bulk is what a record weighs: for who reads it, and in the log.
type bulk struct{ size, wire int64 }

// uniform tells the bulk of every record of the log, if there is one.
func (l *Log) uniform() (bulk, bool) {
	if len(l.batches) > 0 {
		return bulk{}, false // a transaction ends with a record of another size
	}
	if len(l.feeds) == 0 {
		return bulk{}, true
	}
	first := bulk{l.feeds[0].size, l.feeds[0].wire}
	for i := range l.feeds {
		if (bulk{l.feeds[i].size, l.feeds[i].wire}) != first {
			return bulk{}, false
		}
	}
	return first, true
}

// bulk is that of the record at the offset, written by then.
func (l *Log) bulk(offset int64, by clock.Time) bulk {
	t := l.arrival(offset, by)
	i := l.written(offset) - l.count(t-1) // which of the records of that microsecond
	for f := range l.feeds {
		n := l.feeds[f].count(l.partition, t) - l.feeds[f].count(l.partition, t-1)
		if i < n {
			return bulk{l.feeds[f].size, l.feeds[f].wire}
		}
		i -= n
	}
	for b := range l.batches {
		if x := &l.batches[b]; x.at == t {
			if i < x.n {
				return bulk{x.size, x.size}
			}
			i -= x.n
		}
	}
	return bulk{}
}

// alike is the bulk of the record at the offset, and how many from there on are
// known to have the same.
func (l *Log) alike(offset int64, by clock.Time) (b bulk, n int64) {
	if len(l.feeds) > 0 || len(l.gaps) > 0 {
		return l.bulk(offset, by), 1
	}
	i, _ := slices.BinarySearchFunc(l.batches, offset, func(b batch, o int64) int { return cmp.Compare(b.first+b.n, o+1) })
	x := &l.batches[i]
	return bulk{x.size, x.size}, x.first + x.n - offset
}

// piece is a stretch of records of one bulk.
type piece struct {
	from, to int64
	bulk
}

// pieces cuts the records [from, to), written by then, into pieces of equal size, as far as max bytes go; the first record always counts, as a
// broker always sends the first batch.
func (l *Log) pieces(out []piece, from, to int64, by clock.Time, maxBytes int64) []piece {
	if each, ok := l.uniform(); ok {
		n := to - from
		if each.wire > 0 {
			n = min(n, max(1, maxBytes/each.wire))
		}
		return append(out, piece{from, from + n, each})
	}
	start := len(out)
	for o := from; o < to; {
		each, n := l.alike(o, by)
		if n = min(n, to-o); each.wire > 0 {
			n = min(n, max(0, maxBytes)/each.wire)
		}
		if o == from {
			n = max(n, 1)
		}
		if n == 0 {
			break
		}
		if k := len(out); k > start && out[k-1].bulk == each {
			out[k-1].to += n
		} else {
			out = append(out, piece{o, o + n, each})
		}
		o += n
		maxBytes -= n * each.wire
	}
	return out
}
