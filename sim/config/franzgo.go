package config

import "ksim/sim/kafka"

// franzGoProperties is the options of twmb/franz-go (kgo's config.go) as far as a
// group consumer uses them, each under the name of its function, without SASL, TLS,
// dialing, producing, transactions, share groups and regular expressions. The dotted
// names are the contract's; they take milliseconds where the option takes a
// time.Duration.
var franzGoProperties = []property{
	// Membership in the group
	{name: "ConsumerGroup", aliases: []string{"group.id"}, kind: text, doc: "Name of the consumer group; in a scenario the group's id."},
	{name: "InstanceID", aliases: []string{"group.instance.id"}, kind: text, check: franzGoInstance,
		doc: "Makes the consumer a static member under this name: it does not leave when it closes."},
	{name: "SessionTimeout", aliases: []string{"session.timeout.ms"}, kind: duration, def: "45000", check: franzGoAtLeast("session timeout", 100),
		doc: "Time without a heartbeat after which the broker removes the member."},
	{name: "HeartbeatInterval", aliases: []string{"heartbeat.interval.ms"}, kind: duration, def: "3000", check: franzGoAtLeast("heartbeat interval", 1),
		doc: "Time from a heartbeat's answer to the next heartbeat, which a goroutine of the session sends."},
	{name: "RebalanceTimeout", aliases: []string{"rebalance.timeout.ms"}, kind: duration, def: "60000", check: franzGoAtLeast("rebalance timeout", 100),
		doc: "How long the broker waits in a rebalance for a member whose callbacks are blocked."},
	{name: "Balancers", aliases: []string{"partition.assignment.strategy"}, kind: list, def: "cooperative-sticky",
		oneOf: []string{"range", "roundrobin", "sticky", "cooperative-sticky"},
		synonyms: []synonym{{"RangeBalancer()", "range"}, {"RoundRobinBalancer()", "roundrobin"}, {"StickyBalancer()", "sticky"},
			{"CooperativeStickyBalancer()", "cooperative-sticky"}},
		doc: "Balancers that the member offers, the preferred one first."},
	{name: "BlockRebalanceOnPoll", aliases: []string{"block.rebalance.on.poll"}, kind: boolean, def: "false",
		doc: "Whether callbacks wait from a poll until AllowRebalance, which the program calls when it has worked on what the poll returned."},

	// Offsets
	{name: "enable.auto.commit", inverse: "DisableAutoCommit", kind: boolean, def: "true",
		doc: "Whether what earlier polls have returned is committed on a timer; DisableAutoCommit says that it is not."},
	{name: "AutoCommitInterval", aliases: []string{"auto.commit.interval.ms"}, kind: duration, def: "5000", check: franzGoAtLeast("autocommit interval", 100),
		doc: "Time between automatic commits."},
	{name: "AutoCommitMarks", kind: boolean, def: "false",
		doc: "Whether only records that were marked are committed; the programs mark what they have worked on before they poll again."},
	{name: "GreedyAutoCommit", kind: boolean, def: "false", doc: "Whether what the latest poll has returned is committed too."},
	{name: "ConsumeStartOffset", aliases: []string{"auto.offset.reset"}, kind: text, def: "AtStart", oneOf: []string{"AtStart", "AtEnd"}, since: kafka.V(1, 22, 0), before: "AtStart",
		synonyms: []synonym{{"earliest", "AtStart"}, {"latest", "AtEnd"}, {"NewOffset().AtStart()", "AtStart"}, {"NewOffset().AtEnd()", "AtEnd"}},
		doc:      "Where to start without a committed offset."},
	{name: "ConsumeResetOffset", aliases: []string{"auto.offset.reset"}, kind: text, def: "AtStart", oneOf: []string{"AtStart", "AtEnd"}, until: kafka.V(1, 22, 0),
		synonyms: []synonym{{"earliest", "AtStart"}, {"latest", "AtEnd"}, {"NewOffset().AtStart()", "AtStart"}, {"NewOffset().AtEnd()", "AtEnd"}},
		doc:      "Where to start without a committed offset, and where to go on after one that the log does not have."},
	{name: "ConsumeResetOffset", kind: text, def: "RewindOffset(1m)", oneOf: []string{"AtStart", "AtEnd", "RewindOffset(1m)"}, since: kafka.V(1, 22, 0),
		synonyms: []synonym{{"earliest", "AtStart"}, {"latest", "AtEnd"}, {"NewOffset().AtStart()", "AtStart"}, {"NewOffset().AtEnd()", "AtEnd"}},
		doc:      "Where to go on after an offset that the log does not have."},
	{name: "FetchIsolationLevel", aliases: []string{"isolation.level"}, kind: text, def: "ReadUncommitted", oneOf: []string{"ReadUncommitted", "ReadCommitted"},
		synonyms: []synonym{{"read_uncommitted", "ReadUncommitted"}, {"read_committed", "ReadCommitted"}, {"ReadUncommitted()", "ReadUncommitted"}, {"ReadCommitted()", "ReadCommitted"}},
		doc:      "Whether records of open or aborted transactions are returned."},

	// Polling and fetching
	{name: "PollRecords", aliases: []string{"max.poll.records"}, kind: integer, def: "500", check: franzGoNumber("max poll records", 0),
		doc: "Largest number of records that a poll returns, the argument of PollRecords; 0 is PollFetches, which returns all that is buffered. The programs poll 500 unless told otherwise."},
	{name: "FetchMinBytes", aliases: []string{"fetch.min.bytes"}, kind: integer, def: "1", check: franzGoNumber("min fetch bytes", 0), doc: "Bytes that the broker gathers before it answers a fetch."},
	{name: "FetchMaxWait", aliases: []string{"fetch.max.wait.ms"}, kind: duration, def: "5000", check: franzGoAtLeast("max fetch wait", 10),
		doc: "How long the broker waits for FetchMinBytes."},
	{name: "FetchMaxBytes", aliases: []string{"fetch.max.bytes"}, kind: integer, def: "52428800", check: franzGoNumber("max fetch bytes", 1), doc: "Largest number of bytes in one fetch response."},
	{name: "FetchMaxPartitionBytes", aliases: []string{"max.partition.fetch.bytes"}, kind: integer, def: "1048576", check: franzGoNumber("max partition bytes", 1),
		doc: "Bytes of one partition to ask for in a fetch."},
	{name: "MaxConcurrentFetches", kind: integer, def: "-1", check: franzGoNumber("max concurrent fetches", -1),
		doc: "Brokers that are fetched from, or whose fetch is buffered, at a time; -1 is all."},
	{name: "Rack", aliases: []string{"client.rack"}, kind: text, doc: "Rack of the consumer, for fetching from the nearest replica."},

	// Requests, connections, metadata
	{name: "SeedBrokers", aliases: []string{"bootstrap.servers"}, kind: text, commas: true, def: "127.0.0.1", doc: "Brokers to ask first; a scenario's cluster answers whatever stands here."},
	{name: "ClientID", aliases: []string{"client.id"}, kind: text, def: "kgo", doc: "Name of the client in requests; in a scenario the member's name."},
	{name: "DialTimeout", kind: duration, def: "10000", check: franzGoAtLeast("dial timeout", 0), doc: "How long to wait for a connection."},
	{name: "ConnIdleTimeout", aliases: []string{"connections.max.idle.ms"}, kind: duration, def: "30000", check: franzGoAtLeast("conn min idle timeout", 100), doc: "How long an unused connection is kept."},
	{name: "RequestTimeoutOverhead", aliases: []string{"request.timeout.ms"}, kind: duration, def: "10000", check: franzGoAtLeast("request timeout min overhead", 100),
		doc: "How long to wait for an answer beyond what the request itself allows."},
	{name: "RequestRetries", kind: integer, def: "20", check: franzGoNumber("request retries", 0), doc: "Times that a failed request is tried again."},
	{name: "MetadataMaxAge", aliases: []string{"metadata.max.age.ms"}, kind: duration, def: "300000", check: franzGoMaxAge, doc: "How long metadata is kept; with newer metadata the leader finds new partitions."},
	{name: "MetadataMinAge", kind: duration, def: "5000", check: franzGoAtLeast("metadata min age", 10), doc: "How old metadata is at least when it is refreshed for a minor reason."},
	{name: "AllowAutoTopicCreation", aliases: []string{"allow.auto.create.topics"}, kind: boolean, def: "false", doc: "Whether asking for a topic may create it."},
}
