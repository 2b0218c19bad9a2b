package sarama

import (
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// settings is the fields of Config that the consumer acts on.
type settings struct {
	session, heartbeat, rebalance      clock.Duration
	retryMax                           int64 // Consumer.Group.Rebalance.Retry
	retryBackoff                       clock.Duration
	autoCommit                         bool
	autoCommitInterval                 clock.Duration
	commitRetries                      int64 // Consumer.Offsets.Retry.Max
	oldest                             bool  // Consumer.Offsets.Initial
	resetInvalid                       bool
	instance                           string
	strategies                         []string
	fetchMaxWait                       clock.Duration
	fetchMin, fetchMax, fetchPartition int64
	channel                            int64 // ChannelBufferSize
	maxProcessing                      clock.Duration
	consumerRetry                      clock.Duration
	metadataRetries                    int64
	metadataBackoff                    clock.Duration
	metadataAge                        clock.Duration
	readTimeout                        clock.Duration
	returnErrors                       bool
	version                            kafka.Version // Config.Version
}

// partitionConsumersBatchTimeout is how long a worker gathers new subscriptions,
// and how long it naps without any.
const partitionConsumersBatchTimeout = 100 * clock.Millisecond

// readSettings takes the consumer's settings from its resolved configuration.
func readSettings(s config.Set) *settings {
	return &settings{
		session:            s.Millis("session.timeout.ms"),
		heartbeat:          s.Millis("heartbeat.interval.ms"),
		rebalance:          s.Millis("rebalance.timeout.ms"),
		retryMax:           s.Int("Consumer.Group.Rebalance.Retry.Max"),
		retryBackoff:       s.Millis("Consumer.Group.Rebalance.Retry.Backoff"),
		autoCommit:         s.Bool("enable.auto.commit"),
		autoCommitInterval: s.Millis("auto.commit.interval.ms"),
		commitRetries:      s.Int("Consumer.Offsets.Retry.Max"),
		oldest:             s.String("Consumer.Offsets.Initial") == "OffsetOldest",
		resetInvalid:       s.Bool("Consumer.Group.ResetInvalidOffsets"),
		instance:           s.String("group.instance.id"),
		strategies:         s.List("partition.assignment.strategy"),
		fetchMaxWait:       s.Millis("fetch.max.wait.ms"),
		fetchMin:           s.Int("fetch.min.bytes"),
		fetchMax:           s.Int("fetch.max.bytes"),
		fetchPartition:     s.Int("max.partition.fetch.bytes"),
		channel:            s.Int("ChannelBufferSize"),
		maxProcessing:      s.Millis("Consumer.MaxProcessingTime"),
		consumerRetry:      s.Millis("Consumer.Retry.Backoff"),
		metadataRetries:    s.Int("Metadata.Retry.Max"),
		metadataBackoff:    s.Millis("Metadata.Retry.Backoff"),
		metadataAge:        s.Millis("Metadata.RefreshFrequency"),
		returnErrors:       s.Bool("Consumer.Return.Errors"),
		readTimeout:        s.Millis("Net.ReadTimeout"),
		version:            parseVersion(s.String("Version")),
	}
}

// parseVersion is ParseKafkaVersion of a text that the catalogue has checked.
func parseVersion(text string) kafka.Version {
	var n [4]int32
	for i, part := range strings.SplitN(text, ".", 4) {
		x, _ := strconv.ParseInt(part, 10, 32)
		n[i] = int32(x)
	}
	return kafka.V(n[0], n[1], n[2])
}

// joinVersion is the JoinGroup version (NewJoinGroupRequest).
func (s *settings) joinVersion() int16 {
	for _, x := range []struct {
		since   kafka.Version
		version int16
	}{{kafka.V(3, 2, 0), 8}, {kafka.V(2, 5, 0), 7}, {kafka.V(2, 4, 0), 6}, {kafka.V(2, 3, 0), 5}, {kafka.V(2, 2, 0), 4}, {kafka.V(2, 0, 0), 3}, {kafka.V(0, 11, 0), 2}} {
		if s.version >= x.since {
			return x.version
		}
	}
	return 1
}

// reasons tells whether requests carry reasons (KIP-800).
func (s *settings) reasons() bool { return s.joinVersion() >= 8 }
