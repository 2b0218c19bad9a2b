package kafka

import "ksim/sim/clock"

// ConsumerGroupHeartbeatRequest is ConsumerGroupHeartbeat (KIP-848, v1): join,
// heartbeat, acknowledgement and leave in one. Nil slices and zero strings are
// fields that have not changed since the last request.
type ConsumerGroupHeartbeatRequest struct {
	Group            string
	ClientID         string           // of the request's header
	MemberID         string           // the client's own choice: a UUID
	MemberEpoch      int32            // 0 joins, −1 leaves, −2 leaves as a static member
	InstanceID       string           // "" when dynamic
	RebalanceTimeout clock.Duration   // −1: unchanged
	Topics           []string         // nil: unchanged
	Assignor         string           // "" leaves the choice to the broker
	Owned            []TopicPartition // nil: unchanged; empty: owns nothing
}

// ConsumerGroupHeartbeatResponse answers with the member's epoch and, when it is
// to change or has to be told again, its assignment.
type ConsumerGroupHeartbeatResponse struct {
	Err               ErrorCode
	Message           string // why, with Err
	MemberID          string
	MemberEpoch       int32
	HeartbeatInterval clock.Duration
	Assigned          bool             // Assignment is in the answer
	Assignment        []TopicPartition // sorted
}

// Name is what Kafka calls the request (ApiKeys).
func (*ConsumerGroupHeartbeatRequest) Name() string { return "ConsumerGroupHeartbeat" }

// GroupID is the group whose coordinator serves it.
func (r *ConsumerGroupHeartbeatRequest) GroupID() string { return r.Group }

func (*ConsumerGroupHeartbeatResponse) response() {}
