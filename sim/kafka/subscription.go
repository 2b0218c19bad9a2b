package kafka

import (
	"strconv"
	"strings"
)

// Subscription is what a member tells the leader through the coordinator
// (ConsumerProtocolSubscription v3).
type Subscription struct {
	Topics     []string // sorted
	UserData   string
	Owned      []TopicPartition // sorted; none for eager assignors
	Generation int32            // −1: none
	Rack       string
}

// EncodeSubscription gives the text that stands for the subscription's bytes:
// `t0,t1;user data`, and, when any of them is set, `;owned;generation;rack`.
func EncodeSubscription(s Subscription) string {
	b := strings.Join(s.Topics, ",") + ";" + s.UserData
	if len(s.Owned) == 0 && s.Generation < 0 && s.Rack == "" {
		return b
	}
	return b + ";" + encodePartitions(s.Owned) + ";" + strconv.Itoa(int(s.Generation)) + ";" + s.Rack
}

// DecodeSubscription is the inverse of EncodeSubscription.
func DecodeSubscription(text string) Subscription {
	f := strings.SplitN(text, ";", 5)
	s := Subscription{Generation: -1}
	if f[0] != "" {
		s.Topics = strings.Split(f[0], ",")
	}
	if len(f) > 1 {
		s.UserData = f[1]
	}
	if len(f) == 5 {
		s.Owned = decodePartitions(f[2])
		g, _ := strconv.Atoi(f[3])
		s.Generation, s.Rack = int32(g), f[4]
	}
	return s
}

// EncodeAssignment gives the text that stands for an assignment's bytes, in the
// assignor's order. An assignment of nothing is bytes too; a member that the
// leader forgot has none.
func EncodeAssignment(p []TopicPartition) string {
	if len(p) == 0 {
		return "[]"
	}
	return encodePartitions(p)
}

// DecodeAssignment is the inverse of EncodeAssignment.
func DecodeAssignment(text string) []TopicPartition { return decodePartitions(text) }

// encodePartitions writes `topic-0,topic-1,other-0`. A topic's name may hold
// dashes and dots, never a comma.
func encodePartitions(p []TopicPartition) string {
	var b strings.Builder
	for i, tp := range p {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(tp.String())
	}
	return b.String()
}

func decodePartitions(text string) []TopicPartition {
	var p []TopicPartition
	for f := range strings.SplitSeq(text, ",") {
		i := strings.LastIndexByte(f, '-')
		if i < 0 {
			continue
		}
		n, err := strconv.ParseInt(f[i+1:], 10, 32)
		if err != nil {
			continue
		}
		p = append(p, TopicPartition{f[:i], int32(n)})
	}
	return p
}
