package sarama

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// session is a consumerGroupSession: one generation's claims and their handlers.
type session struct {
	member     string
	generation int32
	leader     bool
	strategy   string
	partitions []assign.Topic // leader: the numbers that its plan is made of
	compareAt  clock.Time     // leader: when it looks whether they are still true; 0: never
	assigned   []kafka.TopicPartition

	over  bool   // the context is done
	cause string // why, as the next JoinGroup says; "" when the caller has cancelled it
}

// The causes of a session's end as sessionCauseToReason words them.
const (
	cancelled        = ""
	rebalancing      = "group is rebalancing"
	unknownMember    = "member id is not known by the group coordinator"
	staleGeneration  = "generation id is not current"
	fencedInstance   = "group instance id has been fenced"
	morePartitions   = "partitions were added to a subscribed topic"
	handlerExited    = "a ConsumeClaim handler has exited"
	heartbeatStopped = "the heartbeat goroutine has stopped"
)

// beginSession starts the heartbeat loop and asks for the committed offsets of
// the claims, one after the other.
func (c *Consumer) beginSession(h client.Host, now clock.Time) {
	c.enter(managing, "a session begins")
	c.startHeartbeat(h, now)
	c.startOffsets(h, now)
}

// setUp runs Setup, and starts the claims.
func (c *Consumer) setUp(h client.Host, now clock.Time) {
	c.enter(consuming, "Setup")
	h.Callback(client.Assigned, c.session.sorted())
	if c.session.leader {
		c.session.compareAt = now + c.s.metadataAge
		c.armMetadata(h, now)
	}
	for _, tp := range c.session.assigned {
		c.claims = append(c.claims, claim{tp: tp, created: now})
	}
	if c.closing && !c.session.over {
		c.cancel(h, now, cancelled)
		return
	}
	if c.session.over { // the handlers quit before they begin
		for i := range c.claims {
			c.claims[i].step = claimGone
		}
		c.beginRelease(h, now)
		return
	}
	for i := 0; i < len(c.claims) && !c.session.over; i++ {
		c.chooseOffset(h, now, &c.claims[i])
	}
}

// sorted is the claims, sorted, and never nil: Setup and Cleanup have a map.
func (s *session) sorted() []kafka.TopicPartition {
	return append([]kafka.TopicPartition{}, s.assigned...)
}

// cancel cancels the session's context, with a cause: every claim is closed and
// every handler told. The first cause counts.
func (c *Consumer) cancel(h client.Host, now clock.Time, cause string) {
	if c.session.over {
		return
	}
	c.session.over, c.session.cause = true, cause
	if c.consume.step != consuming {
		return // noticed when Setup has run
	}
	if c.session.leader {
		c.session.compareAt = 0
		c.log(h, watchEnds(c.o.Group, c.o.Topics))
	}
	c.beginRelease(h, now)
}

// beginRelease waits for the handlers.
func (c *Consumer) beginRelease(h client.Host, now clock.Time) {
	c.enter(releasing, "the session's context is done")
	for i := 0; i < len(c.claims); i++ { // the last one may end the session
		c.closeClaim(h, now, &c.claims[i])
	}
	c.released(h, now)
}

// released goes on as soon as every claim is gone: Cleanup, then the marks are
// committed if the offset manager commits by itself.
func (c *Consumer) released(h client.Host, now clock.Time) {
	if c.consume.step != releasing {
		return
	}
	for i := range c.claims {
		if c.claims[i].step != claimGone {
			return
		}
	}
	c.claims, c.workers = nil, nil
	h.Cancel(timerWorkers)
	h.Cancel(timerFeeders)
	h.Cancel(timerDispatch)
	c.enter(flushing, "Cleanup")
	if h.Callback(client.Revoked, c.session.sorted()) {
		c.closeOffsets(h, now)
	}
}

// CalledBack is the return of a Cleanup that has taken its time, while heartbeats
// went on.
func (c *Consumer) CalledBack(h client.Host, now clock.Time) { c.closeOffsets(h, now) }

// stop ends the heartbeat loop, which is waited for.
func (c *Consumer) stop(h client.Host, now clock.Time) {
	c.enter(stopping, "the marks are committed")
	c.stopHeartbeat(h, now)
}

// endConsume is the return of Consume.
func (c *Consumer) endConsume(h client.Host) {
	c.log(h, "consumergroup/session/"+c.session.id()+" released")
	c.cause = c.session.cause
	c.enter(returned, "the session is released")
	if c.closing {
		c.leave(h)
		return
	}
	h.Polled(client.PollResult{})
}

// metadataTick is the client's ticker, which refreshes the metadata, or the
// leader's, which looks at what the client knows (loopCheckPartitionNumbers): it
// ends the session when a topic has more partitions than its plan.
func (c *Consumer) metadataTick(h client.Host, now clock.Time) {
	if now >= c.refreshAt {
		c.refreshAt = now + c.s.metadataAge
		c.refresh(h, byUpdater)
	}
	if at := c.session.compareAt; at != 0 && now >= at {
		c.session.compareAt = now + c.s.metadataAge
		for i, t := range c.partitionCounts() {
			if was := c.session.partitions[i].Partitions; was != t.Partitions {
				c.log(h, partitionsChanged(c.o.Group, c.o.Topics, was, t.Partitions))
				c.cancel(h, now, morePartitions)
				break
			}
		}
	}
	c.armMetadata(h, now)
}

// armMetadata sets the timer of both tickers; a frequency of 0 is no refresh.
func (c *Consumer) armMetadata(h client.Host, now clock.Time) {
	if c.s.metadataAge == 0 {
		return
	}
	at := c.refreshAt
	if c.session.compareAt != 0 {
		at = min(at, c.session.compareAt)
	}
	h.Arm(timerMetadata, max(at, now))
}
