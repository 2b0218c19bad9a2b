package kafkapython

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// listening is a call of the listener that has not returned: the application's
// thread is in the listener's code, inside poll() or close(), while the IO thread
// heartbeats, and the poll deadline runs.
type listening struct {
	app  application // the call that goes on when the listener has returned
	then afterListener

	added, revoked []kafka.TopicPartition // for thenTellAdded
}

// afterListener is how the call goes on.
type afterListener uint8

const (
	thenJoin                  afterListener = iota // _on_join_prepare_async is over
	thenJoinWithoutAssignment                      // and nothing is assigned any more
	thenTellAdded                                  // the rest of _on_join_complete_async
	thenLeave                                      // the rest of close()
)

// callback runs the listener; false while it goes on.
func (c *Consumer) callback(h client.Host, kind client.Callback, partitions []kafka.TopicPartition, l listening) bool {
	if h.Callback(kind, partitions) {
		return true
	}
	l.app, c.app = c.app, application{}
	c.listening = l
	h.Cancel(timerApp)
	return false
}

// CalledBack goes on when the listener has returned.
func (c *Consumer) CalledBack(h client.Host, now clock.Time) {
	l := c.listening
	c.listening, c.app = listening{}, l.app
	switch l.then {
	case thenJoin:
		c.rejoining = true
	case thenJoinWithoutAssignment:
		c.parts, c.assigned, c.rejoining = nil, nil, true
	case thenTellAdded:
		c.completeMove(h, l.added, l.revoked)
	case thenLeave:
		c.parts = nil
	}
	if c.app.call == callPoll {
		c.runPoll(h, now)
		return
	}
	c.resume(h, now)
}
