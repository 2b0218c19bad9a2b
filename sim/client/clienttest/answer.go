package clienttest

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"ksim/sim/kafka"
)

// answer answers the oldest request of a kind: `joingroup key=value…`; with `lost`
// its connection breaks before there is an answer.
func (w *World) answer(t *testing.T, words []string) {
	args := make(map[string]string)
	for _, a := range words[1:] {
		k, v, _ := strings.Cut(a, "=")
		args[k] = v
	}
	i := slices.IndexFunc(w.requests, func(s sent) bool {
		return kind(s.request) == words[0] && (args["broker"] == "" || args["broker"] == strconv.Itoa(int(s.broker)))
	})
	if i < 0 {
		t.Fatalf("no %s is waiting", words[0])
	}
	if _, lost := args["lost"]; lost {
		w.respond(i, nil)
		return
	}
	delete(args, "broker")
	w.respond(i, response(t, w.requests[i].request, args))
}

// response makes the answer that the arguments describe.
func response(t *testing.T, r kafka.Request, args map[string]string) kafka.Response {
	code := kafka.ErrNone
	if name, ok := args["error"]; ok {
		if code, ok = kafka.ParseErrorCode(name); !ok {
			t.Fatalf("no error %s", name)
		}
	}
	switch r := r.(type) {
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
	case *kafka.OffsetFetchRequest:
		return &kafka.OffsetFetchResponse{Err: code, Offsets: offsetList(t, len(r.Partitions), args["offsets"], kafka.NoOffset)}
	case *kafka.ListOffsetsRequest:
		return &kafka.ListOffsetsResponse{Offsets: offsetList(t, len(r.Partitions), args["offsets"], 0)}
	case *kafka.FetchRequest:
		return fetchResponse(t, args)
	}
	t.Fatalf("no answer for %T", r)
	return nil
}

// metadataResponse: `t=3`, three partitions that brokers 1 and 2 lead in turn.
func metadataResponse(t *testing.T, r *kafka.MetadataRequest, args map[string]string) kafka.Response {
	m := &kafka.MetadataResponse{Brokers: []int32{1, 2}}
	for _, name := range r.Topics {
		x := kafka.TopicMetadata{Topic: name}
		n := numberOr(t, args[name], 0)
		if n == 0 {
			x.Err = kafka.ErrUnknownTopicOrPartition
		}
		for p := range n {
			x.Leaders = append(x.Leaders, int32(p%2+1))
		}
		m.Topics = append(m.Topics, x)
	}
	return m
}

// joinResponse: `id=A-1 generation=1 [leader=B-1] [protocol=sticky]`; as leader
// with `members=A-1,B-1`, all with the same subscription.
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
	if members, ok := args["members"]; ok {
		for id := range strings.SplitSeq(members, ",") {
			j.Members = append(j.Members, kafka.JoinGroupMember{MemberID: id, Metadata: r.Protocols[0].Metadata})
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
			x.From, x.To = number(t, from), number(t, to)
		}
		f.Partitions = append(f.Partitions, x)
	}
	slices.SortFunc(f.Partitions, func(a, b kafka.FetchedRange) int { return a.Compare(b.TopicPartition) })
	return f
}

func offsetList(t *testing.T, n int, text string, missing int64) []int64 {
	offsets := slices.Repeat([]int64{missing}, n)
	for i, f := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' }) {
		offsets[i] = number(t, f)
	}
	return offsets
}

func number(t *testing.T, text string) int64 {
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
	return number(t, text)
}
