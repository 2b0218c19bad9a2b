package kafka

import "ksim/sim/clock"

// RequestID ties a response to its request. The engine numbers requests from 1;
// 0 is no request.
type RequestID uint64

// Request is what a client sends to a broker; Name is the protocol's own name
// for it (org.apache.kafka.common.protocol.ApiKeys). Response is its answer.
type (
	Request  interface{ Name() string }
	Response interface{ response() }
)

// GroupRequest is a request that the coordinator of its group serves.
type GroupRequest interface {
	Request
	GroupID() string
}

// MetadataRequest asks for partitions and leaders of topics (KIP: Metadata v12).
type MetadataRequest struct{ Topics []string }

// MetadataResponse answers in the order of the request. A topic that does not
// exist has Err = UNKNOWN_TOPIC_OR_PARTITION and no leaders.
type MetadataResponse struct {
	Brokers []int32 // ids, ascending
	Topics  []TopicMetadata
}

// TopicMetadata tells a topic's partitions by their leaders (-1: none). Order is
// the partitions in the order in which the broker lists them, nil where that does
// not matter.
type TopicMetadata struct {
	Topic   string
	Err     ErrorCode
	Leaders []int32
	Order   []int32
}

// LeaderOf is the broker that leads a partition as metadata shows it, 0 when unknown
// or none.
func LeaderOf(topics []TopicMetadata, tp TopicPartition) int32 {
	for i := range topics {
		if t := &topics[i]; t.Topic == tp.Topic && int(tp.Partition) < len(t.Leaders) {
			return max(0, t.Leaders[tp.Partition])
		}
	}
	return 0
}

// Listed is the partitions as the broker has listed them.
func (t *TopicMetadata) Listed() []int32 {
	if t.Order != nil {
		return t.Order
	}
	order := make([]int32, len(t.Leaders))
	for p := range order {
		order[p] = int32(p)
	}
	return order
}

// ApiVersionsRequest asks which requests a broker serves: what clients begin a
// connection with that negotiate versions. Only those send it here whose start it
// holds up.
type ApiVersionsRequest struct{}

// ApiVersionsResponse answers it: all that ksim's clients speak.
type ApiVersionsResponse struct{}

// FindCoordinatorRequest asks which broker coordinates a group, or the
// transactions of a transactional id.
type FindCoordinatorRequest struct{ Group, Transactional string }

// FindCoordinatorResponse names the coordinator's broker.
type FindCoordinatorResponse struct {
	Err    ErrorCode
	Broker int32
}

// JoinGroupRequest is JoinGroup. Times in virtual time; APIVersion decides, with
// the broker's, what KIP-394 (≥ 4) and KIP-814 (≥ 9) do.
type JoinGroupRequest struct {
	APIVersion       int16
	Group            string
	ClientID         string
	MemberID         string // "" at first
	InstanceID       string // "" when dynamic
	SessionTimeout   clock.Duration
	RebalanceTimeout clock.Duration
	ProtocolType     string
	Protocols        []GroupProtocol
	Reason           string // "" when not provided
}

// GroupProtocol is one assignor that a member offers, with its metadata: the
// text of EncodeSubscription, equal text standing for equal bytes.
type GroupProtocol struct {
	Name     string
	Metadata string
}

// JoinGroupResponse answers JoinGroup. Members is filled for the leader only, in
// the coordinator's own order.
type JoinGroupResponse struct {
	Err            ErrorCode
	MemberID       string
	Generation     int32
	ProtocolType   string
	Protocol       string
	Leader         string
	SkipAssignment bool
	Members        []JoinGroupMember
}

// JoinGroupMember is one member as the leader sees it.
type JoinGroupMember struct{ MemberID, InstanceID, Metadata string }

// SyncGroupRequest is SyncGroup; Assignments only from the leader.
type SyncGroupRequest struct {
	Group        string
	MemberID     string
	InstanceID   string
	Generation   int32
	ProtocolType string // "" before v5
	Protocol     string
	Assignments  []MemberAssignment
}

// MemberAssignment is the leader's decision for one member: the text of
// EncodeAssignment.
type MemberAssignment struct{ MemberID, Assignment string }

// SyncGroupResponse hands a member its assignment.
type SyncGroupResponse struct {
	Err          ErrorCode
	ProtocolType string
	Protocol     string
	Assignment   string
}

// HeartbeatRequest is the classic protocol's Heartbeat.
type HeartbeatRequest struct {
	Group, MemberID, InstanceID string
	Generation                  int32
}

// HeartbeatResponse answers Heartbeat.
type HeartbeatResponse struct{ Err ErrorCode }

// LeaveGroupRequest is LeaveGroup (v3+: a batch).
type LeaveGroupRequest struct {
	Group   string
	Members []LeavingMember
}

// LeavingMember names who leaves; Reason "" means not provided.
type LeavingMember struct{ MemberID, InstanceID, Reason string }

// LeaveGroupResponse answers each entry of the batch.
type LeaveGroupResponse struct {
	Err     ErrorCode
	Members []LeftMember
}

// LeftMember is one entry's answer.
type LeftMember struct {
	MemberID, InstanceID string
	Err                  ErrorCode
}

// OffsetCommitRequest is OffsetCommit. Generation −1, MemberID "" for a consumer
// that is in no group.
type OffsetCommitRequest struct {
	APIVersion                  int16
	Group, MemberID, InstanceID string
	Generation                  int32
	Offsets                     []OffsetCommit
}

// OffsetCommit is one partition's new committed offset: the next to be read.
type OffsetCommit struct {
	TopicPartition
	Offset         int64
	MetadataLength int32
	// WithEpoch tells that it carries the leader epoch of the record before it
	// (KIP-320), as the Java client's does where it has consumed that record.
	WithEpoch bool
}

// OffsetCommitResponse answers by partition, in the request's order.
type OffsetCommitResponse struct{ Errs []ErrorCode }

// OffsetFetchRequest asks for committed offsets. A member of the consumer protocol
// names itself and its epoch (v9); MemberID "" names nobody.
type OffsetFetchRequest struct {
	Group         string
	MemberID      string
	MemberEpoch   int32
	Partitions    []TopicPartition
	RequireStable bool
}

// OffsetFetchResponse answers in the request's order; NoOffset for none. WithEpoch is
// nil when no offset was committed with a leader epoch.
type OffsetFetchResponse struct {
	Err       ErrorCode
	Offsets   []int64
	WithEpoch []bool
}

// HasEpoch tells whether offset i was committed with a leader epoch.
func (r *OffsetFetchResponse) HasEpoch(i int) bool { return r.WithEpoch != nil && r.WithEpoch[i] }

// ListOffsetsRequest asks for the earliest or the latest offset of partitions.
type ListOffsetsRequest struct {
	Partitions    []TopicPartition
	Latest        bool
	ReadCommitted bool // the latest is the last stable offset
}

// ListOffsetsResponse answers in the request's order. Errs is nil when no partition
// has an error.
type ListOffsetsResponse struct {
	Offsets []int64
	Errs    []ErrorCode
}

// Err is the error of partition i of the request.
func (r *ListOffsetsResponse) Err(i int) ErrorCode {
	if r.Errs == nil {
		return ErrNone
	}
	return r.Errs[i]
}

// OffsetsForLeaderEpochRequest asks whether positions are still in the logs of the
// leader epoch in which they were consumed (KIP-320).
type OffsetsForLeaderEpochRequest struct{ Partitions []TopicPartition }

// OffsetsForLeaderEpochResponse answers in the request's order.
type OffsetsForLeaderEpochResponse struct{ Errs []ErrorCode }

// FetchRequest asks for records: long poll until MinBytes are there or MaxWait
// is over.
type FetchRequest struct {
	MaxWait    clock.Duration
	MinBytes   int64
	MaxBytes   int64
	Partitions []FetchPartition
	// ReadCommitted: nothing beyond the last stable offset (isolation.level).
	ReadCommitted bool
}

// FetchPartition is where one partition's fetch begins and how much it may bring.
type FetchPartition struct {
	TopicPartition
	Offset   int64
	MaxBytes int64
}

// FetchResponse brings ranges of offsets, never records one by one.
type FetchResponse struct{ Partitions []FetchedRange }

// FetchedRange is the records [From, To) of a partition, each of Size bytes. A
// partition whose records differ in size has several ranges, in order. Only
// partitions with records or with an error are in a response.
type FetchedRange struct {
	TopicPartition
	Err      ErrorCode
	From, To int64
	Size     int64
}

// The names are what Kafka calls the requests (ApiKeys).

func (*MetadataRequest) Name() string        { return "Metadata" }
func (*ApiVersionsRequest) Name() string     { return "ApiVersions" }
func (*FindCoordinatorRequest) Name() string { return "FindCoordinator" }
func (*JoinGroupRequest) Name() string       { return "JoinGroup" }
func (*SyncGroupRequest) Name() string       { return "SyncGroup" }
func (*HeartbeatRequest) Name() string       { return "Heartbeat" }
func (*LeaveGroupRequest) Name() string      { return "LeaveGroup" }
func (*OffsetCommitRequest) Name() string    { return "OffsetCommit" }
func (*OffsetFetchRequest) Name() string     { return "OffsetFetch" }
func (*ListOffsetsRequest) Name() string     { return "ListOffsets" }
func (*FetchRequest) Name() string           { return "Fetch" }

// Name is the request's name in Kafka's protocol.
func (*OffsetsForLeaderEpochRequest) Name() string { return "OffsetForLeaderEpoch" }

// GroupID is the group whose coordinator serves it.
func (r *JoinGroupRequest) GroupID() string { return r.Group }

// GroupID is the group whose coordinator serves it.
func (r *SyncGroupRequest) GroupID() string { return r.Group }

// GroupID is the group whose coordinator serves it.
func (r *HeartbeatRequest) GroupID() string { return r.Group }

// GroupID is the group whose coordinator serves it.
func (r *LeaveGroupRequest) GroupID() string { return r.Group }

// GroupID is the group whose coordinator serves it.
func (r *OffsetCommitRequest) GroupID() string { return r.Group }

// GroupID is the group whose coordinator serves it.
func (r *OffsetFetchRequest) GroupID() string { return r.Group }

func (*MetadataResponse) response()        {}
func (*ApiVersionsResponse) response()     {}
func (*FindCoordinatorResponse) response() {}
func (*JoinGroupResponse) response()       {}
func (*SyncGroupResponse) response()       {}
func (*HeartbeatResponse) response()       {}
func (*LeaveGroupResponse) response()      {}
func (*OffsetCommitResponse) response()    {}
func (*OffsetFetchResponse) response()     {}
func (*ListOffsetsResponse) response()     {}
func (*FetchResponse) response()           {}

func (*OffsetsForLeaderEpochResponse) response() {}
