package sarama

import (
	"fmt"
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// step is where the goroutine of Consume stands.
type step uint8

const (
	// returned: no Consume runs. Left by the application's next call.
	returned step = iota
	// refreshing: the metadata of the topics is asked for.
	refreshing
	// finding: the coordinator is asked for.
	finding
	// joining: JoinGroup is in flight, for as long as the rebalance takes.
	joining
	// balancing: as the leader, with the metadata asked for once more.
	balancing
	// syncing: SyncGroup is in flight.
	syncing
	// backingOff: a refused join is tried again after a pause.
	backingOff
	// managing: the committed offsets are asked for, claim by claim; heartbeats go.
	managing
	// consuming: Setup has run, the handlers do their work.
	consuming
	// releasing: the session is over; its handlers are waited for.
	releasing
	// flushing: Cleanup has run, the marks are committed.
	flushing
	// stopping: the heartbeat loop is waited for.
	stopping
)

// follows says from where each step may be entered.
var follows = [...][]step{
	returned:   {refreshing, finding, joining, balancing, syncing, backingOff, managing, stopping},
	refreshing: {returned},
	finding:    {refreshing, backingOff},
	joining:    {refreshing, finding, joining, syncing, backingOff},
	balancing:  {joining},
	syncing:    {joining, balancing},
	backingOff: {joining, syncing},
	managing:   {syncing},
	consuming:  {managing},
	releasing:  {consuming},
	flushing:   {releasing},
	stopping:   {flushing},
}

// consume is the running call of Consume.
type consume struct {
	step    step
	why     string                   // the latest change, for who reads the state
	retries int64                    // of the join that are left
	join    *kafka.JoinGroupResponse // as the leader, until its plan is made
}

// enter is the one door to another step.
func (c *Consumer) enter(to step, why string) {
	if !slices.Contains(follows[to], c.consume.step) {
		panic(fmt.Sprintf("sarama: step %d cannot follow %d (%s)", to, c.consume.step, why))
	}
	c.consume.step, c.consume.why = to, why
}

// beginConsume is the first half of Consume: the topics' metadata is refreshed.
func (c *Consumer) beginConsume(h client.Host) {
	c.enter(refreshing, "Consume is called")
	c.consume.retries = c.s.retryMax
	c.refresh(h, byConsume)
}

// refresh asks for the metadata of the topics.
func (c *Consumer) refresh(h client.Host, why purpose) {
	c.send(h, request{broker: c.anyBroker(), purpose: why, body: &kafka.MetadataRequest{Topics: c.o.Topics}})
}

// anyBroker is the broker that is asked what all of them know: the first one, until
// it does not answer.
func (c *Consumer) anyBroker() int32 { return c.seed%int32(max(len(c.o.Nodes), 1)) + 1 }

// metadataArrived takes a metadata answer and goes on with what asked for it.
func (c *Consumer) metadataArrived(h client.Host, now clock.Time, q request, r *kafka.MetadataResponse) {
	c.topics, c.unanswered = nil, 0
	for _, t := range r.Topics {
		if t.Err == kafka.ErrNone {
			c.topics = append(c.topics, t)
		}
	}
	switch {
	case q.purpose == byDispatch:
		c.redispatch(h, now)
	case q.purpose == byBalance && c.consume.step == balancing:
		c.plan(h, now)
	case q.purpose == byConsume && c.consume.step == refreshing:
		c.joinSync(h, now)
	}
}

// joinSync is one round of join and sync, once the coordinator is known.
func (c *Consumer) joinSync(h client.Host, now clock.Time) {
	if c.closing {
		c.enter(returned, "the context is cancelled")
		c.leave(h)
		return
	}
	if c.coordinator == 0 {
		c.enter(finding, "the coordinator is not known")
		c.findCoordinator(h, byConsume)
		return
	}
	c.sendJoin(h, now)
}

// findCoordinator asks for the group's coordinator.
func (c *Consumer) findCoordinator(h client.Host, why purpose) {
	c.send(h, request{broker: c.anyBroker(), purpose: why, body: &kafka.FindCoordinatorRequest{Group: c.o.Group}})
}

// coordinatorFound takes the coordinator's name and goes on with what asked.
func (c *Consumer) coordinatorFound(h client.Host, now clock.Time, q request, r *kafka.FindCoordinatorResponse) {
	if r.Err != kafka.ErrNone {
		c.coordinatorUnknown(h, now, q, r.Err)
		return
	}
	c.coordinator, c.unanswered = r.Broker, 0
	switch {
	case q.purpose == byOffsets:
		c.offsetsCoordinator(h, now)
	case c.consume.step == finding:
		c.joinSync(h, now)
	}
}

// coordinatorUnknown is FindCoordinator without success: the join is tried again.
func (c *Consumer) coordinatorUnknown(h client.Host, now clock.Time, q request, err kafka.ErrorCode) {
	if q.purpose == byOffsets {
		c.offsetsCoordinatorFailed(h, now)
		return
	}
	if c.consume.step != finding {
		return // the answer to a question of a Consume that has returned
	}
	c.unanswered++ // it is asked again after a pause, a few times
	if c.unanswered > c.s.metadataRetries {
		c.unanswered = 0
		c.fail(h, errorOf(err))
		return
	}
	h.Arm(timerRetry, now+c.s.metadataBackoff)
}

// coordinatorGone is a lost connection under JoinGroup or SyncGroup: Consume returns
// the error.
func (c *Consumer) coordinatorGone(h client.Host) {
	c.coordinator = 0
	c.fail(h, endOfFile)
}

// brokerGone is a broker that did not answer what all of them know: the others are
// asked, and all of them once more after a pause, a few times.
func (c *Consumer) brokerGone(h client.Host, now clock.Time, q request) {
	c.seed++
	c.unanswered++
	all := int64(max(len(c.o.Nodes), 1))
	waits := q.purpose == byConsume || q.purpose == byBalance
	switch {
	case q.purpose == byOffsets:
		c.offsetsCoordinatorFailed(h, now)
	case q.purpose == byDispatch:
		c.redispatch(h, now)
	case !waits:
	case c.unanswered >= all*(1+c.s.metadataRetries):
		c.unanswered = 0
		c.fail(h, outOfBrokers)
	case c.unanswered%all == 0:
		h.Arm(timerRetry, now+c.s.metadataBackoff)
	default:
		c.askAgain(h)
	}
}

// askAgain asks again what is waited for.
func (c *Consumer) askAgain(h client.Host) {
	switch c.consume.step {
	case backingOff:
		c.retryJoin(h)
	case refreshing:
		c.refresh(h, byConsume)
	case balancing:
		c.refresh(h, byBalance)
	case finding:
		c.findCoordinator(h, byConsume)
	default: // the offset manager looks for its coordinator
		c.findCoordinator(h, byOffsets)
	}
}

// fail ends Consume with an error that it returns. Nobody waits any more for what
// it has asked.
func (c *Consumer) fail(h client.Host, err *client.Error) {
	h.Cancel(timerRead)
	h.Cancel(timerRetry)
	c.inflight = slices.DeleteFunc(c.inflight, func(q request) bool { return q.purpose <= byOffsets })
	c.enter(returned, err.Name)
	if c.closing {
		c.leave(h)
		return
	}
	if err.Name == fenced.Name {
		h.Emit(trace.Event{Type: trace.MemberFenced})
	}
	h.Emit(trace.Event{Type: trace.PollFailed, Error: err.Name, Text: err.Text})
	h.Polled(client.PollResult{Err: err})
}

// readTimedOut is Net.ReadTimeout on the coordinator's connection: a JoinGroup, or a
// SyncGroup whose leader is slow, that takes longer ends Consume, and the connection is
// closed.
func (c *Consumer) readTimedOut(h client.Host) {
	i := slices.IndexFunc(c.inflight, func(q request) bool {
		switch q.body.(type) {
		case *kafka.JoinGroupRequest, *kafka.SyncGroupRequest:
			return true
		}
		return false
	})
	broker := c.inflight[i].broker
	var commits []client.Caller // of workers, for a session that is over
	c.inflight = slices.DeleteFunc(c.inflight, func(q request) bool {
		if q.broker == broker && q.purpose == byProgram {
			commits = append(commits, q.by)
		}
		return q.broker == broker
	})
	host(h).Disconnect(broker)
	c.fail(h, c.timeout(broker))
	for _, by := range commits {
		host(h).MarkCommitted(by)
	}
}

// leave is the end of Close: LeaveGroup, unless the member is static or has no
// id, or nobody calls Close.
func (c *Consumer) leave(h client.Host) {
	for t := range client.TimerID(client.MaxTimers) {
		h.Cancel(t)
	}
	if c.stays || c.member == "" || c.s.instance != "" || c.coordinator == 0 {
		h.Closed()
		return
	}
	member := kafka.LeavingMember{MemberID: c.member}
	if c.s.reasons() {
		member.Reason = "the consumer is being closed"
	}
	c.send(h, request{broker: c.coordinator, body: &kafka.LeaveGroupRequest{Group: c.o.Group, Members: []kafka.LeavingMember{member}}})
}
