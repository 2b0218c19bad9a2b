package app

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// workerState is what a worker's loop is doing.
type workerState uint8

const (
	workerAsleep   workerState = iota // after an empty receive or an error
	workerReceives                    // ReceiveMessage is out
	workerWorks                       // on the first message in its hand
	workerDeletes                     // DeleteMessage is out, or ChangeMessageVisibility to give one back
	workerDead                        // an error has ended the loop, and nobody noticed
)

// queueWorker is an SQS polling loop: receive, process each message in turn and
// delete it when it is done. It knows of no group: what tells it from other workers
// is the messages that it has received.
type queueWorker struct {
	app   *scenario.App
	state workerState
	hand  []Message // received and not done with; the first is at work

	fate     fate // of the one at work
	slowed   bool // a `slow` action has hit it
	slow     []clock.Duration
	stopping bool
	drained  clock.Time // when draining must be over
	extend   clock.Time // when the messages in hand are extended next
}

// Start begins the loop.
func (q *queueWorker) Start(h Host, now clock.Time) {
	q.extend = clock.Never
	q.next(h, now)
}

// next goes on with the messages in hand, else receives.
func (q *queueWorker) next(h Host, now clock.Time) {
	switch {
	case q.stopping && (!q.app.Shutdown.Given || now >= q.drained || len(q.hand) == 0):
		q.exit(h)
	case len(q.hand) > 0:
		q.work(h, now)
	default:
		q.state = workerReceives
		h.Receive(q.app.ReceiveMax, q.app.WaitTime)
	}
}

// exit ends the process. What it has in its hand stays in flight until its
// visibility timeout is over.
func (q *queueWorker) exit(h Host) {
	h.GaveUp(int64(len(q.hand)))
	q.hand = nil
	h.Cancel()
	h.ArmWorkers(clock.Never)
	h.Exit()
}

// Received takes what a receive has returned.
func (q *queueWorker) Received(h Host, now clock.Time, messages []Message, err *client.Error) {
	q.hand = append(q.hand, messages...)
	switch {
	case err != nil:
		q.failed(h, now, "ReceiveMessage", err)
	case len(messages) > 0:
		if q.app.ExtendEvery > 0 {
			q.extend = now + q.app.ExtendEvery
			q.watch(h, now)
		}
		q.next(h, now)
	case q.stopping:
		q.exit(h)
	default:
		q.sleep(h, now, q.app.IdleBackoff)
	}
}

func (q *queueWorker) sleep(h Host, now clock.Time, d clock.Duration) {
	q.state = workerAsleep
	h.Arm(now + d)
}

// failed is the loop's `except Exception`: it logs what boto3 has raised and goes on
// after a while. A loop without one ends, and asyncio.gather(return_exceptions=True)
// keeps that to itself; what the loop had stays in flight.
func (q *queueWorker) failed(h Host, now clock.Time, operation string, err *client.Error) {
	if q.app.ErrorBackoff == clock.Never {
		q.state = workerDead
		h.GaveUp(int64(len(q.hand)))
		q.hand = nil
		h.ArmWorkers(clock.Never)
		return
	}
	logError(h, "SQS polling error: ", operation, err)
	q.sleep(h, now, q.app.ErrorBackoff)
}

// logError prints an error as botocore words it (ClientError).
func logError(h Host, what, operation string, err *client.Error) {
	h.Log("ERROR", what+"An error occurred ("+err.Name+") when calling the "+operation+" operation: "+err.Text)
}

// work begins the first message in hand.
func (q *queueWorker) work(h Host, now clock.Time) {
	q.state = workerWorks
	_, d, f := handling(q.app, q.hand[0].Range, 1)
	q.fate, q.slowed = f, len(q.slow) > 0
	if q.slowed {
		h.Emit(trace.Event{Type: trace.WorkStarted, What: "slow", Records: 1})
		h.Arm(now + q.slow[0])
		q.slow = slices.Delete(q.slow, 0, 1)
		return
	}
	h.Arm(now + h.Draw(d))
}

// Timer ends a sleep, or the work on a message.
func (q *queueWorker) Timer(h Host, now clock.Time) {
	if q.state == workerAsleep {
		q.next(h, now)
		return
	}
	if q.slowed {
		h.Emit(trace.Event{Type: trace.WorkFinished, What: "slow", Records: 1})
	}
	m := q.hand[0]
	q.hand = slices.Delete(q.hand, 0, 1)
	q.watch(h, now)
	if q.fate != processed && !q.reject(h, m) {
		return
	}
	if q.fate == processed {
		h.Completed(m.Range)
	}
	q.state = workerDeletes
	h.Delete(m)
}

// reject does what is to be done with a message that cannot be processed, and tells
// whether it is to be deleted.
func (q *queueWorker) reject(h Host, m Message) bool {
	p := &q.app.Poison
	switch {
	case p.Action == scenario.PoisonSkip:
		h.GaveUp(1)
	case p.Action == scenario.PoisonCrash:
		h.Crash("poison", p.Restart)
		return false
	case p.Action == scenario.PoisonRetry && (p.Attempts == 0 || m.Receives < p.Attempts):
		h.GaveUp(1)
		q.state = workerDeletes
		h.GiveBack(m, p.Backoff)
		return false
	default:
		h.Emit(trace.Event{Type: trace.AppError, What: "to " + m.Topic + ".errors", Records: 1})
		h.Completed(m.Range)
	}
	return true
}

// Deleted goes on after a message is deleted, or could not be.
func (q *queueWorker) Deleted(h Host, now clock.Time, err *client.Error) {
	if err != nil {
		q.failed(h, now, "DeleteMessage", err)
		return
	}
	q.next(h, now)
}

// GivenBack goes on after a message was given back, or could not be.
func (q *queueWorker) GivenBack(h Host, now clock.Time, err *client.Error) {
	if err != nil {
		q.failed(h, now, "ChangeMessageVisibility", err)
		return
	}
	q.next(h, now)
}

// watch sets the timer beside the loop: the next extension, or the end of draining.
func (q *queueWorker) watch(h Host, now clock.Time) {
	if len(q.hand) == 0 {
		q.extend = clock.Never
	}
	at := q.extend
	if q.stopping {
		at = min(at, q.drained)
	}
	h.ArmWorkers(max(now, at))
}

// Workers extends the visibility of what is in hand, or ends a drain that has taken
// too long.
func (q *queueWorker) Workers(h Host, now clock.Time) {
	if q.stopping && now >= q.drained {
		if q.state == workerWorks {
			q.exit(h)
		}
		return
	}
	if now >= q.extend && q.state != workerDead {
		h.Extend(q.hand, q.app.Visibility)
		q.extend = now + q.app.ExtendEvery
	}
	q.watch(h, now)
}

// Extended notes that an extension has failed.
func (q *queueWorker) Extended(h Host, _ clock.Time, err *client.Error) {
	if err != nil {
		logError(h, "SQS visibility error: ", "ChangeMessageVisibilityBatch", err)
	}
}

// Stop asks the loop to end: a request that is out ends first; work goes on only if
// there is a `shutdown` that drains.
func (q *queueWorker) Stop(h Host, now clock.Time) {
	q.stopping, q.drained = true, now
	if q.app.Shutdown.Given {
		q.drained += q.app.Shutdown.Drain
		q.watch(h, now)
	}
	drains := q.app.Shutdown.Given && len(q.hand) > 0
	if q.state == workerDead || (q.state == workerAsleep || q.state == workerWorks) && !drains {
		q.exit(h)
	}
}

// Slow makes the next message that begins take d.
func (q *queueWorker) Slow(_ Host, _ clock.Time, d clock.Duration) { q.slow = append(q.slow, d) }

// Held appends the messages in hand.
func (q *queueWorker) Held(to []client.Range) []client.Range {
	for _, m := range q.hand {
		to = append(to, m.Range)
	}
	return to
}

// Buffered is what has been received and is not done with.
func (q *queueWorker) Buffered() (records, bytes int64) { return sizeOf(q.Held(nil)) }

// Queued is what waits for the worker: that is in the queue, not here.
func (q *queueWorker) Queued() (records, bytes int64) { return 0, 0 }

// Channels is nothing: the loop polls.
func (q *queueWorker) Channels(clock.Time) (records, bytes int64) { return 0, 0 }

// Clone is a deep copy.
func (q *queueWorker) Clone() App {
	c := *q
	c.hand, c.slow = slices.Clone(q.hand), slices.Clone(q.slow)
	return &c
}

// What follows is for applications with a consumer.

// Polled ends nothing.
func (q *queueWorker) Polled(Host, clock.Time, client.PollResult) {}

// Committed ends nothing.
func (q *queueWorker) Committed(Host, clock.Time, *client.Error) {}

// Closed ends nothing.
func (q *queueWorker) Closed(Host, clock.Time) {}

// Callback is never called: there are no partitions.
func (q *queueWorker) Callback(Host, clock.Time, client.Callback, []kafka.TopicPartition) bool {
	return true
}

// Cut has nothing to cut: the work on each message has a timer of its own.
func (q *queueWorker) Cut(Host, clock.Time) {}

// Taken is for a consumer.
func (q *queueWorker) Taken(clock.Time) (int64, clock.Time) { return 0, 0 }

// Settle has nothing to report: each message is when it is done.
func (q *queueWorker) Settle(Host, clock.Time) {}

// LongestGap is none beyond what the engine sees.
func (q *queueWorker) LongestGap() clock.Duration { return 0 }
