package java

import (
	"fmt"

	"ksim/sim/client"
	"ksim/sim/client/java/words"
	"ksim/sim/kafka"
)

// The versions in which the client began to behave or to speak otherwise.
var (
	heartbeatThread    = kafka.V(0, 10, 1) // KIP-62: heartbeats from a thread of their own, max.poll.interval.ms
	linesWithPrefix    = kafka.V(1, 0, 0)
	heartbeatsAloud    = kafka.V(2, 0, 0) // refused heartbeats are logged at INFO, before at DEBUG
	leavesAloud        = kafka.V(2, 1, 0) // what the poll deadline does is logged
	validatesPositions = kafka.V(2, 3, 0) // KIP-320: committed positions are validated before they are fetched
	lostCallback       = kafka.V(2, 4, 0) // KIP-429: onPartitionsLost, callbacks at close, cooperative rebalancing
	rebalancingError   = kafka.V(2, 5, 0) // commits tell a rebalance from a member that is out
	generationObject   = kafka.V(2, 7, 0) // lines print Generation{…}
	preparesAgain      = kafka.V(2, 8, 1) // KAFKA-12983: onJoinPrepare once more for who loses its generation
	tellsRejoins       = kafka.V(3, 0, 0) // "Request joining group due to: …"
	sendsReasons       = kafka.V(3, 2, 0) // KIP-800; auto-commit before a join does not block
)

// since tells whether the client is of that version or newer.
func (c *Consumer) since(v kafka.Version) bool { return c.o.Version >= v }

// hasThread tells whether heartbeats come from a thread of their own. Before
// KIP-62 nothing goes out or is read but inside the consumer's own methods.
func (c *Consumer) hasThread() bool { return c.since(heartbeatThread) }

// joinVersion is the JoinGroup that the client sends; the broker may know an older
// one only.
func (c *Consumer) joinVersion() int16 {
	switch v := c.o.Version; {
	case v >= kafka.V(3, 2, 0):
		return 9 // KIP-814: a returning static leader is told that nothing is to assign
	case v >= kafka.V(2, 5, 0):
		return 7
	case v >= kafka.V(2, 4, 0):
		return 6
	case v >= kafka.V(2, 3, 0):
		return 5 // KIP-345: static members
	case v >= kafka.V(2, 2, 0):
		return 4 // KIP-394: MEMBER_ID_REQUIRED
	case v >= kafka.V(2, 0, 0):
		return 3
	case v >= kafka.V(0, 11, 0):
		return 2
	case v >= heartbeatThread:
		return 1 // with a rebalance timeout of its own
	}
	return 0
}

// tell prints a line that the client prints since a version.
func (c *Consumer) tell(h client.Host, since kafka.Version, text string) {
	if c.since(since) {
		c.info(h, text)
	}
}

// forGroup prints a line that clients before 1.0 print too: these have no prefix
// and name the group where %s stands.
func (c *Consumer) forGroup(h client.Host, level, format, text string) {
	if c.since(linesWithPrefix) {
		c.log(h, level, text)
		return
	}
	h.Log(level, fmt.Sprintf(format, c.o.Group))
}

// tellDiscovered prints that the coordinator was found.
func (c *Consumer) tellDiscovered(h client.Host) {
	text := "Discovered group coordinator " + c.coordinatorText()
	if !c.since(kafka.V(1, 1, 0)) {
		text = "Discovered coordinator " + c.coordinatorText()
	}
	c.forGroup(h, "INFO", "Discovered coordinator "+c.coordinatorText()+" for group %s.", text)
}

// tellLost prints that the coordinator is given up, because of what it has answered
// or because its connection has broken.
func (c *Consumer) tellLost(h client.Host, cause string, disconnected bool) {
	node := c.coordinatorText()
	switch {
	case c.since(kafka.V(2, 8, 0)):
		dot := "."
		if c.since(kafka.V(3, 2, 0)) {
			dot = ". "
		}
		c.info(h, fmt.Sprintf("Group coordinator %s is unavailable or invalid due to cause: %s%sisDisconnected: %t. Rediscovery will be attempted.", node, cause, dot, disconnected))
	case c.since(kafka.V(1, 1, 0)):
		c.info(h, "Group coordinator "+node+" is unavailable or invalid, will attempt rediscovery")
	default:
		c.forGroup(h, "INFO", "Marking the coordinator "+node+" dead for group %s", "Marking the coordinator "+node+" dead")
	}
	if !disconnected {
		c.tell(h, kafka.V(3, 2, 0), "Requesting disconnect from last known coordinator "+node)
	}
}

// tellSynced prints that the round has succeeded; before 2.7 this is the only line
// about it.
func (c *Consumer) tellSynced(h client.Host) {
	if c.since(generationObject) {
		c.info(h, "Successfully synced group in generation "+c.generation.String())
		return
	}
	c.forGroup(h, "INFO", fmt.Sprintf("Successfully joined group %%s with generation %d", c.generation.id),
		fmt.Sprintf("Successfully joined group with generation %d", c.generation.id))
}

// tellLeaving prints that LeaveGroup goes out.
func (c *Consumer) tellLeaving(h client.Host, reason string) {
	text := "Member " + c.generation.member + " sending LeaveGroup request to coordinator " + c.coordinatorText()
	if c.since(lostCallback) {
		text += " due to " + reason
	}
	c.tell(h, leavesAloud, text)
}

// tellPollTimeout prints that the poll deadline is over, and gives the reason for
// LeaveGroup. It says itself what it means, where LeaveGroup's own line does not.
func (c *Consumer) tellPollTimeout(h client.Host) (reason string) {
	switch {
	case c.since(tellsRejoins):
		c.log(h, "WARN", pollTimeoutText)
	case c.since(lostCallback):
		return pollTimeoutText
	case c.since(leavesAloud):
		c.log(h, "WARN", "This member will leave the group because "+pollTimeoutText)
	}
	return "consumer poll timeout has expired."
}

// tellReset prints that the generation, and perhaps the member id, is given up.
func (c *Consumer) tellReset(h client.Host, why string, keepMember bool) {
	if keepMember || !c.since(kafka.V(3, 2, 0)) {
		c.tell(h, tellsRejoins, "Resetting generation due to: "+why)
		return
	}
	c.info(h, "Resetting generation and member id due to: "+why)
}

// tellRefused prints a heartbeat's refusal of the membership.
func (c *Consumer) tellRefused(h client.Host, q request, code kafka.ErrorCode) {
	switch {
	case !c.since(heartbeatsAloud):
	case c.since(kafka.V(2, 6, 0)):
		c.info(h, "Attempt to heartbeat with "+q.generation.String()+" and group instance id "+c.instanceText()+" failed due to "+code.String()+", resetting generation")
	case code == kafka.ErrIllegalGeneration:
		c.info(h, fmt.Sprintf("Attempt to heartbeat failed since generation %d is not current", q.generation.id))
	case code == kafka.ErrUnknownMemberID:
		c.info(h, "Attempt to heartbeat failed for since member id "+q.generation.member+" is not valid.")
	default:
		c.log(h, "ERROR", "Received fatal exception: group.instance.id gets fenced")
	}
}

// rebalancedAway is what a commit throws whose member the broker does not know any
// more. Before KIP-62 it was the session that had been too short, and the advice
// stayed for some versions.
func (c *Consumer) rebalancedAway() *client.Error {
	switch {
	case c.since(kafka.V(2, 3, 0)):
		return rebalancedAway
	case c.hasThread():
		return rebalancedAwayBefore23
	}
	return rebalancedAwayOfSession
}

// refusedLocally is what a commit throws that the client does not send.
func (c *Consumer) refusedLocally() *client.Error {
	switch {
	case !c.since(rebalancingError):
		return c.rebalancedAway()
	case c.state == preparingRebalance || c.state == completingRebalance:
		return rebalancingLocally
	}
	return notInGroup
}

// refusedWhileRebalancing is what a commit throws that the broker has refused with
// REBALANCE_IN_PROGRESS.
func (c *Consumer) refusedWhileRebalancing() *client.Error {
	if c.since(rebalancingError) {
		return rebalancingRemotely
	}
	return c.rebalancedAway()
}

// tellPrepareFailed prints that the auto-commit before a join has failed. Since 3.2
// it does not block, and its callback says so once more.
func (c *Consumer) tellPrepareFailed(h client.Host, offsets []kafka.OffsetCommit, err *client.Error) {
	if c.since(sendsReasons) {
		c.log(h, "ERROR", "Asynchronous auto-commit of offsets failed: "+err.Text+". Will continue to join group.")
		return
	}
	c.forGroup(h, "WARN", "Auto offset commit failed for group %s: "+err.Text, "Synchronous auto-commit of offsets "+words.Offsets(offsets)+" failed: "+err.Text)
}
