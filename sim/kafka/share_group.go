package kafka

import "ksim/sim/clock"

// ShareGroupHeartbeatRequest is ShareGroupHeartbeat (KIP-932, v1): join, heartbeat and
// leave in one. There are no static members, and nothing to give up.
type ShareGroupHeartbeatRequest struct {
	Group       string
	ClientID    string   // of the request's header
	MemberID    string   // the client's own choice: a UUID
	MemberEpoch int32    // 0 joins, −1 leaves
	Topics      []string // nil: unchanged
}

// ShareGroupHeartbeatResponse answers with the member's epoch and, when it has changed
// or has to be told again, its assignment.
type ShareGroupHeartbeatResponse struct {
	Err               ErrorCode
	Message           string // why, with Err
	MemberID          string
	MemberEpoch       int32
	HeartbeatInterval clock.Duration
	Assigned          bool             // Assignment is in the answer
	Assignment        []TopicPartition // sorted
}

// Name is what Kafka calls the request (ApiKeys).
func (*ShareGroupHeartbeatRequest) Name() string { return "ShareGroupHeartbeat" }

// GroupID is the group whose coordinator serves it.
func (r *ShareGroupHeartbeatRequest) GroupID() string { return r.Group }

func (*ShareGroupHeartbeatResponse) response() {}

// AcknowledgeType is a share consumer's verdict on a record, by Kafka's ids.
type AcknowledgeType uint8

// The verdicts.
const (
	AcknowledgeGap     AcknowledgeType = 0 // there is no such record
	AcknowledgeAccept  AcknowledgeType = 1 // processed
	AcknowledgeRelease AcknowledgeType = 2 // deliver it again
	AcknowledgeReject  AcknowledgeType = 3 // never deliver it again
	AcknowledgeRenew   AcknowledgeType = 4 // more time (KIP-1222)
)

// ShareAcknowledgement is the verdict on the records [From, To) of a partition.
type ShareAcknowledgement struct {
	TopicPartition
	From, To int64
	Type     AcknowledgeType
}

// The epochs of a share session that say something else than an epoch
// (ShareRequestMetadata).
const (
	ShareSessionOpen  int32 = 0
	ShareSessionClose int32 = -1
)

// ShareFetchRequest is ShareFetch (KIP-932) to the leader of the partitions: a long
// poll for records to acquire, with acknowledgements on the way. Partitions is all
// that the session has, every time.
type ShareFetchRequest struct {
	Group, MemberID  string
	SessionEpoch     int32 // ShareSessionOpen, then counted up
	MaxWait          clock.Duration
	MaxBytes         int64
	MaxRecords       int64
	Partitions       []TopicPartition
	Acknowledgements []ShareAcknowledgement
}

// ShareFetchResponse brings the records that have been acquired.
type ShareFetchResponse struct {
	Err          ErrorCode
	Acknowledged []ShareAcknowledged
	Partitions   []SharedRange
}

// ShareAcknowledged is how the acknowledgements of a partition have fared.
type ShareAcknowledged struct {
	TopicPartition
	Err ErrorCode
}

// SharedRange is the records [From, To) of a partition, each of Size bytes, which the
// member has acquired; or why there are none.
type SharedRange struct {
	TopicPartition
	Err           ErrorCode
	From, To      int64
	Size          int64
	DeliveryCount int // this time included
}

// ShareAcknowledgeRequest is ShareAcknowledge: acknowledgements without a fetch. With
// ShareSessionClose it ends the session, and what the member has not acknowledged is
// released.
type ShareAcknowledgeRequest struct {
	Group, MemberID  string
	SessionEpoch     int32
	Acknowledgements []ShareAcknowledgement
}

// ShareAcknowledgeResponse answers it.
type ShareAcknowledgeResponse struct {
	Err          ErrorCode
	Acknowledged []ShareAcknowledged
}

func (*ShareFetchRequest) Name() string       { return "ShareFetch" }
func (*ShareAcknowledgeRequest) Name() string { return "ShareAcknowledge" }

func (*ShareFetchResponse) response()       {}
func (*ShareAcknowledgeResponse) response() {}
