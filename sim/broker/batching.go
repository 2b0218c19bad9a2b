package broker

import "ksim/sim/clock"

// Sending is how a producer sends what it is given.
type Sending struct {
	Guarantee
	Batching
}

// Batching is how a producer gathers records (RecordAccumulator). The zero value
// has each record in the log at once.
type Batching struct {
	Linger  clock.Duration // linger.ms: the oldest gathered record waits no longer
	Full    int64          // records of one partition that fill a batch: it goes at once
	Percent int64          // size of a compressed batch in percent; 0 is not compressed
}

// wire is the bytes that a record of that size takes in a log.
func (b *Batching) wire(size int64) int64 {
	if b.Percent == 0 || size == 0 {
		return size
	}
	return max(1, mulDiv(size, b.Percent, 100))
}

// gathering is how a feed's records come: n at a time. A sender that sends a batch
// takes those of the other partitions along (RecordAccumulator.drain), so it is
// windows of the producer's records: of all that the linger lets in, unless a
// partition's batch is full before.
type gathering struct {
	n      int64          // records a window; 0: each by itself
	linger clock.Duration // until a window that is not full goes
	full   bool           // a window goes with its last record
}

// gather says how many of a producer's records go together.
func (b *Batching) gather(s Split, w Writing) gathering {
	if b.Linger == 0 || w.Records == 0 {
		return gathering{}
	}
	lingering := mulDiv(int64(b.Linger), w.Records, int64(w.Per)) + 1
	lo, hi := int64(1), lingering+1
	for lo < hi {
		if mid := lo + (hi-lo)/2; fullest(s, w.Partitions, mid) >= b.Full {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	if lo <= lingering {
		return gathering{n: lo, full: true}
	}
	return gathering{n: lingering, linger: b.Linger}
}

// fullest is the most records that a partition has of the first n.
func fullest(s Split, partitions int32, n int64) (most int64) {
	for p := range partitions {
		most = max(most, s.UpTo(n, p))
	}
	return most
}

// created is the largest k that the producer has made by t.
func (f *feed) created(t clock.Time) int64 {
	if t <= f.origin || f.records == 0 {
		return 0
	}
	return mulDiv(int64(t-f.origin), f.records, f.per)
}

// creation is when the producer makes record k.
func (f *feed) creation(k int64) clock.Time {
	return f.origin + clock.Time(mulDivUp(k, f.per, f.records))
}

// sent is the largest k that has been sent by t. What has been gathered when the
// feed ends goes then.
func (f *feed) sent(t clock.Time) int64 {
	switch {
	case f.n == 0 || t >= f.until:
		return f.created(min(t, f.until))
	case f.full:
		return f.created(t) / f.n * f.n
	default:
		return min((f.created(t-f.linger)+f.n-1)/f.n*f.n, f.created(f.until))
	}
}

// at is the first instant at which record k is in the log.
func (f *feed) at(k int64) clock.Time {
	if f.n == 0 {
		return f.creation(k)
	}
	window := (k - 1) / f.n
	if f.full {
		return min(f.creation((window+1)*f.n), f.until)
	}
	return min(f.creation(window*f.n+1)+f.linger, f.until)
}
