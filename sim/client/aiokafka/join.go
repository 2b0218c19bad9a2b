package aiokafka

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/client/kafkapython/words"
	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// joinTask is CoordinatorGroupRebalance.perform_group_join. JoinGroup is sent once
// for each assignor, each time with one protocol more; only the last answer counts.
type joinTask struct {
	offered    int // protocols in the latest JoinGroup
	done       bool
	succeeded  bool
	err        *client.Error // raised in the application
	protocol   string
	generation generation
	assignment []kafka.TopicPartition
}

// joinVersion is the JoinGroup version that the client sends; SyncGroup has the
// instance id too, all other requests are of versions without.
const joinVersion = 5

// beginJoin sends the first JoinGroup.
func (c *Consumer) beginJoin(h client.Host) {
	c.logf(h, "INFO", "(Re-)joining group %s", c.o.Group)
	c.join = joinTask{offered: 1}
	c.sendJoinGroup(h)
}

func (c *Consumer) sendJoinGroup(h client.Host) {
	if c.coordinator == 0 { // it has been lost since
		c.join.done = true
		return
	}
	var protocols []kafka.GroupProtocol
	for _, name := range c.s.assignors[:c.join.offered] {
		protocols = append(protocols, kafka.GroupProtocol{Name: name, Metadata: c.subscription(name)})
	}
	c.send(h, c.coordinator, apiJoin, &kafka.JoinGroupRequest{
		APIVersion: joinVersion, Group: c.o.Group, ClientID: c.o.ClientID,
		MemberID: c.generation.member, InstanceID: c.s.instance,
		SessionTimeout: c.s.session, RebalanceTimeout: c.s.rebalance,
		ProtocolType: "consumer", Protocols: protocols,
	})
}

// subscription is what the member tells the leader. Only the sticky assignor tells
// what it had.
func (c *Consumer) subscription(protocol string) string {
	s := kafka.Subscription{Topics: slices.Sorted(slices.Values(c.o.Topics)), Generation: -1}
	if protocol == "sticky" && c.userDataOf > 0 {
		s.UserData = assign.EncodeUserData(c.userData, c.userDataOf)
	}
	return kafka.EncodeSubscription(s)
}

// joined takes an answer to JoinGroup: the next one follows, or SyncGroup, from
// the leader with everybody's assignment.
func (c *Consumer) joined(h client.Host, r *kafka.JoinGroupResponse) {
	switch {
	case r.Err == kafka.ErrMemberIDRequired:
		c.generation.member = r.MemberID
		c.sendJoinGroup(h)
	case c.join.offered < len(c.s.assignors):
		c.join.offered++
		c.sendJoinGroup(h)
	case r.Err != kafka.ErrNone:
		c.joinFailed(h, r.Err)
	default:
		c.generation = generation{r.Generation, r.MemberID}
		c.join.generation, c.join.protocol = c.generation, r.Protocol
		c.logf(h, "INFO", "Joined group '%s' (generation %d) with member_id %s", c.o.Group, r.Generation, r.MemberID)
		sync := &kafka.SyncGroupRequest{Group: c.o.Group, MemberID: r.MemberID, InstanceID: c.s.instance, Generation: r.Generation}
		if r.Leader == r.MemberID {
			c.logf(h, "INFO", "Elected group leader -- performing partition assignments using %s", r.Protocol)
			sync.Assignments = c.lead(r)
		}
		c.rejoinNeeded = c.coordinator == 0 // what changes from here on is for the next join
		if c.rejoinNeeded {
			c.join.done = true
			return
		}
		c.send(h, c.coordinator, apiSync, sync)
	}
}

// lead is _perform_assignment.
func (c *Consumer) lead(r *kafka.JoinGroupResponse) []kafka.MemberAssignment {
	c.led = c.metadata.counts()
	assignor, _ := assign.Aiokafka(r.Protocol)
	var out []kafka.MemberAssignment
	for _, a := range assignor(c.led, assign.Members(r.Members)) {
		out = append(out, kafka.MemberAssignment{MemberID: a.MemberID, Assignment: kafka.EncodeAssignment(a.Partitions)})
	}
	return out
}

// joinFailed is the error side of perform_group_join. Most of it is logged at
// DEBUG only.
func (c *Consumer) joinFailed(h client.Host, err kafka.ErrorCode) {
	c.join.done = true
	switch err {
	case kafka.ErrCoordinatorLoadInProgress:
	case kafka.ErrUnknownMemberID:
		c.resetGeneration()
	case kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator:
		c.coordinatorDead(h)
	case kafka.ErrInconsistentGroupProtocol, kafka.ErrInvalidSessionTimeout, kafka.ErrInvalidGroupID:
		c.logf(h, "ERROR", "Attempt to join group failed due to fatal error: %s", brokerError(err, ""))
		c.join.err = &client.Error{Name: brokerErrorName(err), Text: brokerError(err, ""), Fatal: true}
	default:
		c.logf(h, "ERROR", "Unexpected error in join group '%s' response: %s", c.o.Group, brokerError(err, ""))
		c.join.err = wrapped(err)
	}
}

// synced is the answer to SyncGroup (_send_sync_group_request).
func (c *Consumer) synced(h client.Host, r *kafka.SyncGroupResponse) {
	c.join.done = true
	if r.Err == kafka.ErrNone {
		c.logf(h, "INFO", "Successfully synced group %s with generation %d", c.o.Group, c.generation.id)
		// a late answer may have taken the generation away meanwhile
		c.generation = c.join.generation
		c.join.succeeded, c.join.assignment = true, kafka.DecodeAssignment(r.Assignment)
		return
	}
	c.rejoinNeeded = true
	switch r.Err {
	case kafka.ErrRebalanceInProgress:
	case kafka.ErrUnknownMemberID, kafka.ErrIllegalGeneration:
		c.resetGeneration()
	case kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator:
		c.coordinatorDead(h)
	default:
		c.logf(h, "ERROR", "Unexpected error from SyncGroup: %s", brokerError(r.Err, ""))
		c.join.err = wrapped(r.Err)
	}
}

// completeJoin is _on_join_complete: every partition begins anew, those that were
// held before too, and getmany() may go on.
func (c *Consumer) completeJoin(h client.Host, now clock.Time, protocol string, partitions []kafka.TopicPartition) {
	c.assign(h, partitions)
	if protocol == "sticky" {
		c.userData, c.userDataOf = partitions, c.generation.id
	}
	owned := c.owned()
	c.logf(h, "INFO", "Setting newly assigned partitions %s for group %s", words.Set(owned), c.o.Group)
	h.Callback(client.Assigned, owned)
	c.assignmentArrived(h, now)
}
