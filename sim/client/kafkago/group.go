package kafkago

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// group is the loop that joins, generation after generation (ConsumerGroup.run).
type group struct {
	step     groupStep
	memberID string // "": none; all that is kept from one generation to the next
	attempts int    // failed in a row; after MaxAttempts the application is told
	closing  bool   // Close() has been called

	coordinator int32
	generation  int32
	protocol    string
	members     []kafka.JoinGroupMember
	partitions  []kafka.TopicPartition // assigned
}

// groupStep is what the loop waits for.
type groupStep uint8

const (
	stopped         groupStep = iota
	finding                   // the coordinator
	greeting                  // ApiVersions, on the new connection to it
	joining                   // JoinGroup
	balancing                 // the leader's metadata
	syncing                   // SyncGroup
	fetchingOffsets           // OffsetFetch
	consuming                 // the end of the generation
	findingToLeave            // the coordinator, for LeaveGroup
	leaving                   // LeaveGroup
	backingOff                // JoinGroupBackoff
)

// nextGeneration begins anew: with a new connection to the coordinator.
func (c *Consumer) nextGeneration(h client.Host, now clock.Time) {
	c.group.step = finding
	c.findCoordinator(h, now, 1)
}

// findCoordinator asks one of ReaderConfig.Brokers; the next one if that cannot be
// reached (makeConnect).
func (c *Consumer) findCoordinator(h client.Host, now clock.Time, broker int32) {
	c.send(h, now, broker, request{api: apiFindCoordinator}, &kafka.FindCoordinatorRequest{Group: c.o.Group})
}

// coordinatorFound connects to the coordinator, to join or to leave.
func (c *Consumer) coordinatorFound(h client.Host, now clock.Time, q request, r *kafka.FindCoordinatorResponse, f *failure) {
	g := &c.group
	if f == connectionLost && int(q.broker) < len(c.o.Nodes) {
		c.findCoordinator(h, now, q.broker+1)
		return
	}
	if f == nil {
		f = refused(r.Err)
	}
	switch {
	case f != nil && g.step == findingToLeave:
		c.goneFromGroup(h, now)
	case f != nil:
		c.noCoordinator(h, now, f)
	case g.step == findingToLeave:
		g.coordinator, g.step = r.Broker, leaving
		c.send(h, now, g.coordinator, request{api: apiLeave}, &kafka.LeaveGroupRequest{Group: c.o.Group, Members: []kafka.LeavingMember{{MemberID: g.memberID}}})
	default:
		g.coordinator, g.step = r.Broker, greeting
		c.send(h, now, g.coordinator, request{api: apiVersions}, &kafka.ApiVersionsRequest{})
	}
}

// noCoordinator is an attempt without a connection to the coordinator. The member id
// may still be good: it is left with.
func (c *Consumer) noCoordinator(h client.Host, now clock.Time, f *failure) {
	c.logError(h, "Unable to establish connection to consumer group coordinator for group %s: %s", c.o.Group, f.text)
	c.generationFailed(h, now, f)
}

// greeted joins the group, now that it is known which version of JoinGroup the
// coordinator speaks (ConsumerGroup.joinGroup).
func (c *Consumer) greeted(h client.Host, now clock.Time, f *failure) {
	g := &c.group
	if f != nil {
		c.noCoordinator(h, now, f)
		return
	}
	g.step = joining
	metadata := kafka.EncodeSubscription(kafka.Subscription{Topics: c.o.Topics, Generation: -1})
	var protocols []kafka.GroupProtocol
	for _, name := range c.s.balancers {
		protocols = append(protocols, kafka.GroupProtocol{Name: name, Metadata: metadata})
	}
	c.send(h, now, g.coordinator, request{api: apiJoin}, &kafka.JoinGroupRequest{
		APIVersion:       joinVersion,
		Group:            c.o.Group,
		ClientID:         c.o.ClientID,
		MemberID:         g.memberID,
		SessionTimeout:   c.s.session,
		RebalanceTimeout: c.s.rebalance,
		ProtocolType:     "consumer",
		Protocols:        protocols,
	})
}

// joined takes the answer; the leader asks for the partitions of all topics.
func (c *Consumer) joined(h client.Host, now clock.Time, r *kafka.JoinGroupResponse, f *failure) {
	g := &c.group
	if f == nil {
		f = refused(r.Err)
	}
	if f != nil {
		c.joinFailed(h, now, f)
		return
	}
	g.memberID, g.generation, g.protocol = r.MemberID, r.Generation, r.Protocol
	c.log(h, "joined group %s as member %s in generation %d", c.o.Group, g.memberID, g.generation)
	if r.Leader != r.MemberID {
		c.sync(h, now, nil)
		return
	}
	c.log(h, "selected as leader for group, %s\n", c.o.Group)
	g.step, g.members = balancing, r.Members
	c.send(h, now, g.coordinator, request{api: apiBalance}, &kafka.MetadataRequest{Topics: memberTopics(r.Members)})
}

// joinFailed is a join without success: the member id is forgotten.
func (c *Consumer) joinFailed(h client.Host, now clock.Time, f *failure) {
	c.logError(h, "Failed to join group %s: %s", c.o.Group, f.text)
	c.group.memberID = ""
	c.generationFailed(h, now, f)
}

// balance is the leader's part (ConsumerGroup.assignTopicPartitions).
func (c *Consumer) balance(h client.Host, now clock.Time, r *kafka.MetadataResponse, f *failure) {
	g := &c.group
	members := g.members
	g.members = nil
	if f != nil {
		c.logError(h, "Failed to join group %s: %s", c.o.Group, f.text)
		c.generationFailed(h, now, f)
		return
	}
	c.log(h, "using '%s' balancer to assign group, %s", g.protocol, c.o.Group)
	for _, m := range members {
		c.log(h, "found member: %s/[]byte(nil)", m.MemberID)
	}
	for i := range r.Topics {
		for _, p := range r.Topics[i].Listed() {
			c.log(h, "found topic/partition: %s/%d", r.Topics[i].Topic, p)
		}
	}
	assigned := rangeBalancer
	if g.protocol == "roundrobin" {
		assigned = roundRobinBalancer
	}
	shares := assigned(members, r.Topics)
	c.logAssignments(h, shares)
	c.sync(h, now, shares)
}

// sync sends SyncGroup, with the shares if it comes from the leader.
func (c *Consumer) sync(h client.Host, now clock.Time, shares []share) {
	g := &c.group
	c.log(h, "joinGroup succeeded for response, %s.  generationID=%d, memberID=%s", c.o.Group, g.generation, g.memberID)
	c.log(h, "Joined group %s as member %s in generation %d", c.o.Group, g.memberID, g.generation)
	if shares != nil {
		c.log(h, "Syncing %d assignments for generation %d as member %s", len(shares), g.generation, g.memberID)
	}
	var assignments []kafka.MemberAssignment
	for _, s := range shares {
		assignments = append(assignments, kafka.MemberAssignment{MemberID: s.memberID, Assignment: kafka.EncodeAssignment(s.partitions)})
	}
	g.step = syncing
	c.send(h, now, g.coordinator, request{api: apiSync}, &kafka.SyncGroupRequest{
		Group:       c.o.Group,
		MemberID:    g.memberID,
		Generation:  g.generation,
		Protocol:    g.protocol,
		Assignments: assignments,
	})
}

// synced takes the assignment and asks where it starts (ConsumerGroup.fetchOffsets).
func (c *Consumer) synced(h client.Host, now clock.Time, r *kafka.SyncGroupResponse, f *failure) {
	g := &c.group
	if f == nil {
		f = refused(r.Err)
	}
	if f != nil {
		c.logError(h, "Failed to sync group %s: %s", c.o.Group, f.text)
		c.generationFailed(h, now, f)
		return
	}
	g.partitions = kafka.DecodeAssignment(r.Assignment)
	if len(g.partitions) == 0 {
		c.log(h, "received empty assignments for group, %s as member %s for generation %d", c.o.Group, g.memberID, g.generation)
	}
	c.log(h, "sync group finished for group, %s", c.o.Group)
	g.step = fetchingOffsets
	c.send(h, now, g.coordinator, request{api: apiOffsetFetch, partitions: g.partitions}, &kafka.OffsetFetchRequest{Group: c.o.Group, Partitions: g.partitions})
}

// offsetsFetched makes the generation, or ends it at once when the Reader closes.
func (c *Consumer) offsetsFetched(h client.Host, now clock.Time, q request, r *kafka.OffsetFetchResponse, f *failure) {
	if f == nil {
		f = refused(r.Err)
	}
	if f != nil {
		c.logError(h, "Failed to fetch offsets for group %s: %s", c.o.Group, f.text)
		c.generationFailed(h, now, f)
		return
	}
	c.group.attempts = 0
	c.startGeneration(h, now, q.partitions, r.Offsets)
}

// generationFailed is an attempt that has made no generation: but for a rebalance
// the member leaves and waits before the next one. The error is logged, and goes to
// the application once it has come MaxAttempts times.
func (c *Consumer) generationFailed(h client.Host, now clock.Time, f *failure) {
	c.group.members = nil
	switch {
	case f.code != kafka.ErrRebalanceInProgress:
		c.leave(h, now)
	case c.group.closing:
		c.closed(h)
	default:
		c.nextGeneration(h, now)
	}
	if !c.group.closing {
		c.report(h, f)
	}
}

// report tells of a failed attempt (Reader.run).
func (c *Consumer) report(h client.Host, f *failure) {
	c.logError(h, "%s", f.text)
	if c.group.attempts++; c.group.attempts >= c.s.maxAttempts {
		c.group.attempts = 0
		if c.app.call == callPoll {
			c.polled(h, client.PollResult{Err: &client.Error{Name: f.text, Text: f.text}})
		}
	}
}

// leave leaves the group on a connection of its own (ConsumerGroup.leaveGroup).
func (c *Consumer) leave(h client.Host, now clock.Time) {
	g := &c.group
	if g.memberID == "" {
		c.goneFromGroup(h, now)
		return
	}
	c.log(h, "Leaving group %s, member %s", c.o.Group, g.memberID)
	g.step = findingToLeave
	c.findCoordinator(h, now, 1)
}

func (c *Consumer) left(h client.Host, now clock.Time, f *failure) {
	if f != nil {
		c.logError(h, "leave group failed for group, %s, and member, %s: %s", c.o.Group, c.group.memberID, f.text)
	}
	c.goneFromGroup(h, now)
}

// goneFromGroup is no member any more: it ends, or joins anew after a while.
func (c *Consumer) goneFromGroup(h client.Host, now clock.Time) {
	c.group.memberID = ""
	if c.group.closing {
		c.closed(h)
		return
	}
	c.group.step = backingOff
	h.Arm(timerGroup, now+c.s.joinBackoff)
}

// memberTopics is the topics that any member subscribes, by name (extractTopics).
func memberTopics(members []kafka.JoinGroupMember) []string {
	var topics []string
	for _, m := range members {
		topics = append(topics, kafka.DecodeSubscription(m.Metadata).Topics...)
	}
	slices.Sort(topics)
	return slices.Compact(topics)
}
