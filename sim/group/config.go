package group

import (
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// Config is the broker properties that the coordinator reads.
type Config struct {
	Version kafka.Version // of the broker: which requests it knows

	InitialRebalanceDelay  clock.Duration // group.initial.rebalance.delay.ms
	MinSessionTimeout      clock.Duration // group.min.session.timeout.ms
	MaxSessionTimeout      clock.Duration // group.max.session.timeout.ms
	MaxSize                int64          // group.max.size
	OffsetsRetention       clock.Duration // offsets.retention.minutes
	RetentionCheckInterval clock.Duration // offsets.retention.check.interval.ms
	OffsetMetadataMaxBytes int32          // offset.metadata.max.bytes

	ConsumerMaxSize   int64    // group.consumer.max.size
	ConsumerAssignors []string // group.consumer.assignors: the first is the default
	Migration         MigrationPolicy

	ShareMaxSize        int64          // group.share.max.size
	ShareInitialization clock.Duration // how long the share coordinator takes to keep a state
}

// newMemberJoinTimeout is how long a member may wait for its first join phase to
// end. Kafka has no property for it (GroupCoordinatorConfig,
// CLASSIC_GROUP_NEW_MEMBER_JOIN_TIMEOUT_MS).
const newMemberJoinTimeout = 5 * clock.Minute
