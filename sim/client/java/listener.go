package java

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// listening is a call of the listener that has not returned: the application's
// thread is in the listener's code, inside poll() or close(). The heartbeat thread
// goes on, and the poll deadline runs; in close() that thread has ended already.
type listening struct {
	call call // that goes on when the listener has returned
	then afterListener

	partitions, added, revoked []kafka.TopicPartition // for thenAssign
}

// afterListener is how the call goes on.
type afterListener uint8

const (
	thenJoin   afterListener = iota // onJoinPrepare is over
	thenAssign                      // the rest of onJoinComplete
	thenLeave                       // maybeLeaveGroup, in close()
)

// giveUp has the listener give the whole assignment back, and takes it away. False
// while the listener goes on.
func (c *Consumer) giveUp(h client.Host, kind client.Callback, then afterListener) bool {
	if !c.words.Invoke(h, kind, c.subscriptions.Owned()) {
		c.listening = listening{call: c.call, then: then}
		c.call = callNone
		return false
	}
	c.subscriptions.Unassign()
	return true
}

// CalledBack goes on when the listener has returned.
func (c *Consumer) CalledBack(h client.Host, now clock.Time) {
	l := c.listening
	c.listening, c.call = listening{}, l.call
	switch l.then {
	case thenJoin:
		c.subscriptions.Unassign()
		c.needsPrepare = false
	case thenAssign:
		c.rejoinAfterRevoking(h, l.revoked)
		c.applyAssignment(h, l.partitions, l.added)
	case thenLeave:
		c.subscriptions.Unassign()
	}
	c.drainInbox(h, now)
	if c.call == callPoll {
		c.runPoll(h, now)
		return
	}
	c.resume(h, now)
}
