package franzgo

import (
	"ksim/sim/clock"
	"ksim/sim/config"
)

// settings is the options that the consumer acts on (kgo's cfg).
type settings struct {
	session, heartbeat, rebalance      clock.Duration
	balancers                          []string
	block                              bool // BlockRebalanceOnPoll
	autoCommit                         bool
	greedy                             bool
	autoCommitInterval                 clock.Duration
	latest                             bool // ConsumeStartOffset, before 1.22 ConsumeResetOffset, at the end
	resetLatest                        bool // ConsumeResetOffset at the end
	instance                           string
	fetchMaxWait                       clock.Duration
	fetchMin, fetchMax, fetchPartition int64
	pollRecords                        int64 // of PollRecords; 0: all
	metadataMaxAge, metadataMinAge     clock.Duration
	retries                            int64
}

// readSettings takes the consumer's settings from its resolved configuration.
func readSettings(s config.Set) *settings {
	return &settings{
		session:            s.Millis("session.timeout.ms"),
		heartbeat:          s.Millis("heartbeat.interval.ms"),
		rebalance:          s.Millis("rebalance.timeout.ms"),
		balancers:          s.List("partition.assignment.strategy"),
		block:              s.Bool("block.rebalance.on.poll"),
		autoCommit:         s.Bool("enable.auto.commit"),
		greedy:             s.Bool("GreedyAutoCommit"),
		autoCommitInterval: s.Millis("auto.commit.interval.ms"),
		latest:             s.String("auto.offset.reset") == "AtEnd",
		resetLatest:        s.String("ConsumeResetOffset") == "AtEnd",
		instance:           s.String("group.instance.id"),
		fetchMaxWait:       s.Millis("fetch.max.wait.ms"),
		fetchMin:           s.Int("fetch.min.bytes"),
		fetchMax:           s.Int("fetch.max.bytes"),
		fetchPartition:     s.Int("max.partition.fetch.bytes"),
		pollRecords:        s.Int("max.poll.records"),
		metadataMaxAge:     s.Millis("metadata.max.age.ms"),
		metadataMinAge:     s.Millis("MetadataMinAge"),
		retries:            s.Int("RequestRetries"),
	}
}
