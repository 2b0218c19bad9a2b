package librdkafka

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/trace"
)

// call is the method that the application's thread is in.
type call uint8

const (
	callNone call = iota // the application is busy with its own work
	callPoll
	callCommit
	callClose
	callListener // in the rebalance callback, inside poll or close
)

// application is the application's thread.
type application struct {
	call    call
	pollEnd clock.Time // when the running poll's timeout is over
	most    int64      // the most records that it may return
	within  call       // that the rebalance callback is in
	serving op         // of the rebalance callback that runs

	// lastPoll is when the latest poll ended, Never while one blocks, since 1.1
	// (rk_ts_last_poll).
	lastPoll clock.Time
}

// beginPoll enters poll(): one that may block suspends the poll deadline
// (rd_kafka_app_poll_start, rd_kafka_app_poll_blocking).
func (c *Consumer) beginPoll(now clock.Time, timeout clock.Duration, most int64) {
	c.app.call, c.app.pollEnd, c.app.most = callPoll, now+timeout, most
	if timeout != 0 && c.o.Version >= blockedPollSince {
		c.app.lastPoll = clock.Never
	}
}

// endPoll returns from poll() (rd_kafka_app_polled). It is the last thing that
// happens to the application's thread at this instant.
func (c *Consumer) endPoll(h client.Host, now clock.Time, r client.PollResult) {
	c.app.call = callNone
	c.app.lastPoll = now
	c.set(h, timerPoll, clock.Never)
	h.Polled(r)
}

// pollTimedOut ends a poll that has found nothing.
func (c *Consumer) pollTimedOut(h client.Host, now clock.Time) {
	if c.app.call == callPoll {
		c.endPoll(h, now, client.PollResult{})
	}
}

// serveApplication lets the application's thread serve the consumer queue, if it
// is in poll() or close(): callbacks run and the call goes on, records and errors
// end a poll (rd_kafka_consume0, rd_kafka_consumer_close).
func (c *Consumer) serveApplication(h client.Host, now clock.Time) {
	for c.app.call == callPoll || c.app.call == callClose {
		x, ok := c.queue.front()
		if !ok {
			break
		}
		if x.op == nil && c.app.call == callPoll {
			c.hand(h, now)
			return
		}
		c.queue.pop()
		if x.op != nil {
			c.serveOp(h, now, x.op)
		}
	}
	if c.app.call == callPoll && now >= c.app.pollEnd {
		c.endPoll(h, now, client.PollResult{})
	}
}

// serveOp is rd_kafka_poll_cb. close() has no use for errors.
func (c *Consumer) serveOp(h client.Host, now clock.Time, o *op) {
	switch o.kind {
	case opError:
		if c.app.call == callPoll {
			c.handError(h, now, o)
		}
	case opLog:
		h.Log(o.level, o.text)
	case opAssign:
		c.serveAssign(h, now, o)
	case opRevoke:
		c.serveRevoke(h, now, o)
	}
}

// hand ends the poll with the records at the head of the queue, each of which
// answers a poll of its own.
func (c *Consumer) hand(h client.Host, now clock.Time) {
	records := c.queue.take(c.app.most)
	c.handed.begin(records)
	for _, r := range records {
		c.assignment.find(r.TopicPartition).position = r.To
	}
	c.endPoll(h, now, client.PollResult{Records: records, OneByOne: true})
}

// handError ends the poll with an error.
func (c *Consumer) handError(h client.Host, now clock.Time, o *op) {
	h.Emit(trace.Event{Type: o.event, Error: o.err.Name, Text: o.err.Text})
	c.endPoll(h, now, client.PollResult{Err: &o.err})
}

// handed is the latest result of records and how far the application is in it.
type handed struct {
	records []client.Range // those not begun, as far as is known
	begun   int64
}

func (x *handed) begin(records []client.Range) {
	x.records = append(x.records[:0], records...)
	x.begun = 0
}

// settle learns how far the application is. The first record of a result was
// handed over when it was returned, each further one when the application began
// it, for it polled in between. That is when an offset is stored
// (rd_kafka_fetch_op_app_prepare) and when the latest poll ended.
func (c *Consumer) settle(h client.Host) {
	if len(c.handed.records) == 0 {
		return
	}
	n, since := h.Taken()
	if c.app.call == callNone {
		c.app.lastPoll = max(c.app.lastPoll, since)
	}
	c.begin(max(n, 1) - c.handed.begun)
}

// begin notes that n more records of the result have been begun.
func (c *Consumer) begin(n int64) {
	x := &c.handed
	for n > 0 && len(x.records) > 0 {
		r := &x.records[0]
		k := min(n, r.Len())
		r.From += k
		n -= k
		x.begun += k
		c.store(r.TopicPartition, r.From)
		if r.Len() == 0 {
			x.records = x.records[1:]
		}
	}
}

// takeBack makes the application end with the record in hand: the rest of the
// result is void.
func (c *Consumer) takeBack(h client.Host) {
	if len(c.handed.records) == 0 {
		return
	}
	h.Cut()
	c.rewind()
}

// rewind forgets the rest of the result: positions go back to the first record
// that has not been begun.
func (c *Consumer) rewind() {
	for i := len(c.handed.records) - 1; i >= 0; i-- {
		r := c.handed.records[i]
		if p := c.assignment.find(r.TopicPartition); p != nil {
			p.position = r.From
		}
	}
	c.handed.records = c.handed.records[:0]
}
