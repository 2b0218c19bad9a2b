package config

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/kafka"
)

// aiokafkaProperties is the keyword arguments of aiokafka.AIOKafkaConsumer, 0.7
// to 0.14. The contract also lets them be written with dots.
var aiokafkaProperties = pythonic([]property{
	// Membership in the group
	{name: "group_id", kind: text, doc: "Name of the consumer group; in a scenario the group's id."},
	{name: "group_instance_id", kind: text, since: kafka.V(0, 8, 0),
		doc: "Makes the consumer a static member under this name: a restart within the session causes no rebalance."},
	{name: "session_timeout_ms", kind: integer, def: "10000",
		doc: "Milliseconds without a heartbeat after which the broker removes the member."},
	{name: "heartbeat_interval_ms", kind: integer, def: "3000", doc: "Milliseconds between heartbeats to the coordinator."},
	{name: "max_poll_interval_ms", kind: integer, def: "300000",
		doc: "Milliseconds without a pending getone() or getmany() after which the consumer leaves the group."},
	{name: "rebalance_timeout_ms", kind: integer,
		doc: "Milliseconds that the coordinator waits for the member in a rebalance, hence for its revoke listener; None is session_timeout_ms."},
	{name: "partition_assignment_strategy", kind: list, def: "roundrobin", synonyms: kafkaPythonAssignors[:3],
		doc: "Assignors that the consumer offers, the preferred one first, by protocol name or class: range, roundrobin, sticky."},

	// Reading and offsets
	{name: "max_poll_records", kind: integer, check: aiokafkaPollRecords,
		doc: "Largest number of records that one getmany() returns; None is no limit."},
	{name: "enable_auto_commit", kind: boolean, def: "true",
		doc: "Whether the consumer commits by itself what it has handed out."},
	{name: "auto_commit_interval_ms", kind: integer, def: "5000", doc: "Milliseconds between automatic commits, on a timer."},
	{name: "auto_offset_reset", kind: text, def: "latest",
		doc: "Where to start without a committed offset, or with one that is out of range: earliest or latest; anything else is an error at that time."},
	{name: "isolation_level", kind: text, def: "read_uncommitted", oneOf: []string{"read_uncommitted", "read_committed"},
		check: aiokafkaIsolation, doc: "Whether records of open or aborted transactions are returned."},
	{name: "exclude_internal_topics", kind: boolean, def: "true",
		doc: "Whether a subscribed pattern leaves out internal topics such as __consumer_offsets."},
	{name: "consumer_timeout_ms", kind: integer, def: "200", doc: "Milliseconds that the fetch task sleeps at most."},

	// Fetching
	{name: "fetch_min_bytes", kind: integer, def: "1", doc: "Bytes that the broker gathers before it answers a fetch."},
	{name: "fetch_max_wait_ms", kind: integer, def: "500", doc: "Milliseconds that the broker waits for fetch_min_bytes."},
	{name: "fetch_max_bytes", kind: integer, def: "52428800",
		doc: "Largest number of bytes in one fetch response; a first larger batch still comes."},
	{name: "max_partition_fetch_bytes", kind: integer, def: "1048576", doc: "Bytes of one partition to ask for in a fetch."},
	{name: "check_crcs", kind: boolean, def: "true", doc: "Whether the checksum of fetched records is verified."},
	{name: "client_rack", kind: text, since: kafka.V(0, 14, 0), doc: "Rack of the consumer, for fetching from the nearest replica."},

	// Requests, connections, metadata
	{name: "bootstrap_servers", kind: list, def: "localhost",
		doc: "Brokers to ask first, host:port; a scenario's cluster answers whatever stands here."},
	{name: "client_id", kind: text, doc: "Name of the consumer in requests and logs; in a scenario the member's name."},
	{name: "request_timeout_ms", kind: integer, def: "40000", doc: "Milliseconds to wait for an answer."},
	{name: "retry_backoff_ms", kind: integer, def: "100", doc: "Milliseconds before a failed request is tried again."},
	{name: "metadata_max_age_ms", kind: integer, def: "300000",
		doc: "Milliseconds between refreshes of metadata, which is how new partitions are found."},
	{name: "connections_max_idle_ms", kind: integer, def: "540000", doc: "Milliseconds after which an idle connection is closed."},
	{name: "api_version", kind: text, doc: "Version of the broker; without effect since 0.13."},
	{name: "loop", kind: callback, doc: "Event loop; deprecated."},
	{name: "key_deserializer", kind: callback, doc: "Function that reads keys."},
	{name: "value_deserializer", kind: callback, doc: "Function that reads values."},

	// Security
	{name: "security_protocol", kind: text, def: "PLAINTEXT", oneOf: securityProtocols, check: aiokafkaSecurity,
		doc: "Protocol of the connections to brokers."},
	{name: "ssl_context", kind: callback, doc: "Context of encrypted connections."},
	{name: "sasl_mechanism", kind: text, def: "PLAIN", doc: "SASL mechanism."},
	{name: "sasl_plain_username", kind: text, doc: "User name for PLAIN and SCRAM."},
	{name: "sasl_plain_password", kind: password, doc: "Password for PLAIN and SCRAM."},
	{name: "sasl_kerberos_service_name", kind: text, def: "kafka", doc: "Service name for GSSAPI."},
	{name: "sasl_kerberos_domain_name", kind: text, doc: "Domain name for GSSAPI."},
	{name: "sasl_oauth_token_provider", kind: callback, doc: "Object that gives tokens for OAUTHBEARER."},
})

var aiokafkaConsumer = indexed(catalogue{
	software: "aiokafka",
	rows:     aiokafkaProperties,
	parse:    parsePython,
	unknown: func(_ kafka.Version, g Property) string {
		return "TypeError: AIOKafkaConsumer.__init__() got an unexpected keyword argument '" + pythonName(g.Key) + "'"
	},
	remark: aiokafkaRemark,
	producer: []string{
		"acks", "compression_type", "max_batch_size", "partitioner", "max_request_size", "linger_ms", "enable_idempotence",
		"transactional_id", "transaction_timeout_ms", "key_serializer", "value_serializer", "retries",
	},
	rules: []func(*resolution){aiokafkaStrategies},
})

// aiokafkaRemark warns as OffsetResetStrategy.from_str does.
func aiokafkaRemark(r *resolution, p *property, _ Property) {
	if p.name != "auto_offset_reset" {
		return
	}
	value := strings.ToLower(r.values[p.name])
	if !slices.Contains([]string{"earliest", "latest", "none"}, value) {
		r.warn("Unrecognized ``auto_offset_reset`` config, using NONE", "expected earliest or latest", p.name)
		value = "none"
	}
	r.values[p.name] = value
}

func aiokafkaPollRecords(value string) string {
	if value == "0" {
		return "ValueError: `max_poll_records` should be positive Integer"
	}
	return ""
}

func aiokafkaIsolation(value string) string {
	if value != "read_uncommitted" && value != "read_committed" {
		return "ValueError: Incorrect isolation level " + value
	}
	return ""
}

func aiokafkaSecurity(value string) string {
	if !slices.Contains(securityProtocols, value) {
		return "ValueError: `security_protocol` should be SSL or PLAINTEXT"
	}
	return ""
}

// aiokafkaStrategies sees to it that there are assignors of the given names.
func aiokafkaStrategies(r *resolution) {
	const name = "partition_assignment_strategy"
	for _, n := range r.List(name) {
		if !slices.Contains([]string{"range", "roundrobin", "sticky"}, n) {
			r.refuse(fmt.Sprintf("%s: there is no assignor %q", name, n), "expected some of range, roundrobin, sticky", name)
			return
		}
	}
	if len(r.List(name)) == 0 {
		r.refuse(name+" is empty: the consumer would have nothing to offer to the group", "", name)
	}
}
