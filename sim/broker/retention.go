package broker

import (
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Retention is when a topic's oldest records go (cleanup.policy=delete).
type Retention struct {
	Time         clock.Duration // retention.ms; below 0: no limit
	Bytes        int64          // retention.bytes; below 0: no limit
	SegmentTime  clock.Duration // segment.ms
	SegmentBytes int64          // segment.bytes
}

// Deletes tells whether anything of a topic can go in a run of that length.
func (r *Retention) Deletes(run clock.Duration) bool {
	return r.Bytes >= 0 || r.Time >= 0 && r.Time < run
}

// retained is which part of a log is kept.
type retained struct {
	start    int64     // log start offset
	segments []segment // the kept ones, oldest first; the last is active
}

// segment is a file of a log: the unit of deletion.
type segment struct {
	base  int64
	first clock.Time // when its first record was written
}

// Deleted is records that retention has taken away.
type Deleted struct {
	kafka.TopicPartition
	Start   int64 // log start offset
	Records int64
}

// Retain deletes segments that are over their time or too many
// (UnifiedLog.deleteOldSegments), and says which partitions have lost records.
func (c *Cluster) Retain(h Host, now clock.Time) []Deleted {
	var out []Deleted
	for i := range c.topics {
		t := &c.topics[i]
		changed := false
		for p := range t.logs {
			if n := t.logs[p].retain(now, &t.cfg.Retention); n > 0 {
				changed = true
				tp := kafka.TopicPartition{Topic: t.name, Partition: int32(p)}
				out = append(out, Deleted{tp, t.logs[p].start, n})
			}
		}
		if changed {
			c.reconsider(h, now, t.name)
		}
	}
	return out
}

// retain brings the segments up to date and deletes the oldest as long as they
// qualify; of the newest, if it qualifies, a new one is begun first.
func (l *Log) retain(now clock.Time, r *Retention) int64 {
	end, seen := l.End(now), l.visible(now)
	l.roll(end, seen, r)
	before := l.start
	for len(l.segments) > 0 {
		next := end
		if len(l.segments) > 1 {
			next = l.segments[1].base
		}
		if !l.expired(next, end, now, seen, r) {
			break
		}
		l.segments = l.segments[1:]
		l.start = next
	}
	return l.start - before
}

// expired tells whether the oldest segment, which ends at next, is to go: its newest
// record is older than retention.ms, or without it retention.bytes are still there.
func (l *Log) expired(next, end int64, now, seen clock.Time, r *Retention) bool {
	if r.Time >= 0 && now-l.arrival(next-1, seen) > r.Time {
		return true
	}
	return r.Bytes >= 0 && next < end && l.bytes(next, end, seen, r.Bytes) >= r.Bytes
}

// roll finds the segments that were begun since the last time: a record that does
// not fit into the segment, or comes segment.ms after its first, begins another.
func (l *Log) roll(end int64, seen clock.Time, r *Retention) {
	if len(l.segments) == 0 {
		if l.start == end {
			return
		}
		l.segments = append(l.segments, segment{l.start, l.arrival(l.start, seen)})
	}
	for {
		s := &l.segments[len(l.segments)-1]
		next := min(l.full(s.base, end, seen, r.SegmentBytes), l.kept(l.count(min(s.first+r.SegmentTime, seen))))
		next = max(next, s.base+1)
		if next >= end {
			return
		}
		l.segments = append(l.segments, segment{next, l.arrival(next, seen)})
	}
}

// full is the first offset from base on that does not fit into a segment.
func (l *Log) full(base, end int64, seen clock.Time, bytes int64) int64 {
	lo, hi := base, end // records [base, lo) fit
	for lo < hi {
		if mid := lo + (hi-lo+1)/2; l.bytes(base, mid, seen, bytes+1) <= bytes {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	return lo
}
