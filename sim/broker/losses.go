package broker

import (
	"slices"

	"ksim/sim/clock"
)

// gap is n records that are not in the log: those that would have been
// first, first+1, … of all that were written.
type gap struct{ first, n int64 }

// kept is how many of the first n written records are in the log.
func (l *Log) kept(n int64) int64 {
	out := n
	for _, g := range l.gaps {
		out -= min(max(n-g.first, 0), g.n)
	}
	return out
}

// written is the place of the record at an offset among all that were written.
func (l *Log) written(offset int64) int64 {
	for _, g := range l.gaps {
		if offset >= g.first {
			offset += g.n
		}
	}
	return offset
}

// drop takes n records out of those written from the instant w on.
func (l *Log) drop(w clock.Time, n int64) {
	if n == 0 {
		return
	}
	l.gaps = append(l.gaps, gap{l.count(w), n})
	slices.SortFunc(l.gaps, func(a, b gap) int { return int(a.first - b.first) })
}

// hold is why a log stands still, and since when.
type hold struct {
	blocked    bool       // producers cannot write: they try again
	leaderless bool       // because there was nobody to write to
	since      clock.Time // since when they cannot
	refused    bool       // a leader answers them with NOT_ENOUGH_REPLICAS, which spends their retries
	refusing   clock.Time // since when it does
}

// resume is when the producers of a log that can be written to from now on do write
// again: at the next retry of the first of them, which asks for the leader first.
func (c *Cluster) resume(now clock.Time, l *Log) clock.Time {
	at := clock.Never
	for i := range l.feeds {
		p := &c.producers[l.feeds[i].producer]
		at = min(at, p.retryAfter(l.hold.since, now)+3*c.cfg.Latency)
	}
	if at == clock.Never {
		return now
	}
	return at
}

// giveUp takes the records out that producers have given up while the log could not
// be written to, and gives their number: those older than delivery.timeout.ms, those
// refused more often than retries allows, and without acks all that nobody was there
// to take.
func (c *Cluster) giveUp(l *Log, now, from clock.Time) int64 {
	var n int64
	for i := range l.feeds {
		f := &l.feeds[i]
		p := &c.producers[f.producer]
		last := min(now, from-p.DeliveryTimeout)
		if tried := p.triesFor(c.cfg.Latency); l.hold.refused && p.Acks == AcksAll && now-l.hold.refusing > tried {
			last = max(last, now-tried-1)
		}
		if p.Acks == AcksNone && l.hold.leaderless {
			last = now
		}
		n += max(0, f.count(l.partition, last)-f.count(l.partition, l.hold.since-1))
	}
	l.drop(l.hold.since-1, n)
	return n
}

// truncate takes out what a new leader does not have, and gives its number: of
// records that were acknowledged by the old leader alone, what was written while
// the last fetch was on its way; after an unclean election all since the new
// leader's own death.
func (c *Cluster) truncate(l *Log, old int32, inSync bool) int64 {
	if !c.nodes[old-1].down && inSync {
		return 0 // the old leader has handed over
	}
	end, last := c.nodes[old-1].since-1, c.nodes[old-1].since-c.cfg.Latency
	if !inSync {
		last = min(last, c.nodes[l.leader-1].since-c.cfg.Latency)
	}
	var n int64
	for i := range l.feeds {
		f := &l.feeds[i]
		if inSync && c.producers[f.producer].Acks == AcksAll {
			continue
		}
		n += max(0, f.count(l.partition, end)-f.count(l.partition, last))
	}
	readable := l.End(c.nodes[old-1].since - 1)
	l.drop(last, n)
	l.cut = l.cut || l.End(c.nodes[old-1].since-1) < readable
	return n
}
