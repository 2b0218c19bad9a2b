package aiokafka

import (
	"ksim/sim/clock"
	"ksim/sim/config"
)

// settings is the keyword arguments that the consumer acts on.
type settings struct {
	session, heartbeat                 clock.Duration
	maxPoll                            clock.Duration // max_poll_interval_ms: idle time, not time between polls
	rebalance                          clock.Duration // rebalance_timeout_ms
	autoCommit                         bool
	autoCommitInterval                 clock.Duration
	retryBackoff                       clock.Duration
	metadataMaxAge                     clock.Duration
	fetchMaxWait                       clock.Duration
	fetchMin, fetchMax, fetchPartition int64
	maxPollRecords                     int64  // 0: all that there are
	reset                              string // auto_offset_reset
	instance                           string // group_instance_id
	assignors                          []string
}

// prefetchBackoff is for how long what a node has brought keeps it from being
// asked for its other partitions (Fetcher's prefetch_backoff).
const prefetchBackoff = 100 * clock.Millisecond

// readSettings takes the consumer's settings from its resolved configuration.
func readSettings(s config.Set) *settings {
	r := &settings{
		session:    s.Millis("session_timeout_ms"),
		heartbeat:  s.Millis("heartbeat_interval_ms"),
		maxPoll:    s.Millis("max_poll_interval_ms"),
		rebalance:  s.Millis("session_timeout_ms"),
		autoCommit: s.Bool("enable_auto_commit"),
		// A task that sleeps for 0 ms spins; a turn of it is taken as 1 ms.
		autoCommitInterval: max(s.Millis("auto_commit_interval_ms"), clock.Millisecond),
		retryBackoff:       max(s.Millis("retry_backoff_ms"), clock.Millisecond),
		metadataMaxAge:     s.Millis("metadata_max_age_ms"),
		fetchMaxWait:       s.Millis("fetch_max_wait_ms"),
		fetchMin:           s.Int("fetch_min_bytes"),
		fetchMax:           s.Int("fetch_max_bytes"),
		fetchPartition:     s.Int("max_partition_fetch_bytes"),
		maxPollRecords:     s.Int("max_poll_records"),
		reset:              s.String("auto_offset_reset"),
		instance:           s.String("group_instance_id"),
		assignors:          s.List("partition_assignment_strategy"),
	}
	if s.Given("rebalance_timeout_ms") {
		r.rebalance = s.Millis("rebalance_timeout_ms")
	}
	return r
}
