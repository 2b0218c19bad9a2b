package kafkago

import (
	"ksim/sim/clock"
	"ksim/sim/config"
)

// settings is the fields of ReaderConfig on which the Reader acts.
type settings struct {
	session, heartbeat, rebalance clock.Duration
	joinBackoff                   clock.Duration
	commitInterval                clock.Duration // 0: CommitMessages waits for its commit
	queueCapacity                 int64
	minBytes, maxBytes            int64
	maxWait                       clock.Duration
	backoffMin, backoffMax        clock.Duration
	maxAttempts                   int
	startFirst                    bool // StartOffset is FirstOffset
	outOfRangeError               bool
	watchPartitions               bool
	watchInterval                 clock.Duration
	balancers                     []string
}

func readSettings(s config.Set) settings {
	return settings{
		session:         s.Millis("SessionTimeout"),
		heartbeat:       max(s.Millis("HeartbeatInterval"), clock.Millisecond),
		rebalance:       s.Millis("RebalanceTimeout"),
		joinBackoff:     max(s.Millis("JoinGroupBackoff"), clock.Millisecond),
		commitInterval:  s.Millis("CommitInterval"),
		queueCapacity:   s.Int("QueueCapacity"),
		minBytes:        s.Int("MinBytes"),
		maxBytes:        s.Int("MaxBytes"),
		maxWait:         max(s.Millis("MaxWait"), clock.Millisecond),
		backoffMin:      s.Millis("ReadBackoffMin"),
		backoffMax:      s.Millis("ReadBackoffMax"),
		maxAttempts:     int(s.Int("MaxAttempts")),
		startFirst:      s.String("StartOffset") == "FirstOffset",
		outOfRangeError: s.Bool("OffsetOutOfRangeError"),
		watchPartitions: s.Bool("WatchPartitionChanges"),
		watchInterval:   max(s.Millis("PartitionWatchInterval"), clock.Millisecond),
		balancers:       s.List("GroupBalancers"),
	}
}

// fetchWait is how long a broker is asked to wait: less than the deadline of the
// connection by a second, or by a quarter where it is shorter
// (adjustDeadlineForRTT).
func (s *settings) fetchWait() clock.Duration {
	if s.maxWait < clock.Second {
		return s.maxWait - s.maxWait/4
	}
	return s.maxWait - clock.Second
}
