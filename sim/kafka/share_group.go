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

func (*ShareGroupHeartbeatRequest) Name() string { return "ShareGroupHeartbeat" }

// GroupID is the group whose coordinator serves it.
func (r *ShareGroupHeartbeatRequest) GroupID() string { return r.Group }

func (*ShareGroupHeartbeatResponse) response() {}
