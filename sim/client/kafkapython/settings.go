package kafkapython

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// settings is the keyword arguments that the consumer acts on.
type settings struct {
	session, heartbeat, maxPoll        clock.Duration
	autoCommit                         bool
	autoCommitInterval                 clock.Duration
	retryBackoff                       clock.Duration
	reconnect, reconnectMax            clock.Duration // reconnect_backoff_ms, reconnect_backoff_max_ms
	requestTimeout                     clock.Duration
	metadataMaxAge                     clock.Duration
	fetchMaxWait                       clock.Duration
	fetchMin, fetchMax, fetchPartition int64
	maxPollRecords                     int64
	reset                              string // auto_offset_reset
	instance                           string // group_instance_id
	assignors                          []string
	cooperative                        bool // the assignors are: KIP-429
	requireStable                      bool // committed offsets wait for open transactions
}

// oldBrokersSession is the default session_timeout_ms of 3.0 with brokers before
// 3.0, which allow no more (DEFAULT_SESSION_TIMEOUT_MS_PRE_KIP_735).
const oldBrokersSession = 30 * clock.Second

// readSettings takes the consumer's settings from its resolved configuration.
func readSettings(s config.Set, v, broker kafka.Version) *settings {
	r := &settings{
		session:            s.Millis("session_timeout_ms"),
		heartbeat:          s.Millis("heartbeat_interval_ms"),
		maxPoll:            s.Millis("max_poll_interval_ms"),
		autoCommit:         s.Bool("enable_auto_commit"),
		autoCommitInterval: s.Millis("auto_commit_interval_ms"),
		// A loop that waits for 0 ms spins; a turn of it is taken as 1 ms.
		retryBackoff:   max(s.Millis("retry_backoff_ms"), clock.Millisecond),
		reconnect:      s.Millis("reconnect_backoff_ms"),
		reconnectMax:   s.Millis("reconnect_backoff_max_ms"),
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
	if v3 := kafka.V(3, 0, 0); v >= v3 && broker != 0 && broker < v3 && !s.Given("session_timeout_ms") {
		r.session = oldBrokersSession
	}
	r.requireStable = v >= kafka.V(3, 0, 0) && s.String("isolation_level") == "read_committed"
	r.cooperative = slices.Contains(r.assignors, "cooperative-sticky")
	return r
}
