package franzgo

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// request is a request without an answer yet.
type request struct {
	id     kafka.RequestID
	broker int32
	body   kafka.Request
	commit commitKind // of OffsetCommit
}

// send puts a request on the wire.
func (c *Consumer) send(h client.Host, q request) {
	q.id = h.Send(q.broker, q.body)
	c.inflight = append(c.inflight, q)
}

// forget drops the requests for which it holds: their answers are not waited for
// any more, and they are not asked again.
func (c *Consumer) forget(which func(kafka.Request) bool) {
	dropped := func(q request) bool { return which(q.body) }
	c.inflight = slices.DeleteFunc(c.inflight, dropped)
	c.retry.requests = slices.DeleteFunc(slices.Clone(c.retry.requests), dropped)
}

// pending tells whether a request has no answer yet.
func (c *Consumer) pending(which func(kafka.Request) bool) bool {
	return slices.ContainsFunc(c.inflight, func(q request) bool { return which(q.body) })
}

// retry is what is to be asked of the coordinator again: the client hides such
// errors from who has asked.
type retry struct {
	requests []request
	fails    int64
}

// ask sends a request to the coordinator, which is looked for first.
func (c *Consumer) ask(h client.Host, q request) {
	if c.coordinator == 0 {
		c.retry.requests = append(slices.Clone(c.retry.requests), q)
		c.findCoordinator(h)
		return
	}
	q.broker = c.coordinator
	c.send(h, q)
}

// findCoordinator looks for the coordinator, unless it is being looked for.
func (c *Consumer) findCoordinator(h client.Host) {
	if !c.pending(isFindCoordinator) {
		c.send(h, request{broker: c.anyBroker(), body: &kafka.FindCoordinatorRequest{Group: c.o.Group}})
	}
}

func isFindCoordinator(r kafka.Request) bool {
	_, ok := r.(*kafka.FindCoordinatorRequest)
	return ok
}

// coordinatorFound sends what has waited for the coordinator.
func (c *Consumer) coordinatorFound(h client.Host, now clock.Time, r *kafka.FindCoordinatorResponse) {
	if r.Err != kafka.ErrNone {
		c.retryLater(h, now)
		return
	}
	c.coordinator, c.retry.fails = r.Broker, 0
	waiting := c.retry.requests
	c.retry.requests = nil
	for _, q := range waiting {
		c.ask(h, q)
	}
}

// moved tells whether an error means another coordinator, or one that is not ready;
// the request is then asked again after a pause.
func (c *Consumer) moved(h client.Host, now clock.Time, q request, err kafka.ErrorCode) bool {
	switch err {
	case kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable:
		c.coordinator = 0
	case kafka.ErrCoordinatorLoadInProgress:
	default:
		return false
	}
	c.retry.requests = append(slices.Clone(c.retry.requests), q)
	c.retryLater(h, now)
	return true
}

// retryLater waits for the backoff.
func (c *Consumer) retryLater(h client.Host, now clock.Time) {
	c.retry.fails++
	h.Arm(timerRetry, now+c.backoff(h, c.retry.fails))
}

// retryNow asks again.
func (c *Consumer) retryNow(h client.Host, _ clock.Time) {
	if c.coordinator == 0 {
		c.findCoordinator(h)
		return
	}
	waiting := c.retry.requests
	c.retry.requests = nil
	for _, q := range waiting {
		c.ask(h, q)
	}
}

// backoff is RetryBackoffFn: 250 ms, doubled each time up to 5 s, ± 20 %.
func (c *Consumer) backoff(h client.Host, fails int64) clock.Duration {
	const least, most = 250 * clock.Millisecond, 5 * clock.Second
	d := most
	if fails <= 5 {
		d = least << (fails - 1)
	}
	return min(most, d*clock.Duration(800+h.Rand().Below(400))/1000)
}

// connectionDied asks again what got no answer.
func (c *Consumer) connectionDied(h client.Host, now clock.Time, q request) {
	switch q.body.(type) {
	case *kafka.FetchRequest:
		c.fetchFailed(h, now, q.broker)
	case *kafka.MetadataRequest:
		c.seed++
		h.Arm(timerMetadata, now+c.backoff(h, 1))
	case *kafka.ListOffsetsRequest:
		h.Arm(timerMetadata, now+c.backoff(h, 1))
		c.metadata.loads = true
	case *kafka.LeaveGroupRequest:
		c.left(h)
	case *kafka.FindCoordinatorRequest:
		c.seed++
		c.retryLater(h, now)
	default:
		c.moved(h, now, q, kafka.ErrNotCoordinator)
	}
}
