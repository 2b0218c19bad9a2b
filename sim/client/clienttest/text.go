package clienttest

import (
	"fmt"
	"strings"

	"ksim/sim/kafka"
)

// kind is the short name of a request.
func kind(r kafka.Request) string { return strings.ToLower(r.Name()) }

// requestText prints the fields of a request that matter.
func requestText(r kafka.Request) string {
	switch r := r.(type) {
	case *kafka.ShareGroupHeartbeatRequest, *kafka.ShareFetchRequest, *kafka.ShareAcknowledgeRequest:
		return shareText(r)
	case *kafka.MetadataRequest:
		return fmt.Sprintf("Metadata %v", r.Topics)
	case *kafka.FindCoordinatorRequest:
		return "FindCoordinator " + r.Group
	case *kafka.JoinGroupRequest:
		return joinText(r)
	case *kafka.SyncGroupRequest:
		text := fmt.Sprintf("SyncGroup member=%q%s generation=%d", r.MemberID, instance(r.InstanceID), r.Generation)
		for _, a := range r.Assignments {
			text += fmt.Sprintf(" %s=[%s]", a.MemberID, a.Assignment)
		}
		return text
	case *kafka.HeartbeatRequest:
		return fmt.Sprintf("Heartbeat member=%q%s generation=%d", r.MemberID, instance(r.InstanceID), r.Generation)
	case *kafka.LeaveGroupRequest:
		return fmt.Sprintf("LeaveGroup member=%q%s", r.Members[0].MemberID, reason(r.Members[0].Reason))
	case *kafka.OffsetCommitRequest:
		return fmt.Sprintf("OffsetCommit member=%q%s generation=%d %s", r.MemberID, instance(r.InstanceID), r.Generation, offsetsText(r.Offsets))
	case *kafka.OffsetFetchRequest:
		return fmt.Sprintf("OffsetFetch %v", r.Partitions)
	case *kafka.ListOffsetsRequest:
		return fmt.Sprintf("ListOffsets %v latest=%v", r.Partitions, r.Latest)
	case *kafka.FetchRequest:
		var parts []string
		for _, p := range r.Partitions {
			parts = append(parts, fmt.Sprintf("%s@%d", p.TopicPartition, p.Offset))
		}
		return "Fetch " + strings.Join(parts, " ")
	}
	panic(fmt.Sprintf("no text for %T", r))
}

func joinText(r *kafka.JoinGroupRequest) string {
	text := fmt.Sprintf("JoinGroup v%d member=%q%s session=%s rebalance=%s", r.APIVersion, r.MemberID, instance(r.InstanceID), r.SessionTimeout, r.RebalanceTimeout)
	for _, p := range r.Protocols {
		text += fmt.Sprintf(" %s=%q", p.Name, p.Metadata)
	}
	return text + reason(r.Reason)
}

// reason is empty for clients that give none (KIP-800).
func reason(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf(" reason=%q", text)
}

// instance is empty for dynamic members.
func instance(id string) string {
	if id == "" {
		return ""
	}
	return fmt.Sprintf(" instance=%q", id)
}

func offsetsText(offsets []kafka.OffsetCommit) string {
	var parts []string
	for _, o := range offsets {
		parts = append(parts, fmt.Sprintf("%s@%d", o.TopicPartition, o.Offset))
	}
	return strings.Join(parts, " ")
}
