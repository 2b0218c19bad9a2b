package kafkapython

import (
	"ksim/sim/clock"
	"ksim/sim/config"
)

// settings is the keyword arguments that the consumer acts on.
type settings struct {
	session, heartbeat, maxPoll        clock.Duration
	autoCommit                         bool
	autoCommitInterval                 clock.Duration
	retryBackoff                       clock.Duration
	requestTimeout                     clock.Duration
	metadataMaxAge                     clock.Duration
	fetchMaxWait                       clock.Duration
	fetchMin, fetchMax, fetchPartition int64
	maxPollRecords                     int64
	reset                              string // auto_offset_reset
	instance                           string // group_instance_id
	assignors                          []string
}

// readSettings takes the consumer's settings from its resolved configuration.
func readSettings(s config.Set) *settings {
	return &settings{
		session:            s.Millis("session_timeout_ms"),
		heartbeat:          s.Millis("heartbeat_interval_ms"),
		maxPoll:            s.Millis("max_poll_interval_ms"),
		autoCommit:         s.Bool("enable_auto_commit"),
		autoCommitInterval: s.Millis("auto_commit_interval_ms"),
		// A loop that waits for 0 ms spins; a turn of it is taken as 1 ms.
		retryBackoff:   max(s.Millis("retry_backoff_ms"), clock.Millisecond),
		requestTimeout: s.Millis("request_timeout_ms"),
		metadataMaxAge: s.Millis("metadata_max_age_ms"),
		fetchMaxWait:   s.Millis("fetch_max_wait_ms"),
		fetchMin:       s.Int("fetch_min_bytes"),
		fetchMax:       s.Int("fetch_max_bytes"),
		fetchPartition: s.Int("max_partition_fetch_bytes"),
		maxPollRecords: max(s.Int("max_poll_records"), 1),
		reset:          s.String("auto_offset_reset"),
		instance:       s.String("group_instance_id"),
		assignors:      s.List("partition_assignment_strategy"),
	}
}
