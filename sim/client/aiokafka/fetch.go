package aiokafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/client/kafkapython/words"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// fetched is what a fetch has brought for one partition (FetchResult), or the
// error that getmany() raises in its place (FetchError).
type fetched struct {
	tp       kafka.TopicPartition
	from, to int64
	size     int64 // bytes a record
	err      *client.Error
	at       clock.Time
}

// nodeTask is a pending task of the fetch task for one broker: a fetch, or an
// update of positions. A broker has one at a time.
type nodeTask struct {
	broker int32
	tps    []kafka.TopicPartition // an update: the partitions whose committed offset is still to be asked for
	reset  []kafka.TopicPartition // and all that it is about
	listed bool                   // ListOffsets is out
	until  clock.Time             // after a failure it sleeps
}

// drain takes everything that has been fetched, or max_poll_records, and moves the
// positions on. What belongs to no position any more is dropped.
func (c *Consumer) drain() []client.Range {
	var out []client.Range
	left := c.s.maxPollRecords
	for len(c.records) > 0 && (c.s.maxPollRecords == 0 || left > 0) {
		f := &c.records[0]
		if f.err != nil {
			if len(out) == 0 { // else the next getmany() raises
				c.raised = f.err
				c.records = slices.Delete(c.records, 0, 1)
			}
			break
		}
		p := c.part(f.tp)
		n := f.to - f.from
		if c.s.maxPollRecords > 0 {
			n = min(n, left)
		}
		if p != nil && p.step == positioned && p.position == f.from && !p.paused {
			out = append(out, client.Range{TopicPartition: f.tp, From: f.from, To: f.from + n, Size: f.size})
			p.position += n
			left -= n
			f.from += n
		} else {
			f.from = f.to
		}
		if f.from == f.to {
			c.records = slices.Delete(c.records, 0, 1)
			c.fetchLate = true
		}
	}
	return out
}

// Pause is pause(*assignment()).
func (c *Consumer) Pause(client.Host, clock.Time) {
	for i := range c.parts {
		c.parts[i].paused = true
	}
}

// Resume is resume(*paused()), which wakes the fetch task.
func (c *Consumer) Resume(h client.Host, now clock.Time) {
	for i := range c.parts {
		c.parts[i].paused = false
	}
	c.fetchLate = true
	c.fetchLoop(h, now)
}

// fetchLoop is one turn of _fetch_requests_routine, if something has woken it. The
// real one also wakes each consumer_timeout_ms, and finds nothing to do then.
func (c *Consumer) fetchLoop(h client.Host, now clock.Time) {
	if !c.fetchLate || !c.hasAssignment || c.task.step == stepDone {
		return
	}
	c.fetchLate = false
	for i := range c.nodes {
		if c.nodes[i].until != 0 && now >= c.nodes[i].until {
			c.nodes[i].until = -1
		}
	}
	c.nodes = slices.DeleteFunc(c.nodes, func(t nodeTask) bool { return t.until == -1 })
	at := clock.Never
	for _, broker := range c.leaders() {
		if young := c.youngest(broker, now); young > 0 {
			at = min(at, now+young)
		}
		c.actOn(h, now, broker)
	}
	for _, t := range c.nodes {
		if t.until > 0 {
			at = min(at, t.until)
		}
	}
	at = min(at, c.askForLeaders(h, now))
	if at == clock.Never {
		h.Cancel(timerFetch)
		return
	}
	h.Arm(timerFetch, at)
}

// askForLeaders asks for metadata while a partition has no leader, and tells when
// it will ask again.
func (c *Consumer) askForLeaders(h client.Host, now clock.Time) clock.Time {
	for i := range c.parts {
		if c.metadata.leader(c.parts[i].tp) > 0 {
			continue
		}
		if again := c.metadata.at + c.s.retryBackoff; now < again {
			return again
		}
		c.requestMetadata(h, now)
		break
	}
	return clock.Never
}

// actOn sends what is due to one broker (_get_actions_per_node): first the
// positions of its partitions, then a fetch for those that hold no records, unless
// it has just brought some for another.
func (c *Consumer) actOn(h client.Host, now clock.Time, broker int32) {
	if c.busy(broker) {
		return
	}
	var reset []kafka.TopicPartition
	r := &kafka.FetchRequest{MaxWait: c.s.fetchMaxWait, MinBytes: c.s.fetchMin, MaxBytes: c.s.fetchMax}
	for i := range c.parts {
		p := &c.parts[i]
		switch {
		case c.metadata.leader(p.tp) != broker || c.holds(p.tp):
		case p.step != positioned:
			reset = append(reset, p.tp)
		case p.paused:
		default:
			r.Partitions = append(r.Partitions, kafka.FetchPartition{TopicPartition: p.tp, Offset: p.position, MaxBytes: c.s.fetchPartition})
		}
	}
	switch {
	case len(reset) > 0:
		c.nodes = append(c.nodes, nodeTask{broker: broker, tps: reset, reset: reset})
		c.updatePositions(h, broker)
	case len(r.Partitions) > 0 && c.youngest(broker, now) == 0 && !c.blocked(broker):
		rand := h.Rand()
		for i := len(r.Partitions) - 1; i > 0; i-- {
			j := rand.Below(uint64(i + 1))
			r.Partitions[i], r.Partitions[j] = r.Partitions[j], r.Partitions[i]
		}
		c.nodes = append(c.nodes, nodeTask{broker: broker})
		c.send(h, broker, apiFetch, r)
	}
}

// leaders is the brokers that lead assigned partitions, ascending.
func (c *Consumer) leaders() []int32 {
	var ids []int32
	for i := range c.parts {
		if id := c.metadata.leader(c.parts[i].tp); id > 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// busy tells whether a task for the broker is pending.
func (c *Consumer) busy(broker int32) bool {
	return slices.ContainsFunc(c.nodes, func(t nodeTask) bool { return t.broker == broker })
}

// blocked tells whether the answer to an abandoned request still occupies the
// connection to the broker.
func (c *Consumer) blocked(broker int32) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return q.abandoned && q.broker == broker })
}

// holds tells whether there are records of a partition that getmany() has not
// taken.
func (c *Consumer) holds(tp kafka.TopicPartition) bool {
	return slices.ContainsFunc(c.records, func(f fetched) bool { return f.tp == tp })
}

// youngest is how much longer what the broker has brought keeps it from being asked
// for more.
func (c *Consumer) youngest(broker int32, now clock.Time) clock.Duration {
	var left clock.Duration
	for _, f := range c.records {
		if c.metadata.leader(f.tp) == broker {
			left = max(left, prefetchBackoff-(now-f.at))
		}
	}
	return left
}

// nodeEnded ends the task of a broker.
func (c *Consumer) nodeEnded(broker int32) {
	c.nodes = slices.DeleteFunc(c.nodes, func(t nodeTask) bool { return t.broker == broker })
	c.fetchLate = true
}

// nodeSleeps keeps a broker from being asked for retry_backoff_ms after a failure.
func (c *Consumer) nodeSleeps(now clock.Time, broker int32) {
	c.nodeEnded(broker)
	c.nodes = append(c.nodes, nodeTask{broker: broker, until: now + c.s.retryBackoff})
}

// fetchAnswered is _proc_fetch_request.
func (c *Consumer) fetchAnswered(h client.Host, now clock.Time, q request, r *kafka.FetchResponse) {
	c.nodeEnded(q.broker)
	more := false
	for _, f := range r.Partitions {
		p := c.part(f.TopicPartition)
		if p == nil || p.step != positioned {
			continue
		}
		switch f.Err {
		case kafka.ErrNone:
			c.records = append(c.records, fetched{tp: f.TopicPartition, from: f.From, to: f.To, size: f.Size, at: now})
			more = true
		case kafka.ErrOffsetOutOfRange:
			c.logf(h, "INFO", "Fetch offset %d is out of range for partition %s, resetting offset", p.position, words.Partition(p.tp))
			if c.s.reset == "none" {
				c.records = append(c.records, fetched{tp: p.tp, at: now, err: outOfRangeError(p.tp, p.position)})
				more = true
			} else {
				p.step = needsReset
			}
		case kafka.ErrNotLeaderOrFollower, kafka.ErrUnknownTopicOrPartition:
			c.requestMetadata(h, now)
		default:
			c.logf(h, "WARNING", "Unexpected error while fetching data: %s", brokerErrorName(f.Err))
		}
	}
	if more {
		c.recordsArrived(h, now)
	}
}
