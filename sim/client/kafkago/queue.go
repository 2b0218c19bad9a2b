package kafkago

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// queue is the channel between the readers and the application (Reader.msgs). What
// the application has been handed in advance and has not begun still lies in it.
type queue struct {
	items   []item
	count   int64
	version int64                  // of the present readers: the number of generations so far
	blocked []kafka.TopicPartition // readers that wait for room, the first in turn first
	handed  int64                  // of the items, the first so many messages are the application's latest result
	begun   int64                  // of the latest result, those that it has begun and that are not in the queue any more
}

// item is messages of one partition that follow each other.
type item struct {
	version int64
	client.Range
}

// first is the offset of the first message of a partition that is still of use.
func (q *queue) first(tp kafka.TopicPartition) (int64, bool) {
	for _, x := range q.items {
		if x.version == q.version && x.TopicPartition == tp {
			return x.From, true
		}
	}
	return 0, false
}

// put appends messages, to the last item where they join.
func (q *queue) put(r client.Range) {
	q.count += r.Len()
	if n := len(q.items); n > 0 {
		if last := &q.items[n-1]; last.version == q.version && last.TopicPartition == r.TopicPartition && last.Size == r.Size && last.To == r.From {
			last.To = r.To
			return
		}
	}
	q.items = append(q.items, item{q.version, r})
}

// push puts what a reader has fetched into the queue; what has no room waits with it.
func (c *Consumer) push(h client.Host, now clock.Time, rd *reader) {
	q := &c.queue
	room := c.s.queueCapacity - q.count
	if len(q.items) == 0 && c.app.call == callPoll {
		room++ // the application waits for the first one
	}
	for len(rd.sending) > 0 && room > 0 {
		x := &rd.sending[0]
		part := *x
		part.To = min(x.To, x.From+room)
		room -= part.Len()
		q.put(part)
		if x.From = part.To; x.Len() == 0 {
			rd.sending = rd.sending[1:]
		}
	}
	if len(rd.sending) > 0 {
		rd.step = blocked
		q.blocked = append(q.blocked, rd.TopicPartition)
		return
	}
	c.batchSent(h, now, rd)
}

// remove takes the first n messages out. Each makes room for one message of the
// reader that has waited longest; one that has more to send waits again.
func (c *Consumer) remove(n int64) {
	q := &c.queue
	q.count -= n
	for n > 0 {
		x := &q.items[0]
		k := min(n, x.Len())
		n -= k
		if x.From += k; x.Len() == 0 {
			q.items = q.items[1:]
		}
	}
	for q.count < c.s.queueCapacity && len(q.blocked) > 0 {
		tp := q.blocked[0]
		q.blocked = slices.Delete(q.blocked, 0, 1)
		rd := c.reader(tp, q.version)
		x := &rd.sending[0]
		one := *x
		one.To = x.From + 1
		q.put(one)
		if x.From++; x.Len() == 0 {
			rd.sending = rd.sending[1:]
		}
		if len(rd.sending) > 0 {
			q.blocked = append(q.blocked, tp)
		} else {
			rd.step = released
		}
	}
}

// dropStale takes out what readers of earlier generations have left at the front:
// FetchMessage skips it without a word.
func (c *Consumer) dropStale() {
	q := &c.queue
	for len(q.items) > 0 && q.items[0].version < q.version {
		c.remove(q.items[0].Len())
	}
}

// deliver hands messages to the application, if it waits for some: as many as follow
// each other, but no more than it takes to let a reader go on.
func (c *Consumer) deliver(h client.Host, now clock.Time) {
	q := &c.queue
	for c.app.call == callPoll {
		c.dropStale()
		c.readersGoOn(h, now)
		if len(q.items) == 0 {
			return
		}
		n := min(c.fresh(), c.app.most, c.untilRoom())
		if c.readMessageCommits() {
			n = 1
		}
		records := q.head(n)
		if c.readMessageCommits() {
			c.readMessage(h, now, records[0])
			continue
		}
		q.handed, q.begun = n, 0
		c.polled(h, client.PollResult{Records: records, OneByOne: true})
		c.begin(1)
		c.readersGoOn(h, now)
	}
}

// fresh is how many messages at the front are of the present generation.
func (c *Consumer) fresh() int64 {
	var n int64
	for _, x := range c.queue.items {
		if x.version < c.queue.version {
			break
		}
		n += x.Len()
	}
	return n
}

// untilRoom is after how many messages taken the first of the blocked readers has
// sent all that it has: they take turns.
func (c *Consumer) untilRoom() int64 {
	q := &c.queue
	least := int64(1 << 62)
	for i, tp := range q.blocked {
		var left int64
		for _, x := range c.reader(tp, q.version).sending {
			left += x.Len()
		}
		least = min(least, (left-1)*int64(len(q.blocked))+int64(i)+1)
	}
	return least
}

// head is the first n messages.
func (q *queue) head(n int64) []client.Range {
	var out []client.Range
	for _, x := range q.items {
		if n <= 0 {
			break
		}
		r := x.Range
		r.To = min(r.To, r.From+n)
		n -= r.Len()
		out = append(out, r)
	}
	return out
}

// settle learns how many messages of the latest result the application has begun:
// only then has it taken them out of the queue.
func (c *Consumer) settle(h client.Host) {
	if c.queue.handed == 0 {
		return
	}
	n, _ := h.Taken()
	c.begin(max(n, 1) - c.queue.begun)
}

// begin notes that n more messages of the result have been begun.
func (c *Consumer) begin(n int64) {
	q := &c.queue
	n = min(n, q.handed)
	for _, r := range q.head(n) {
		c.app.pending = raise(c.app.pending, kafka.OffsetCommit{TopicPartition: r.TopicPartition, Offset: r.To})
		if c.o.AutoCommit {
			c.commits.waiting = raise(c.commits.waiting, kafka.OffsetCommit{TopicPartition: r.TopicPartition, Offset: r.To})
		}
	}
	q.handed -= n
	q.begun += n
	c.remove(n)
}

// takeBack makes the application end with the message in hand: the rest of its
// result stays in the queue.
func (c *Consumer) takeBack(h client.Host) {
	if c.queue.handed > 0 {
		h.Cut()
		c.queue.handed = 0
	}
}

// raise keeps the highest offset of each partition (offsetStash.merge).
func raise(offsets []kafka.OffsetCommit, o kafka.OffsetCommit) []kafka.OffsetCommit {
	for i := range offsets {
		if offsets[i].TopicPartition == o.TopicPartition {
			offsets[i].Offset = max(offsets[i].Offset, o.Offset)
			return offsets
		}
	}
	return append(offsets, o)
}
