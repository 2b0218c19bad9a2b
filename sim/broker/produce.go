package broker

import (
	"ksim/sim/clock"
)

// producer is where one producer stands.
type producer struct {
	topic  string
	from   clock.Time
	to     clock.Time
	size   int64
	known  int32 // partitions that it knows
	origin clock.Time
	rec    int64
	per    clock.Duration
	Guarantee
}

// Producer adds a producer that writes records of size bytes, rec in per, from
// `from` on, and gives its index. It knows the partitions that the topic has
// now, and learns of others only by Refresh.
func (c *Cluster) Producer(topic string, rec int64, per clock.Duration, size int64, from, to clock.Time, g Guarantee) int {
	p := producer{topic: topic, from: from, to: to, size: size, known: c.Partitions(topic), origin: from, rec: rec, per: per, Guarantee: g}
	c.producers = append(c.producers, p)
	i := len(c.producers) - 1
	c.open(i, from, 0)
	return i
}

// SetRate changes a producer's rate now; its records are counted from 1 again.
func (c *Cluster) SetRate(h Host, now clock.Time, i int, rec int64, per clock.Duration) {
	p := &c.producers[i]
	c.close(i, now)
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
	f := feed{producer: i, origin: origin, records: p.rec, per: int64(p.per), first: k, until: p.to, spread: p.known, size: p.size}
	t := c.topic(p.topic)
	for l := range t.logs {
		t.logs[l].feeds = append(t.logs[l].feeds, f)
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
