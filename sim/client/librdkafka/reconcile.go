package librdkafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// reconciliation is the way from what the member owns to what the broker wants it
// to own, one target at a time. In each list nil is none, and empty is a list.
type reconciliation struct {
	current []kafka.TopicPartition // acknowledged
	target  []kafka.TopicPartition // taken up, and not acknowledged
	next    []kafka.TopicPartition // heard of since
	waitAck bool                   // the target is not acknowledged
	applied bool                   // the application has made the change: it can be acknowledged
}

// differs tells whether a list is news: other than the target, or, if there is
// none, than what is owned
// (rd_kafka_cgrp_consumer_is_new_assignment_different).
func (r *reconciliation) differs(list []kafka.TopicPartition) bool {
	if r.target != nil {
		return !slices.Equal(list, r.target)
	}
	return !slices.Equal(list, r.current)
}

// targetArrived keeps what the broker wants. A member that joins and gets nothing
// has what it wants: no callback runs for it.
func (c *Consumer) targetArrived(list []kafka.TopicPartition) {
	r := &c.kip848.reconciliation
	r.next = nil
	if r.differs(list) {
		r.next = append([]kafka.TopicPartition{}, list...)
		slices.SortFunc(r.next, kafka.TopicPartition.Compare)
	}
}

// reconcile takes up the next target, if none is under way
// (rd_kafka_cgrp_consumer_handle_next_assignment). It is looked at after each
// heartbeat.
func (c *Consumer) reconcile(h client.Host, now clock.Time) {
	g, r := &c.group, &c.kip848.reconciliation
	if r.next == nil || r.waitAck || !g.subscribed {
		return
	}
	if !r.differs(r.next) {
		r.next = nil
		return
	}
	if g.join != joinInit && g.join != steady {
		return
	}
	r.waitAck, r.target, r.next = true, r.next, nil
	c.assignIncrementally(h, now, r.target)
}

// memberAssignmentDone goes on once no partition's offset is asked for any more and
// no commit is under way (rd_kafka_cgrp_consumer_assignment_done).
func (c *Consumer) memberAssignmentDone(h client.Host, now clock.Time) {
	g, r := &c.group, &c.kip848.reconciliation
	if c.assignment.starting() {
		return
	}
	if g.leaveOnUnassign {
		c.leaveMaybe(h, now)
		return
	}
	if g.join == steady && r.waitAck && r.applied {
		r.applied = false
		c.expedite(now)
	}
}
