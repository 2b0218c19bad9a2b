package clienttest

import (
	"fmt"
	"strings"

	"ksim/sim/client"
	"ksim/sim/kafka"
)

// kind is the short name of a request.
func kind(r kafka.Request) string { return strings.ToLower(r.Name()) }

// JavaWords is how the transcripts of the Java consumers tell things: what is thrown,
// and lines without the prefix that each has to have.
func JavaWords(o client.Options, instance string) Words {
	prefix := "[Consumer clientId=" + o.ClientID + ", groupId=" + o.Group + "] "
	if instance != "" {
		prefix = "[Consumer instanceId=" + instance + ", clientId=" + o.ClientID + ", groupId=" + o.Group + "] "
	}
	return Words{PollFails: "poll throws", CommitFails: "commit throws", Line: func(level, text string) string {
		line, ok := strings.CutPrefix(text, prefix)
		if !ok {
			level += " (no prefix)"
		}
		return level + " " + line
	}}
}

// FullWords is how transcripts tell things that show timers too.
func FullWords() Words {
	return Words{Full: true, PollFails: "polled", CommitFails: "commit failed,", Line: func(level, text string) string { return "log " + level + " " + text }}
}

// request prints a request in the transcript's words.
func (w *Words) request(r kafka.Request) string {
	if w.Request != nil {
		if text := w.Request(r); text != "" {
			return text
		}
	}
	if w.Full {
		if text := fullText(r); text != "" {
			return text
		}
	}
	return requestText(r)
}

// fullText prints the messages of a group's life as they are.
func fullText(r kafka.Request) string {
	switch r := r.(type) {
	case *kafka.JoinGroupRequest:
		return fmt.Sprintf("JoinGroup member=%q instance=%q session=%s rebalance=%s protocols=%v", r.MemberID, r.InstanceID, r.SessionTimeout, r.RebalanceTimeout, r.Protocols)
	case *kafka.SyncGroupRequest:
		return fmt.Sprintf("SyncGroup member=%q generation=%d assignments=%v", r.MemberID, r.Generation, r.Assignments)
	case *kafka.HeartbeatRequest:
		return fmt.Sprintf("Heartbeat member=%q generation=%d", r.MemberID, r.Generation)
	case *kafka.LeaveGroupRequest:
		return fmt.Sprintf("LeaveGroup %+v", r.Members)
	case *kafka.OffsetCommitRequest:
		return fmt.Sprintf("OffsetCommit member=%q generation=%d %s", r.MemberID, r.Generation, OffsetsText(r.Offsets))
	case *kafka.FindCoordinatorRequest, *kafka.ApiVersionsRequest:
		return r.Name() + "Request"
	}
	return ""
}

// requestText prints the fields of a request that matter.
func requestText(r kafka.Request) string {
	switch r := r.(type) {
	case *kafka.ShareGroupHeartbeatRequest, *kafka.ShareFetchRequest, *kafka.ShareAcknowledgeRequest:
		return shareText(r)
	case *kafka.MetadataRequest:
		return fmt.Sprintf("Metadata %v", r.Topics)
	case *kafka.FindCoordinatorRequest:
		return "FindCoordinator " + r.Group
	case *kafka.ConsumerGroupHeartbeatRequest:
		return memberText(r)
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
		return fmt.Sprintf("OffsetCommit member=%q%s generation=%d %s", r.MemberID, instance(r.InstanceID), r.Generation, OffsetsText(r.Offsets))
	case *kafka.OffsetFetchRequest:
		return fmt.Sprintf("OffsetFetch %v", r.Partitions)
	case *kafka.ApiVersionsRequest:
		return "ApiVersions"
	case *kafka.OffsetsForLeaderEpochRequest:
		return fmt.Sprintf("OffsetForLeaderEpoch %v", r.Partitions)
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

// memberText prints the fields that are in the request.
func memberText(r *kafka.ConsumerGroupHeartbeatRequest) string {
	text := fmt.Sprintf("ConsumerGroupHeartbeat member=%q epoch=%d", r.MemberID, r.MemberEpoch)
	if r.Topics != nil {
		text += fmt.Sprintf(" topics=%v rebalance=%s assignor=%q", r.Topics, r.RebalanceTimeout, r.Assignor)
	}
	if r.InstanceID != "" {
		text += fmt.Sprintf(" instance=%q", r.InstanceID)
	}
	if r.Owned != nil {
		text += fmt.Sprintf(" owned=%v", r.Owned)
	}
	return text
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

// OffsetsText prints offsets as `t-0@5 t-1@7`.
func OffsetsText(offsets []kafka.OffsetCommit) string {
	var parts []string
	for _, o := range offsets {
		parts = append(parts, fmt.Sprintf("%s@%d", o.TopicPartition, o.Offset))
	}
	return strings.Join(parts, " ")
}
