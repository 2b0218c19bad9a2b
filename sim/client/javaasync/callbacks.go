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
	events := c.events
	c.events = nil
	var thrown *client.Error
	for _, e := range events {
		if e.err != nil {
			if thrown == nil {
				thrown = e.err
			}
			continue
		}
		c.words.Invoke(h, e.kind, e.partitions)
		c.callbackDone(h, now, e.then)
	}
	if len(events) > 0 {
		c.runBackground(h, now)
	}
	if thrown == nil {
		return true
	}
	if thrown.Name == fencedCommit.Name {
		h.Emit(trace.Event{Type: trace.MemberFenced})
	}
	c.endPoll(h, client.PollResult{Err: thrown})
	return false
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
