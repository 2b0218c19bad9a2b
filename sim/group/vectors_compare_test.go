package group

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ksim/sim/kafka"
)

// compare tells what of the step differs.
func (s *sequence) compare(step *vectorStep, fired []any) string {
	if diff := differ("fired", step.Fired, fired); diff != "" {
		return diff
	}
	var out []any
	for _, r := range s.w.replies {
		out = append(out, s.answer(step, r))
	}
	var want []any
	for i, o := range step.Out {
		if o["op"] != "consumer" { // its texts do not travel
			delete(o, "msg")
		}
		if _, ok := o["member"]; !ok && i < len(out) {
			delete(out[i].(map[string]any), "member") // an exception: the vectors do not say
		}
		want = append(want, o)
	}
	if diff := differ("answers", want, out); diff != "" {
		return diff
	}
	var lines []string
	for _, l := range s.w.lines {
		if !strings.HasPrefix(l, "DEBUG ") {
			lines = append(lines, metadataHash.ReplaceAllString(l, ""))
		}
	}
	for i, l := range step.Log {
		step.Log[i] = metadataHash.ReplaceAllString(l, "")
	}
	if diff := differ("log", step.Log, lines); diff != "" {
		return diff
	}
	if step.Snap != nil {
		s.snap = step.Snap
	}
	return differ("snapshot", s.snap, s.snapshot())
}

// metadataHash is a number that hangs on bytes which the coordinator does not have.
var metadataHash = regexp.MustCompile(` with metadata hash -?\d+`)

// differ compares two values by their JSON, in which empty is absent.
func differ(field string, want, got any) string {
	a, _ := json.Marshal(want)
	b, _ := json.Marshal(got)
	var x, y any
	json.Unmarshal(a, &x)
	json.Unmarshal(b, &y)
	a, _ = json.Marshal(x)
	b, _ = json.Marshal(y)
	if bytes.Equal(a, b) {
		return ""
	}
	return fmt.Sprintf("%s:\n  want %s\n  got  %s", field, a, b)
}

// answer writes an answer as the vectors do.
func (s *sequence) answer(step *vectorStep, r reply) map[string]any {
	op := s.ops[r.to-1]
	o := map[string]any{"re": int(r.to) - 1, "op": op}
	if step.Op == "advance" {
		o["t"] = r.at.Milliseconds()
	}
	switch r := r.r.(type) {
	case *kafka.JoinGroupResponse:
		answerJoin(o, r)
	case *kafka.SyncGroupResponse:
		o["code"] = r.Err.String()
		if r.Err == kafka.ErrNone {
			o["type"], o["proto"], o["assign"] = orNull(r.ProtocolType), orNull(r.Protocol), r.Assignment
		}
	case *kafka.HeartbeatResponse:
		o["code"] = r.Err.String()
	case *kafka.LeaveGroupResponse:
		o["code"] = r.Err.String()
		members := []any{}
		for _, m := range r.Members {
			members = append(members, []any{m.MemberID, orNull(m.InstanceID), m.Err.String()})
		}
		o["members"] = members
	case *kafka.OffsetCommitResponse:
		o["code"] = r.Errs[0].String()
		if slices.ContainsFunc(r.Errs, func(e kafka.ErrorCode) bool { return e != r.Errs[0] }) {
			o["code"] = "MIXED"
			var codes []string
			for _, e := range r.Errs {
				codes = append(codes, e.String())
			}
			o["codes"] = codes
		}
	case *kafka.ConsumerGroupHeartbeatResponse:
		answerConsumer(o, r)
	case *kafka.OffsetFetchResponse:
		o["code"] = r.Err.String()
		if r.Err != kafka.ErrNone {
			break
		}
		offsets := []any{}
		for i, tp := range fetched(&s.Steps[step.I].In) {
			offsets = append(offsets, []any{tp.Topic, tp.Partition, r.Offsets[i]})
		}
		o["offsets"] = offsets
	}
	return o
}

func answerJoin(o map[string]any, r *kafka.JoinGroupResponse) {
	o["code"], o["member"] = r.Err.String(), r.MemberID
	if r.Err != kafka.ErrNone {
		return
	}
	o["gen"], o["type"], o["proto"], o["leader"] = r.Generation, r.ProtocolType, r.Protocol, r.Leader
	if r.SkipAssignment {
		o["skip"] = true
	}
	var members []any
	for _, m := range r.Members {
		members = append(members, []any{m.MemberID, orNull(m.InstanceID), m.Metadata})
	}
	if members != nil {
		o["members"] = members
	}
}

func answerConsumer(o map[string]any, r *kafka.ConsumerGroupHeartbeatResponse) {
	o["code"] = r.Err.String()
	if r.Err != kafka.ErrNone {
		o["msg"] = r.Message
		return
	}
	o["member"], o["epoch"], o["interval"] = r.MemberID, r.MemberEpoch, r.HeartbeatInterval.Milliseconds()
	if r.Assigned {
		o["assign"] = byTopic(r.Assignment)
	}
}

func byTopic(list []kafka.TopicPartition) map[string][]int32 {
	m := map[string][]int32{}
	for _, tp := range list {
		m[tp.Topic] = append(m[tp.Topic], tp.Partition)
	}
	return m
}

// timer is [kind, member or null].
func (s *sequence) timer(id TimerID) []any {
	if id.OfMember() {
		return []any{id.Kind.String(), s.w.c.MemberID(id)}
	}
	return []any{id.Kind.String(), nil}
}

// snapshot writes the group as the vectors do.
func (s *sequence) snapshot() map[string]any {
	o := map[string]any{"state": "Absent"}
	if v, ok := s.w.c.Group("g"); ok {
		o = map[string]any{"state": v.State.String(), "kind": "classic", "gen": v.Generation}
		set(o, "type", v.ProtocolType)
		set(o, "proto", v.Protocol)
		set(o, "leader", v.Leader)
		if v.NewMemberAdded {
			o["newMemberAdded"] = true
		}
		members := []any{}
		for _, m := range v.Members {
			members = append(members, snapshotMember(m))
		}
		o["members"] = members
		if len(v.PendingJoin) > 0 {
			o["pendingJoin"] = v.PendingJoin
		}
		if len(v.PendingSync) > 0 {
			o["pendingSync"] = v.PendingSync
		}
	}
	if v, ok := s.w.c.ConsumerGroup("g"); ok {
		o = snapshotConsumer(v)
	}
	timers := []any{}
	for _, t := range s.w.inOrder() {
		timers = append(timers, append(s.timer(t.id), t.at.Milliseconds()))
	}
	o["timers"] = timers
	return o
}

func snapshotMember(m MemberView) map[string]any {
	o := map[string]any{"id": m.ID}
	set(o, "inst", m.InstanceID)
	if m.AwaitingJoin {
		o["awaiting"] = "join"
	}
	if m.AwaitingSync {
		o["awaiting"] = "sync"
	}
	if m.New {
		o["new"] = true
	}
	set(o, "assign", m.Assignment)
	return o
}

func snapshotConsumer(v ConsumerView) map[string]any {
	o := map[string]any{"state": v.State.String(), "kind": "consumer", "epoch": v.Epoch, "targetEpoch": v.TargetEpoch}
	if v.TargetAt != never {
		o["targetAt"] = v.TargetAt.Milliseconds()
	}
	members := []any{}
	for _, m := range v.Members {
		members = append(members, snapshotConsumerMember(m))
	}
	o["members"] = members
	return o
}

func snapshotConsumerMember(m ConsumerMemberView) map[string]any {
	o := map[string]any{"id": m.ID, "epoch": m.Epoch, "prev": m.PreviousEpoch, "state": m.State.String(),
		"topics": append([]string{}, m.Topics...), "rebalance": m.RebalanceTimeout.Milliseconds(),
		"assigned": withEpochs(m.Assigned), "target": byTopic(m.Target)}
	set(o, "inst", m.InstanceID)
	set(o, "assignor", m.Assignor)
	if len(m.Revoking) > 0 {
		o["revoking"] = withEpochs(m.Revoking)
	}
	return o
}

func withEpochs(list []OwnedPartition) map[string][][2]int32 {
	m := map[string][][2]int32{}
	for _, p := range list {
		m[p.Topic] = append(m[p.Topic], [2]int32{p.Partition, p.Epoch})
	}
	return m
}

func set(o map[string]any, key, value string) {
	if value != "" {
		o[key] = value
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
