package clienttest

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"ksim/sim/client"
	"ksim/sim/kafka"
)

// answerAny answers any request, well or badly, in any order, or breaks its
// connection.
func (g *AnyHost) answerAny() {
	i := rapid.IntRange(0, len(g.requests)-1).Draw(g.T, "request")
	q := g.requests[i]
	g.requests = slices.Delete(g.requests, i, i+1)
	switch kind(q.request) {
	case "joingroup", "syncgroup":
		g.joining--
	case "fetch":
		g.fetching[q.broker]--
	}
	if rapid.IntRange(0, 29).Draw(g.T, "breaks") == 0 {
		g.breakAny(q)
		return
	}
	r := g.response(q.request, g.anyError(q.request))
	g.input(func(c client.Consumer, h client.Host) { c.Response(h, g.now, q.id, r) })
}

// breakAny breaks the connection of a request. For a client that watches or pushes it
// is the broker that has died: nothing that waits for it gets an answer.
func (g *AnyHost) breakAny(q sent) {
	lost := []sent{q}
	_, pushes := g.Consumer.(client.HandlerConsumer)
	_, watches := g.Consumer.(client.ConnectionWatcher)
	if pushes || watches {
		lost = append(lost, g.drop(q.broker)...)
	}
	for _, q := range lost {
		g.input(func(c client.Consumer, h client.Host) { c.Response(h, g.now, q.id, nil) })
	}
	if watches && !g.over {
		g.input(func(c client.Consumer, h client.Host) { c.(client.ConnectionWatcher).Disconnected(h, g.now, q.broker) })
	}
}

// anyError is the error of an answer, mostly none.
func (g *AnyHost) anyError(r kafka.Request) kafka.ErrorCode {
	if rapid.IntRange(0, 9).Draw(g.T, "fails") < 8 {
		return kafka.ErrNone
	}
	code := rapid.SampledFrom([]kafka.ErrorCode{
		kafka.ErrRebalanceInProgress, kafka.ErrUnknownMemberID, kafka.ErrIllegalGeneration, kafka.ErrNotCoordinator,
		kafka.ErrMemberIDRequired, kafka.ErrCoordinatorLoadInProgress, kafka.ErrFencedInstanceID,
	}).Draw(g.T, "code")
	if code == kafka.ErrFencedInstanceID && !g.Static || code == kafka.ErrMemberIDRequired && kind(r) != "joingroup" {
		return kafka.ErrRebalanceInProgress
	}
	return code
}

func (g *AnyHost) response(r kafka.Request, code kafka.ErrorCode) kafka.Response {
	switch r := r.(type) {
	case *kafka.MetadataRequest:
		leaders := slices.Repeat([]int32{1, 2}, 2)[:rapid.IntRange(2, 4).Draw(g.T, "partitions")]
		if g.Moves && rapid.IntRange(0, 9).Draw(g.T, "moves") == 0 {
			leaders[0] = rapid.SampledFrom([]int32{-1, 2}).Draw(g.T, "leader")
		}
		return &kafka.MetadataResponse{Brokers: []int32{1, 2}, Topics: []kafka.TopicMetadata{{Topic: "t", Leaders: leaders}}}
	case *kafka.FindCoordinatorRequest:
		return &kafka.FindCoordinatorResponse{Err: code, Broker: rapid.Int32Range(1, 2).Draw(g.T, "coordinator")}
	case *kafka.JoinGroupRequest:
		g.joins++
		p := rapid.SampledFrom(r.Protocols).Draw(g.T, "protocol")
		j := &kafka.JoinGroupResponse{Err: code, MemberID: "A-1", Generation: g.joins, Protocol: p.Name, Leader: "B-1"}
		if rapid.Bool().Draw(g.T, "leads") {
			j.Leader, j.Members = "A-1", []kafka.JoinGroupMember{{MemberID: "A-1", Metadata: p.Metadata}}
		}
		return j
	case *kafka.SyncGroupRequest:
		return &kafka.SyncGroupResponse{Err: code, Assignment: rapid.SampledFrom([]string{"", "t-0", "t-1,t-0"}).Draw(g.T, "assignment")}
	case *kafka.HeartbeatRequest:
		return &kafka.HeartbeatResponse{Err: code}
	case *kafka.LeaveGroupRequest:
		return &kafka.LeaveGroupResponse{Err: code}
	case *kafka.OffsetCommitRequest:
		return &kafka.OffsetCommitResponse{Errs: slices.Repeat([]kafka.ErrorCode{code}, len(r.Offsets))}
	case *kafka.OffsetFetchRequest:
		o := &kafka.OffsetFetchResponse{Err: code}
		for range r.Partitions {
			o.Offsets = append(o.Offsets, rapid.SampledFrom([]int64{-1, 0, 7}).Draw(g.T, "committed"))
			o.WithEpoch = append(o.WithEpoch, rapid.Bool().Draw(g.T, "epoch"))
		}
		return o
	case *kafka.ApiVersionsRequest:
		return &kafka.ApiVersionsResponse{}
	case *kafka.OffsetsForLeaderEpochRequest:
		v := &kafka.OffsetsForLeaderEpochResponse{Errs: make([]kafka.ErrorCode, len(r.Partitions))}
		if g.GivesUp && rapid.IntRange(0, 4).Draw(g.T, "no leader") == 0 {
			v.Errs = slices.Repeat([]kafka.ErrorCode{kafka.ErrNotLeaderOrFollower}, len(r.Partitions))
		}
		return v
	case *kafka.ListOffsetsRequest:
		l := &kafka.ListOffsetsResponse{Offsets: make([]int64, len(r.Partitions))}
		if g.GivesUp && rapid.IntRange(0, 4).Draw(g.T, "no leader") == 0 {
			l.Errs = slices.Repeat([]kafka.ErrorCode{kafka.ErrNotLeaderOrFollower}, len(r.Partitions))
		}
		return l
	case *kafka.FetchRequest:
		return g.fetchResponse(r)
	}
	panic(fmt.Sprintf("no answer for %T", r))
}

func (g *AnyHost) fetchResponse(r *kafka.FetchRequest) *kafka.FetchResponse {
	f := &kafka.FetchResponse{}
	for _, p := range r.Partitions {
		x := kafka.FetchedRange{TopicPartition: p.TopicPartition, From: p.Offset, To: p.Offset + rapid.SampledFrom([]int64{1, 5, 20, 33}).Draw(g.T, "records"), Size: 10}
		switch rapid.IntRange(0, 9).Draw(g.T, "kind") {
		case 0:
			x.Err = kafka.ErrOffsetOutOfRange
		case 1, 2:
			continue
		case 3:
			if g.Moves {
				x.Err = kafka.ErrNotLeaderOrFollower
			}
		}
		f.Partitions = append(f.Partitions, x)
	}
	return f
}
