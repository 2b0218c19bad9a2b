package librdkafka

import (
	"ksim/sim/clock"
	"ksim/sim/config"
)

// settings is the properties that the consumer acts on (CONFIGURATION.md).
type settings struct {
	session, heartbeat, maxPoll        clock.Duration
	autoCommit                         bool
	autoCommitInterval                 clock.Duration // 0: no timer
	autoOffsetStore                    bool
	reset                              reset
	fetchWait                          clock.Duration
	fetchMin, fetchMax, fetchPartition int64
	queuedMessages, queuedBytes        int64
	fetchQueueBackoff                  clock.Duration
	fetchErrorBackoff                  clock.Duration
	metadataRefresh                    clock.Duration // ≤ 0: never
	coordinatorQuery                   clock.Duration
	retryBackoff                       clock.Duration
	socketTimeout                      clock.Duration
	reconnectBackoff                   clock.Duration
	reconnectBackoffMax                clock.Duration
	readCommitted                      bool
	instance                           string // group.instance.id
	assignors                          []string
	consumerProtocol                   bool   // group.protocol=consumer
	logsChannel                        bool   // go.logs.channel.enable: a goroutine polls the queue of logs
	remoteAssignor                     string // group.remote.assignor
	retryBackoffMax                    clock.Duration
}

// reset is auto.offset.reset: where to start without a committed offset.
type reset uint8

const (
	resetLatest reset = iota
	resetEarliest
	resetError // _AUTO_OFFSET_RESET to the application
)

func readSettings(s config.Set) settings {
	return settings{
		session:            s.Millis("session.timeout.ms"),
		heartbeat:          s.Millis("heartbeat.interval.ms"),
		maxPoll:            s.Millis("max.poll.interval.ms"),
		autoCommit:         s.Bool("enable.auto.commit"),
		autoCommitInterval: s.Millis("auto.commit.interval.ms"),
		autoOffsetStore:    s.Bool("enable.auto.offset.store"),
		reset:              parseReset(s.String("auto.offset.reset")),
		fetchWait:          s.Millis("fetch.wait.max.ms"),
		fetchMin:           s.Int("fetch.min.bytes"),
		fetchMax:           s.Int("fetch.max.bytes"),
		fetchPartition:     s.Int("fetch.message.max.bytes"),
		queuedMessages:     s.Int("queued.min.messages"),
		queuedBytes:        s.Int("queued.max.messages.kbytes") * 1000, // kilobytes of 1000: rd_kafka_conf_finalize
		fetchQueueBackoff:  s.Millis("fetch.queue.backoff.ms"),
		fetchErrorBackoff:  s.Millis("fetch.error.backoff.ms"),
		metadataRefresh:    s.Millis("topic.metadata.refresh.interval.ms"),
		coordinatorQuery:   s.Millis("coordinator.query.interval.ms"),
		retryBackoff:       s.Millis("retry.backoff.ms"),
		socketTimeout:      s.Millis("socket.timeout.ms"),
		reconnectBackoff:   s.Millis("reconnect.backoff.ms"),
		readCommitted:      s.String("isolation.level") == "read_committed",
		instance:           s.String("group.instance.id"),
		assignors:          s.List("partition.assignment.strategy"),
		consumerProtocol:   s.String("group.protocol") == "consumer",
		logsChannel:        s.Bool("go.logs.channel.enable"),
		remoteAssignor:     s.String("group.remote.assignor"),
		retryBackoffMax:    s.Millis("retry.backoff.max.ms"),

		reconnectBackoffMax: s.Millis("reconnect.backoff.max.ms"),
	}
}

func parseReset(value string) reset {
	switch value {
	case "earliest":
		return resetEarliest
	case "error":
		return resetError
	}
	return resetLatest
}
