package config

import (
	"fmt"
	"math"
	"strconv"

	"ksim/sim/kafka"
)

// kafkagoConsumer is the fields of kafka-go's ReaderConfig (reader.go), as far as a
// Reader with a GroupID uses them. The dotted names are the contract's; they take
// milliseconds where the field is a time.Duration.
var kafkagoConsumer = indexed(catalogue{
	software: "kafka-go",
	rows:     kafkagoFields,
	read:     readGo,
	unknown:  kafkagoUnknown,
	rules:    []func(*resolution){kafkagoBytes, kafkagoZeros, kafkagoBackoff},
})

var kafkagoFields = []property{
	// Membership in the group
	{name: "GroupID", borrowed: []string{"group.id"}, kind: text, doc: "Name of the consumer group; in a scenario the group's id."},
	{name: "SessionTimeout", borrowed: []string{"session.timeout.ms"}, kind: duration, def: "30000", check: kafkagoBounds("SessionTimeout"),
		doc: "Time without a heartbeat after which the broker removes the member."},
	{name: "HeartbeatInterval", borrowed: []string{"heartbeat.interval.ms"}, kind: duration, def: "3000", check: kafkagoBounds("HeartbeatInterval"),
		doc: "Time between heartbeats, which a goroutine of each generation sends, the first after a whole interval."},
	{name: "RebalanceTimeout", borrowed: []string{"rebalance.timeout.ms"}, kind: duration, def: "30000", check: kafkagoBounds("RebalanceTimeout"),
		doc: "How long the broker waits in a rebalance for the member to join again."},
	{name: "JoinGroupBackoff", kind: duration, def: "5000", check: kafkagoBounds("JoinGroupBackoff"), doc: "Pause after a join that was refused."},
	{name: "GroupBalancers", borrowed: []string{"partition.assignment.strategy"}, kind: list, def: "range,roundrobin", oneOf: []string{"range", "roundrobin"},
		synonyms: []synonym{{"RangeGroupBalancer{}", "range"}, {"RoundRobinGroupBalancer{}", "roundrobin"}},
		doc:      "Balancers that the member offers, the preferred one first; the one that goes by racks is left out, for brokers have none here."},
	{name: "WatchPartitionChanges", kind: boolean, def: "false", doc: "Whether each generation looks for new partitions, and ends when there are some."},
	{name: "PartitionWatchInterval", borrowed: []string{"metadata.max.age.ms"}, kind: duration, def: "5000", check: kafkagoBounds("PartitionWatchInterval"),
		doc: "Time between two looks; only with WatchPartitionChanges."},

	// Reading and committing
	{name: "StartOffset", borrowed: []string{"auto.offset.reset"}, kind: text, def: "FirstOffset", oneOf: []string{"FirstOffset", "LastOffset"},
		synonyms: []synonym{{"earliest", "FirstOffset"}, {"latest", "LastOffset"}, {"kafka.FirstOffset", "FirstOffset"}, {"kafka.LastOffset", "LastOffset"}, {"-2", "FirstOffset"}, {"-1", "LastOffset"}},
		doc:      "Where to start without a committed offset."},
	{name: "CommitInterval", borrowed: []string{"auto.commit.interval.ms"}, kind: duration, def: "0", check: kafkagoBounds("CommitInterval"),
		doc: "Time between commits of what CommitMessages has been called with; 0 makes each call a commit and wait for it."},
	{name: "QueueCapacity", kind: integer, def: "100", check: kafkagoCount("QueueCapacity"), doc: "Messages of all partitions together that are fetched ahead."},
	{name: "IsolationLevel", borrowed: []string{"isolation.level"}, kind: text, def: "ReadUncommitted", oneOf: []string{"ReadUncommitted", "ReadCommitted"},
		synonyms: []synonym{{"read_uncommitted", "ReadUncommitted"}, {"read_committed", "ReadCommitted"}, {"kafka.ReadUncommitted", "ReadUncommitted"}, {"kafka.ReadCommitted", "ReadCommitted"}},
		doc:      "Whether records of open or aborted transactions are returned."},
	{name: "OffsetOutOfRangeError", kind: boolean, def: "false", doc: "Whether a start beyond the end of the log is an error for the application; else it is tried again for ever."},
	{name: "RetentionTime", kind: duration, def: "-1", doc: "How long the broker keeps committed offsets; -1 leaves it to the broker."},

	// Fetching
	{name: "MinBytes", borrowed: []string{"fetch.min.bytes"}, kind: integer, def: "1", doc: "Bytes that the broker gathers before it answers a fetch."},
	{name: "MaxBytes", borrowed: []string{"max.partition.fetch.bytes"}, kind: integer, def: "1000000", doc: "Bytes to ask for in a fetch, which is always of one partition."},
	{name: "MaxWait", borrowed: []string{"fetch.max.wait.ms"}, kind: duration, def: "500", check: kafkagoBounds("MaxWait"),
		doc: "Deadline of a fetch; the broker waits a second less, or three quarters of it, and a rebalance as long as that. The library's own default is 10s; programs set less, as those of the recordings do."},
	{name: "ReadBatchTimeout", kind: duration, def: "10000", check: kafkagoBounds("ReadBatchTimeout"), doc: "Deadline for reading a message out of a fetch's answer."},
	{name: "ReadLagInterval", kind: duration, def: "60000", doc: "Time between two looks at the lag; without a group only."},
	{name: "ReadBackoffMin", borrowed: []string{"retry.backoff.ms"}, kind: duration, def: "100", check: kafkagoBounds("ReadBackoffMin"), doc: "Pause before a reader tries again, the first time; it grows with the square of the attempts."},
	{name: "ReadBackoffMax", borrowed: []string{"retry.backoff.max.ms"}, kind: duration, def: "1000", check: kafkagoBounds("ReadBackoffMax"), doc: "The longest pause."},
	{name: "MaxAttempts", kind: integer, def: "3", check: kafkagoCount("MaxAttempts"), doc: "Failures in a row after which the application is told."},

	// Connections
	{name: "Brokers", borrowed: []string{"bootstrap.servers"}, kind: text, commas: true, doc: "Brokers to ask first, host:port; a scenario's cluster answers whatever stands here."},
	{name: "Dialer.ClientID", borrowed: []string{"client.id"}, kind: text, doc: "Name of the consumer in requests and logs; in a scenario the member's name."},
	{name: "Dialer.Timeout", borrowed: []string{"socket.connection.setup.timeout.ms"}, kind: duration, def: "10000", check: kafkagoBounds("Dialer.Timeout"), doc: "How long to wait for a connection."},
}

// kafkagoUnknown says that ReaderConfig has no such field, and what there is instead
// of what other clients have.
func kafkagoUnknown(v kafka.Version, g Property) string {
	message := fmt.Sprintf("kafka-go %s has no option %q", v, g.Key)
	switch g.Key {
	case "max.poll.interval.ms":
		return message + ": it has no poll deadline, an application may take for ever"
	case "max.poll.records":
		return message + ": FetchMessage gives one message (QueueCapacity is how many are fetched ahead)"
	case "enable.auto.commit":
		return message + ": ReadMessage commits each message (commit: auto), FetchMessage none"
	case "group.instance.id":
		return message + ": it has no static membership"
	case "group.protocol":
		return message + ": it speaks the classic protocol only"
	}
	return message
}

// kafkagoBounds is the check of ConsumerGroupConfig.Validate, which prints
// nanoseconds.
func kafkagoBounds(field string) func(string) string {
	return func(value string) string {
		n, _ := strconv.ParseInt(value, 10, 64)
		if n < 0 || n >= math.MaxInt32 {
			if n > math.MaxInt64/1_000_000 || n < 0 && n < math.MinInt64/1_000_000 {
				return field + " out of bounds: " + value + "ms"
			}
			return fmt.Sprintf("%s out of bounds: %d", field, n*1_000_000)
		}
		return ""
	}
}

// kafkagoCount refuses what the Reader would not survive: a channel of negative
// size, attempts that are none.
func kafkagoCount(field string) func(string) string {
	return func(value string) string {
		if n, err := strconv.ParseInt(value, 10, 32); err != nil || n < 0 {
			return fmt.Sprintf("%s is %s: expected 0, which is the default, to %d", field, value, math.MaxInt32)
		}
		return ""
	}
}

// kafkagoBytes is what ReaderConfig.Validate has of MinBytes and MaxBytes. It looks
// before the defaults are set, so that MinBytes alone is always too much.
func kafkagoBytes(r *resolution) {
	given := func(name string) int64 {
		if !r.Given(name) {
			return 0
		}
		return r.Int(name)
	}
	least, most := given("MinBytes"), given("MaxBytes")
	switch {
	case least < 0:
		r.refuse(fmt.Sprintf("invalid negative minimum batch size (min = %d)", least), "", "MinBytes")
	case most < 0:
		r.refuse(fmt.Sprintf("invalid negative maximum batch size (max = %d)", most), "", "MaxBytes")
	case least > most && !r.Given("MaxBytes"):
		r.refuseDefault("MaxBytes", max(least, r.Int("MaxBytes")), fmt.Sprintf("minimum batch size greater than the maximum (min = %d, max = 0)", least), "give MaxBytes too: kafka-go compares before it sets the default", "MinBytes")
	case least > most:
		r.refuse(fmt.Sprintf("minimum batch size greater than the maximum (min = %d, max = %d)", least, most), "", "MinBytes", "MaxBytes")
	}
}

// kafkagoZeros makes defaults of what is 0, as NewReader does.
func kafkagoZeros(r *resolution) {
	for i := range kafkagoFields {
		p := &kafkagoFields[i]
		if (p.kind == duration || p.kind == integer) && r.values[p.name] == "0" {
			delete(r.values, p.name)
		}
	}
}

// kafkagoBackoff is what NewReader checks once the defaults are set.
func kafkagoBackoff(r *resolution) {
	if least, most := r.Int("ReadBackoffMin"), r.Int("ReadBackoffMax"); most < least {
		r.refuse(fmt.Sprintf("ReadBackoffMax %d smaller than ReadBackoffMin %d", most*1_000_000, least*1_000_000), "", "ReadBackoffMax", "ReadBackoffMin")
	}
}
