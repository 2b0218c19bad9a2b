package javaasync

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// heartbeat is AbstractHeartbeatRequestManager: when the next heartbeat is due,
// which fields the broker knows already, and the poll deadline.
type heartbeat struct {
	interval clock.Duration // as the broker says; 0 before its first answer
	due      clock.Time     // an interval after the latest one was sent
	retryAt  clock.Time     // the backoff after a failure
	inflight kafka.RequestID
	// pollDeadline is the start of the latest poll iteration + max.poll.interval.ms.
	pollDeadline clock.Time

	// What the broker has been told since the latest full heartbeat.
	toldAll   bool
	toldOwned assignment
}

// beatLate is by how much a heartbeat is late, on average, and the next one counts
// from it: the background thread sleeps for whole milliseconds of a clock that shows
// whole milliseconds. So the heartbeats of a member do not keep step with records
// that come as regularly.
const beatLate = 500 * clock.Microsecond

// pollHeartbeat is AbstractHeartbeatRequestManager.poll: the poll deadline first,
// then a heartbeat if one is due or the state does not wait.
func (c *Consumer) pollHeartbeat(h client.Host, now clock.Time) {
	b := &c.heartbeat
	if c.coordinator.Broker == 0 || c.state.skipsHeartbeats() {
		c.heartbeatSkipped(h)
		return
	}
	if now >= b.pollDeadline && !c.state.isLeaving() {
		h.BlameApp()
		h.Emit(trace.Event{Type: trace.PollExceeded, Text: words.PollTimeout})
		c.words.Log(h, "WARN", words.PollTimeout)
		c.startLeaving(h, true)
		c.sendHeartbeat(h, now, true)
		c.resetHeartbeat()
		return
	}
	if !c.reachable(now) {
		return
	}
	canSend := now >= b.due && now >= b.retryAt && b.inflight == 0
	if canSend || c.state == leaving || c.state.heartbeatsNow() && b.inflight == 0 {
		c.sendHeartbeat(h, now, false)
	}
}

// sendHeartbeat sends ConsumerGroupHeartbeat. The answer of one that is ignored
// changes nothing: the member may have joined again before it comes.
func (c *Consumer) sendHeartbeat(h client.Host, now clock.Time, ignored bool) {
	b := &c.heartbeat
	q := c.send(h, c.coordinator.Broker, apiHeartbeat, c.heartbeatRequest())
	q.ignored = ignored
	b.inflight = q.id
	b.due = now + b.interval + beatLate
	c.heartbeatGenerated(h, now)
}

// heartbeatRequest says everything when joining, and else what has changed
// (HeartbeatState.buildRequestData).
func (c *Consumer) heartbeatRequest() *kafka.ConsumerGroupHeartbeatRequest {
	b := &c.heartbeat
	r := &kafka.ConsumerGroupHeartbeatRequest{
		Group: c.o.Group, ClientID: c.o.ClientID, MemberID: c.memberID, MemberEpoch: c.epoch, InstanceID: c.s.instance, RebalanceTimeout: -1,
	}
	all := c.state == joining || !b.toldAll
	if all {
		r.RebalanceTimeout, r.Topics, r.Assignor = c.s.maxPoll, slices.Sorted(slices.Values(c.o.Topics)), c.s.assignor
		b.toldAll = true
	}
	if all || !b.toldOwned.equal(c.current) {
		r.Owned = append([]kafka.TopicPartition{}, c.current.partitions...)
		b.toldOwned = c.current
	}
	return r
}

// resetHeartbeat forgets backoff, the request in flight, and what the broker has
// been told.
func (c *Consumer) resetHeartbeat() {
	b := &c.heartbeat
	b.inflight, b.retryAt = 0, 0
	b.toldAll, b.toldOwned = false, noAssignment()
}

// stampPoll is resetPollTimer: the application has polled. One that comes late
// hears by how much; if the member has left because of it, it joins again.
func (c *Consumer) stampPoll(h client.Host, now clock.Time) {
	if late := now - c.heartbeat.pollDeadline; late >= 0 {
		c.words.PollLate(h, late, c.memberID)
		c.rejoinStale(h)
	}
	c.heartbeat.pollDeadline = now + c.s.maxPoll
}

// heartbeatAnswered takes a heartbeat's answer.
func (c *Consumer) heartbeatAnswered(h client.Host, now clock.Time, q request, r *kafka.ConsumerGroupHeartbeatResponse) {
	b := &c.heartbeat
	if q.ignored {
		if r.Err != kafka.ErrNone {
			c.words.Log(h, "ERROR", heartbeatName+" failed because of "+r.Err.String()+": "+r.Message)
		}
		return
	}
	if b.inflight == q.id {
		b.inflight = 0
	}
	if r.Err != kafka.ErrNone {
		c.heartbeatRefused(h, now, r)
		return
	}
	b.retryAt = 0
	if b.interval != r.HeartbeatInterval {
		b.interval, b.due = r.HeartbeatInterval, now+r.HeartbeatInterval
	}
	c.heartbeatAccepted(h, r)
}

// heartbeatFailed is a heartbeat whose connection broke.
func (c *Consumer) heartbeatFailed(h client.Host, now clock.Time, q request) {
	if q.ignored || c.heartbeat.inflight != q.id {
		return
	}
	c.resetHeartbeat()
	c.heartbeat.due, c.heartbeat.retryAt = now, now+c.s.retryBackoff
	c.words.HeartbeatRetries(h, heartbeatName, c.s.retryBackoff)
	c.coordinator.Lost(h, now, c.words, "null")
	if c.state == unsubscribed {
		c.leaveDone = true // nobody will hear of it again
	}
}

// heartbeatRefused is onErrorResponse.
func (c *Consumer) heartbeatRefused(h client.Host, now clock.Time, r *kafka.ConsumerGroupHeartbeatResponse) {
	c.resetHeartbeat()
	c.heartbeat.due = now
	switch r.Err {
	case kafka.ErrNotCoordinator:
		c.info(h, heartbeatName+" failed because the group coordinator "+c.optionalCoordinator()+" is incorrect. Will attempt to find the coordinator again and retry in 0ms: "+r.Message)
		c.coordinator.Lost(h, now, c.words, r.Message)
	case kafka.ErrCoordinatorNotAvailable:
		c.info(h, heartbeatName+" failed because the group coordinator "+c.optionalCoordinator()+" is not available. Will attempt to find the coordinator again and retry in 0ms: "+r.Message)
		c.coordinator.Lost(h, now, c.words, r.Message)
	case kafka.ErrCoordinatorLoadInProgress:
		c.heartbeat.retryAt = now + c.s.retryBackoffMax
		c.info(h, heartbeatName+" failed because the group coordinator "+c.optionalCoordinator()+" is still loading. Will retry in "+words.Millis(c.s.retryBackoffMax)+"ms: "+r.Message)
	case kafka.ErrFencedMemberEpoch:
		c.info(h, heartbeatName+" failed for member "+c.memberID+" because epoch "+number(c.epoch)+" is fenced. in 0ms: "+r.Message)
		c.becomeFenced(h, now)
	case kafka.ErrUnknownMemberID:
		c.info(h, heartbeatName+" failed because member "+c.memberID+" is unknown. in 0ms: "+r.Message)
		c.becomeFenced(h, now)
	case kafka.ErrUnreleasedInstanceID:
		c.words.Log(h, "ERROR", heartbeatName+" failed due to unreleased instance id "+c.s.instance+": "+r.Message)
		c.becomeFatal(h, now, r)
	case kafka.ErrFencedInstanceID:
		c.words.Log(h, "ERROR", heartbeatName+" failed due to fenced instance id "+c.s.instance+": "+r.Message+". This is expected in the case that the member was removed from the group by an admin client, and another member joined using the same group instance id.")
		c.becomeFatal(h, now, r)
	default:
		c.words.Log(h, "ERROR", heartbeatName+" failed due to "+r.Err.String()+": "+r.Message)
		c.becomeFatal(h, now, r)
	}
}
