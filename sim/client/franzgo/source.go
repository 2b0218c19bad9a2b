package franzgo

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// source fetches from one broker: one fetch at a time, and none while anything of
// the latest one has not been polled.
type source struct {
	broker int32
	busy   bool // a fetch is in flight
	start  int  // where the next fetch begins among the cursors
	buffer []client.Range
	order  int // of its becoming ready
	fails  int64
	failed bool // its connection broke: it waits for metadata
}

// source is the source of a broker.
func (c *Consumer) source(broker int32) *source {
	i := slices.IndexFunc(c.sources, func(s source) bool { return s.broker == broker })
	if i < 0 {
		i = len(c.sources)
		c.sources = append(c.sources, source{broker: broker})
	}
	return &c.sources[i]
}

// fetch sends what can be fetched.
func (c *Consumer) fetch(h client.Host, _ clock.Time) {
	if c.closing {
		return
	}
	for i := range c.cursors {
		if x := &c.cursors[i]; x.leader != 0 {
			c.source(x.leader)
		}
	}
	for i := range c.sources {
		c.fetchFrom(h, &c.sources[i])
	}
}

// fetchFrom sends a fetch of all usable cursors of a broker; the one that comes
// first changes each time.
func (c *Consumer) fetchFrom(h client.Host, s *source) {
	if s.busy || s.failed || len(s.buffer) > 0 {
		return
	}
	var mine []int
	for i := range c.cursors {
		if c.cursors[i].leader == s.broker {
			mine = append(mine, i)
		}
	}
	r := &kafka.FetchRequest{MaxWait: c.s.fetchMaxWait, MinBytes: c.s.fetchMin, MaxBytes: c.s.fetchMax}
	for k := range mine {
		x := &c.cursors[mine[(s.start+k)%len(mine)]]
		if x.set && !x.used && !slices.Contains(c.paused, x.tp) {
			x.used = true
			r.Partitions = append(r.Partitions, kafka.FetchPartition{TopicPartition: x.tp, Offset: x.offset, MaxBytes: c.s.fetchPartition})
		}
	}
	if len(r.Partitions) == 0 {
		return
	}
	s.busy, s.start = true, (s.start+1)%len(mine)
	c.send(h, request{broker: s.broker, body: r})
}

// fetched buffers a response, for the poll that waits or the next one. An empty
// one is asked for again.
func (c *Consumer) fetched(h client.Host, now clock.Time, broker int32, r *kafka.FetchResponse) {
	s := c.source(broker)
	s.busy, s.fails = false, 0
	loads := false
	for _, f := range r.Partitions {
		x := c.cursor(f.TopicPartition)
		switch {
		case x == nil || x.leader != broker || !x.used: // it is read elsewhere, or from elsewhere, by now
		case f.Err == kafka.ErrOffsetOutOfRange:
			x.set, x.used, x.loads, x.latest = false, false, true, c.s.resetLatest
			loads = true
		case f.Err != kafka.ErrNone: // the leader has changed
			x.used, x.leader = false, 0
			h.Arm(timerMetadata, now+leaderless)
		default:
			s.buffer = append(s.buffer, client.Range{TopicPartition: f.TopicPartition, From: f.From, To: f.To, Size: f.Size})
		}
	}
	if len(s.buffer) > 0 {
		c.metadata.ready++
		s.order = c.metadata.ready
	} else {
		c.release(broker)
	}
	if loads {
		c.load(h, now)
	}
	c.fetch(h, now)
	c.ready(h)
}

// release makes the cursors of a broker usable again.
func (c *Consumer) release(broker int32) {
	for i := range c.cursors {
		if c.cursors[i].leader == broker {
			c.cursors[i].used = false
		}
	}
}

// fetchFailed is a connection that broke under a fetch: after a pause the metadata
// is asked for, and then the fetch sent again.
func (c *Consumer) fetchFailed(h client.Host, now clock.Time, broker int32) {
	s := c.source(broker)
	s.busy, s.failed = false, true
	s.fails++
	c.release(broker)
	h.Arm(timerMetadata, now+c.backoff(h, s.fails))
}

// buffered tells whether records of a partition wait for a poll.
func (c *Consumer) buffered(x *cursor) bool {
	return slices.ContainsFunc(c.sources, func(s source) bool {
		return slices.ContainsFunc(s.buffer, func(r client.Range) bool { return r.TopicPartition == x.tp })
	})
}
