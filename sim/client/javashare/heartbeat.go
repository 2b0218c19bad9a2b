package javashare

import (
	"slices"
	"strconv"

	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// heartbeat is ShareHeartbeatRequestManager: when the next one is due, and the poll
// deadline, which a share consumer has like any other.
type heartbeat struct {
	interval     clock.Duration // as the broker says; 0 before its first answer
	due          clock.Time     // an interval after the latest one was sent
	retryAt      clock.Time     // the backoff after a failure
	inflight     kafka.RequestID
	pollDeadline clock.Time // the latest poll + max.poll.interval.ms
	told         bool       // the broker knows the topics
}

// heartbeatName is how errors call the request.
const heartbeatName = "ShareGroupHeartbeatRequest"

// pollHeartbeat looks at the poll deadline, then sends a heartbeat if one is due or
// the state does not wait.
func (c *Consumer) pollHeartbeat(h client.Host, now clock.Time) {
	b := &c.heartbeat
	if c.coordinator.Broker == 0 || c.state.skipsHeartbeats() {
		if c.state == leaving {
			c.transition(h, unsubscribed)
			c.left = true
		}
		return
	}
	if now >= b.pollDeadline && c.state != leaving {
		h.BlameApp()
		h.Emit(trace.Event{Type: trace.PollExceeded, Text: words.PollTimeout})
		c.words.Log(h, "WARN", words.PollTimeout)
		c.expired = true
		c.leave(h)
		c.sendHeartbeat(h, now)
		b.inflight = 0
		return
	}
	if b.inflight == 0 && (now >= b.due || c.state.heartbeatsNow()) && (now >= b.retryAt || c.state == leaving) {
		c.sendHeartbeat(h, now)
	}
}

// leave makes the next heartbeat leave.
func (c *Consumer) leave(h client.Host) {
	c.epoch = -1
	c.transition(h, leaving)
}

// sendHeartbeat sends ShareGroupHeartbeat: all fields when joining.
func (c *Consumer) sendHeartbeat(h client.Host, now clock.Time) {
	b := &c.heartbeat
	r := &kafka.ShareGroupHeartbeatRequest{Group: c.o.Group, ClientID: c.o.ClientID, MemberID: c.memberID, MemberEpoch: c.epoch}
	if !b.told && c.epoch >= 0 {
		r.Topics = slices.Sorted(slices.Values(c.o.Topics))
		b.told = true
	}
	b.inflight = c.send(h, c.coordinator.Broker, apiHeartbeat, r)
	b.due = now + b.interval
	switch {
	case c.state == acknowledging:
		c.transition(h, stable)
	case c.state == leaving && c.expired:
		c.transition(h, stale)
		c.dropAll(h, trace.PartitionsLost)
	case c.state == leaving:
		c.transition(h, unsubscribed)
	}
}

// stampPoll notes that the application polls. A member that has left because it did
// not joins again.
func (c *Consumer) stampPoll(h client.Host, now clock.Time) {
	if late := now - c.heartbeat.pollDeadline; late >= 0 {
		c.words.PollLate(h, late, c.memberID)
		c.expired = false
		if c.state == stale {
			c.join(h)
		}
	}
	c.heartbeat.pollDeadline = now + c.s.maxPoll
}

// heartbeatAnswered takes a heartbeat's answer.
func (c *Consumer) heartbeatAnswered(h client.Host, now clock.Time, q request, r *kafka.ShareGroupHeartbeatResponse) {
	b := &c.heartbeat
	if b.inflight != q.id {
		return // of the member that it was before
	}
	b.inflight = 0
	if r.Err != kafka.ErrNone {
		c.heartbeatRefused(h, now, r)
		return
	}
	b.retryAt = 0
	if b.interval != r.HeartbeatInterval && r.HeartbeatInterval > 0 {
		b.interval, b.due = r.HeartbeatInterval, now+r.HeartbeatInterval
	}
	c.heartbeatAccepted(h, r)
}

// heartbeatFailed is a heartbeat whose connection broke.
func (c *Consumer) heartbeatFailed(h client.Host, now clock.Time, q request) {
	b := &c.heartbeat
	if b.inflight != q.id {
		return
	}
	b.inflight, b.told, b.due, b.retryAt = 0, false, now, now+c.s.retryBackoff
	c.words.HeartbeatRetries(h, heartbeatName, c.s.retryBackoff)
	c.coordinator.Lost(h, now, c.words, "null")
	c.left = c.left || c.state == unsubscribed
}

// heartbeatRefused is onErrorResponse.
func (c *Consumer) heartbeatRefused(h client.Host, now clock.Time, r *kafka.ShareGroupHeartbeatResponse) {
	b := &c.heartbeat
	b.told, b.due = false, now
	switch r.Err {
	case kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable:
		c.coordinator.Lost(h, now, c.words, r.Message)
	case kafka.ErrCoordinatorLoadInProgress:
		b.retryAt = now + c.s.retryBackoffMax
	case kafka.ErrFencedMemberEpoch, kafka.ErrUnknownMemberID:
		why := "member " + c.memberID + " is unknown"
		if r.Err == kafka.ErrFencedMemberEpoch {
			why = "epoch " + strconv.Itoa(int(c.epoch)) + " is fenced"
		}
		c.words.Info(h, heartbeatName+" failed because "+why+": "+r.Message)
		if c.state == unsubscribed || c.state.skipsHeartbeats() {
			c.left = true
			return
		}
		c.dropAll(h, trace.PartitionsLost)
		c.join(h)
	default:
		c.words.Log(h, "ERROR", heartbeatName+" failed due to "+r.Err.String()+": "+r.Message)
		c.transition(h, fatal)
		c.dropAll(h, trace.PartitionsLost)
		c.left = true
		c.err = fatalError(r)
	}
}

// fatalNames is the Java exception of an error that ends the consumer.
var fatalNames = map[kafka.ErrorCode]string{
	kafka.ErrInvalidRequest:      "InvalidRequestException",
	kafka.ErrGroupMaxSizeReached: "GroupMaxSizeReachedException",
	kafka.ErrGroupIDNotFound:     "GroupIdNotFoundException",
}

// fatalError is what poll() throws after an error of the heartbeat.
func fatalError(r *kafka.ShareGroupHeartbeatResponse) *client.Error {
	name, ok := fatalNames[r.Err]
	if !ok {
		name = "KafkaException"
	}
	return &client.Error{Name: name, Text: r.Message, Fatal: true}
}
