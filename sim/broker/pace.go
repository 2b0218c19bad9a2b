package broker

import (
	"math"
	"slices"

	"ksim/sim/clock"
)

// A log is what producers write (feeds), seen through two things that brokers do
// to it. Stretches say until when what has been written is readable: the high
// watermark follows the log's end by a round trip of a follower's fetch, and stands
// still while a replica is missing or nothing can be written. Gaps are records that
// were written, or should have been, and are not in the log. Both leave the
// closed form as it is: the records readable at t are those written by visible(t).

// stretch is a time from which on the log becomes readable in one way.
type stretch struct {
	from    clock.Time
	at      clock.Time     // written by then was readable when it began, and stays so
	delay   clock.Duration // what is written by t is readable at t + delay
	stopped bool           // nothing more becomes readable
}

// visible is the time by which records had to be written to be readable at t.
func (l *Log) visible(t clock.Time) clock.Time {
	i := len(l.stretches) - 1
	for i >= 0 && l.stretches[i].from > t {
		i--
	}
	if i < 0 {
		return t
	}
	return l.stretches[i].visible(t)
}

func (s *stretch) visible(t clock.Time) clock.Time {
	if s.stopped {
		return s.at
	}
	return max(s.at, t-s.delay)
}

// readable is the first instant after t at which what is written at w is.
func (l *Log) readable(w, t clock.Time) clock.Time {
	i := len(l.stretches) - 1
	for i >= 0 && l.stretches[i].from > t {
		i--
	}
	if i < 0 && (len(l.stretches) == 0 || w < l.stretches[0].from) {
		return w
	}
	for i = max(i, 0); i < len(l.stretches); i++ {
		s, end := &l.stretches[i], clock.Never
		if i+1 < len(l.stretches) {
			end = l.stretches[i+1].from
		}
		at := max(s.from, t+1)
		if s.at < w {
			at = max(at, w+s.delay)
		}
		if s.at < w && s.stopped || at >= end {
			continue
		}
		return at
	}
	return clock.Never
}

// pace begins a new stretch, at the instant from; what was to begin after that is
// forgotten.
func (l *Log) pace(from clock.Time, delay clock.Duration, stopped bool) {
	for n := len(l.stretches); n > 0 && l.stretches[n-1].from >= from; n-- {
		l.stretches = l.stretches[:n-1]
	}
	at := max(0, l.visible(from-1))
	l.stretches = append(l.stretches, stretch{from: from, at: at, delay: delay, stopped: stopped})
}

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

// Guarantee is how a producer makes sure that records arrive (ProducerConfig).
type Guarantee struct {
	Acks            Acks
	DeliveryTimeout clock.Duration // delivery.timeout.ms
	Retries         int64          // retries: attempts after the first that was answered with an error
	Backoff         clock.Duration // retry.backoff.ms
	BackoffMax      clock.Duration // retry.backoff.max.ms
}

// Acks is the producer's acks.
type Acks uint8

// The values of acks.
const (
	AcksAll Acks = iota
	AcksLeader
	AcksNone
)

// Guaranteed is what a producer does without any configuration, since 3.0.
var Guaranteed = Sending{Guarantee: Guarantee{Acks: AcksAll, DeliveryTimeout: 120 * clock.Second, Retries: math.MaxInt32, Backoff: 100 * clock.Millisecond, BackoffMax: clock.Second}}

// retryAfter is the first attempt at or after t of a producer whose first one has
// failed at the instant failed: after retry.backoff.ms, then after twice as long,
// up to retry.backoff.max.ms.
func (g *Guarantee) retryAfter(failed, t clock.Time) clock.Time {
	at, wait := failed, max(g.Backoff, clock.Millisecond)
	for at < t {
		if wait >= g.BackoffMax {
			wait = max(g.BackoffMax, clock.Millisecond)
			return at + (t-at+wait-1)/wait*wait
		}
		at += wait
		wait *= 2
	}
	return at
}

// triesFor is how long a producer tries a record that is refused each time: the
// pauses before its retries, which double up to retry.backoff.max.ms, and the ways
// there and back. No longer than delivery.timeout.ms in any case.
func (g *Guarantee) triesFor(latency clock.Duration) clock.Duration {
	var tried clock.Duration
	wait := max(g.Backoff, clock.Millisecond)
	for n := int64(0); n < g.Retries && tried < g.DeliveryTimeout; n++ {
		tried += wait + 2*latency
		wait = min(2*wait, max(g.BackoffMax, clock.Millisecond))
	}
	return min(tried, g.DeliveryTimeout)
}

// hold is why a log stands still, and since when.
type hold struct {
	blocked    bool       // producers cannot write: they try again
	leaderless bool       // because there was nobody to write to
	since      clock.Time // since when they cannot
	refused    bool       // a leader answers them with NOT_ENOUGH_REPLICAS, which spends their retries
	refusing   clock.Time // since when it does
}

// repace looks at a partition's replicas and sets how its log becomes readable from
// now on. It gives the number of records that producers have given up meanwhile.
func (c *Cluster) repace(h Host, now clock.Time, t *topic, l *Log) (gaveUp int64) {
	leading := l.leader != NoLeader && !c.nodes[l.leader-1].down
	few := c.few(t, l)
	blocked := !leading || few && c.writes(l, AcksAll)
	stopped := blocked || !c.replicated(l) || few && c.cfg.EffectiveMinISR
	var delay clock.Duration
	if len(l.isr) > 1 {
		delay = 2 * c.cfg.Latency
	}
	if blocked && !l.hold.blocked {
		l.hold = hold{blocked: true, since: now}
	}
	l.hold.leaderless = l.hold.leaderless || !leading
	if refused := blocked && leading; refused && !l.hold.refused {
		l.hold.refused, l.hold.refusing = true, now
	} else if blocked && !leading {
		l.hold.refused = false // to nobody nothing is sent
	}
	from := now
	if !blocked && l.hold.blocked {
		from = c.resume(now, l)
		gaveUp = c.giveUp(l, now, from)
		l.hold = hold{}
	}
	if s := len(l.stretches) - 1; s >= 0 && l.stretches[s].stopped == stopped && (stopped || l.stretches[s].delay == delay) {
		return gaveUp
	}
	if len(l.stretches) == 0 && !stopped && delay == 0 {
		return gaveUp
	}
	l.pace(from, delay, stopped)
	c.reconsider(h, now, t.name)
	return gaveUp
}

// few tells whether a partition has fewer in-sync replicas than it needs; since 3.7
// it never needs more than it has replicas (Partition.effectiveMinIsr).
func (c *Cluster) few(t *topic, l *Log) bool {
	needed := t.cfg.MinInSync
	if c.cfg.EffectiveMinISR {
		needed = min(needed, int32(len(l.assigned)))
	}
	return int32(len(l.isr)) < needed
}

// replicated tells whether all in-sync replicas live.
func (c *Cluster) replicated(l *Log) bool {
	return !slices.ContainsFunc(l.isr, func(b int32) bool { return c.nodes[b-1].down })
}

// writes tells whether a producer with these acks writes to a log.
func (c *Cluster) writes(l *Log, acks Acks) bool {
	return slices.ContainsFunc(l.feeds, func(f feed) bool { return c.producers[f.producer].Acks == acks })
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
