package kafkajs

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// failure is an error with which an asynchronous function rejects (KafkaJSError
// and its subclasses). It never changes.
type failure struct {
	name      string
	text      string
	retriable bool
	// code is the broker's, the `type` of KafkaJSProtocolError; ErrNone in errors of
	// the client's own and in those that wrap another.
	code kafka.ErrorCode
	// Of an error that wraps another: whether the innermost one may be tried again,
	// and how long to wait.
	causeRetriable bool
	retryTime      clock.Duration
}

// Names of the errors that users see.
const (
	nameProtocol         = "KafkaJSProtocolError"
	nameNonRetriable     = "KafkaJSNonRetriableError"
	nameRetriesExceeded  = "KafkaJSNumberOfRetriesExceeded"
	nameConnectionClosed = "KafkaJSConnectionClosedError"
	nameConnection       = "KafkaJSConnectionError"
	nameRequestTimeout   = "KafkaJSRequestTimeoutError"
	nameNoCoordinator    = "KafkaJSGroupCoordinatorNotFound"
)

// fetchersChanged makes the fetchers begin anew, for there are other brokers
// (KafkaJSFetcherRebalanceError); no user sees it.
var fetchersChanged = &failure{name: "KafkaJSFetcherRebalanceError"}

// refused is the error of an answer, nil when it has none.
func refused(code kafka.ErrorCode) *failure {
	if code == kafka.ErrNone {
		return nil
	}
	e := brokerErrors[code]
	return &failure{name: nameProtocol, code: code, text: e.text, retriable: e.retriable, causeRetriable: e.retriable}
}

// link is one of the two connections to a broker: fetches have theirs
// (connectionPool.js, getConnectionByRequest).
type link struct {
	broker  int32
	fetches bool
}

// connectionFailure is the failure of a request that gets no answer, nil when there
// is one. The first finds its connection closed; later ones find that none can be
// made, until the broker answers on it again: connectionPool.js connects anew for each
// request. A heartbeat's failure does not make the member look for another
// coordinator; that is left to the restart after a crash, when the runner's retries
// are used up (runner.js, scheduleFetchManager). As each retry goes on until all
// fetchers have ended, which wait up to maxWaitTimeInMs, a group needs most of a
// minute after its coordinator has died.
func (c *Consumer) connectionFailure(q request, r kafka.Response) *failure {
	l := link{q.broker, q.api == apiFetch}
	if r != nil {
		c.gone = slices.DeleteFunc(c.gone, func(g link) bool { return g == l })
		return nil
	}
	f := &failure{name: nameConnectionClosed, text: "Closed connection", retriable: true, causeRetriable: true}
	if slices.Contains(c.gone, l) {
		f.name, f.text = nameConnection, "Connection error: connect ECONNREFUSED "+c.o.Nodes[q.broker-1]
	} else {
		c.gone = append(c.gone, l)
	}
	return f
}

// rebalancing tells whether joining again mends it (errors.js, isRebalancing).
func (f *failure) rebalancing() bool {
	switch f.code {
	case kafka.ErrRebalanceInProgress, kafka.ErrNotCoordinator, kafka.ErrIllegalGeneration:
		return true
	}
	return false
}

// staleMetadata tells whether newer metadata mends it (STALE_METADATA_ERRORS).
func (f *failure) staleMetadata() bool {
	return f.code == kafka.ErrNotLeaderOrFollower || f.code == kafka.ErrUnknownTopicOrPartition
}

// nonRetriable wraps an error that is not to be tried again.
func (f *failure) nonRetriable() *failure {
	return &failure{name: nameNonRetriable, text: f.text, causeRetriable: f.causeRetriable}
}

// retrier is how often something has been tried again and how long the next time
// waits (retry/index.js).
type retrier struct {
	count int
	wait  clock.Duration
}

// newRetrier begins with retry.initialRetryTime, more or less.
func (c *Consumer) newRetrier(random *clock.Stream) retrier {
	return retrier{wait: c.s.retry.vary(random, c.s.retry.initial)}
}

// again tells how long to wait before the next attempt, or wraps the failure of the
// last one.
func (c *Consumer) again(random *clock.Stream, r *retrier, f *failure) (clock.Duration, *failure) {
	if !f.retriable {
		return 0, f.nonRetriable()
	}
	if r.count >= c.s.retry.retries {
		return 0, &failure{name: nameRetriesExceeded, text: f.text, causeRetriable: f.causeRetriable, retryTime: r.wait}
	}
	wait := r.wait
	r.count++
	r.wait = min(c.s.retry.vary(random, wait)*clock.Duration(c.s.retry.multiplier)/1000, c.s.retry.most)
	return max(wait, clock.Millisecond), nil
}

// vary draws a whole number of milliseconds around d (randomFromRetryTime).
func (r *retrySettings) vary(random *clock.Stream, d clock.Duration) clock.Duration {
	spread := d * clock.Duration(r.factor) / 1000
	if spread > 0 {
		d += clock.Duration(random.Below(uint64(2*spread))) - spread
	}
	return (d + clock.Millisecond - 1) / clock.Millisecond * clock.Millisecond
}
