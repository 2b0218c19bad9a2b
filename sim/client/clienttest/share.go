package clienttest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// shareText prints the requests of a share consumer.
func shareText(r kafka.Request) string {
	switch r := r.(type) {
	case *kafka.ShareGroupHeartbeatRequest:
		return fmt.Sprintf("ShareGroupHeartbeat epoch=%d topics=%v", r.MemberEpoch, r.Topics)
	case *kafka.ShareFetchRequest:
		return fmt.Sprintf("ShareFetch session=%d most=%d %v%s", r.SessionEpoch, r.MaxRecords, r.Partitions, verdicts(r.Acknowledgements))
	case *kafka.ShareAcknowledgeRequest:
		return fmt.Sprintf("ShareAcknowledge session=%d%s", r.SessionEpoch, verdicts(r.Acknowledgements))
	}
	panic(fmt.Sprintf("no text for %T", r))
}

func verdicts(acks []kafka.ShareAcknowledgement) (text string) {
	names := [...]string{"gap", "accept", "release", "reject", "renew"}
	for _, a := range acks {
		text += fmt.Sprintf(" %s %s[%d,%d)", names[a.Type], a.TopicPartition, a.From, a.To)
	}
	return text
}

// shareResponse: `epoch=1 [assigned=t-0,t-1|none]` to a heartbeat; `t-0=0..10` to a
// fetch; `acks=ERROR` is how the request's verdicts fare.
func shareResponse(t *testing.T, r kafka.Request, args map[string]string, code kafka.ErrorCode) kafka.Response {
	acked := func(acks []kafka.ShareAcknowledgement) (out []kafka.ShareAcknowledged) {
		err, _ := kafka.ParseErrorCode(args["acks"])
		for _, a := range acks {
			out = append(out, kafka.ShareAcknowledged{TopicPartition: a.TopicPartition, Err: err})
		}
		return out
	}
	switch r := r.(type) {
	case *kafka.ShareGroupHeartbeatRequest:
		b := &kafka.ShareGroupHeartbeatResponse{Err: code, Message: code.Message(), MemberID: r.MemberID, MemberEpoch: int32(numberOr(t, args["epoch"], int64(r.MemberEpoch))), HeartbeatInterval: 5 * clock.Second}
		if assigned, ok := args["assigned"]; ok {
			b.Assigned = true
			if assigned != "none" {
				b.Assignment = kafka.DecodeAssignment(assigned)
			}
		}
		return b
	case *kafka.ShareFetchRequest:
		f := &kafka.ShareFetchResponse{Err: code, Acknowledged: acked(r.Acknowledgements)}
		for name, value := range args {
			if from, to, ok := strings.Cut(value, ".."); ok {
				f.Partitions = append(f.Partitions, kafka.SharedRange{TopicPartition: kafka.DecodeAssignment(name)[0], From: Number(t, from), To: Number(t, to), Size: 100, DeliveryCount: 1})
			}
		}
		slices.SortFunc(f.Partitions, func(a, b kafka.SharedRange) int { return a.Compare(b.TopicPartition) })
		return f
	case *kafka.ShareAcknowledgeRequest:
		return &kafka.ShareAcknowledgeResponse{Err: code, Acknowledged: acked(r.Acknowledgements)}
	}
	t.Fatalf("no answer for %T", r)
	return nil
}
