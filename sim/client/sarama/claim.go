package sarama

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// claim is one partition of the session: its ConsumeClaim and the partition
// consumer that feeds it.
type claim struct {
	tp      kafka.TopicPartition
	step    claimStep
	created clock.Time // its feeder's ticker began
	offset  int64      // the next to be fetched
	newest  int64      // while the offset is chosen

	dying   bool // the partition consumer is to close
	closed  bool // it has closed: nobody feeds the channel
	exited  bool // the handler has returned
	worker  int32
	listed  bool       // among its worker's subscriptions
	redo    clock.Time // it could not be read and is tried again then; 0: no
	tries   int64      // of ConsumePartition that have failed
	feeding bool       // a response waits for room in the channel
	outside bool       // the same, but its worker does not wait for it
	taken   int64      // untaken records at the feeder's latest tick; −1: no tick yet
	result  result     // what the worker has to see to after a response
}

// claimStep is how far a claim is.
type claimStep uint8

const (
	claimNew    claimStep = iota
	claimNewest           // the log's end is asked for
	claimOldest           // the log's start is asked for
	claimOpen             // the handler runs
	claimGone             // the handler has returned and the channel is closed
)

// result is what a fetch has led to, beside records.
type result struct {
	err     kafka.ErrorCode
	timeout bool // errTimedOut
}

func (r result) none() bool { return r == result{} }

// claim is the claim of a partition, nil if there is none.
func (c *Consumer) claim(tp kafka.TopicPartition) *claim {
	if next := c.latest + 1; next < len(c.claims) && c.claims[next].tp == tp { // they are gone through in their order
		c.latest = next
		return &c.claims[next]
	}
	// In the order of the assignment, which is sorted.
	i, ok := slices.BinarySearchFunc(c.claims, tp, func(x claim, tp kafka.TopicPartition) int { return x.tp.Compare(tp) })
	if !ok {
		return nil
	}
	c.latest = i
	return &c.claims[i]
}

// leader is the broker that leads a partition, 0 when unknown or none.
func (c *Consumer) leader(tp kafka.TopicPartition) int32 { return kafka.LeaderOf(c.topics, tp) }

// chooseOffset is the beginning of ConsumePartition: the log's end is asked for,
// then its start.
func (c *Consumer) chooseOffset(h client.Host, now clock.Time, x *claim) {
	x.step, x.worker = claimNewest, c.leader(x.tp)
	if x.worker == 0 {
		c.claimFailed(h, now, x, noLeader)
		return
	}
	c.listOffsets(h, x, true)
}

// claimFailed is ConsumePartition with an error: it is tried again after a pause,
// with new metadata, a few times (newClaimWithRetry). Then its goroutine ends, and
// the session with it.
func (c *Consumer) claimFailed(h client.Host, now clock.Time, x *claim, why string) {
	if x == nil || x.step >= claimOpen {
		return
	}
	if x.tries < c.s.metadataRetries && !c.session.over {
		x.tries++
		c.log(h, claimRetried(x.tp, c.s.metadataBackoff, c.s.metadataRetries-x.tries, why))
		x.step, x.redo = claimNew, now+c.s.metadataBackoff
		c.armDispatch(h, now)
		return
	}
	if !c.session.over {
		c.logError(h, consumingText(x.tp, why))
	}
	x.step = claimGone
	c.cancel(h, now, handlerExited)
	c.released(h, now)
}

func (c *Consumer) listOffsets(h client.Host, x *claim, latest bool) {
	c.send(h, request{broker: x.worker, tp: x.tp, body: &kafka.ListOffsetsRequest{Partitions: []kafka.TopicPartition{x.tp}, Latest: latest}})
}

// offsetListed takes one end of the log; with both, the position is chosen
// (chooseStartingOffset).
func (c *Consumer) offsetListed(h client.Host, now clock.Time, q request, r *kafka.ListOffsetsResponse) {
	x := c.claim(q.tp)
	if x == nil || x.step >= claimOpen {
		return
	}
	if code := r.Err(0); code != kafka.ErrNone {
		c.claimFailed(h, now, x, errorOf(code).Text)
		return
	}
	if x.step == claimNewest {
		x.newest = r.Offsets[0]
		x.step = claimOldest
		c.listOffsets(h, x, false)
		return
	}
	oldest, wanted := r.Offsets[0], c.managed(x.tp).next()
	switch {
	case wanted >= oldest && wanted <= x.newest:
		x.offset = wanted
	case wanted >= 0 && !c.s.resetInvalid:
		c.logError(h, consumerError(x.tp, kafka.ErrOffsetOutOfRange))
		x.step = claimGone
		c.cancel(h, now, handlerExited)
		c.released(h, now)
		return
	case wanted >= 0: // ConsumePartition once more, from the initial offset
		c.managed(x.tp).initial = true
		x.step = claimNewest
		c.listOffsets(h, x, true)
		return
	case c.s.oldest:
		x.offset = oldest
	default:
		x.offset = x.newest
	}
	c.openClaim(h, now, x)
}

// openClaim starts the handler, and queues the partition at its leader's worker.
func (c *Consumer) openClaim(h client.Host, now clock.Time, x *claim) {
	x.step, x.created = claimOpen, now
	host(h).Claim(x.tp)
	c.subscribe(h, now, x)
	if c.session.over {
		c.closeClaim(h, now, x)
	}
}

// closeClaim is AsyncClose with the end of the handler's context: the handler
// returns after the message in hand, and the worker lets the partition go when it
// comes by.
func (c *Consumer) closeClaim(h client.Host, now clock.Time, x *claim) {
	switch {
	case x.step == claimNew:
		x.step, x.redo = claimGone, 0
	case x.step != claimOpen || x.dying:
		return
	default:
		x.dying = true
		host(h).Release(x.tp, c.s.channel)
		c.letGo(h, now, x)
	}
}

// letGo is what a dying partition consumer does by itself: a feeder gives up, and
// one that waits to be tried again ends.
func (c *Consumer) letGo(h client.Host, now clock.Time, x *claim) {
	switch {
	case x.redo != 0:
		x.redo = 0
		c.partitionClosed(h, now, x)
	case x.outside:
		x.outside = false
		c.subscribe(h, now, x)
	case x.feeding:
		c.fed(h, now, x)
	}
}

// partitionClosed is the end of a partition consumer.
func (c *Consumer) partitionClosed(h client.Host, now clock.Time, x *claim) {
	x.closed = true
	c.claimEnded(h, now, x)
}

// Exited is the return of a handler: the session ends with it, whatever the
// reason.
func (c *Consumer) Exited(h client.Host, now clock.Time, tp kafka.TopicPartition) {
	x := c.claim(tp)
	if x == nil {
		return
	}
	x.exited = true
	c.managed(tp).mark(host(h).Marked(tp))
	c.cancel(h, now, handlerExited)
	c.claimEnded(h, now, x)
}

// claimEnded is the end of a claim's goroutine: the handler has returned and the
// channel is closed.
func (c *Consumer) claimEnded(h client.Host, now clock.Time, x *claim) {
	if x.exited && x.closed {
		x.step = claimGone
		c.released(h, now)
	}
}

// dispatch tries again what could not be read: with new metadata.
func (c *Consumer) dispatch(h client.Host, now clock.Time) {
	if slices.ContainsFunc(c.claims, func(x claim) bool { return x.redo != 0 && x.redo <= now }) {
		c.refresh(h, byDispatch)
	}
	c.armDispatch(h, now)
}

// redispatch queues such partitions at their leaders' workers.
func (c *Consumer) redispatch(h client.Host, now clock.Time) {
	for i := 0; i < len(c.claims); i++ {
		x := &c.claims[i]
		if x.redo == 0 || x.redo > now {
			continue
		}
		x.redo = 0
		if x.step == claimNew {
			c.chooseOffset(h, now, x)
			continue
		}
		if x.worker = c.leader(x.tp); x.worker == 0 {
			c.abandon(h, now, x)
			continue
		}
		c.subscribe(h, now, x)
	}
}

// abandon is triggerRedispatch: the partition is tried again after a pause.
func (c *Consumer) abandon(h client.Host, now clock.Time, x *claim) {
	if x == nil {
		return
	}
	if x.dying {
		c.partitionClosed(h, now, x)
		return
	}
	x.redo = now + c.s.consumerRetry
	c.armDispatch(h, now)
}

// armDispatch sets the timer to the next partition that is tried again; those that
// are due wait for the metadata.
func (c *Consumer) armDispatch(h client.Host, now clock.Time) {
	at := clock.Never
	for i := range c.claims {
		if x := &c.claims[i]; x.redo > now {
			at = min(at, x.redo)
		}
	}
	if at != clock.Never {
		h.Arm(timerDispatch, at)
	}
}
