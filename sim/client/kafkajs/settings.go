package kafkajs

import (
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/config"
)

// settings is the options that the consumer acts on (kafka.consumer(),
// consumer.subscribe(), consumer.run()).
type settings struct {
	session, heartbeat, rebalance      clock.Duration
	autoCommit                         bool
	autoCommitInterval                 clock.Duration // 0: null
	autoCommitThreshold                int64          // 0: null
	fromBeginning                      bool
	fetchWait                          clock.Duration
	fetchMin, fetchMax, fetchPartition int64
	metadataMaxAge                     clock.Duration
	requestTimeout                     clock.Duration // Never: enforceRequestTimeout is false
	retry                              retrySettings
}

// retrySettings is the option `retry`; factor and multiplier in thousandths.
type retrySettings struct {
	initial, most      clock.Duration
	factor, multiplier int64
	retries            int
}

func readSettings(s config.Set) settings {
	r := settings{
		session:             s.Millis("sessionTimeout"),
		heartbeat:           s.Millis("heartbeatInterval"),
		rebalance:           s.Millis("rebalanceTimeout"),
		autoCommit:          s.Bool("autoCommit"),
		autoCommitInterval:  s.Millis("autoCommitInterval"),
		autoCommitThreshold: s.Int("autoCommitThreshold"),
		fromBeginning:       s.Bool("fromBeginning"),
		fetchWait:           s.Millis("maxWaitTimeInMs"),
		fetchMin:            s.Int("minBytes"),
		fetchMax:            s.Int("maxBytes"),
		fetchPartition:      s.Int("maxBytesPerPartition"),
		metadataMaxAge:      s.Millis("metadataMaxAge"),
		requestTimeout:      clock.Never,
		retry: retrySettings{
			initial:    s.Millis("retry.initialRetryTime"),
			most:       s.Millis("retry.maxRetryTime"),
			factor:     thousandths(s.String("retry.factor")),
			multiplier: thousandths(s.String("retry.multiplier")),
			retries:    int(s.Int("retry.retries")),
		},
	}
	if s.Bool("enforceRequestTimeout") {
		r.requestTimeout = s.Millis("requestTimeout")
	}
	return r
}

// thousandths reads a decimal number such as 0.2 or 2, which the catalogue has
// checked.
func thousandths(text string) int64 {
	whole, fraction, _ := strings.Cut(text, ".")
	n, _ := strconv.ParseInt(whole+(fraction + "000")[:3], 10, 64)
	return n
}
