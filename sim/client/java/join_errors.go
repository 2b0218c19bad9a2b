package java

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// The failed rounds that lead to another one at once.
var (
	unknownMember       = &joinError{"UnknownMemberIdException", kafka.ErrUnknownMemberID.Message(), joinAgain}
	illegalGeneration   = &joinError{"IllegalGenerationException", kafka.ErrIllegalGeneration.Message(), joinAgain}
	rebalanceInProgress = &joinError{"RebalanceInProgressException", kafka.ErrRebalanceInProgress.Message(), joinAgain}
	memberIDRequired    = &joinError{"MemberIdRequiredException", kafka.ErrMemberIDRequired.Message(), joinAgain}
)

// joinFailed is the error side of JoinGroupResponseHandler.
func (c *Consumer) joinFailed(h client.Host, now clock.Time, q request, r *kafka.JoinGroupResponse) {
	sent := " Sent generation was " + q.generation.String()
	switch r.Err {
	case kafka.ErrMemberIDRequired:
		c.generation = generation{id: -1, member: r.MemberID}
		why := "need to re-join with the given member-id"
		if c.since(sendsReasons) {
			why += ": " + r.MemberID
		}
		c.setState(unjoined, why)
		c.requestRejoin(h, why, why)
		c.joinDone(memberIDRequired)
	case kafka.ErrUnknownMemberID:
		c.tell(h, kafka.V(2, 6, 0), "JoinGroup failed: "+r.Err.Message()+" Need to re-join the group."+sent)
		if q.generation == c.generation {
			c.resetOnError(h, "JOIN_GROUP", r.Err)
		}
		c.joinDone(unknownMember)
	case kafka.ErrCoordinatorLoadInProgress:
		c.tell(h, kafka.V(2, 6, 0), "JoinGroup failed: Coordinator "+c.coordinatorText()+" is loading the group.")
		c.rejoinAfter(r.Err, "CoordinatorLoadInProgressException", joinLater)
	case kafka.ErrCoordinatorNotAvailable, kafka.ErrNotCoordinator:
		c.coordinatorLost(h, now, "error response "+r.Err.String())
		c.tell(h, kafka.V(2, 6, 0), "JoinGroup failed: "+r.Err.Message()+" Marking coordinator unknown."+sent)
		c.rejoinAfter(r.Err, coordinatorException(r.Err), joinLater)
	case kafka.ErrRebalanceInProgress:
		c.tell(h, kafka.V(2, 6, 0), "JoinGroup failed due to non-fatal error: REBALANCE_IN_PROGRESS, which could indicate a replication timeout on the broker. Will retry.")
		c.setState(unjoined, r.Err.String())
		c.joinDone(rebalanceInProgress)
	case kafka.ErrFencedInstanceID:
		c.log(h, "ERROR", "JoinGroup failed: The group instance id "+c.instanceText()+" has been fenced by another instance."+sent)
		c.rejoinAfter(r.Err, "FencedInstanceIdException", throwError)
	case kafka.ErrGroupMaxSizeReached:
		c.log(h, "ERROR", "JoinGroup failed due to fatal error: "+r.Err.Message())
		c.setState(unjoined, r.Err.String())
		c.joinDone(&joinError{"GroupMaxSizeReachedException", "Consumer group " + c.o.Group + " already has the configured maximum number of members.", throwError})
	case kafka.ErrInconsistentGroupProtocol, kafka.ErrInvalidSessionTimeout, kafka.ErrInvalidGroupID:
		c.log(h, "ERROR", "JoinGroup failed due to fatal error: "+r.Err.Message())
		c.rejoinAfter(r.Err, exceptionNames[r.Err], throwError)
	default:
		c.log(h, "ERROR", "JoinGroup failed due to unexpected error: "+r.Err.Message())
		c.setState(unjoined, r.Err.String())
		c.joinDone(&joinError{"KafkaException", "Unexpected error in join group response: " + r.Err.Message(), throwError})
	}
}

// rejoinAfter ends a round that leaves the generation as it is.
func (c *Consumer) rejoinAfter(err kafka.ErrorCode, exception string, then afterError) {
	c.setState(unjoined, err.String())
	c.joinDone(&joinError{exception, err.Message(), then})
}

// syncFailed is the error side of SyncGroupResponseHandler.
func (c *Consumer) syncFailed(h client.Host, now clock.Time, q request, err kafka.ErrorCode) {
	sent := " Sent generation was " + q.generation.String()
	switch err {
	case kafka.ErrRebalanceInProgress:
		c.tell(h, kafka.V(2, 6, 0), "SyncGroup failed: The group began another rebalance. Need to re-join the group."+sent)
		c.leaveState(err)
		c.joinDone(rebalanceInProgress)
	case kafka.ErrFencedInstanceID:
		c.log(h, "ERROR", "SyncGroup failed: The group instance id "+c.instanceText()+" has been fenced by another instance."+sent)
		c.leaveState(err)
		c.joinDone(&joinError{"FencedInstanceIdException", err.Message(), throwError})
	case kafka.ErrUnknownMemberID, kafka.ErrIllegalGeneration:
		c.tell(h, kafka.V(2, 6, 0), "SyncGroup failed: "+err.Message()+" Need to re-join the group."+sent)
		if q.generation == c.generation {
			c.resetOnError(h, "SYNC_GROUP", err)
		}
		if err == kafka.ErrUnknownMemberID {
			c.joinDone(unknownMember)
		} else {
			c.joinDone(illegalGeneration)
		}
	case kafka.ErrNotCoordinator, kafka.ErrCoordinatorNotAvailable:
		c.tell(h, kafka.V(2, 6, 0), "SyncGroup failed: "+err.Message()+" Marking coordinator unknown."+sent)
		c.coordinatorLost(h, now, "error response "+err.String())
		c.leaveState(err)
		c.joinDone(&joinError{coordinatorException(err), err.Message(), joinLater})
	default:
		c.leaveState(err)
		c.joinDone(&joinError{"KafkaException", "Unexpected error from SyncGroup: " + err.Message(), throwError})
	}
	c.armHeartbeat(h, now)
}

// leaveState goes back to unjoined after a SyncGroup that failed, with the
// generation kept; the next join has to start from there.
func (c *Consumer) leaveState(err kafka.ErrorCode) {
	c.setState(unjoined, "SyncGroup answered "+err.String())
}

// resetOnError gives up the generation, and for all but ILLEGAL_GENERATION the
// member id, and asks to join again (resetStateOnResponseError).
func (c *Consumer) resetOnError(h client.Host, api string, err kafka.ErrorCode) {
	why := "encountered " + err.String() + " from " + api + " response"
	if !c.hasThread() && c.state == stable { // no generation is given up: a commit tried again is refused again
		if api == "HEARTBEAT" && err == kafka.ErrUnknownMemberID {
			c.generation.member = ""
		}
		c.requestRejoin(h, why, why)
		return
	}
	c.resetGeneration(h, why, err == kafka.ErrIllegalGeneration)
	c.requestRejoin(h, why, why)
}

// resetGeneration is resetStateAndGeneration, and what resetStateAndRejoin does with
// needsJoinPrepare: who loses its generation on the way into a group prepares anew, so
// that a cooperative member gives away what it had (KAFKA-12983).
func (c *Consumer) resetGeneration(h client.Host, why string, keepMember bool) {
	c.tellReset(h, why, keepMember)
	c.reset(keepMember, why)
	c.needsPrepare = c.needsPrepare || c.since(preparesAgain)
	h.Cancel(timerHeartbeat)
}
