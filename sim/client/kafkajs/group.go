package kafkajs

import (
	"slices"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// group is the membership (ConsumerGroup).
type group struct {
	step    joinStep
	waiters []task  // who waits for the present join
	retrier retrier // of the present join

	coordinator int32
	memberID    string // "": none
	generation  int32
	leads       bool
	protocol    string
	members     []kafka.JoinGroupMember
	known       []int // partitions of each subscribed topic, nil before the first sync (partitionsPerSubscribedTopic)
	assigned    []kafka.TopicPartition
}

// joinStep is how far joinAndSync is.
type joinStep uint8

const (
	notJoining   joinStep = iota
	finding               // the coordinator
	joining               // JoinGroup
	leading               // the leader's metadata
	syncing               // SyncGroup
	learning              // metadata for partitions that it did not know
	waitingToTry          // the next attempt
)

// assigner is the protocol that the consumer offers (roundRobinAssigner).
const assigner = "RoundRobinAssigner"

// joinAndSync joins the group and takes its assignment. Who asks while it goes on
// waits for the same one.
func (c *Consumer) joinAndSync(h client.Host, now clock.Time, t task) {
	g := &c.group
	g.waiters = append(g.waiters, t)
	if g.step != notJoining {
		return
	}
	g.retrier = c.newRetrier(h.Rand())
	c.findCoordinator(h, now)
}

// findCoordinator is the first step of each attempt.
func (c *Consumer) findCoordinator(h client.Host, now clock.Time) {
	c.group.step = finding
	c.askForCoordinator(h, now, request{api: apiFindCoordinator})
}

// askForCoordinator asks the next broker, and tells whether there is one.
func (c *Consumer) askForCoordinator(h client.Host, now clock.Time, q request) bool {
	broker, ok := c.anyBroker(q.tried)
	if ok {
		c.send(h, now, broker, q, &kafka.FindCoordinatorRequest{Group: c.o.Group})
	}
	return ok
}

// coordinatorFound goes on to JoinGroup. While there is no coordinator it is
// looked for again.
func (c *Consumer) coordinatorFound(h client.Host, now clock.Time, q request, r *kafka.FindCoordinatorResponse, f *failure) {
	if q.tried++; f != nil && c.askForCoordinator(h, now, q) {
		return
	}
	if f == nil && r.Err != kafka.ErrNone {
		f = &failure{name: nameNoCoordinator, text: noCoordinatorText, retriable: true, causeRetriable: true}
	}
	if f != nil {
		c.joinAgain(h, now, f)
		return
	}
	c.group.coordinator = r.Broker
	c.join(h, now)
}

// join sends JoinGroup.
func (c *Consumer) join(h client.Host, now clock.Time) {
	g := &c.group
	g.step = joining
	c.send(h, now, g.coordinator, request{api: apiJoin}, &kafka.JoinGroupRequest{
		APIVersion:       joinVersion,
		Group:            c.o.Group,
		ClientID:         c.o.ClientID,
		MemberID:         g.memberID,
		SessionTimeout:   c.s.session,
		RebalanceTimeout: c.s.rebalance,
		ProtocolType:     "consumer",
		Protocols:        []kafka.GroupProtocol{{Name: assigner, Metadata: kafka.EncodeSubscription(kafka.Subscription{Topics: c.o.Topics, Generation: -1})}},
	})
}

// joined takes the answer: with the leader's role newer metadata comes first.
func (c *Consumer) joined(h client.Host, now clock.Time, r *kafka.JoinGroupResponse, f *failure) {
	g := &c.group
	if f == nil && r.Err == kafka.ErrMemberIDRequired { // KIP-394: at once
		g.memberID = r.MemberID
		c.join(h, now)
		return
	}
	if f == nil {
		f = c.refused(h, apiJoin, r.Err)
	}
	if f != nil {
		c.joinFailed(h, now, f)
		return
	}
	g.memberID, g.generation, g.protocol = r.MemberID, r.Generation, r.Protocol
	g.leads = r.Leader == r.MemberID
	if g.leads {
		g.step, g.members = leading, r.Members
		c.requestMetadataFor(h, now, task{}, metadataLeading)
		return
	}
	c.sync(h, now, nil)
}

// assignTopics is the leader's part.
func (c *Consumer) assignTopics(h client.Host, now clock.Time, f *failure) {
	if f != nil {
		c.joinFailed(h, now, f)
		return
	}
	var topics []kafka.TopicMetadata
	for _, name := range c.o.Topics {
		topics = append(topics, c.cluster.topic(name))
	}
	assignments := roundRobin(topics, c.group.members)
	c.group.members = nil
	c.sync(h, now, assignments)
}

// sync sends SyncGroup.
func (c *Consumer) sync(h client.Host, now clock.Time, assignments []kafka.MemberAssignment) {
	g := &c.group
	g.step = syncing
	g.known = c.cluster.counts(c.o.Topics)
	c.send(h, now, g.coordinator, request{api: apiSync}, &kafka.SyncGroupRequest{
		Group:       c.o.Group,
		MemberID:    g.memberID,
		Generation:  g.generation,
		Protocol:    g.protocol,
		Assignments: assignments,
	})
}

// synced takes the assignment. A leader with newer metadata may have given
// partitions that this member does not know: it asks first.
func (c *Consumer) synced(h client.Host, now clock.Time, r *kafka.SyncGroupResponse, f *failure) {
	if f == nil {
		f = c.refused(h, apiSync, r.Err)
	}
	if f != nil {
		c.joinFailed(h, now, f)
		return
	}
	g := &c.group
	g.assigned = kafka.DecodeAssignment(r.Assignment)
	if slices.ContainsFunc(g.assigned, c.unknown) {
		h.Log("WARN", unknownPartitionsText)
		g.step = learning
		c.requestMetadataFor(h, now, task{}, metadataLearning)
		return
	}
	c.assigned(h, now)
}

// unknown tells whether a partition is not among those that the topic had when
// this member last asked.
func (c *Consumer) unknown(tp kafka.TopicPartition) bool {
	i := slices.Index(c.o.Topics, tp.Topic)
	return i >= 0 && int(tp.Partition) >= c.group.known[i]
}

// learned goes on with an assignment whose partitions are known now.
func (c *Consumer) learned(h client.Host, now clock.Time, f *failure) {
	if f != nil {
		c.joinFailed(h, now, f)
		return
	}
	c.group.known = c.cluster.counts(c.o.Topics)
	c.assigned(h, now)
}

// assigned begins with the new assignment: what was resolved before counts no more.
func (c *Consumer) assigned(h client.Host, now clock.Time) {
	c.offsets = newOffsets(now, c.group.assigned)
	sorted := slices.Clone(c.group.assigned)
	slices.SortFunc(sorted, kafka.TopicPartition.Compare)
	h.Callback(client.Assigned, sorted)
	h.Log("INFO", joinedText)
	c.joinEnds(h, now, nil)
}

// joinFailed is the end of an attempt: what another one may mend is tried again.
func (c *Consumer) joinFailed(h client.Host, now clock.Time, f *failure) {
	unknown := f.code == kafka.ErrUnknownMemberID
	if unknown {
		c.group.memberID = ""
	}
	if f.rebalancing() || unknown {
		c.joinAgain(h, now, &failure{name: "KafkaJSError", text: f.text, retriable: true, causeRetriable: true})
		return
	}
	c.joinEnds(h, now, f)
}

// joinAgain waits for the next attempt, if there is one left.
func (c *Consumer) joinAgain(h client.Host, now clock.Time, f *failure) {
	wait, last := c.again(h.Rand(), &c.group.retrier, f)
	if last != nil {
		c.joinEnds(h, now, last)
		return
	}
	c.group.step = waitingToTry
	h.Arm(timerJoin, now+wait)
}

// joinEnds gives the outcome to all who wait for it.
func (c *Consumer) joinEnds(h client.Host, now clock.Time, f *failure) {
	waiters := c.group.waiters
	c.group.step, c.group.waiters, c.group.members = notJoining, nil, nil
	for _, t := range waiters {
		c.resume(h, now, t, f)
	}
}
