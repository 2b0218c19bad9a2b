package javaasync

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// event is what the background thread has left for the application
// (BackgroundEvent): a rebalance callback to run, or an error to throw.
type event struct {
	kind       client.Callback
	partitions []kafka.TopicPartition // immutable
	then       afterCallback
	err        *client.Error
}

// afterCallback is how the background thread goes on when a callback has run.
type afterCallback uint8

const (
	revokedForReconciliation afterCallback = iota
	assignedForReconciliation
	staleReleased
	fencedReleased
	fatalReleased
)

// queue leaves a callback to the application's next poll. A loss or a revocation
// of nothing is no call; an assignment of nothing is one.
func (c *Consumer) queue(h client.Host, now clock.Time, e event) {
	if len(e.partitions) == 0 && e.kind != client.Assigned {
		c.callbackDone(h, now, e.then)
		return
	}
	c.events = append(c.events, e)
}

// runEvents is processBackgroundEvents, in the application's thread: what is there
// now is run; what follows from it comes with the next turn of the poll. False when
// an error was thrown.
func (c *Consumer) runEvents(h client.Host, now clock.Time) bool {
	r := running{left: c.events, any: len(c.events) > 0}
	c.events = nil
	return c.goOn(h, now, r)
}

// running is the events that runEvents has taken, on their way. While the listener
// goes on the application's thread is in its code; the background thread is not held
// up, and the poll deadline runs.
type running struct {
	left   []event // those not run yet
	then   afterCallback
	thrown *client.Error
	any    bool
	call   call // that goes on when the listener has returned
}

// goOn runs the events that are left, and what follows them. False when an error was
// thrown, or while the listener goes on.
func (c *Consumer) goOn(h client.Host, now clock.Time, r running) bool {
	for len(r.left) > 0 {
		e := r.left[0]
		r.left = r.left[1:]
		if e.err != nil {
			if r.thrown == nil {
				r.thrown = e.err
			}
			continue
		}
		if !c.words.Invoke(h, e.kind, e.partitions) {
			r.then = e.then
			c.listen(r)
			return false
		}
		c.callbackDone(h, now, e.then)
	}
	if r.any {
		c.runBackground(h, now)
	}
	thrown := r.thrown
	if thrown == nil {
		return true
	}
	if thrown.Name == fencedCommit.Name {
		h.Emit(trace.Event{Type: trace.MemberFenced})
	}
	c.endPoll(h, client.PollResult{Err: thrown})
	return false
}

// listen lets the listener go on.
func (c *Consumer) listen(r running) {
	r.call, c.call = c.call, callNone
	c.running = r
}

// CalledBack goes on when the listener has returned.
func (c *Consumer) CalledBack(h client.Host, now clock.Time) {
	r := c.running
	c.running, c.call = running{}, r.call
	if c.call == callClose {
		c.leaveGroup(h, now)
		c.resume(h, now)
		return
	}
	c.callbackDone(h, now, r.then)
	if c.goOn(h, now, r) {
		c.validatePositions(h, now)
		c.seek(h, now)
	}
}

// callbackDone is ConsumerRebalanceListenerCallbackCompletedEvent.
func (c *Consumer) callbackDone(h client.Host, now clock.Time, then afterCallback) {
	switch then {
	case revokedForReconciliation:
		c.assignReconciled(h, now)
	case assignedForReconciliation:
		c.subscriptions.EnableAll()
		c.completeReconciliation(h, now)
	case staleReleased:
		c.clearAssignment()
		c.released = true
		if c.state == stale && c.wantsRejoin {
			c.join(h)
		}
	case fencedReleased:
		c.clearAssignment()
		if c.state == fenced {
			c.join(h)
		}
	case fatalReleased:
		c.clearAssignment()
	}
}
