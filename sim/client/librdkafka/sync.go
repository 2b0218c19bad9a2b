package librdkafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// memberTopics is the topics that any member subscribes, by name.
func memberTopics(members []kafka.JoinGroupMember) []string {
	var topics []string
	for _, m := range members {
		topics = append(topics, kafka.DecodeSubscription(m.Metadata).Topics...)
	}
	slices.Sort(topics)
	return slices.Compact(topics)
}

// runAssignor is the leader's part (rd_kafka_cgrp_assignor_run): it decides who
// gets what and tells the coordinator.
func (c *Consumer) runAssignor(h client.Host, now clock.Time, topics []assign.Topic) {
	g := &c.group
	assignor := assign.LibrdkafkaRange
	switch g.protocol {
	case "roundrobin":
		assignor = assign.LibrdkafkaRoundRobin
	case cooperativeSticky:
		assignor = assign.LibrdkafkaCooperativeSticky
	}
	var assignments []kafka.MemberAssignment
	for _, a := range assignor(topics, assign.Members(g.members)) {
		assignments = append(assignments, kafka.MemberAssignment{MemberID: a.MemberID, Assignment: kafka.EncodeAssignment(a.Partitions)})
	}
	g.members = nil
	c.sync(h, now, assignments)
}

// sync sends SyncGroup, with assignments if it comes from the leader.
func (c *Consumer) sync(h client.Host, now clock.Time, assignments []kafka.MemberAssignment) {
	g := &c.group
	g.setJoinState(waitSync, whyJoined)
	g.awaiting = true
	c.send(h, now, c.coordinator.broker, request{api: apiSync}, &kafka.SyncGroupRequest{
		Group:       c.o.Group,
		MemberID:    g.memberID,
		InstanceID:  c.s.instance,
		Generation:  g.generation,
		Protocol:    g.protocol,
		Assignments: assignments,
	})
}

// synced is rd_kafka_cgrp_handle_SyncGroup.
func (c *Consumer) synced(h client.Host, now clock.Time, r *kafka.SyncGroupResponse) {
	g := &c.group
	g.awaiting = false
	if g.join != waitSync {
		return // outdated
	}
	switch r.Err {
	case kafka.ErrNone:
		c.beat.session = now + c.s.session
		c.newAssignment(h, now, kafka.DecodeAssignment(r.Assignment))
		return
	case kafka.ErrUnknownMemberID:
		g.memberID = ""
	case kafka.ErrIllegalGeneration:
		g.generation = -1
	case kafka.ErrFencedInstanceID:
		c.fail(fencedText(r.Err), r.Err)
	case kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable, kafka.ErrCoordinatorLoadInProgress:
		c.queryCoordinator(h, now)
	}
	if c.cooperative() && (r.Err == kafka.ErrUnknownMemberID || r.Err == kafka.ErrIllegalGeneration) {
		c.revokeAll(h, now, true, whySyncRefused)
		return
	}
	c.rejoin(h, now, whySyncRefused)
}

// newAssignment takes what the leader has decided
// (rd_kafka_cgrp_handle_assignment).
func (c *Consumer) newAssignment(h client.Host, now clock.Time, parts []kafka.TopicPartition) {
	slices.SortFunc(parts, kafka.TopicPartition.Compare)
	c.group.ownedGeneration = c.group.generation
	if c.cooperative() {
		c.assignIncrementally(h, now, parts)
		return
	}
	c.delegateAssign(h, now, parts)
}
