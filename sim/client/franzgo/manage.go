package franzgo

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// step is where the manage loop stands.
type step uint8

const (
	// idle: the metadata is not known yet, and the loop has not begun.
	idle step = iota
	// locking: it waits for commits in flight before it joins.
	locking
	// joining: JoinGroup is in flight. Commits wait.
	joining
	// syncing: SyncGroup is in flight. Commits wait.
	syncing
	// inSession: assigned, heartbeating, fetching.
	inSession
	// failing: the session or the join has ended with an error, whose callback
	// waits at the gate.
	failing
	// backingOff: it waits before it joins again.
	backingOff
	// ended: the group is left.
	ended
)

// follows says from where each step may be entered.
var follows = [...][]step{
	idle:       {},
	locking:    {idle, inSession, backingOff, joining, syncing},
	joining:    {locking, joining, syncing},
	syncing:    {joining},
	inSession:  {syncing},
	failing:    {joining, syncing, inSession},
	backingOff: {failing},
	ended:      {idle, failing, backingOff},
}

// manage is the manage loop.
type manage struct {
	step   step
	why    string // the latest change, for who reads the state
	joined string // the reason that JoinGroup gives
	errors int64  // in a row
	err    *groupError
	// downgraded tells that the group has left the cooperative protocol.
	downgraded  bool
	cooperative bool
	strategy    string
	rejoinOwed  bool // it has given up partitions and owes the group a rejoin
	leads       bool
	skipped     []kafka.TopicPartition // the plan for itself that a returning leader has not sent
	skips       bool
}

// groupError is what ends a session: an error of the broker, or the leaving.
type groupError struct {
	code    kafka.ErrorCode
	leaving bool
}

// enter is the one door to another step.
func (c *Consumer) enter(to step, why string) {
	if !slices.Contains(follows[to], c.manage.step) {
		panic(fmt.Sprintf("franz-go: step %d cannot follow %d (%s)", to, c.manage.step, why))
	}
	c.manage.step, c.manage.why = to, why
}

// begin starts the manage loop, and the autocommit loop with it.
func (c *Consumer) begin(h client.Host, now clock.Time) {
	c.info(h, "beginning to manage the group lifecycle", "group", c.o.Group)
	if c.s.autoCommit {
		c.info(h, "beginning autocommit loop", "group", c.o.Group)
		c.auto.next = now + c.s.autoCommitInterval
		h.Arm(timerCommit, c.auto.next)
	}
	c.join(h, now, "beginning to manage the group lifecycle")
}

// sessionEnded goes on after a session: a rebalance is joined at once, an error
// costs the assignment.
func (c *Consumer) sessionEnded(h client.Host, now clock.Time, why string, err *groupError) {
	c.stopHeartbeat(h)
	if err == nil || err.code == kafka.ErrRebalanceInProgress {
		c.manage.errors = 0
		if why == "" {
			why = "rejoining from normal rebalance"
		}
		c.join(h, now, why)
		return
	}
	c.failed(h, now, err)
}

// failed is manageFailWait: everything is lost, or given back when the group is
// being left, and after a pause the group is joined anew.
func (c *Consumer) failed(h client.Host, now clock.Time, err *groupError) {
	c.enter(failing, "an error has ended it")
	c.manage.err = err
	c.manage.errors++
	c.pass(h, now, gateFail)
}

// clearAssignment is the rest of manageFailWait, once the gate is open.
func (c *Consumer) clearAssignment(h client.Host, now clock.Time) {
	kind := client.Revoked
	if err := c.manage.err; !err.leaving {
		kind = client.Lost
		if err.code == kafka.ErrFencedInstanceID {
			h.Emit(trace.Event{Type: trace.MemberFenced})
		}
	}
	c.callback(h, now, kind, sorted(c.nowAssigned), gateFail)
}

// assignmentCleared goes on after the callback.
func (c *Consumer) assignmentCleared(h client.Host, now clock.Time) {
	err := c.manage.err
	if !err.leaving {
		text := errorText(err.code)
		c.info(h, "injecting fake fetch with an error", "err", "unable to join group session: "+text, "why", "notification of group management loop error")
		c.fake = &client.Error{Name: "ErrGroupSession", Text: "unable to join group session: " + text}
	}
	c.info(h, "assigning partitions", "why", "clearing assignment at end of group management session", "how", "unassigning everything", "input", "")
	c.unassignAll()
	c.uncommitted = nil
	c.nowAssigned, c.lastAssigned, c.fetching = nil, nil, nil
	if err.leaving {
		c.endManage(h)
		return
	}
	if c.closing {
		c.endManage(h)
		return
	}
	wait := c.backoff(h, c.manage.errors)
	c.logLine(h, "ERROR", "group manage loop errored", "group", c.o.Group, "err", errorText(err.code), "consecutive_errors", fmt.Sprint(c.manage.errors), "backoff", durationText(wait))
	c.info(h, "immediate metadata update triggered", "why", "waitmeta during group manage backoff")
	c.requestMetadata(h)
	c.enter(backingOff, "it waits before it joins again")
	h.Arm(timerBackoff, now+wait)
	c.ready(h)
}

// backedOff joins anew after an error.
func (c *Consumer) backedOff(h client.Host, now clock.Time) {
	c.join(h, now, "rejoining after we previously errored and backed off")
}
