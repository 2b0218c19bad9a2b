package java

import (
	"slices"

	"ksim/sim/client/java/subscription"
	"ksim/sim/clock"
	"ksim/sim/config"
)

// settings is the properties that the consumer acts on (ConsumerConfig).
type settings struct {
	session, heartbeat, maxPoll   clock.Duration
	autoCommit                    bool
	autoCommitInterval            clock.Duration
	retryBackoff, retryBackoffMax clock.Duration
	reconnectBackoff              clock.Duration
	reconnectBackoffMax           clock.Duration
	requestTimeout                clock.Duration
	metadataMaxAge                clock.Duration
	apiTimeout                    clock.Duration
	fetch                         subscription.Limits
	maxPollRecords                int64
	reset                         string // auto.offset.reset
	instance                      string // group.instance.id
	assignors                     []string
}

// rebalanceTimeout is how long the broker is told to wait for the member: before
// KIP-62, without max.poll.interval.ms, the session.
func (s *settings) rebalanceTimeout() clock.Duration {
	if s.maxPoll == 0 {
		return s.session
	}
	return s.maxPoll
}

// cooperative is the rebalance protocol: the best that all assignors have in
// common (KIP-429). Every one knows the eager protocol too, so one other beside
// cooperative-sticky makes the consumer eager.
func (s *settings) cooperative() bool {
	return !slices.ContainsFunc(s.assignors, func(name string) bool { return name != cooperativeSticky })
}

// cooperativeSticky is the one assignor of the cooperative protocol.
const cooperativeSticky = "cooperative-sticky"

// closeTimeout is how long close() waits (Consumer.close(), CloseOptions).
const closeTimeout = 30 * clock.Second

// readSettings takes the consumer's settings from its resolved configuration.
func readSettings(s config.Set) *settings {
	r := &settings{
		session:            s.Millis("session.timeout.ms"),
		heartbeat:          s.Millis("heartbeat.interval.ms"),
		maxPoll:            s.Millis("max.poll.interval.ms"),
		autoCommit:         s.Bool("enable.auto.commit"),
		autoCommitInterval: s.Millis("auto.commit.interval.ms"),
		retryBackoff:       s.Millis("retry.backoff.ms"),
		retryBackoffMax:    s.Millis("retry.backoff.max.ms"),
		reconnectBackoff:   s.Millis("reconnect.backoff.ms"),
		requestTimeout:     s.Millis("request.timeout.ms"),
		metadataMaxAge:     s.Millis("metadata.max.age.ms"),
		apiTimeout:         s.Millis("default.api.timeout.ms"),
		fetch:              subscription.ReadLimits(s),
		maxPollRecords:     s.Int("max.poll.records"),
		reset:              s.String("auto.offset.reset"),
		instance:           s.String("group.instance.id"),
		assignors:          assignorNames(s.List("partition.assignment.strategy")),
	}
	r.reconnectBackoffMax = max(r.reconnectBackoff, s.Millis("reconnect.backoff.max.ms"))
	// A thread that waits for 0 ms spins; a turn of its loop is taken as 1 ms.
	r.retryBackoff = max(r.retryBackoff, clock.Millisecond)
	r.heartbeat = max(r.heartbeat, clock.Millisecond)
	if r.apiTimeout == 0 { // before 2.0 (KIP-266) such calls had no end
		r.apiTimeout = clock.MaxTime / 2
	}
	if r.retryBackoffMax == 0 { // before 3.7 backoffs did not grow (KIP-580)
		r.retryBackoffMax = r.retryBackoff
	}
	return r
}

// assignorNames gives the protocol names (ConsumerPartitionAssignor.name()) of
// the configured classes.
func assignorNames(classes []string) []string {
	var names []string
	for _, class := range classes {
		switch class {
		case "org.apache.kafka.clients.consumer.RangeAssignor":
			names = append(names, "range")
		case "org.apache.kafka.clients.consumer.RoundRobinAssignor":
			names = append(names, "roundrobin")
		case "org.apache.kafka.clients.consumer.StickyAssignor":
			names = append(names, "sticky")
		case "org.apache.kafka.clients.consumer.CooperativeStickyAssignor":
			names = append(names, cooperativeSticky)
		default:
			names = append(names, class)
		}
	}
	return names
}
