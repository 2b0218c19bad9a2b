package config

import "ksim/sim/kafka"

// kafkaPythonProperties is the DEFAULT_CONFIG of kafka.KafkaConsumer, kafka-python
// 2.0 to 3.0. The names are keyword arguments; the contract also lets them be
// written with dots.
var kafkaPythonProperties = pythonic([]property{
	// Membership in the group
	{name: "group_id", kind: text, doc: "Name of the consumer group; in a scenario the group's id."},
	{name: "group_instance_id", kind: text, since: kafka.V(2, 3, 0),
		doc: "Makes the consumer a static member under this name: a restart within the session causes no rebalance."},
	{name: "session_timeout_ms", kind: integer, def: "45000", was: []formerly{{kafka.V(3, 0, 0), "10000"}},
		doc: "Milliseconds without a heartbeat after which the broker removes the member; the default is 30000 with brokers before 3.0."},
	{name: "heartbeat_interval_ms", kind: integer, def: "3000",
		doc: "Milliseconds between heartbeats to the coordinator; must be lower than session_timeout_ms."},
	{name: "max_poll_interval_ms", kind: integer, def: "300000",
		doc: "Milliseconds between two polls after which the consumer leaves the group; also the rebalance timeout."},
	{name: "partition_assignment_strategy", kind: list, def: "range,roundrobin", synonyms: kafkaPythonAssignors,
		doc: "Assignors that the consumer offers, the preferred one first, by protocol name or class: range, roundrobin, sticky, since 3.0 cooperative-sticky."},

	// Polling and offsets
	{name: "max_poll_records", kind: integer, def: "500", doc: "Largest number of records that one poll returns."},
	{name: "enable_auto_commit", kind: boolean, def: "true",
		doc: "Whether the consumer commits by itself what poll has returned."},
	{name: "auto_commit_interval_ms", kind: integer, def: "5000",
		doc: "Milliseconds between automatic commits, which happen inside poll."},
	{name: "auto_offset_reset", kind: text, def: "latest", synonyms: []synonym{{"smallest", "earliest"}, {"largest", "latest"}},
		doc: "Where to start without a committed offset, or with one that is out of range: earliest or latest; anything else is an error at that time."},
	{name: "isolation_level", kind: text, def: "read_uncommitted", oneOf: []string{"read_uncommitted", "read_committed"}, since: kafka.V(2, 1, 0), before: "read_uncommitted",
		doc: "Whether records of open or aborted transactions are returned."},
	{name: "exclude_internal_topics", kind: boolean, def: "true",
		doc: "Whether a subscribed pattern leaves out internal topics such as __consumer_offsets."},
	{name: "allow_auto_create_topics", kind: boolean, def: "true", since: kafka.V(2, 1, 0), before: "true",
		doc: "Whether subscribing may create a topic, if the broker allows it too."},
	{name: "consumer_timeout_ms", kind: double, def: "inf",
		doc: "Milliseconds after which the iterator stops when there is nothing; poll does not use it."},
	{name: "default_api_timeout_ms", kind: integer, def: "60000", since: kafka.V(2, 1, 0), until: kafka.V(3, 0, 0),
		doc: "Milliseconds for calls that have no timeout of their own."},

	// Fetching
	{name: "fetch_min_bytes", kind: integer, def: "1", doc: "Bytes that the broker gathers before it answers a fetch."},
	{name: "fetch_max_wait_ms", kind: integer, def: "500", doc: "Milliseconds that the broker waits for fetch_min_bytes."},
	{name: "fetch_max_bytes", kind: integer, def: "52428800",
		doc: "Largest number of bytes in one fetch response; a first larger batch still comes."},
	{name: "max_partition_fetch_bytes", kind: integer, def: "1048576", doc: "Bytes of one partition to ask for in a fetch."},
	{name: "enable_incremental_fetch_sessions", kind: boolean, def: "true", since: kafka.V(2, 1, 0), before: "false",
		doc: "Whether a fetch names only what has changed since the one before (KIP-227)."},
	{name: "check_crcs", kind: boolean, def: "true", doc: "Whether the checksum of fetched records is verified."},
	{name: "client_rack", kind: text, since: kafka.V(3, 0, 0), doc: "Rack of the consumer, for fetching from the nearest replica."},

	// Requests, connections, metadata
	{name: "bootstrap_servers", kind: list, def: "localhost",
		doc: "Brokers to ask first, host:port; a scenario's cluster answers whatever stands here."},
	{name: "client_id", kind: text, doc: "Name of the consumer in requests and logs; in a scenario the member's name."},
	{name: "request_timeout_ms", kind: integer, def: "30000", was: []formerly{{kafka.V(3, 0, 0), "305000"}},
		doc: "Milliseconds to wait for an answer."},
	{name: "retry_backoff_ms", kind: integer, def: "100", doc: "Milliseconds before a failed request is tried again."},
	{name: "reconnect_backoff_ms", kind: integer, def: "50", doc: "Milliseconds before the first attempt to reconnect to a broker."},
	{name: "reconnect_backoff_max_ms", kind: integer, def: "30000", was: []formerly{{kafka.V(2, 1, 0), "1000"}},
		doc: "Milliseconds up to which the pause between attempts to reconnect grows."},
	{name: "max_in_flight_requests_per_connection", kind: integer, def: "5",
		doc: "Largest number of requests of a connection that wait for their answers."},
	{name: "metadata_max_age_ms", kind: integer, def: "300000",
		doc: "Milliseconds between refreshes of metadata, which is how new partitions are found."},
	{name: "connections_max_idle_ms", kind: integer, def: "540000", doc: "Milliseconds after which an idle connection is closed."},
	{name: "bootstrap_timeout_ms", kind: integer, def: "30000", since: kafka.V(3, 0, 0),
		doc: "Milliseconds to wait for the first broker that answers."},
	{name: "client_dns_lookup", kind: text, def: "use_all_dns_ips", since: kafka.V(3, 0, 0),
		doc: "How the client uses several addresses of one host name."},
	{name: "receive_buffer_bytes", kind: integer, doc: "Bytes of the TCP receive buffer; None is the system's default."},
	{name: "send_buffer_bytes", kind: integer, doc: "Bytes of the TCP send buffer; None is the system's default."},
	{name: "receive_message_max_bytes", kind: integer, def: "100000000", since: kafka.V(3, 0, 0), doc: "Bytes of the largest answer."},
	{name: "socket_options", kind: list, doc: "Options of the sockets, (level, option, value) each."},
	{name: "sock_chunk_bytes", kind: integer, def: "4096", until: kafka.V(3, 0, 0), doc: "Bytes that are read from a socket at once."},
	{name: "sock_chunk_buffer_count", kind: integer, def: "1000", until: kafka.V(3, 0, 0), doc: "How many such chunks are kept."},
	{name: "api_version", kind: text, doc: "Version of the broker as a tuple; None asks the broker."},
	{name: "api_version_auto_timeout_ms", kind: integer, def: "2000", until: kafka.V(3, 0, 0),
		doc: "Milliseconds to wait for the broker's version."},
	{name: "proxy_url", kind: text, since: kafka.V(3, 0, 0), doc: "Proxy that connections go through."},
	{name: "socks5_proxy", kind: text, since: kafka.V(2, 1, 0), doc: "SOCKS5 proxy that connections go through; deprecated since 3.0."},

	// Metrics and what is set by objects
	{name: "metric_reporters", kind: list, doc: "Classes that metrics are given to."},
	{name: "metrics_enabled", kind: boolean, def: "true", since: kafka.V(2, 1, 0), doc: "Whether metrics are kept."},
	{name: "metrics_num_samples", kind: integer, def: "2", doc: "Samples of which a metric is made."},
	{name: "metrics_sample_window_ms", kind: integer, def: "30000", doc: "Milliseconds that a sample takes."},
	{name: "metric_group_prefix", kind: text, def: "consumer", doc: "First word of the metrics' groups."},
	{name: "key_deserializer", kind: callback, doc: "Object that reads keys."},
	{name: "value_deserializer", kind: callback, doc: "Object that reads values."},
	{name: "default_offset_commit_callback", kind: callback, doc: "Function that gets the results of commits."},
	{name: "selector", kind: callback, doc: "Class of the selector."},
	{name: "kafka_client", kind: callback, since: kafka.V(2, 1, 0), doc: "Class of the network client."},

	// Security
	{name: "security_protocol", kind: text, def: "PLAINTEXT", oneOf: securityProtocols, doc: "Protocol of the connections to brokers."},
	{name: "ssl_context", kind: callback, doc: "Context that replaces all other ssl properties."},
	{name: "ssl_check_hostname", kind: boolean, def: "true", doc: "Whether the broker's certificate must bear its host name."},
	{name: "ssl_cafile", kind: text, doc: "File of trusted certificates."},
	{name: "ssl_certfile", kind: text, doc: "File of the client's certificate."},
	{name: "ssl_keyfile", kind: text, doc: "File of the client's private key."},
	{name: "ssl_password", kind: password, doc: "Password of the private key."},
	{name: "ssl_crlfile", kind: text, doc: "File of revoked certificates."},
	{name: "ssl_ciphers", kind: text, doc: "Ciphers that may be used."},
	{name: "sasl_mechanism", kind: text, doc: "SASL mechanism."},
	{name: "sasl_plain_username", kind: text, doc: "User name for PLAIN and SCRAM."},
	{name: "sasl_plain_password", kind: password, doc: "Password for PLAIN and SCRAM."},
	{name: "sasl_kerberos_name", kind: callback, since: kafka.V(2, 1, 0), doc: "Name object for GSSAPI."},
	{name: "sasl_kerberos_service_name", kind: text, def: "kafka", doc: "Service name for GSSAPI."},
	{name: "sasl_kerberos_domain_name", kind: text, doc: "Domain name for GSSAPI."},
	{name: "sasl_oauth_token_provider", kind: callback, doc: "Object that gives tokens for OAUTHBEARER."},
})

// kafkaPythonAssignors are the classes that come with the client, by the names
// under which a program imports them.
var kafkaPythonAssignors = []synonym{
	{"RangePartitionAssignor", "range"},
	{"RoundRobinPartitionAssignor", "roundrobin"},
	{"StickyPartitionAssignor", "sticky"},
	{"CooperativeStickyAssignor", "cooperative-sticky"},
}
