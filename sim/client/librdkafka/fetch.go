package librdkafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// fetcher is a broker's thread as far as it fetches: it keeps one Fetch under
// way, for all partitions that it may fetch, whatever the application does.
type fetcher struct {
	broker  int32
	fetches bool // a Fetch has no answer yet
	// active is the partitions that it fetches, by their place in the assignment,
	// in the order in which they became fetchable (rkb_active_toppars); next is
	// the one with which the next Fetch begins.
	active []int
	next   int
	// idle is since when all that it fetches is paused: it sleeps, and wakes each
	// threadSleep.
	idle clock.Time
}

// stop takes all partitions away. The Fetch that is under way stays so.
func (f *fetcher) stop() { f.active, f.next = f.active[:0], 0 }

// fetcher is the one for that broker, made when it is needed.
func (c *Consumer) fetcher(broker int32) *fetcher {
	i, ok := slices.BinarySearchFunc(c.fetchers, broker, func(f fetcher, b int32) int { return int(f.broker - b) })
	if !ok {
		c.fetchers = slices.Insert(c.fetchers, i, fetcher{broker: broker})
	}
	return &c.fetchers[i]
}

// fetch sends what may be sent (rd_kafka_broker_fetch_toppars).
func (c *Consumer) fetch(h client.Host, now clock.Time) {
	wait := clock.Never
	for i := range c.fetchers {
		f := &c.fetchers[i]
		if f.fetches || len(f.active) == 0 {
			continue
		}
		parts, until := c.fetchable(f, now)
		wait = min(wait, until)
		if len(parts) == 0 {
			continue
		}
		f.fetches = true
		f.next = (f.next + 1) % len(f.active)
		c.send(h, now, f.broker, request{api: apiFetch}, &kafka.FetchRequest{
			MaxWait:    c.s.fetchWait,
			MinBytes:   c.s.fetchMin,
			MaxBytes:   c.s.fetchMax,
			Partitions: parts,
		})
	}
	c.set(h, timerFetch, wait)
}

// fetchable is the partitions that the next Fetch asks for, and when the first of
// the others may be asked for again (rd_kafka_toppar_fetch_decide). A partition
// that finds the queue full is not looked at for fetch.queue.backoff.ms.
func (c *Consumer) fetchable(f *fetcher, now clock.Time) ([]kafka.FetchPartition, clock.Time) {
	full, wait := c.queueFull(), clock.Never
	parts := make([]kafka.FetchPartition, 0, len(f.active))
	for k := range f.active {
		p := &c.assignment.parts[f.active[(f.next+k)%len(f.active)]]
		if full && p.notBefore <= now {
			p.notBefore = now + c.s.fetchQueueBackoff
		}
		if p.notBefore > now {
			wait = min(wait, p.notBefore)
			continue
		}
		parts = append(parts, kafka.FetchPartition{TopicPartition: p.TopicPartition, Offset: p.next, MaxBytes: c.s.fetchPartition})
	}
	return parts, wait
}

// queueFull tells whether the queue holds queued.min.messages, or
// queued.max.messages.kbytes. What the application has been handed in advance and
// has not begun still lies in the real queue.
func (c *Consumer) queueFull() bool {
	records, bytes := c.Buffered()
	return records >= c.s.queuedMessages || bytes >= c.s.queuedBytes
}

// fetched is rd_kafka_handle_Fetch: messages go to the consumer queue, in the
// order of the response, unless the assignment has changed meanwhile.
func (c *Consumer) fetched(h client.Host, now clock.Time, q request, r *kafka.FetchResponse) {
	f := c.fetcher(q.broker)
	f.fetches = false
	if len(f.active) == 0 {
		f.idle = now
	}
	if q.version != c.assignment.version {
		return
	}
	for _, x := range r.Partitions {
		p := c.assignment.find(x.TopicPartition)
		if p == nil || p.state != active || p.leader != q.broker || slices.Contains(q.void, p.TopicPartition) {
			continue
		}
		switch x.Err {
		case kafka.ErrNone:
			p.next = x.To
			c.queue.pushRecords(client.Range{TopicPartition: x.TopicPartition, From: x.From, To: x.To, Size: x.Size})
		case kafka.ErrOffsetOutOfRange:
			c.deactivate(p)
			c.outOfRange(now, p)
		default:
			p.notBefore = now + c.s.fetchErrorBackoff
			if !c.pending(apiMetadata) {
				c.requestMetadata(h, now)
			}
		}
	}
}

// fetchFailed lets a fetcher begin anew after its connection was lost, and asks who
// leads its partitions now.
func (c *Consumer) fetchFailed(h client.Host, now clock.Time, q request) {
	f := c.fetcher(q.broker)
	f.fetches = false
	for _, i := range f.active {
		c.assignment.parts[i].notBefore = now + c.s.fetchErrorBackoff
	}
	if len(f.active) > 0 && !c.pending(apiMetadata) {
		c.requestMetadata(h, now)
	}
}

// activate starts to fetch a partition at an offset.
func (c *Consumer) activate(p *partition, offset int64) {
	p.state, p.next, p.position = active, offset, offset
	c.delegate(p, c.metadata.leader(p.TopicPartition))
}

// delegate gives an active partition to its leader's thread, or to none
// (rd_kafka_toppar_broker_delegate).
func (c *Consumer) delegate(p *partition, leader int32) {
	p.leader = leader
	if leader >= 0 && !c.isPaused(p.TopicPartition) {
		f := c.fetcher(leader)
		f.active = append(f.active, c.place(p))
	}
}

// deactivate stops fetching a partition.
func (c *Consumer) deactivate(p *partition) {
	for i := range c.fetchers {
		f := &c.fetchers[i]
		if k := slices.Index(f.active, c.place(p)); k >= 0 {
			f.active = slices.Delete(f.active, k, k+1)
			f.next = 0
		}
	}
}

// moveLeaders gives each active partition to the thread of its present leader.
func (c *Consumer) moveLeaders() {
	for i := range c.assignment.parts {
		p := &c.assignment.parts[i]
		if leader := c.metadata.leader(p.TopicPartition); p.state == active && p.leader != leader {
			c.deactivate(p)
			c.delegate(p, leader)
		}
	}
}

// place is a partition's index in the assignment.
func (c *Consumer) place(p *partition) int {
	i, _ := slices.BinarySearchFunc(c.assignment.parts, p.TopicPartition, func(p partition, tp kafka.TopicPartition) int { return p.Compare(tp) })
	return i
}
