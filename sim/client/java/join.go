package java

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// joinAttempt is the future of a JoinGroup and its SyncGroup.
type joinAttempt struct {
	running    bool
	done       bool
	err        *joinError
	assignment []kafka.TopicPartition
}

// joinError is why a round has failed, and what the loop does about it.
type joinError struct {
	name, message string
	then          afterError
}

// afterError is how joinGroupIfNeeded goes on after a failed round.
type afterError uint8

const (
	joinAgain  afterError = iota // at once
	joinLater                    // after retry.backoff.ms
	throwError                   // poll() throws
)

// joinPrepare is the state of onJoinPrepare while it waits for its commit.
type joinPrepare struct {
	running    bool
	deadline   clock.Time // the rebalance timeout after it began
	asked      bool       // auto-commit has been asked to commit
	committing bool
	committed  bool
	err        *client.Error // the commit has failed
}

// rejoinNeededOrPending also looks for the reasons that only a poll notices
// (ConsumerCoordinator.rejoinNeededOrPending).
func (c *Consumer) rejoinNeededOrPending(h client.Host) bool {
	if c.snapshot != nil && c.snapshot.version != c.metadata.version {
		if now := c.metadata.snapshot(); !slices.Equal(c.snapshot.topics, now.topics) {
			const short = "cached metadata has changed"
			if !c.rejoinNeeded {
				c.requestRejoin(h, short, fmt.Sprintf("%s from %s at the beginning of the rebalance to %s", short, c.snapshot, now))
			}
			return true
		}
	}
	return c.rejoinNeeded || c.join.running
}

// requestRejoin makes the next poll join, with the reason that the coordinator
// and the log get.
func (c *Consumer) requestRejoin(h client.Host, short, full string) {
	c.tell(h, tellsRejoins, "Request joining group due to: "+full)
	c.rejoinReason, c.rejoinNeeded = short, true
}

// joinGroupIfNeeded is one step of the join machine, with a timer of zero: true
// when the member is stable with its assignment applied.
func (c *Consumer) joinGroupIfNeeded(h client.Host, now clock.Time) bool {
	for c.rejoinNeededOrPending(h) {
		if !c.coordinatorReady(h, now) || now < c.retryAt {
			return false
		}
		if c.needsPrepare {
			c.needsPrepare = false // a generation lost meanwhile sets it again
			if !c.onJoinPrepare(h, now) {
				c.needsPrepare = true
				return false
			}
		}
		if !c.join.running {
			c.sendJoinGroup(h, now)
		}
		c.drainInbox(h, now)
		if !c.join.done {
			return false
		}
		attempt := c.join
		c.join = joinAttempt{}
		if attempt.err == nil {
			if !c.completeJoin(h, now, attempt.assignment) {
				return false
			}
			continue
		}
		if !c.since(tellsRejoins) {
			c.tell(h, lostCallback, "Join group failed with org.apache.kafka.common.errors."+attempt.err.name+": "+attempt.err.message)
		}
		if attempt.err.name != "MemberIdRequiredException" {
			c.requestRejoin(h, "rebalance failed due to "+attempt.err.name,
				fmt.Sprintf("rebalance failed due to '%s' (%s)", attempt.err.message, attempt.err.name))
		}
		switch attempt.err.then {
		case joinLater:
			c.retryAt = now + c.s.retryBackoff
			return false
		case throwError:
			c.fail(h, &client.Error{Name: attempt.err.name, Text: attempt.err.message, Fatal: true})
			return false
		}
	}
	return true
}

// onJoinPrepare runs before JoinGroup (ConsumerCoordinator.onJoinPrepare): what
// auto-commit has is committed; everything is lost if the generation is gone, or
// else revoked by an eager member, while a cooperative one keeps it and goes on
// reading. False while the commit is waited for.
func (c *Consumer) onJoinPrepare(h client.Host, now clock.Time) bool {
	if !c.prepare.running {
		c.prepare = joinPrepare{running: true, deadline: now + c.s.rebalanceTimeout()}
	}
	if c.s.autoCommit && !c.prepare.asked {
		if !c.s.cooperative() {
			c.subscriptions.HoldBack(c.subscriptions.Owned())
		}
		c.prepare.asked = true
		c.prepare.committing = c.sendAutoCommit(h, now, commitPrepare)
	}
	switch {
	case c.prepare.err != nil:
		c.tellPrepareFailed(h, c.subscriptions.Consumed(), c.prepare.err)
	case c.prepare.committing && !c.prepare.committed && now < c.prepare.deadline:
		return false
	case c.prepare.committing && !c.prepare.committed:
		c.log(h, "ERROR", "Asynchronous auto-commit of offsets failed: joinPrepare timeout. Will continue to join group")
	}
	c.prepare = joinPrepare{}
	switch {
	case (c.generation.id < 0 || c.generation.member == "") && c.since(lostCallback):
		return c.loseAll(h)
	case !c.s.cooperative():
		return c.giveUp(h, client.Revoked, thenJoin)
	}
	return true
}

// loseAll gives the assignment of a generation that is gone away. False while the
// listener goes on.
func (c *Consumer) loseAll(h client.Host) bool {
	if owned := c.subscriptions.Owned(); len(owned) > 0 {
		reset := "generation/memberID"
		if !c.since(sendsReasons) {
			reset = "generation"
		}
		c.info(h, "Giving away all assigned partitions as lost since "+reset+" has been reset,indicating that consumer is in old state or no longer part of the group")
		return c.giveUp(h, client.Lost, thenJoin)
	}
	c.subscriptions.Unassign()
	return true
}

// sendJoinGroup sends JoinGroup (AbstractCoordinator.sendJoinGroupRequest).
func (c *Consumer) sendJoinGroup(h client.Host, now clock.Time) {
	c.setState(preparingRebalance, "JoinGroup sent")
	h.Cancel(timerHeartbeat)
	c.join = joinAttempt{running: true}
	c.forGroup(h, "INFO", "(Re-)joining group %s", "(Re-)joining group")
	var protocols []kafka.GroupProtocol
	for _, name := range c.s.assignors {
		protocols = append(protocols, kafka.GroupProtocol{Name: name, Metadata: c.subscription(name)})
	}
	c.send(h, now, c.coordinator, apiJoin, &kafka.JoinGroupRequest{
		APIVersion: c.joinVersion(), Group: c.o.Group, ClientID: c.o.ClientID,
		MemberID: c.generation.member, InstanceID: c.s.instance,
		SessionTimeout: c.s.session, RebalanceTimeout: c.s.rebalanceTimeout(),
		ProtocolType: "consumer", Protocols: protocols, Reason: c.reason(c.rejoinReason),
	})
}

// joined is JoinGroupResponseHandler: on success SyncGroup follows in the same
// breath, from the leader with everybody's assignment.
func (c *Consumer) joined(h client.Host, now clock.Time, q request, r *kafka.JoinGroupResponse) {
	if r.Err != kafka.ErrNone {
		c.joinFailed(h, now, q, r)
		return
	}
	if c.state != preparingRebalance {
		c.joinDone(&joinError{name: "UnjoinedGroupException", then: joinLater})
		return
	}
	c.setState(completingRebalance, "JoinGroup succeeded")
	c.generation = generation{r.Generation, r.MemberID, r.Protocol}
	c.enableHeartbeat(h, now)
	c.tell(h, generationObject, "Successfully joined group with generation "+c.generation.String())
	sync := &kafka.SyncGroupRequest{
		Group: c.o.Group, MemberID: c.generation.member, InstanceID: c.s.instance,
		Generation: c.generation.id, ProtocolType: "consumer", Protocol: r.Protocol,
	}
	if r.Leader == r.MemberID {
		sync.Assignments = c.lead(h, r)
	} else {
		c.snapshot = nil
	}
	if c.coordinator == 0 { // found dead while the answer was on its way (sendSyncGroupRequest)
		err := kafka.ErrCoordinatorNotAvailable
		c.leaveState(err)
		c.joinDone(&joinError{coordinatorException(err), err.Message(), joinLater})
		return
	}
	c.send(h, now, c.coordinator, apiSync, sync)
}

// lead runs the assignor that the vote has chosen (onLeaderElected), unless the
// coordinator has told a returning static leader not to (KIP-814).
func (c *Consumer) lead(h client.Host, r *kafka.JoinGroupResponse) []kafka.MemberAssignment {
	c.snapshot = c.metadata.snapshot()
	if r.SkipAssignment {
		c.info(h, fmt.Sprintf("Skipped assignment for returning static leader at generation %d. The static leader will continue with its existing assignment.", r.Generation))
		return nil
	}
	if (r.Protocol == "sticky" || r.Protocol == cooperativeSticky) && c.since(tellsRejoins) { // the assignor's own logger; the lines that follow it say what Java says again below
		h.Log("INFO", "Final assignment of partitions to consumers: ")
	}
	assignor, _ := assign.ByName(r.Protocol)
	var text []string
	var out []kafka.MemberAssignment
	for _, a := range assignor(c.snapshot.topics, assign.Members(r.Members)) {
		text = append(text, a.MemberID+"="+assignmentText(a.Partitions))
		out = append(out, kafka.MemberAssignment{MemberID: a.MemberID, Assignment: kafka.EncodeAssignment(a.Partitions)})
	}
	c.tell(h, kafka.V(2, 5, 0), fmt.Sprintf("Finished assignment for group at generation %d: {%s}", r.Generation, strings.Join(text, ", ")))
	return out
}

// joinDone completes the attempt's future.
func (c *Consumer) joinDone(err *joinError) {
	c.join.done, c.join.err = true, err
}

// synced is SyncGroupResponseHandler.
func (c *Consumer) synced(h client.Host, now clock.Time, q request, r *kafka.SyncGroupResponse) {
	if !c.join.running {
		return
	}
	if r.Err != kafka.ErrNone {
		c.syncFailed(h, now, q, r.Err)
		return
	}
	if c.state != completingRebalance || q.generation != c.generation {
		c.info(h, fmt.Sprintf("Generation data was cleared by heartbeat thread to %s and state is now %s before receiving SyncGroup response, marking this rebalance as failed and retry", c.generation, c.state))
		c.joinDone(unknownMember)
		return
	}
	c.tellSynced(h)
	c.setState(stable, "SyncGroup succeeded")
	c.rejoinReason, c.rejoinNeeded = "", false
	c.join.assignment = kafka.DecodeAssignment(r.Assignment)
	c.joinDone(nil)
}

// completeJoin applies the assignment in the application's thread
// (onJoinComplete), unless the heartbeat thread has lost the generation since.
// False while the listener goes on.
func (c *Consumer) completeJoin(h client.Host, now clock.Time, partitions []kafka.TopicPartition) bool {
	if c.state != stable {
		why := fmt.Sprintf("rebalance failed since the generation/state was modified by heartbeat thread to %s/%s before the rebalance callback triggered", c.generation, c.state)
		c.resetGeneration(h, why, false)
		c.requestRejoin(h, why, why)
		c.needsPrepare = true
		return true
	}
	c.needsPrepare = true
	c.groupMetadata = c.generation
	c.auto.due = now + c.s.autoCommitInterval
	if c.generation.protocol == "sticky" {
		c.userData = assign.EncodeUserData(partitions, c.generation.id)
	}
	sorted := slices.SortedFunc(slices.Values(partitions), kafka.TopicPartition.Compare)
	owned := c.subscriptions.Owned()
	added := kafka.Without(sorted, owned)
	if c.s.cooperative() && !c.revokeWithdrawn(h, partitions, sorted, owned, added) {
		return false
	}
	c.applyAssignment(h, partitions, added)
	return true
}

// applyAssignment is the rest of onJoinComplete.
func (c *Consumer) applyAssignment(h client.Host, partitions, added []kafka.TopicPartition) {
	c.tell(h, generationObject, "Notifying assignor about the new "+assignmentText(partitions))
	c.subscriptions.Assign(partitions, c.metadata.leader)
	c.words.Invoke(h, client.Assigned, added)
}
