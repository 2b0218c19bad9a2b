package broker

import (
	"slices"

	"ksim/sim/clock"
)

// A log is what producers write (feeds), seen through two things that brokers do
// to it. Its advances say until when what has been written is readable: the high
// watermark follows the log's end by a round trip of a follower's fetch, and stands
// still while a replica is missing or nothing can be written. Gaps are records that
// were written, or should have been, and are not in the log (losses.go). Both leave the
// closed form as it is: the records readable at t are those written by visible(t).

// advance is how the high watermark follows from a time on.
type advance struct {
	from    clock.Time
	at      clock.Time     // written by then was readable when it began, and stays so
	delay   clock.Duration // what is written by t is readable at t + delay
	stopped bool           // nothing more becomes readable
}

// visible is the time by which records had to be written to be readable at t.
func (l *Log) visible(t clock.Time) clock.Time {
	i := len(l.advances) - 1
	for i >= 0 && l.advances[i].from > t {
		i--
	}
	if i < 0 {
		return t
	}
	return l.advances[i].visible(t)
}

func (s *advance) visible(t clock.Time) clock.Time {
	if s.stopped {
		return s.at
	}
	return max(s.at, t-s.delay)
}

// readable is the first instant after t at which what is written at w is.
func (l *Log) readable(w, t clock.Time) clock.Time {
	i := len(l.advances) - 1
	for i >= 0 && l.advances[i].from > t {
		i--
	}
	if i < 0 && (len(l.advances) == 0 || w < l.advances[0].from) {
		return w
	}
	for i = max(i, 0); i < len(l.advances); i++ {
		s, end := &l.advances[i], clock.Never
		if i+1 < len(l.advances) {
			end = l.advances[i+1].from
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

// advance lets the high watermark follow in another way from an instant on; what was to begin after that is
// forgotten.
func (l *Log) advance(from clock.Time, delay clock.Duration, stopped bool) {
	for n := len(l.advances); n > 0 && l.advances[n-1].from >= from; n-- {
		l.advances = l.advances[:n-1]
	}
	at := max(0, l.visible(from-1))
	l.advances = append(l.advances, advance{from: from, at: at, delay: delay, stopped: stopped})
}

// moveHighWatermark looks at a partition's replicas and sets how its high watermark
// follows from now on. It gives the number of records that producers have given up meanwhile.
func (c *Cluster) moveHighWatermark(h Host, now clock.Time, t *topic, l *Log) (gaveUp int64) {
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
	if s := len(l.advances) - 1; s >= 0 && l.advances[s].stopped == stopped && (stopped || l.advances[s].delay == delay) {
		return gaveUp
	}
	if len(l.advances) == 0 && !stopped && delay == 0 {
		return gaveUp
	}
	l.advance(from, delay, stopped)
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
