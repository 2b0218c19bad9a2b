package javaasync

import (
	"ksim/sim/client/java/subscription"
	"ksim/sim/clock"
	"ksim/sim/config"
)

// settings is the properties that the consumer acts on (ConsumerConfig).
type settings struct {
	maxPoll                       clock.Duration // also the rebalance timeout that the broker is told
	autoCommit                    bool
	autoCommitInterval            clock.Duration
	retryBackoff, retryBackoffMax clock.Duration
	reconnectBackoff              clock.Duration
	reconnectBackoffMax           clock.Duration
	metadataMaxAge                clock.Duration
	apiTimeout                    clock.Duration
	fetch                         subscription.Limits
	maxPollRecords                int64
	reset                         string // auto.offset.reset
	instance                      string // group.instance.id
	assignor                      string // group.remote.assignor, "" leaves the choice to the broker
}

// closeTimeout is how long close() waits (CloseOptions).
const closeTimeout = 30 * clock.Second

// readSettings takes the consumer's settings from its resolved configuration.
func readSettings(s config.Set) *settings {
	r := &settings{
		maxPoll:            s.Millis("max.poll.interval.ms"),
		autoCommit:         s.Bool("enable.auto.commit"),
		autoCommitInterval: s.Millis("auto.commit.interval.ms"),
		retryBackoff:       max(s.Millis("retry.backoff.ms"), clock.Millisecond),
		retryBackoffMax:    s.Millis("retry.backoff.max.ms"),
		metadataMaxAge:     s.Millis("metadata.max.age.ms"),
		apiTimeout:         s.Millis("default.api.timeout.ms"),
		fetch:              subscription.ReadLimits(s),
		maxPollRecords:     s.Int("max.poll.records"),
		reset:              s.String("auto.offset.reset"),
		instance:           s.String("group.instance.id"),
		assignor:           s.String("group.remote.assignor"),
	}
	r.reconnectBackoff = max(s.Millis("reconnect.backoff.ms"), clock.Millisecond) // who never waits would try for ever at one instant
	r.reconnectBackoffMax = max(s.Millis("reconnect.backoff.max.ms"), r.reconnectBackoff)
	r.retryBackoffMax = max(r.retryBackoffMax, r.retryBackoff)
	return r
}
