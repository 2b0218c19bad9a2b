package config

import "ksim/sim/kafka"

// saramaProperties is the Config struct of IBM/sarama (config.go) as far as a
// consumer group uses it, without Net.TLS, Net.SASL, Net.Proxy and Producer. The
// dotted names are the contract's; they take milliseconds where the field is a
// time.Duration.
var saramaProperties = []property{
	// The constructor's arguments
	{name: "group.id", kind: text, doc: "Name of the consumer group, an argument of NewConsumerGroup; in a scenario the group's id."},
	{name: "bootstrap.servers", kind: text, commas: true, doc: "Brokers to ask first, an argument of NewConsumerGroup; a scenario's cluster answers whatever stands here."},

	// Config
	{name: "ClientID", aliases: []string{"client.id"}, kind: text, def: "sarama",
		doc: "Name of the client in requests and logs; in a scenario the member's name."},
	{name: "RackID", aliases: []string{"client.rack"}, kind: text, doc: "Rack of the client, for fetching from the nearest replica."},
	{name: "ChannelBufferSize", kind: integer, def: "256", check: saramaAtLeast("ChannelBufferSize must be >= 0", 0),
		doc: "Messages in the channel of each partition before its handler."},
	{name: "Version", kind: text, def: "3.6.0", check: saramaVersion,
		doc: "Kafka version whose requests are sent. The library's own default is 2.8.0, which sends no reasons (KIP-800); programs set their cluster's, as those of the recordings do."},
	{name: "ApiVersionsRequest", kind: boolean, def: "true", doc: "Whether a connection begins with ApiVersions."},

	// Net
	{name: "Net.MaxOpenRequests", kind: integer, def: "5", check: saramaAtLeast("Net.MaxOpenRequests must be > 0", 1),
		doc: "Requests on one connection without an answer."},
	{name: "Net.DialTimeout", kind: duration, def: "30000", check: saramaAtLeast("Net.DialTimeout must be > 0", 1), doc: "How long to wait for a connection."},
	{name: "Net.ReadTimeout", aliases: []string{"request.timeout.ms"}, kind: duration, def: "30000", check: saramaAtLeast("Net.ReadTimeout must be > 0", 1),
		doc: "How long to wait for an answer, that to JoinGroup too."},
	{name: "Net.WriteTimeout", kind: duration, def: "30000", check: saramaAtLeast("Net.WriteTimeout must be > 0", 1), doc: "How long to wait for a request to be sent."},
	{name: "Net.KeepAlive", kind: duration, def: "0", doc: "Interval of the connections' keep-alive; 0 is the system's."},

	// Metadata
	{name: "Metadata.Retry.Max", kind: integer, def: "3", check: saramaAtLeast("Metadata.Retry.Max must be >= 0", 0),
		doc: "Times that a metadata request or a heartbeat is tried again."},
	{name: "Metadata.Retry.Backoff", aliases: []string{"retry.backoff.ms"}, kind: duration, def: "250", check: saramaAtLeast("Metadata.Retry.Backoff must be >= 0", 0),
		doc: "Pause before it is tried again."},
	{name: "Metadata.RefreshFrequency", aliases: []string{"metadata.max.age.ms"}, kind: duration, def: "600000", check: saramaAtLeast("Metadata.RefreshFrequency must be >= 0", 0),
		doc: "How often metadata is refreshed, and how often the leader compares the number of partitions; 0 is never."},
	{name: "Metadata.Full", kind: boolean, def: "true", doc: "Whether the metadata of all topics is kept."},
	{name: "Metadata.Timeout", kind: duration, def: "0", doc: "How long a refresh of metadata may take with its retries; 0 is no limit."},
	{name: "Metadata.AllowAutoTopicCreation", aliases: []string{"allow.auto.create.topics"}, kind: boolean, def: "true", doc: "Whether asking for a topic may create it."},
	{name: "Metadata.SingleFlight", kind: boolean, def: "true", doc: "Whether refreshes that coincide share one request."},

	// Consumer
	{name: "Consumer.Group.Session.Timeout", aliases: []string{"session.timeout.ms"}, kind: duration, def: "10000", check: saramaAtLeast("Consumer.Group.Session.Timeout must be >= 2ms", 3),
		doc: "Time without a heartbeat after which the broker removes the member."},
	{name: "Consumer.Group.Heartbeat.Interval", aliases: []string{"heartbeat.interval.ms"}, kind: duration, def: "3000", check: saramaAtLeast("Consumer.Group.Heartbeat.Interval must be >= 1ms", 1),
		doc: "Time between heartbeats, which a goroutine of the session sends."},
	{name: "Consumer.Group.Rebalance.GroupStrategies", aliases: []string{"partition.assignment.strategy"}, kind: list, def: "range",
		oneOf: []string{"range", "roundrobin", "sticky", "cooperative-sticky"},
		synonyms: []synonym{{"BalanceStrategyRange", "range"}, {"BalanceStrategyRoundRobin", "roundrobin"}, {"BalanceStrategySticky", "sticky"},
			{"NewBalanceStrategyRange()", "range"}, {"NewBalanceStrategyRoundRobin()", "roundrobin"}, {"NewBalanceStrategySticky()", "sticky"},
			{"NewBalanceStrategyCooperativeSticky()", "cooperative-sticky"}},
		doc: "Strategies that the member offers, the preferred one first."},
	{name: "Consumer.Group.Rebalance.Timeout", aliases: []string{"rebalance.timeout.ms"}, kind: duration, def: "60000", check: saramaAtLeast("Consumer.Group.Rebalance.Timeout must be >= 1ms", 2),
		doc: "How long the broker waits in a rebalance for a member whose handlers have not returned."},
	{name: "Consumer.Group.Rebalance.Retry.Max", kind: integer, def: "4", check: saramaAtLeast("Consumer.Group.Rebalance.Retry.Max must be >= 0", 0),
		doc: "Times that a refused join is tried again before Consume returns the error."},
	{name: "Consumer.Group.Rebalance.Retry.Backoff", kind: duration, def: "2000", check: saramaAtLeast("Consumer.Group.Rebalance.Retry.Backoff must be >= 0", 0),
		doc: "Pause before a refused join is tried again."},
	{name: "Consumer.Group.InstanceId", aliases: []string{"group.instance.id"}, kind: text, check: saramaInstance,
		doc: "Makes the member a static one under this name: it does not leave when it closes."},
	{name: "Consumer.Group.ResetInvalidOffsets", kind: boolean, def: "true",
		doc: "Whether a claim whose committed offset is out of range begins at Consumer.Offsets.Initial."},
	{name: "Consumer.Retry.Backoff", kind: duration, def: "2000", check: saramaAtLeast("Consumer.Retry.Backoff must be >= 0", 0),
		doc: "Pause before a partition that could not be read is tried again."},
	{name: "Consumer.Retry.Max", kind: integer, def: "0", check: saramaAtLeast("Consumer.Retry.Max must be >= 0", 0), since: kafka.V(1, 49, 0), before: "0",
		doc: "Times that it is tried again; 0 is for ever."},
	{name: "Consumer.Fetch.Min", aliases: []string{"fetch.min.bytes"}, kind: integer, def: "1", check: saramaAtLeast("Consumer.Fetch.Min must be > 0", 1),
		doc: "Bytes that the broker gathers before it answers a fetch."},
	{name: "Consumer.Fetch.Default", aliases: []string{"max.partition.fetch.bytes"}, kind: integer, def: "1048576", check: saramaAtLeast("Consumer.Fetch.Default must be > 0", 1),
		doc: "Bytes of one partition to ask for in a fetch."},
	{name: "Consumer.Fetch.Max", kind: integer, def: "0", check: saramaAtLeast("Consumer.Fetch.Max must be >= 0", 0),
		doc: "Bytes up to which a fetch grows for a larger message; 0 is no limit."},
	{name: "Consumer.Fetch.MaxBytes", aliases: []string{"fetch.max.bytes"}, kind: integer, def: "52428800", check: saramaAtLeast("Consumer.Fetch.MaxBytes must be > 0", 1), since: kafka.V(1, 49, 0), before: "104857600",
		doc: "Largest number of bytes in one fetch response."},
	{name: "Consumer.MaxWaitTime", aliases: []string{"fetch.max.wait.ms"}, kind: duration, def: "500", check: saramaAtLeast("Consumer.MaxWaitTime must be >= 1ms", 1),
		doc: "How long the broker waits for Consumer.Fetch.Min bytes."},
	{name: "Consumer.MaxProcessingTime", kind: duration, def: "100", check: saramaAtLeast("Consumer.MaxProcessingTime must be > 0", 1),
		doc: "How long a full channel may hold up the fetches of its broker; nothing happens to the membership."},
	{name: "Consumer.Return.Errors", kind: boolean, def: "false", doc: "Whether errors come from Errors() and not into the log."},
	{name: "Consumer.Offsets.AutoCommit.Enable", aliases: []string{"enable.auto.commit"}, kind: boolean, def: "true",
		doc: "Whether marked offsets are committed on a timer and when a session ends."},
	{name: "Consumer.Offsets.AutoCommit.Interval", aliases: []string{"auto.commit.interval.ms"}, kind: duration, def: "1000", check: saramaAtLeast("Consumer.Offsets.AutoCommit.Interval must be > 0", 1),
		doc: "Time between these commits."},
	{name: "Consumer.Offsets.Initial", aliases: []string{"auto.offset.reset"}, kind: text, def: "OffsetNewest", oneOf: []string{"OffsetNewest", "OffsetOldest"},
		synonyms: []synonym{{"latest", "OffsetNewest"}, {"earliest", "OffsetOldest"}, {"-1", "OffsetNewest"}, {"-2", "OffsetOldest"}},
		doc:      "Where to start without a committed offset."},
	{name: "Consumer.Offsets.Retention", kind: duration, def: "0", doc: "How long a commit is kept, for brokers below 2.1; 0 leaves it to the broker."},
	{name: "Consumer.Offsets.Retry.Max", kind: integer, def: "3", check: saramaAtLeast("Consumer.Offsets.Retry.Max must be >= 0", 0),
		doc: "Times that the commit at a session's end is tried again."},
	{name: "Consumer.IsolationLevel", aliases: []string{"isolation.level"}, kind: text, def: "ReadUncommitted", oneOf: []string{"ReadUncommitted", "ReadCommitted"},
		synonyms: []synonym{{"read_uncommitted", "ReadUncommitted"}, {"read_committed", "ReadCommitted"}, {"0", "ReadUncommitted"}, {"1", "ReadCommitted"}},
		doc:      "Whether records of open or aborted transactions are delivered."},
}
