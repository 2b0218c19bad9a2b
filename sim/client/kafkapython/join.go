package kafkapython

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/client"
	"ksim/sim/client/kafkapython/words"
	"ksim/sim/clock"
	"ksim/sim/group/assign"
	"ksim/sim/kafka"
)

// joinTask is one attempt to join (_do_join_and_sync_async). It runs in the IO
// thread; the application's thread takes its result in poll.
type joinTask struct {
	running, done bool
	then          afterJoin
	err           *client.Error
	assignment    []kafka.TopicPartition
	retryAt       clock.Time // after one that failed
}

// afterJoin is how join_group_async goes on after an attempt.
type afterJoin uint8

const (
	joinSucceeded afterJoin = iota
	joinAgain               // at once
	joinLater               // after retry_backoff_ms
	joinRaises              // poll() raises
)

// needRejoin is ConsumerCoordinator.need_rejoin: the leader also joins again when
// the metadata is no longer what it assigned by.
func (c *Consumer) needRejoin() bool {
	return c.rejoinNeeded || c.assigned != nil && !slices.Equal(c.assigned, c.metadata.counts())
}

// joinGroup is join_group_async as far as it gets: true when the member is in the
// group with its assignment applied, false when the application's thread waits or
// the poll has failed. The result of a join that has ended while no poll waited for
// it counts for nothing: the next poll joins once more.
func (c *Consumer) joinGroup(h client.Host, now clock.Time) bool {
	if c.join.done && !c.app.joining {
		c.join = joinTask{}
	}
	for c.sync.running || c.app.joining || c.needRejoin() {
		switch {
		case c.join.done:
			if ended, ok := c.takeJoin(h, now); ended {
				return ok
			}
		case now < c.join.retryAt:
			c.block(h, now, waitTime, min(c.joinEnd(), c.join.retryAt))
			return false
		case !c.sync.running && !c.coordinatorReady(h, now, c.joinEnd()):
			return false
		case c.join.running:
			c.app.joining = true
			c.block(h, now, waitJoin, c.joinEnd())
			return false
		case c.rejoining || c.onJoinPrepare(h, now):
			c.rejoining = true
			c.disableHeartbeat(h)
			if c.coordinator != 0 { // it may have been lost while the commit waited
				c.sendJoinGroup(h)
			}
		default:
			return false
		}
	}
	return true
}

// takeJoin takes the result of the join task; ended tells that the loop is over,
// ok how.
func (c *Consumer) takeJoin(h client.Host, now clock.Time) (ended, ok bool) {
	attempt := c.join
	c.join, c.app.joining = joinTask{}, false
	switch attempt.then {
	case joinSucceeded:
		if c.state != rebalancing {
			return false, false // a late answer has taken the generation away: the real poll raises, and the next one joins
		}
		c.completeJoin(h, now, attempt.assignment)
		return true, c.app.call == callPoll // else the listener goes on
	case joinLater:
		c.join.retryAt = now + c.s.retryBackoff
	case joinRaises:
		c.fail(h, attempt.err)
		return true, false
	}
	return false, false
}

// onJoinPrepare is _on_join_prepare_async: auto-commit, and all partitions are
// revoked, or lost if the generation is gone. False while the commit is waited for.
func (c *Consumer) onJoinPrepare(h client.Host, now clock.Time) bool {
	owned := c.owned()
	if !c.sync.running && c.d.tellsLost && c.generation.lost() && len(owned) > 0 {
		c.logf(h, "INFO", "Group %s lost membership; forcibly revoking %s", c.o.Group, words.Set(owned))
		if !c.callback(h, client.Lost, owned, listening{then: thenJoinWithoutAssignment}) {
			return false
		}
		c.parts, c.assigned = nil, nil
		return true
	}
	if c.s.autoCommit && !c.prepared(h, now) {
		return false
	}
	if c.s.cooperative { // only what the assignment takes away is revoked
		return true
	}
	c.logf(h, "INFO", "Revoking previously assigned partitions %s for group %s", words.Set(owned), c.o.Group)
	for i := range c.parts {
		c.parts[i].revoking = c.d.keepsPositions
	}
	return c.callback(h, client.Revoked, owned, listening{then: thenJoin})
}

// prepared is the synchronous auto-commit before a join: true when it has ended.
func (c *Consumer) prepared(h client.Host, now clock.Time) bool {
	if !c.sync.running {
		c.beginSyncCommit(commitPrepare, c.consumed(), c.app.end)
	}
	if !c.syncCommit(h, now) {
		return false
	}
	switch err := c.endSyncCommit(); {
	case err == nil:
	case err.Name == rebalancingLocally.Name:
		c.logf(h, "WARNING", "Pre-rebalance offset commit failed: group membership out of date. This is likely to cause duplicate message delivery.")
	default:
		c.logf(h, "ERROR", "Pre-rebalance offset commit failed: This is likely to cause duplicate message delivery")
	}
	return true
}

// sendJoinGroup begins an attempt.
func (c *Consumer) sendJoinGroup(h client.Host) {
	c.setState(rebalancing, "JoinGroup sent")
	c.join = joinTask{running: true}
	c.logf(h, "INFO", "(Re-)joining group %s", c.o.Group)
	var protocols []kafka.GroupProtocol
	for _, name := range c.s.assignors {
		protocols = append(protocols, kafka.GroupProtocol{Name: name, Metadata: c.subscription(name)})
	}
	c.send(h, c.coordinator, apiJoin, &kafka.JoinGroupRequest{
		APIVersion: c.d.joinVersion, Group: c.o.Group, ClientID: c.o.ClientID,
		MemberID: c.generation.member, InstanceID: c.s.instance,
		SessionTimeout: c.s.session, RebalanceTimeout: c.s.maxPoll,
		ProtocolType: "consumer", Protocols: protocols,
	})
}

// subscription is what the member tells the leader. The sticky assignors tell what
// the member had last, even when it has lost it since.
func (c *Consumer) subscription(protocol string) string {
	s := kafka.Subscription{Topics: slices.Sorted(slices.Values(c.o.Topics)), Generation: -1}
	switch {
	case c.userDataOf == 0:
	case protocol == "sticky":
		s.UserData = assign.EncodeUserData(c.userData, c.userDataOf)
	case protocol == "cooperative-sticky":
		s.Owned = slices.SortedFunc(slices.Values(c.userData), kafka.TopicPartition.Compare)
	}
	return kafka.EncodeSubscription(s)
}

// joinEnded ends an attempt without an assignment.
func (c *Consumer) joinEnded(then afterJoin, err *client.Error) {
	c.join.done, c.join.then, c.join.err = true, then, err
}

// joined is _process_join_group_response: SyncGroup follows in the same breath,
// from the leader with everybody's assignment.
func (c *Consumer) joined(h client.Host, now clock.Time, r *kafka.JoinGroupResponse) {
	if r.Err != kafka.ErrNone {
		c.joinFailed(h, r)
		return
	}
	if c.state != rebalancing {
		c.joinEnded(joinLater, nil)
		return
	}
	c.generation = generation{r.Generation, r.MemberID, r.Protocol}
	if !c.d.oldJoin {
		h.Log("INFO", c.d.joinedText(c.o.Group, c.generation))
	}
	sync := &kafka.SyncGroupRequest{
		Group: c.o.Group, MemberID: r.MemberID, InstanceID: c.s.instance, Generation: r.Generation,
	}
	if c.d.joinVersion >= 7 {
		sync.ProtocolType, sync.Protocol = "consumer", r.Protocol
	}
	c.assigned = nil
	if r.Leader == r.MemberID {
		c.logf(h, "INFO", "Elected group leader -- performing partition assignments using %s", r.Protocol)
		sync.Assignments = c.lead(h, now, r)
	}
	if c.coordinator == 0 { // marked dead meanwhile (_send_sync_group_request)
		c.joinEnded(joinLater, nil)
		return
	}
	c.send(h, c.coordinator, apiSync, sync)
}

// lead is _perform_assignment. The leader also asks for fresh metadata.
func (c *Consumer) lead(h client.Host, now clock.Time, r *kafka.JoinGroupResponse) []kafka.MemberAssignment {
	c.requestMetadata(h, now)
	c.assigned = c.metadata.counts()
	assignor, _ := assign.KafkaPython(r.Protocol)
	var out []kafka.MemberAssignment
	for _, a := range assignor(c.assigned, assign.Members(r.Members)) {
		out = append(out, kafka.MemberAssignment{MemberID: a.MemberID, Assignment: kafka.EncodeAssignment(a.Partitions)})
	}
	return out
}

// joinFailed is the error side of _process_join_group_response.
func (c *Consumer) joinFailed(h client.Host, r *kafka.JoinGroupResponse) {
	name := c.d.errorName(r.Err)
	switch r.Err {
	case kafka.ErrMemberIDRequired:
		c.logf(h, "INFO", "Received member id %s for group %s; will retry join-group", r.MemberID, c.o.Group)
		c.resetGeneration(r.MemberID, "JoinGroup answered "+r.Err.String())
		c.joinEnded(joinAgain, nil)
	case kafka.ErrUnknownMemberID:
		c.resetGeneration("", "JoinGroup answered "+r.Err.String())
		c.logJoin(h, "Attempt to join group %s failed due to unknown member id", c.o.Group)
		c.joinEnded(joinAgain, nil)
	case kafka.ErrCoordinatorLoadInProgress:
		c.logJoin(h, "Attempt to join group %s rejected since coordinator %s is loading the group.", c.o.Group, c.coordinatorText())
		c.joinEnded(joinLater, nil)
	case kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator:
		c.coordinatorDead(h, c.d.errorText(r.Err, ""))
		c.logJoin(h, "Attempt to join group %s failed due to obsolete coordinator information: %s", c.o.Group, name)
		c.joinEnded(joinLater, nil)
	case kafka.ErrRebalanceInProgress:
		c.logf(h, "INFO", "Attempt to join group %s failed due to RebalanceInProgressError, which could indicate a replication timeout on the broker. Will retry.", c.o.Group)
		c.joinEnded(joinAgain, nil)
	case kafka.ErrInconsistentGroupProtocol, kafka.ErrInvalidSessionTimeout, kafka.ErrInvalidGroupID, kafka.ErrGroupMaxSizeReached, kafka.ErrFencedInstanceID:
		c.logf(h, "ERROR", "Attempt to join group %s failed due to fatal error: %s", c.o.Group, name)
		of := ""
		if r.Err == kafka.ErrGroupMaxSizeReached {
			of = c.o.Group
		}
		c.joinEnded(joinRaises, &client.Error{Name: name, Text: c.d.errorText(r.Err, of), Fatal: true})
	default:
		c.logf(h, "ERROR", "Unexpected error in join group response: %s", c.d.errorText(r.Err, ""))
		c.joinEnded(joinRaises, &client.Error{Name: name, Text: c.d.errorText(r.Err, ""), Fatal: true})
	}
}

// synced is _process_sync_group_response.
func (c *Consumer) synced(h client.Host, r *kafka.SyncGroupResponse) {
	if r.Err == kafka.ErrNone {
		if c.d.oldJoin {
			h.Log("INFO", c.d.joinedText(c.o.Group, c.generation))
		}
		c.join.done, c.join.assignment = true, kafka.DecodeAssignment(r.Assignment)
		return
	}
	c.rejoinNeeded = true
	name, text := c.d.errorName(r.Err), c.d.errorText(r.Err, "")
	switch r.Err {
	case kafka.ErrRebalanceInProgress:
		c.logJoin(h, "SyncGroup for group %s failed due to coordinator rebalance", c.o.Group)
		c.joinEnded(joinAgain, nil)
	case kafka.ErrFencedInstanceID:
		c.logf(h, "ERROR", "SyncGroup for group %s failed due to fenced id error: %s", c.o.Group, c.s.instance)
		c.joinEnded(joinRaises, &client.Error{Name: name, Text: c.d.errorText(r.Err, fmt.Sprintf("('%s', '%s')", c.o.Group, c.s.instance)), Fatal: true})
	case kafka.ErrUnknownMemberID, kafka.ErrIllegalGeneration:
		c.logJoin(h, "SyncGroup for group %s failed due to %s; reseting generation.", c.o.Group, text)
		c.generationRefused(r.Err, "SyncGroup")
		c.joinEnded(joinAgain, nil)
	case kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator:
		c.logJoin(h, "SyncGroup for group %s failed due to %s; marking coordinator dead.", c.o.Group, text)
		c.coordinatorDead(h, text)
		c.joinEnded(joinLater, nil)
	default:
		c.logf(h, "ERROR", "Unexpected error from SyncGroup: %s", text)
		c.joinEnded(joinRaises, &client.Error{Name: name, Text: text, Fatal: true})
	}
}

// logJoin logs what goes wrong in a join, which 2.0 keeps to itself.
func (c *Consumer) logJoin(h client.Host, format string, args ...any) {
	if !c.d.oldJoin {
		c.logf(h, "INFO", format, args...)
	}
}

// generationRefused gives up the generation that the coordinator does not know;
// with ILLEGAL_GENERATION the member is still known by its id, which 2.0 does not
// make use of.
func (c *Consumer) generationRefused(err kafka.ErrorCode, by string) {
	keep := ""
	if err == kafka.ErrIllegalGeneration && !c.d.oldJoin {
		keep = c.generation.member
	}
	c.resetGeneration(keep, by+" answered "+err.String())
}

// joinEnd is until when a poll waits for a join.
func (c *Consumer) joinEnd() clock.Time {
	if c.d.oldJoin {
		return clock.Never
	}
	return c.app.end
}

// completeJoin is the end of join_group_async and _on_join_complete_async.
func (c *Consumer) completeJoin(h client.Host, now clock.Time, partitions []kafka.TopicPartition) {
	c.rejoining, c.rejoinNeeded = false, false
	c.setState(stable, "SyncGroup succeeded")
	c.enableHeartbeat(h, now)
	before := c.owned()
	c.assign(h, partitions)
	if strings.HasSuffix(c.generation.protocol, "sticky") {
		c.userData, c.userDataOf = partitions, c.generation.id
	}
	c.auto.due = now + c.s.autoCommitInterval
	owned := c.owned()
	if c.s.cooperative {
		c.completeCooperative(h, before, owned)
		return
	}
	c.logf(h, "INFO", "Setting newly assigned partitions %s for group %s", words.Set(owned), c.o.Group)
	h.Callback(client.Assigned, owned)
}

// completeCooperative tells the listener what has gone and what has come. Whoever
// has given something up joins once more, so that its new owner gets it.
func (c *Consumer) completeCooperative(h client.Host, before, owned []kafka.TopicPartition) {
	revoked, added := kafka.Without(before, owned), kafka.Without(owned, before)
	c.logf(h, "INFO", "Cooperative rebalance complete for group %s: owned=%s, assigned=%s, revoked=%s, added=%s",
		c.o.Group, words.Set(before), words.Set(owned), words.Set(revoked), words.Set(added))
	if len(revoked) > 0 && !c.callback(h, client.Revoked, revoked, listening{then: thenTellAdded, added: added, revoked: revoked}) {
		return
	}
	c.completeMove(h, added, revoked)
}

// completeMove is what follows the revocation.
func (c *Consumer) completeMove(h client.Host, added, revoked []kafka.TopicPartition) {
	if len(added) > 0 {
		h.Callback(client.Assigned, added)
	}
	if len(revoked) > 0 {
		c.logf(h, "INFO", "Triggering follow-up rebalance for group %s to complete cooperative move of %d partition(s)", c.o.Group, len(revoked))
		c.rejoinNeeded = true
	}
}
