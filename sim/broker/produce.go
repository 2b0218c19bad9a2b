package broker

import (
	"ksim/sim/clock"
)

// Split says which partition each record k = 1, 2, … of a stretch of writing
// goes to. What it says of a k never changes.
type Split interface {
	// UpTo counts the records k = 1 … n that go to partition p.
	UpTo(n int64, p int32) int64
	// Next is the first record from k to last that goes to partition p, or 0.
	Next(k int64, p int32, last int64) int64
	// Clone is a deep copy of what it remembers.
	Clone() Split
}

// Partitioner decides where a producer's records go.
type Partitioner interface{ Split(w Writing) Split }

// Writing is how a producer writes from some time on.
type Writing struct {
	Partitions int32 // that it knows
	Records    int64 // its rate: records …
	Per        clock.Duration
	Before     int64 // records that it has written before record k = 1
}

// InTurn gives record k to partition (k−1) mod n: it is the number n.
type InTurn int32

// Split is for a producer without keys.
func (InTurn) Split(w Writing) Split { return InTurn(w.Partitions) }

// UpTo counts the records k = 1 … n that go to partition p.
func (s InTurn) UpTo(n int64, p int32) int64 {
	if n <= int64(p) || p >= int32(s) {
		return 0
	}
	return (n-1-int64(p))/int64(s) + 1
}

// Next is the first record from k to last that goes to partition p, or 0.
func (s InTurn) Next(k int64, p int32, last int64) int64 {
	if p >= int32(s) {
		return 0
	}
	k += (int64(p) - (k-1)%int64(s) + int64(s)) % int64(s)
	if k > last {
		return 0
	}
	return k
}

// Clone is the number itself.
func (s InTurn) Clone() Split { return s }

// producer is where one producer stands.
type producer struct {
	partitioner Partitioner
	splits      []Split // of its feeds, in order
	before      int64   // records before k was 1
	topic       string
	from        clock.Time
	to          clock.Time
	size        int64
	known       int32 // partitions that it knows
	origin      clock.Time
	rec         int64
	per         clock.Duration
	Sending
}

// Producer adds a producer that writes records of size bytes, rec in per, from
// `from` on, to the partitions that the partitioner decides, and gives its
// index. It knows the partitions that the topic has now, and learns of others
// only by Refresh. It ends at `to`, for a search for its next record must end.
func (c *Cluster) Producer(topic string, by Partitioner, rec int64, per clock.Duration, size int64, from, to clock.Time, s Sending) int {
	p := producer{topic: topic, partitioner: by, from: from, to: to, size: size, known: c.Partitions(topic), origin: from, rec: rec, per: per, Sending: s}
	c.producers = append(c.producers, p)
	i := len(c.producers) - 1
	c.open(i, from, 0)
	return i
}

// SetRate changes a producer's rate now; its records are counted from 1 again.
func (c *Cluster) SetRate(h Host, now clock.Time, i int, rec int64, per clock.Duration) {
	p := &c.producers[i]
	p.before += c.close(i, now)
	p.origin, p.rec, p.per = max(now, p.from), rec, per
	c.open(i, p.origin, 0)
	c.reconsider(h, now, p.topic)
}

// Refresh is a producer's metadata refresh: from now on it writes to all
// partitions that the topic has (metadata.max.age.ms).
func (c *Cluster) Refresh(h Host, now clock.Time, i int) {
	p := &c.producers[i]
	n := c.Partitions(p.topic)
	if n == p.known {
		return
	}
	k := c.close(i, now)
	p.known = n
	c.open(i, p.origin, k)
	c.reconsider(h, now, p.topic)
}

// open starts a producer's next feed, with the record after k.
func (c *Cluster) open(i int, origin clock.Time, k int64) {
	p := &c.producers[i]
	w := Writing{Partitions: p.known, Records: p.rec, Per: p.per, Before: p.before}
	split := p.partitioner.Split(w)
	f := feed{producer: i, split: split, number: len(p.splits), origin: origin, records: p.rec, per: int64(p.per), first: k, until: p.to,
		size: p.size, wire: p.wire(p.size), gathering: p.gather(split, w)}
	p.splits = append(p.splits, split)
	t := c.topic(p.topic)
	for l := range t.logs {
		f.before = split.UpTo(k, int32(l))
		t.logs[l].feeds = append(t.logs[l].feeds, f)
		if log := &t.logs[l]; p.Acks == AcksAll && !log.hold.blocked && c.few(t, log) {
			log.hold = hold{blocked: true, since: origin, refused: true, refusing: origin}
			log.advance(origin, 0, true)
		}
	}
}

// close ends a producer's open feed now and gives the k that it has reached.
func (c *Cluster) close(i int, now clock.Time) (k int64) {
	t := c.topic(c.producers[i].topic)
	for l := range t.logs {
		feeds := t.logs[l].feeds
		for f := len(feeds) - 1; f >= 0; f-- {
			if feeds[f].producer == i {
				feeds[f].until = min(feeds[f].until, now)
				k = feeds[f].produced(now)
				break
			}
		}
	}
	return k
}
