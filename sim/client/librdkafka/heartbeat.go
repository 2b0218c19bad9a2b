package librdkafka

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// heartbeat is the state of heartbeats and of the session as the client sees it.
type heartbeat struct {
	next      clock.Time // earliest instant of the next one
	inTransit bool
	session   clock.Time // when the session times out, 0 when it has
	lastError kafka.ErrorCode
	request   *kafka.HeartbeatRequest // of the present generation: all are alike
}

// heartbeat is rd_kafka_cgrp_heartbeat: nothing while one is in transit, nothing
// after a missed poll deadline.
func (c *Consumer) heartbeat(h client.Host, now clock.Time) {
	if c.deadline.exceeded || c.beat.inTransit {
		return
	}
	c.beat.inTransit = true
	g := &c.group
	if r := c.beat.request; r == nil || r.Generation != g.generation || r.MemberID != g.memberID {
		c.beat.request = &kafka.HeartbeatRequest{Group: c.o.Group, MemberID: g.memberID, InstanceID: c.s.instance, Generation: g.generation}
	}
	c.send(h, now, c.coordinator.broker, request{api: apiHeartbeat}, c.beat.request)
}

// heartbeatAnswered is rd_kafka_cgrp_handle_Heartbeat.
func (c *Consumer) heartbeatAnswered(h client.Host, now clock.Time, err kafka.ErrorCode) {
	g, b := &c.group, &c.beat
	b.inTransit = false
	b.lastError = err
	switch g.join {
	case joinInit, waitJoin, waitMetadata, waitSync:
		if err != kafka.ErrNone {
			return // outdated
		}
	}
	switch err {
	case kafka.ErrNone, kafka.ErrRebalanceInProgress:
		if b.session != 0 && (err == kafka.ErrNone || c.o.Version >= refusedBeatsCount) { // an expired session stays so
			b.session = now + c.s.session
		}
		if err == kafka.ErrRebalanceInProgress {
			c.groupRebalances(h, now)
		}
	case kafka.ErrUnknownMemberID:
		g.memberID = ""
		c.revokeAllMaybe(h, now, true, whyUnknownMember)
	case kafka.ErrIllegalGeneration:
		g.generation = -1
		c.revokeAllMaybe(h, now, true, whyIllegalGeneration)
	case kafka.ErrFencedInstanceID:
		c.fail(fencedText(err), err)
		c.revokeAllMaybe(h, now, true, whyFenced)
	default: // stays joined and looks for the coordinator
		c.queryCoordinator(h, now)
	}
}

// checkSession is rd_kafka_cgrp_session_timeout_check.
func (c *Consumer) checkSession(h client.Host, now clock.Time) {
	b := &c.beat
	if b.session == 0 || now < b.session || c.o.Version < sessionCheckSince {
		return
	}
	silent := now - b.session + c.s.session
	c.log("WARNING", facSessionTimeout, sessionText(c.joinStateName(), silent, c.coordinator.broker, b.lastError))
	b.lastError = kafka.ErrNone
	b.session = 0
	c.group.memberID = ""
	c.revokeAllMaybe(h, now, true, whySession)
}
