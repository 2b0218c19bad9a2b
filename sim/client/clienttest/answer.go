package clienttest

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Answer answers the oldest request of a kind: `joingroup key=value…`.
func (w *World) Answer(t *testing.T, line string) { w.answer(t, strings.Fields(line)) }

// answer answers the oldest request of a kind; with `lost`, or `disconnected`, its
// connection breaks before there is an answer.
func (w *World) answer(t *testing.T, words []string) {
	args := make(map[string]string)
	for _, a := range words[1:] {
		k, v, _ := strings.Cut(a, "=")
		args[k] = v
	}
	if w.GivenUp != nil {
		w.requests = slices.DeleteFunc(w.requests, func(s sent) bool { return w.GivenUp(s.id) })
	}
	i := slices.IndexFunc(w.requests, func(s sent) bool {
		return kind(s.request) == words[0] && (args["broker"] == "" || args["broker"] == strconv.Itoa(int(s.broker)))
	})
	if i < 0 {
		t.Fatalf("no %s is waiting", words[0])
	}
	delete(args, "broker")
	w.respond(i, w.response(t, w.requests[i].request, args))
}

// response makes the answer that the arguments describe.
func (w *World) response(t *testing.T, r kafka.Request, args map[string]string) kafka.Response {
	_, lost := args["lost"]
	if _, disconnected := args["disconnected"]; lost || disconnected {
		return nil
	}
	code := kafka.ErrNone
	if name, ok := args["error"]; ok {
		if code, ok = kafka.ParseErrorCode(name); !ok {
			t.Fatalf("no error %s", name)
		}
	}
	if w.Response != nil {
		if own := w.Response(r, args, code); own != nil {
			return own
		}
	}
	switch r := r.(type) {
	case *kafka.ApiVersionsRequest:
		return &kafka.ApiVersionsResponse{}
	case *kafka.ConsumerGroupHeartbeatRequest:
		return memberResponse(t, r, args, code)
	case *kafka.ShareGroupHeartbeatRequest, *kafka.ShareFetchRequest, *kafka.ShareAcknowledgeRequest:
		return shareResponse(t, r, args, code)
	case *kafka.MetadataRequest:
		return metadataResponse(t, r, args)
	case *kafka.FindCoordinatorRequest: // `is=2`
		return &kafka.FindCoordinatorResponse{Err: code, Broker: int32(numberOr(t, args["is"], 1))}
	case *kafka.JoinGroupRequest:
		return joinResponse(t, r, args, code)
	case *kafka.SyncGroupRequest:
		return &kafka.SyncGroupResponse{Err: code, Assignment: args["partitions"]}
	case *kafka.HeartbeatRequest:
		return &kafka.HeartbeatResponse{Err: code}
	case *kafka.LeaveGroupRequest:
		return &kafka.LeaveGroupResponse{Err: code}
	case *kafka.OffsetCommitRequest: // the error is that of each partition
		return &kafka.OffsetCommitResponse{Errs: slices.Repeat([]kafka.ErrorCode{code}, len(r.Offsets))}
	case *kafka.OffsetFetchRequest: // `epochs=true` if they were committed with one
		o := &kafka.OffsetFetchResponse{Err: code, Offsets: offsetList(t, len(r.Partitions), args["offsets"], kafka.NoOffset)}
		if args["epochs"] == "true" {
			o.WithEpoch = slices.Repeat([]bool{true}, len(r.Partitions))
		}
		return o
	case *kafka.OffsetsForLeaderEpochRequest: // the error is that of each partition
		return &kafka.OffsetsForLeaderEpochResponse{Errs: slices.Repeat([]kafka.ErrorCode{code}, len(r.Partitions))}
	case *kafka.ListOffsetsRequest:
		l := &kafka.ListOffsetsResponse{Offsets: offsetList(t, len(r.Partitions), args["offsets"], 0)}
		if code != kafka.ErrNone { // that of each partition
			l.Errs = slices.Repeat([]kafka.ErrorCode{code}, len(r.Partitions))
		}
		return l
	case *kafka.FetchRequest:
		return fetchResponse(t, args)
	}
	t.Fatalf("no answer for %T", r)
	return nil
}

// metadataResponse: `t=3`, three partitions that brokers 1 and 2 lead in turn, or all
// broker `leader=1`, or `t=2,1,-1`, the leader of each; `partitions=3` of every topic,
// which broker 1 leads, listed in `order=1,0,2`. The cluster has so many `brokers=2`.
func metadataResponse(t *testing.T, r *kafka.MetadataRequest, args map[string]string) kafka.Response {
	m := &kafka.MetadataResponse{Brokers: []int32{1, 2}[:numberOr(t, args["brokers"], 2)]}
	for _, name := range r.Topics {
		x := kafka.TopicMetadata{Topic: name, Leaders: leaders(t, args, name)}
		if len(x.Leaders) == 0 {
			x.Err = kafka.ErrUnknownTopicOrPartition
		}
		for p := range strings.FieldsFuncSeq(args["order"], comma) {
			x.Order = append(x.Order, int32(Number(t, p)))
		}
		m.Topics = append(m.Topics, x)
	}
	return m
}

// leaders is the leader of each of a topic's partitions.
func leaders(t *testing.T, args map[string]string, topic string) (leaders []int32) {
	if strings.Contains(args[topic], ",") {
		for leader := range strings.SplitSeq(args[topic], ",") {
			leaders = append(leaders, int32(Number(t, leader)))
		}
		return leaders
	}
	for range numberOr(t, args["partitions"], 0) {
		leaders = append(leaders, int32(numberOr(t, args["leader"], 1)))
	}
	for p := range numberOr(t, args[topic], 0) {
		leaders = append(leaders, int32(numberOr(t, args["leader"], p%2+1)))
	}
	return leaders
}

// memberResponse: `epoch=2`, with `partitions=t-0,t-1` when the broker tells what the
// member is to own; `partitions=` is nothing.
func memberResponse(t *testing.T, r *kafka.ConsumerGroupHeartbeatRequest, args map[string]string, code kafka.ErrorCode) kafka.Response {
	m := &kafka.ConsumerGroupHeartbeatResponse{Err: code, MemberID: r.MemberID, MemberEpoch: int32(numberOr(t, args["epoch"], int64(r.MemberEpoch))), HeartbeatInterval: 5 * clock.Second}
	if code != kafka.ErrNone {
		m.Message = cmp.Or(args["message"], code.Message())
	}
	if list, ok := args["partitions"]; ok {
		m.Assigned, m.Assignment = true, kafka.DecodeAssignment(list)
	}
	return m
}

// joinResponse: `id=A-1 generation=1 [leader=B-1] [protocol=sticky]`; as leader with
// `members=A-1,B-1`, who all subscribe to the same and of whom the others own nothing,
// and perhaps `skip`.
func joinResponse(t *testing.T, r *kafka.JoinGroupRequest, args map[string]string, code kafka.ErrorCode) kafka.Response {
	j := &kafka.JoinGroupResponse{Err: code, MemberID: args["id"], Generation: int32(numberOr(t, args["generation"], -1)), Protocol: args["protocol"], Leader: args["leader"]}
	if j.Protocol == "" {
		j.Protocol = r.Protocols[0].Name
	}
	if j.MemberID == "" {
		j.MemberID = r.MemberID
	}
	if j.Leader == "" {
		j.Leader = j.MemberID
	}
	_, j.SkipAssignment = args["skip"]
	if members, ok := args["members"]; ok {
		for id := range strings.SplitSeq(members, ",") {
			m := kafka.DecodeSubscription(r.Protocols[0].Metadata)
			if id != j.MemberID {
				m.Owned, m.Generation = nil, -1
			}
			j.Members = append(j.Members, kafka.JoinGroupMember{MemberID: id, Metadata: kafka.EncodeSubscription(m)})
		}
	}
	return j
}

// fetchResponse: `t-0=0..100 t-1=0..50`, records of 100 bytes, or
// `t-0=OFFSET_OUT_OF_RANGE`.
func fetchResponse(t *testing.T, args map[string]string) kafka.Response {
	f := &kafka.FetchResponse{}
	for name, value := range args {
		x := kafka.FetchedRange{TopicPartition: kafka.DecodeAssignment(name)[0], Size: 100}
		if code, ok := kafka.ParseErrorCode(value); ok {
			x.Err = code
		} else {
			from, to, _ := strings.Cut(value, "..")
			x.From, x.To = Number(t, from), Number(t, to)
		}
		f.Partitions = append(f.Partitions, x)
	}
	slices.SortFunc(f.Partitions, func(a, b kafka.FetchedRange) int { return a.Compare(b.TopicPartition) })
	return f
}

func comma(r rune) bool { return r == ',' }

func offsetList(t *testing.T, n int, text string, missing int64) []int64 {
	offsets := slices.Repeat([]int64{missing}, n)
	for i, f := range strings.FieldsFunc(text, comma) {
		offsets[i] = Number(t, f)
	}
	return offsets
}

// Number reads a whole number.
func Number(t *testing.T, text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func numberOr(t *testing.T, text string, missing int64) int64 {
	if text == "" {
		return missing
	}
	return Number(t, text)
}
