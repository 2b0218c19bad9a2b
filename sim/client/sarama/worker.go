package sarama

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// worker is a brokerConsumer: it fetches for the partitions that one broker
// leads. One response is dealt out and taken into the channels before the next
// fetch, so that a full channel holds up the others of its broker.
type worker struct {
	broker int32
	subs   []kafka.TopicPartition // in the order in which they were added
	input  []kafka.TopicPartition // new subscriptions
	batch  clock.Time             // until when they are gathered; 0: none came
	nap    clock.Time             // it naps, without subscriptions; 0: no
	busy   bool                   // a fetch is in flight
	acks   int                    // feeders that it waits for
}

// idle tells whether the worker is at the head of its loop.
func (w *worker) idle() bool { return !w.busy && w.acks == 0 }

// worker is the worker of a broker, nil if there is none.
func (c *Consumer) worker(broker int32) *worker {
	for i := range c.workers {
		if c.workers[i].broker == broker {
			return &c.workers[i]
		}
	}
	return nil
}

// subscribe queues a partition at its worker; a first one begins a batch.
func (c *Consumer) subscribe(h client.Host, now clock.Time, x *claim) {
	w := c.worker(x.worker)
	if w == nil {
		c.workers = append(c.workers, worker{broker: x.worker})
		w = &c.workers[len(c.workers)-1]
	}
	if w.batch == 0 {
		w.batch = now + partitionConsumersBatchTimeout
	}
	w.input = append(w.input, x.tp)
	c.armWorkers(h, now)
}

// armWorkers sets the timer to the next end of a batch that its worker waits for.
func (c *Consumer) armWorkers(h client.Host, now clock.Time) {
	at := clock.Never
	for i := range c.workers {
		if w := &c.workers[i]; w.batch != 0 && w.idle() {
			at = min(at, max(w.batch, w.nap))
		}
	}
	if at == clock.Never {
		h.Cancel(timerWorkers)
		return
	}
	h.Arm(timerWorkers, max(at, now)) // a frozen process has overslept
}

// wakeWorkers lets the workers whose batch is complete go on.
func (c *Consumer) wakeWorkers(h client.Host, now clock.Time) {
	for i := 0; i < len(c.workers); i++ {
		if w := &c.workers[i]; w.batch != 0 && w.idle() && max(w.batch, w.nap) <= now {
			c.turn(h, now, w.broker)
		}
	}
	if len(c.workers) > 0 {
		c.armWorkers(h, now)
	}
}

// turn is one turn of subscriptionConsumer: new subscriptions are taken, dead
// ones let go, and a fetch is sent.
func (c *Consumer) turn(h client.Host, now clock.Time, broker int32) {
	w := c.worker(broker)
	if w == nil {
		return
	}
	if w.batch > now {
		c.armWorkers(h, now)
		return // the manager gathers: the loop waits for it
	}
	if w.batch != 0 {
		c.log(h, accumulated(broker, len(w.input)))
		for _, tp := range w.input {
			w.subs = append(w.subs, tp)
			c.claim(tp).listed = true
			c.log(h, added(broker, tp))
		}
		w.input, w.batch = nil, 0
	}
	c.dropDead(h, now, broker, true)
	if w = c.worker(broker); w == nil {
		return
	}
	if len(w.subs) == 0 {
		w.nap = now + partitionConsumersBatchTimeout
		c.armWorkers(h, now)
		return
	}
	c.fetch(h, w)
}

// dropDead lets the dying partitions of a worker go.
func (c *Consumer) dropDead(h client.Host, now clock.Time, broker int32, logged bool) {
	if !slices.ContainsFunc(c.claims, func(x claim) bool { return x.dying }) {
		return
	}
	w := c.worker(broker)
	var dead []kafka.TopicPartition
	w.subs = slices.DeleteFunc(w.subs, func(tp kafka.TopicPartition) bool {
		x := c.claim(tp)
		if !x.dying {
			return false
		}
		x.listed = false
		dead = append(dead, tp)
		return true
	})
	for _, tp := range dead {
		if logged {
			c.log(h, closedDead(broker, tp))
		}
		if x := c.claim(tp); x != nil {
			c.partitionClosed(h, now, x)
		}
	}
}

// fetch sends a Fetch for all subscriptions.
func (c *Consumer) fetch(h client.Host, w *worker) {
	r := &kafka.FetchRequest{MaxWait: c.s.fetchMaxWait, MinBytes: c.s.fetchMin, MaxBytes: c.s.fetchMax}
	for _, tp := range w.subs {
		r.Partitions = append(r.Partitions, kafka.FetchPartition{TopicPartition: tp, Offset: c.claim(tp).offset, MaxBytes: c.s.fetchPartition})
	}
	w.busy, w.nap = true, 0
	c.send(h, request{broker: w.broker, body: r})
}

// fetched deals a response out: each partition's records go into its channel, and
// the worker waits for those that do not fit.
func (c *Consumer) fetched(h client.Host, now clock.Time, broker int32, r *kafka.FetchResponse) {
	w := c.worker(broker)
	if w == nil || !w.busy {
		return
	}
	w.busy = false
	c.dropDead(h, now, broker, true)
	if w = c.worker(broker); w == nil {
		return
	}
	w.acks = 1 // its own: the feeders end one after the other
	for _, f := range r.Partitions {
		if x := c.claim(f.TopicPartition); x != nil && x.listed && x.worker == broker {
			c.feed(h, x, f)
		}
	}
	for i := range c.claims {
		if x := &c.claims[i]; x.step == claimOpen && !x.outside && x.worker == broker && x.listed {
			c.waitForRoom(h, now, w, x)
		}
	}
	c.acknowledge(h, now, broker)
}

// feed is what the responseFeeder makes of a partition's part of a response.
func (c *Consumer) feed(h client.Host, x *claim, f kafka.FetchedRange) {
	if f.Err != kafka.ErrNone {
		x.result.err = f.Err
		return
	}
	host(h).Feed(client.Range{TopicPartition: f.TopicPartition, From: f.From, To: f.To, Size: f.Size})
	x.offset = f.To
}

// waitForRoom waits until what does not fit into a channel has been taken.
func (c *Consumer) waitForRoom(h client.Host, now clock.Time, w *worker, x *claim) {
	if host(h).Untaken(x.tp) <= c.s.channel {
		return
	}
	x.feeding, x.taken = true, -1
	w.acks++
	host(h).Watch(x.tp, c.s.channel)
	c.armFeeders(h, now)
}

// Drained is room in a channel: the rest of the response has gone into it.
func (c *Consumer) Drained(h client.Host, now clock.Time, tp kafka.TopicPartition) {
	x := c.claim(tp)
	switch {
	case x == nil:
	case x.outside:
		x.outside = false
		c.subscribe(h, now, x)
	case x.feeding:
		c.fed(h, now, x)
	}
}

// fed is a feeder's acknowledgement.
func (c *Consumer) fed(h client.Host, now clock.Time, x *claim) {
	x.feeding = false
	host(h).Watch(x.tp, -1)
	c.acknowledge(h, now, x.worker)
}

// acknowledge ends the turn of a worker when all feeders have taken their parts
// (handleResponses).
func (c *Consumer) acknowledge(h client.Host, now clock.Time, broker int32) {
	w := c.worker(broker)
	if w.acks--; w.acks > 0 {
		return
	}
	c.dropDead(h, now, broker, false)
	if w = c.worker(broker); w == nil {
		return
	}
	for _, tp := range slices.Clone(w.subs) {
		if x := c.claim(tp); x != nil && !x.result.none() {
			r := x.result
			x.result = result{}
			c.handleResult(h, now, x, r)
		}
	}
	c.turn(h, now, broker)
}

// handleResult lets a partition go that cannot be read, or whose handler is slow.
func (c *Consumer) handleResult(h client.Host, now clock.Time, x *claim, r result) {
	w := c.worker(x.worker)
	w.subs = slices.DeleteFunc(w.subs, func(tp kafka.TopicPartition) bool { return tp == x.tp })
	x.listed = false
	switch {
	case r.timeout:
		c.log(h, abandoned(w.broker, x.tp, "consuming was taking too long"))
	case r.err == kafka.ErrOffsetOutOfRange:
		c.logError(h, consumerError(x.tp, r.err))
		c.log(h, shuttingDown(x.tp, r.err))
		x.dying = true
		host(h).Release(x.tp, c.s.channel)
		c.partitionClosed(h, now, x)
	default:
		c.log(h, abandoned(w.broker, x.tp, errorOf(r.err).Text))
		c.abandon(h, now, x)
	}
}

// fetchFailed is a connection that broke under a fetch: every partition of the
// worker is tried again later.
func (c *Consumer) fetchFailed(h client.Host, now clock.Time, broker int32) {
	w := c.worker(broker)
	if w == nil {
		return
	}
	c.log(h, disconnecting(broker, endOfFile.Text))
	all := slices.Concat(w.subs, w.input)
	c.workers = slices.DeleteFunc(c.workers, func(w worker) bool { return w.broker == broker })
	for _, tp := range all {
		x := c.claim(tp)
		if x != nil {
			x.listed = false
		}
		if x != nil && !x.dying {
			c.logError(h, consumingText(tp, endOfFile.Text))
		}
		c.abandon(h, now, x)
	}
}

// armFeeders sets the timer to the next tick of a feeder that waits.
func (c *Consumer) armFeeders(h client.Host, now clock.Time) {
	at := clock.Never
	for i := range c.claims {
		if x := &c.claims[i]; x.feeding {
			at = min(at, now+c.s.maxProcessing-(now-x.created)%c.s.maxProcessing)
		}
	}
	if at == clock.Never {
		h.Cancel(timerFeeders)
		return
	}
	h.Arm(timerFeeders, at)
}

// feederTick is the tick of Consumer.MaxProcessingTime: a feeder that has found no
// room since the tick before gives its worker free.
func (c *Consumer) feederTick(h client.Host, now clock.Time) {
	for i := 0; i < len(c.claims); i++ {
		x := &c.claims[i]
		if !x.feeding || (now-x.created)%c.s.maxProcessing != 0 {
			continue
		}
		untaken := host(h).Untaken(x.tp)
		if x.taken != untaken {
			x.taken = untaken
			continue
		}
		x.feeding, x.outside, x.result.timeout = false, true, true
		c.acknowledge(h, now, x.worker)
	}
	c.armFeeders(h, now)
}
