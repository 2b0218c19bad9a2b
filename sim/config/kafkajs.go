package config

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ksim/sim/kafka"
)

// kafkajsConsumer is the options of kafkajs by their own names: those of new
// Kafka(), kafka.consumer(), consumer.subscribe() and consumer.run() in one table,
// as they are documented for 2.2, without those of security.
var kafkajsConsumer = indexed(catalogue{
	software: "kafkajs",
	rows:     kafkajsOptions,
	parse:    parseKafkajs,
	unknown:  func(_ kafka.Version, g Property) string { return fmt.Sprintf("kafkajs has no option %q", g.Key) },
	rules:    []func(*resolution){kafkajsHeartbeat},
})

var kafkajsOptions = []property{
	// kafka.consumer(): membership in the group
	{name: "groupId", borrowed: []string{"group.id"}, kind: text, doc: "Name of the consumer group; in a scenario the group's id."},
	{name: "sessionTimeout", borrowed: []string{"session.timeout.ms"}, kind: integer, def: "30000", min: "0",
		doc: "Milliseconds without a heartbeat after which the broker removes the member."},
	{name: "heartbeatInterval", borrowed: []string{"heartbeat.interval.ms"}, kind: integer, def: "3000", min: "0",
		doc: "Milliseconds between heartbeats, at least: they are sent between messages and after empty fetches only."},
	{name: "rebalanceTimeout", borrowed: []string{"rebalance.timeout.ms"}, kind: integer, def: "60000", min: "0",
		doc: "Milliseconds that a rebalance waits for the member to join again."},
	{name: "partitionAssigners", borrowed: []string{"partition.assignment.strategy"}, kind: list, def: "RoundRobinAssigner", oneOf: []string{"RoundRobinAssigner"},
		synonyms: []synonym{{"roundRobin", "RoundRobinAssigner"}},
		doc:      "Assigners that the consumer offers, by the names of their protocols."},

	// kafka.consumer(): fetching
	{name: "minBytes", borrowed: []string{"fetch.min.bytes"}, kind: integer, def: "1", min: "0", doc: "Bytes that the broker gathers before it answers a fetch."},
	{name: "maxBytes", borrowed: []string{"fetch.max.bytes"}, kind: integer, def: "10485760", min: "0", doc: "Largest number of bytes in one fetch response."},
	{name: "maxBytesPerPartition", borrowed: []string{"max.partition.fetch.bytes"}, kind: integer, def: "1048576", min: "0", doc: "Bytes of one partition to ask for in a fetch."},
	{name: "maxWaitTimeInMs", borrowed: []string{"fetch.max.wait.ms"}, kind: integer, def: "5000", min: "0",
		doc: "Milliseconds that the broker waits for minBytes; an idle consumer sends its heartbeats that far apart."},
	{name: "readUncommitted", borrowed: []string{"isolation.level"}, kind: boolean, def: "false", synonyms: []synonym{{"read_uncommitted", "true"}, {"read_committed", "false"}},
		doc: "Whether records of open or aborted transactions are returned."},
	{name: "rackId", borrowed: []string{"client.rack"}, kind: text, doc: "Rack of the consumer, for fetching from the nearest replica."},

	// kafka.consumer(): connections and metadata
	{name: "metadataMaxAge", borrowed: []string{"metadata.max.age.ms"}, kind: integer, def: "300000", min: "0",
		doc: "Milliseconds after which metadata is asked for again, which is how new partitions are found."},
	{name: "allowAutoTopicCreation", borrowed: []string{"allow.auto.create.topics"}, kind: boolean, def: "true", doc: "Whether asking for a topic may create it, if the broker allows it too."},
	{name: "maxInFlightRequests", borrowed: []string{"max.in.flight.requests.per.connection"}, kind: integer, min: "1", doc: "Largest number of requests of a connection that wait for their answers; null is no limit."},

	// The option `retry` of new Kafka() and kafka.consumer()
	{name: "retry.initialRetryTime", borrowed: []string{"retry.backoff.ms"}, kind: integer, def: "300", min: "0", doc: "Milliseconds before a failed operation is tried again, the first time."},
	{name: "retry.factor", kind: double, def: "0.2", min: "0", max: "1", doc: "Share of the time by which it is made longer or shorter by chance."},
	{name: "retry.multiplier", kind: double, def: "2", min: "0", doc: "By how much each further wait is longer."},
	{name: "retry.maxRetryTime", borrowed: []string{"retry.backoff.max.ms"}, kind: integer, def: "30000", min: "0", doc: "Milliseconds of the longest wait."},
	{name: "retry.retries", kind: integer, def: "5", min: "0", doc: "Attempts after the first; then the consumer crashes, and starts anew."},

	// consumer.subscribe()
	{name: "fromBeginning", borrowed: []string{"auto.offset.reset"}, kind: boolean, def: "false", synonyms: []synonym{{"earliest", "true"}, {"latest", "false"}},
		doc: "Where to start without a committed offset, or with one that is out of range: true is the earliest, false the latest."},

	// consumer.run()
	{name: "autoCommit", borrowed: []string{"enable.auto.commit"}, kind: boolean, def: "true", doc: "Whether resolved offsets are committed, after each batch at the latest."},
	{name: "autoCommitInterval", borrowed: []string{"auto.commit.interval.ms"}, kind: integer, min: "0",
		doc: "Milliseconds after which resolved offsets are committed within a batch too, looked at after each message; null is never."},
	{name: "autoCommitThreshold", kind: integer, min: "0", doc: "Number of resolved messages after which they are committed within a batch too; null is never."},
	{name: "partitionsConsumedConcurrently", kind: integer, def: "1", check: func(value string) string {
		if value != "1" {
			return "partitionsConsumedConcurrently " + value + " is not yet supported: expected 1, one handler at a time"
		}
		return ""
	}, doc: "Number of handlers that run at the same time, on batches of different partitions."},
	{name: "eachBatchAutoResolve", kind: boolean, def: "true", doc: "Whether a batch is resolved when eachBatch returns; eachMessage does not ask."},

	// new Kafka()
	{name: "clientId", borrowed: []string{"client.id"}, kind: text, def: "kafkajs", doc: "Name of the consumer in requests and logs; in a scenario the member's name."},
	{name: "brokers", borrowed: []string{"bootstrap.servers"}, kind: list, doc: "Brokers to ask first, host:port; a scenario's cluster answers whatever stands here."},
	{name: "connectionTimeout", borrowed: []string{"socket.connection.setup.timeout.ms"}, kind: integer, def: "1000", min: "0", doc: "Milliseconds to wait for a connection."},
	{name: "authenticationTimeout", kind: integer, def: "10000", min: "0", doc: "Milliseconds to wait for the authentication."},
	{name: "reauthenticationThreshold", kind: integer, def: "10000", min: "0", doc: "Milliseconds before the end of a session at which the client authenticates again."},
	{name: "requestTimeout", borrowed: []string{"request.timeout.ms"}, kind: integer, def: "30000", min: "0", doc: "Milliseconds to wait for an answer; joins and fetches wait longer where they must."},
	{name: "enforceRequestTimeout", kind: boolean, def: "true", doc: "Whether requestTimeout counts."},
	{name: "logLevel", kind: text, def: "INFO", oneOf: []string{"NOTHING", "ERROR", "WARN", "INFO", "DEBUG"}, anyCase: true, doc: "Least level of the lines that are logged."},
}

// decimal is a number as JavaScript and YAML both write it.
var decimal = regexp.MustCompile(`^\d+(\.\d+)?$`)

// mostOfProtocol is the largest number of the type in which most options travel.
const mostOfProtocol = "2147483647"

// parseKafkajs reads an option's value. kafkajs checks no types itself: what is no
// number there fails when it is written into a request.
func parseKafkajs(p *property, given string) (value, refusal string) {
	given = strings.TrimSpace(given)
	for _, s := range p.synonyms {
		if s.value == given {
			return s.means, ""
		}
	}
	if given == "null" || given == "undefined" {
		return p.def, ""
	}
	switch p.kind {
	case boolean:
		if given != "true" && given != "false" {
			words := []string{"true", "false"}
			for _, s := range p.synonyms {
				words = append(words, s.value)
			}
			return "", fmt.Sprintf("%s is %q: expected one of %s", p.name, given, strings.Join(words, ", "))
		}
	case integer, double:
		if !decimal.MatchString(given) || p.kind == integer && strings.Contains(given, ".") {
			a := "a number"
			if p.kind == integer {
				a = "a whole number"
			}
			return "", fmt.Sprintf("%s is %q: expected %s, %s or more", p.name, given, a, p.min)
		}
		most := cmp.Or(p.max, mostOfProtocol)
		if less(given, p.min) || less(most, given) {
			return "", fmt.Sprintf("%s is %s: expected %s to %s", p.name, given, p.min, most)
		}
	}
	if p.oneOf != nil {
		i := slices.IndexFunc(p.oneOf, func(word string) bool { return word == given || p.anyCase && strings.EqualFold(word, given) })
		if i < 0 {
			return "", fmt.Sprintf("%s is %q: expected one of %s", p.name, given, strings.Join(p.oneOf, ", "))
		}
		return p.oneOf[i], ""
	}
	if p.check != nil {
		return given, p.check(given)
	}
	return given, ""
}

// kafkajsHeartbeat is the one rule that kafka.consumer() enforces.
func kafkajsHeartbeat(r *resolution) {
	if heartbeat, session := r.Int("heartbeatInterval"), r.Int("sessionTimeout"); heartbeat >= session {
		r.refuseHeartbeat("heartbeatInterval", "sessionTimeout", fmt.Sprintf("Consumer heartbeatInterval (%d) must be lower than sessionTimeout (%d). It is recommended to set heartbeatInterval to approximately a third of the sessionTimeout.",
			heartbeat, session), "")
	}
}
