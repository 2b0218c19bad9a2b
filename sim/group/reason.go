package group

import (
	"strconv"
	"strings"

	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// Reason is why a group rebalances: one for each place in Kafka that starts a
// rebalance (GroupMetadataManager.prepareRebalance).
type Reason uint8

// The reasons. What they say is in the table below.
const (
	ReasonNone Reason = iota // never rebalanced
	ReasonMemberAdded
	ReasonLeaderRejoined
	ReasonMetadataChanged
	ReasonStaticReplaced
	ReasonProtocolChanged
	ReasonSessionExpired
	ReasonMembersLeft
	ReasonSyncExpired
	ReasonAssignmentNotStored
	ReasonOverCapacity
	ReasonDowngraded
	ReasonDowngradedStale
	ReasonDowngradedEarly        // before 4.2
	ReasonDowngradedResubscribed // in 4.2
	reasonCount
)

// reasons is the table of reasons.
var reasons = [reasonCount]struct {
	words string // the broker's, with placeholders
	trace string // the trace's
	site  string // the method of GroupMetadataManager that gives it
}{
	ReasonNone: {},
	ReasonMemberAdded: {
		"Adding new member {member} with group instance id {instance}; client reason: {client}",
		trace.ReasonMemberJoined, "addMemberThenRebalanceOrCompleteJoin"},
	ReasonLeaderRejoined: {
		"Leader {member} re-joining group during {state}; client reason: {client}",
		trace.ReasonLeaderRejoined, "classicGroupJoinExistingMember"},
	ReasonMetadataChanged: {
		"Updating metadata for member {member} during {state}; client reason: {client}",
		trace.ReasonMetadataChanged, "classicGroupJoinExistingMember"},
	ReasonStaticReplaced: {
		"Updating metadata for static member {member} with instance id {instance}; client reason: {client}",
		trace.ReasonMetadataChanged, "updateStaticMemberThenRebalanceOrCompleteJoin"},
	ReasonProtocolChanged: {
		"Group's selectedProtocol will change because static member {member} with instance id {instance} joined with change of protocol; client reason: {client}",
		trace.ReasonProtocolChanged, "updateStaticMemberThenRebalanceOrCompleteJoin"},
	ReasonSessionExpired: {
		"removing member {member} on heartbeat expiration.",
		trace.ReasonSessionTimeout, "expireClassicGroupMemberHeartbeat"},
	ReasonMembersLeft: {
		"explicit `LeaveGroup` request for ({members}) members.",
		trace.ReasonMemberLeft, "classicGroupLeaveToClassicGroup"},
	ReasonSyncExpired: {
		"Removing [{members}] on pending sync request expiration",
		trace.ReasonSyncTimeout, "expirePendingSync"},
	ReasonAssignmentNotStored: {
		"Error {error} when storing group assignmentduring SyncGroup (member: {member}).",
		trace.ReasonAssignmentNotStored, "classicGroupSyncToClassicGroup"},
	ReasonOverCapacity: {
		"Freshly-loaded group {group} (size {size}) is over capacity {max}. Rebalancing in order to give a chance for consumers to commit offsets",
		trace.ReasonOverCapacity, "onLoaded"},
	ReasonDowngraded: {
		"Downgrade group {group} from consumer to classic for member leaving.",
		trace.ReasonMemberLeft, "consumerGroupFenceMembers"},
	ReasonDowngradedStale: {
		"Downgrade group {group} from consumer to classic with stale assignment.",
		trace.ReasonStaticMemberReplaced, "classicGroupJoinToConsumerGroup"},
	ReasonDowngradedEarly: {
		"Downgrade group {group} from consumer to classic.",
		trace.ReasonMemberLeft, "convertToClassicGroup"},
	ReasonDowngradedResubscribed: {
		"Downgrade group {group} from consumer to classic for static member replacement with different subscription.",
		trace.ReasonStaticMemberReplaced, "convertToClassicGroup"},
}

// Trace is the trace's word for the reason.
func (r Reason) Trace() string { return reasons[r].trace }

// cause is a reason with what fills its words. Which fields count depends on the
// reason's placeholders; Member and ClientID also name the culprit in the trace.
type cause struct {
	reason   Reason
	memberID string
	clientID string
	instance string // "" prints null
	client   string // the client's own reason, "" when it gave none
	members  []string
	state    State
	err      kafka.ErrorCode
	size     int
	max      int64
	trace    string // instead of the reason's own, "" to leave it
}

// words is the reason as the broker prints it for the group.
func (w *cause) words(group string) string {
	instance := w.instance
	if instance == "" {
		instance = "null"
	}
	return strings.NewReplacer(
		"{group}", group,
		"{member}", w.memberID,
		"{instance}", instance,
		"{client}", clientReason(w.client),
		"{members}", strings.Join(w.members, ", "),
		"{state}", w.state.String(),
		"{error}", w.err.String(),
		"{size}", strconv.Itoa(w.size),
		"{max}", strconv.FormatInt(w.max, 10),
	).Replace(reasons[w.reason].words)
}

// clientReason is what a client gave as its reason (KIP-800).
func clientReason(given string) string {
	if given == "" {
		return "not provided"
	}
	return given
}
