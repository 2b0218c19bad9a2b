package aiokafka

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// coordinate runs the coordination task until it waits.
func (c *Consumer) coordinate(h client.Host, now clock.Time) {
	for c.metadata.version > 0 && c.turn(h, now) {
	}
}

// turn is one step of the coordination task; false when it waits.
func (c *Consumer) turn(h client.Host, now clock.Time) bool {
	t := &c.task
	switch t.step {
	case stepTop:
		return c.turnTop(h, now)
	case stepPrepare:
		return c.turnPrepare(h, now)
	case stepJoin:
		return c.join.done && c.turnJoined(h, now)
	case stepSleep:
		if now < t.until {
			return false
		}
		t.enter(stepTop)
	case stepCommit:
		return c.turnCommit(h, now)
	case stepWait:
		if !c.closing && !c.rejoinNeeded && !t.dead && now < t.until {
			return false
		}
		t.enter(stepTop)
	case stepError:
		if !c.closing && c.raised != nil {
			return false
		}
		t.enter(stepTop)
	case stepFinal:
		return c.turnFinal(h, now)
	case stepIdle:
		return c.turnIdle(now)
	case stepListen, stepLeave, stepDone:
		return false
	}
	return true
}

// turnTop is the head of the loop: stop() ends it, without a coordinator nothing
// goes on, and a member that need not join looks after auto-commit.
func (c *Consumer) turnTop(h client.Host, now clock.Time) bool {
	t := &c.task
	t.dead = false
	switch {
	case c.closing:
		t.enter(stepFinal)
	case c.coordinator == 0:
		c.lookup(h, now)
		return false
	case c.rejoinNeeded || !c.hasAssignment:
		t.enter(stepPrepare)
	default:
		t.enter(stepCommit)
	}
	return true
}

// turnPrepare is ensure_active_group up to the join. Without activity on the
// consumer it does not join, however often the loop comes round.
func (c *Consumer) turnPrepare(h client.Host, now clock.Time) bool {
	if !c.prepared {
		c.reassigning, c.led = true, nil
		if c.hasAssignment && c.s.autoCommit {
			if !c.lastAutoCommit(h, now) {
				return false
			}
			if err := c.endCommit(byTask); err != nil {
				c.logf(h, "ERROR", "OffsetCommit failed before join, ignoring: %s", err.Text)
			}
		}
		c.prepared = true
		if !c.revoke(h) {
			c.task.enter(stepListen)
			return false
		}
	}
	c.stopHeartbeat(h)
	if c.hasAssignment && c.idle(now) >= c.s.maxPoll {
		c.task.until = now
		c.task.enter(stepIdle)
		return true
	}
	c.task.enter(stepJoin)
	c.beginJoin(h)
	return false
}

// CalledBack goes on when the listener has returned, which the coordination task has
// awaited while everything else went on, the heartbeat task too.
func (c *Consumer) CalledBack(h client.Host, now clock.Time) {
	c.task.enter(stepPrepare)
	c.settle(h, now)
}

// revoke calls the listener before a join; false while it goes on.
func (c *Consumer) revoke(h client.Host) bool {
	owned := c.owned()
	text := "set()" // what stands for no assignment; an empty one is a frozenset
	if c.hasAssignment {
		text = frozenset(owned)
	}
	c.logf(h, "INFO", "Revoking previously assigned partitions %s for group %s", text, c.o.Group)
	return h.Callback(client.Revoked, owned)
}

// turnJoined takes the result of a join.
func (c *Consumer) turnJoined(h client.Host, now clock.Time) bool {
	j := c.join
	c.join = joinTask{}
	switch {
	case j.err != nil:
		c.push(j.err)
	case !j.succeeded:
		c.sleep(now + c.s.retryBackoff)
	default:
		c.completeJoin(h, now, j.protocol, j.assignment)
		c.prepared = false
		c.startHeartbeat(h, now)
		c.task.enter(stepCommit)
	}
	return true
}

// sleep backs off.
func (c *Consumer) sleep(until clock.Time) {
	c.task.until = until
	c.task.enter(stepSleep)
}

// turnIdle is the time without activity: the loop comes round each retry_backoff_ms
// and does not join. The rounds without effect are left out.
func (c *Consumer) turnIdle(now clock.Time) bool {
	if !c.closing && c.idle(now) >= c.s.maxPoll {
		return false
	}
	rounds := max(1, (now-c.task.until+c.s.retryBackoff-1)/c.s.retryBackoff)
	c.sleep(c.task.until + rounds*c.s.retryBackoff)
	return true
}

// push is _push_error_to_user: the next getmany() raises, or start() if that runs.
func (c *Consumer) push(err *client.Error) {
	c.raised = err
	c.task.enter(stepError)
}

// turnCommit is _maybe_do_autocommit, then the wait for whatever comes. What is
// committed is what getmany() has handed out, worked on or not.
func (c *Consumer) turnCommit(h client.Host, now clock.Time) bool {
	k := &c.commits[byTask]
	switch {
	case k.running && !c.moveCommit(h, now, byTask):
		return false
	case k.running:
		if err := c.endCommit(byTask); err != nil {
			c.logf(h, "WARNING", "Auto offset commit failed: %s", err.Text)
			c.auto = now + c.s.retryBackoff
		} else {
			c.auto = k.begun + c.s.autoCommitInterval
		}
	case c.s.autoCommit && now >= c.auto:
		*k = commitTask{running: true, offsets: c.consumed(), begun: now}
		return true
	}
	c.task.until = clock.Never
	if c.s.autoCommit {
		c.task.until = c.auto
	}
	c.task.enter(stepWait)
	return true
}

// lastAutoCommit is _maybe_do_last_autocommit: true when it has ended.
func (c *Consumer) lastAutoCommit(h client.Host, now clock.Time) bool {
	k := &c.commits[byTask]
	if !k.running {
		*k = commitTask{running: true, again: true, offsets: c.consumed(), begun: now}
	}
	return c.moveCommit(h, now, byTask)
}

// lookup is ensure_coordinator_known: FindCoordinator, unless one is on its way or
// it is too early to ask again.
func (c *Consumer) lookup(h client.Host, now clock.Time) {
	if !c.pending(apiFindCoordinator) && now >= c.lookupAt {
		broker, ok := c.reach.Pick(len(c.o.Nodes), now)
		if !ok {
			c.lookupAt = c.reach.NextTry()
			return
		}
		c.send(h, broker, apiFindCoordinator, &kafka.FindCoordinatorRequest{Group: c.o.Group})
	}
}

// armCoordination sets when the coordination task, and the search for the
// coordinator, have something to do.
func (c *Consumer) armCoordination(h client.Host, now clock.Time) {
	at := clock.Never
	if c.task.step == stepSleep || c.task.step == stepWait {
		at = c.task.until
	}
	if c.coordinator == 0 && c.lookupAt > now {
		at = min(at, c.lookupAt)
	}
	if k := &c.commits[byTask]; k.running && k.retryAt > now {
		at = min(at, k.retryAt)
	}
	if at == clock.Never || c.task.step == stepDone {
		h.Cancel(timerCoordination)
		return
	}
	h.Arm(timerCoordination, max(at, now))
}

// coordinatorFound ends the search, and all that have waited for it go on.
func (c *Consumer) coordinatorFound(h client.Host, now clock.Time, r *kafka.FindCoordinatorResponse) {
	if r.Err != kafka.ErrNone {
		c.logf(h, "ERROR", "Group Coordinator Request failed: %s", brokerError(r.Err, ""))
		c.requestMetadata(h, now)
		c.lookupAt = now + c.s.retryBackoff
		return
	}
	c.coordinator = r.Broker
	c.logf(h, "INFO", "Discovered coordinator %d for group %s", c.coordinator, c.o.Group)
	if c.beat.awaitsCoordinator {
		c.sendHeartbeat(h, now)
	}
}

// coordinatorDead forgets the coordinator; that wakes the coordination task.
func (c *Consumer) coordinatorDead(h client.Host) {
	if c.coordinator == 0 {
		return
	}
	c.logf(h, "WARNING", "Marking the coordinator dead (node %d)for group %s.", c.coordinator, c.o.Group)
	c.coordinator, c.task.dead = 0, true
}

// disconnected fails a request whose connection has broken; that brings a refresh of
// the metadata (AIOKafkaClient._on_connection_closed).
func (c *Consumer) disconnected(h client.Host, now clock.Time, q request) {
	c.reach.Lost(q.broker, now, c.s.retryBackoff, c.s.retryBackoff)
	err := connectionError(c.o.Nodes[q.broker-1])
	if request := requestNames[q.api]; request != "" {
		c.logf(h, "ERROR", "Error sending %s to node %d [%s] -- marking coordinator dead", request, q.broker, err)
		c.coordinatorDead(h)
	}
	switch q.api {
	case apiFindCoordinator:
		c.logf(h, "ERROR", "Group Coordinator Request failed: %s", err)
		c.lookupAt = now + c.s.retryBackoff
	case apiJoin, apiSync:
		c.rejoinNeeded = true
		c.join.done = true
	case apiHeartbeat:
		c.logf(h, "ERROR", "Heartbeat send request failed: %s. Will retry.", err)
		c.heartbeatEnded(h, now, false)
	case apiLeave:
		c.logf(h, "ERROR", "LeaveGroup request failed: %s", err)
		c.leaveEnded(h, now)
	case apiCommit:
		c.commitEnded(q.by, &client.Error{Text: err}, true)
	case apiOffsetFetch:
		c.refreshFailed(h, now)
	case apiListOffsets:
		c.logf(h, "ERROR", "Failed fetch offsets from %d: %s", q.broker, err)
		c.nodeSleeps(now, q.broker)
	case apiFetch:
		c.logf(h, "ERROR", "Failed fetch messages from %d: %s", q.broker, err)
		c.nodeSleeps(now, q.broker)
	}
	c.requestMetadata(h, now)
}
