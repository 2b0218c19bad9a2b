package config

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/kafka"
)

// kafkaPythonProducer is the DEFAULT_CONFIG of kafka.KafkaProducer, 2.2 to 3.0.
var kafkaPythonProducer = indexed(catalogue{
	software: "kafka-python's producer",
	rows: slices.Concat(pythonic([]property{
		{name: "transactional_id", kind: text, since: kafka.V(2, 2, 0),
			doc: "Name of the transactional producer; a new one of the same name fences the old one."},
		{name: "transaction_timeout_ms", kind: integer, def: "60000", since: kafka.V(2, 2, 0),
			doc: "Milliseconds after which the coordinator aborts an open transaction."},
		{name: "enable_idempotence", kind: boolean, def: "true", was: []formerly{{kafka.V(3, 0, 0), "false"}}, since: kafka.V(2, 2, 0),
			doc: "Whether the broker drops what a retry writes twice, and keeps the order."},
		{name: "acks", kind: text, def: "-1", oneOf: []string{"-1", "0", "1"}, synonyms: []synonym{{"all", "-1"}}, was: []formerly{{kafka.V(3, 0, 0), "1"}},
			doc: "What a write waits for: 0 nothing, 1 the leader, all (-1) every in-sync replica."},
		{name: "retries", kind: double, def: "inf", doc: "How often a failed write is tried again, within delivery_timeout_ms."},
		{name: "delivery_timeout_ms", kind: integer, def: "120000", since: kafka.V(2, 2, 0), doc: "Milliseconds from send() until a record is given up."},
		{name: "max_block_ms", kind: integer, def: "60000", doc: "Milliseconds that send() and the methods of transactions may block."},
		{name: "batch_size", kind: integer, def: "16384", doc: "Bytes of a partition's batch; a full one goes at once."},
		{name: "linger_ms", kind: integer, def: "0", doc: "Milliseconds that a batch that is not full waits for more records."},
		{name: "max_request_size", kind: integer, def: "1048576", doc: "Bytes of a request, at most."},
		{name: "compression_type", kind: text, oneOf: []string{"gzip", "snappy", "lz4", "zstd"}, doc: "Compression of batches; None is none."},
		{name: "partitioner", kind: callback, doc: "Object that chooses a record's partition."},
		{name: "key_serializer", kind: callback, doc: "Function that encodes keys."},
		{name: "value_serializer", kind: callback, doc: "Function that encodes values."},
	}), shared(kafkaPythonProperties, "bootstrap_servers", "client_id", "request_timeout_ms", "retry_backoff_ms", "reconnect_backoff_ms",
		"reconnect_backoff_max_ms", "max_in_flight_requests_per_connection", "metadata_max_age_ms", "connections_max_idle_ms", "allow_auto_create_topics",
		"bootstrap_timeout_ms", "api_version", "security_protocol")),
	parse: parsePython,
	unknown: func(v kafka.Version, g Property) string {
		if v >= kafka.V(3, 0, 0) {
			return "KafkaConfigurationError: Unrecognized configs: {'" + pythonName(g.Key) + "'}"
		}
		return "AssertionError: Unrecognized configs: {'" + pythonName(g.Key) + "'}"
	},
	rules: []func(*resolution){kafkaPythonTransactional},
})

// kafkaPythonTransactional is what the constructor refuses of a producer with a
// transactional_id.
func kafkaPythonTransactional(r *resolution) {
	const most = "max_in_flight_requests_per_connection"
	if !r.Given("transactional_id") {
		return
	}
	if r.Given("enable_idempotence") && !r.Bool("enable_idempotence") {
		r.refuse("KafkaConfigurationError: Cannot set transactional_id without enable_idempotence.", "", "enable_idempotence")
	}
	var conflicts, names []string
	for _, c := range []struct {
		name string
		is   bool
	}{{"acks", r.String("acks") != "-1"}, {"retries", r.String("retries") == "0"}, {most, r.Int(most) > 5}} {
		if r.Given(c.name) && c.is {
			conflicts, names = append(conflicts, c.name+"="+r.String(c.name)), append(names, c.name)
		}
	}
	if len(conflicts) > 0 {
		r.refuse("KafkaConfigurationError: enable_idempotence=True is incompatible with user-provided "+strings.Join(conflicts, ", "), "", names...)
		return
	}
	r.values["enable_idempotence"], r.values["acks"] = "true", "-1"
}

// aiokafkaProducer is the keyword arguments of aiokafka.AIOKafkaProducer.
var aiokafkaProducer = indexed(catalogue{
	software: "aiokafka's producer",
	rows: slices.Concat(pythonic([]property{
		{name: "transactional_id", kind: text, doc: "Name of the transactional producer; a new one of the same name fences the old one."},
		{name: "transaction_timeout_ms", kind: integer, def: "60000", doc: "Milliseconds after which the coordinator aborts an open transaction."},
		{name: "enable_idempotence", kind: boolean, def: "false",
			doc: "Whether the broker drops what a retry writes twice, and keeps the order; with transactional_id always true."},
		{name: "acks", kind: text, def: "1", oneOf: []string{"-1", "0", "1"}, synonyms: []synonym{{"all", "-1"}},
			doc: "What a write waits for: 0 nothing, 1 the leader, all (-1) every in-sync replica, which is the default with transactional_id."},
		{name: "max_batch_size", kind: integer, def: "16384", doc: "Bytes of a partition's batch, at most."},
		{name: "linger_ms", kind: integer, def: "0", doc: "Milliseconds by which a request to a broker is held up for more records."},
		{name: "max_request_size", kind: integer, def: "1048576", doc: "Bytes of a request, at most."},
		{name: "compression_type", kind: text, oneOf: []string{"gzip", "snappy", "lz4", "zstd"}, doc: "Compression of batches; None is none."},
		{name: "partitioner", kind: callback, doc: "Function that chooses a record's partition."},
		{name: "key_serializer", kind: callback, doc: "Function that encodes keys."},
		{name: "value_serializer", kind: callback, doc: "Function that encodes values."},
	}), shared(aiokafkaProperties, "bootstrap_servers", "client_id", "request_timeout_ms", "retry_backoff_ms", "metadata_max_age_ms",
		"connections_max_idle_ms", "api_version", "loop", "security_protocol")),
	parse: parsePython,
	unknown: func(_ kafka.Version, g Property) string {
		return "TypeError: AIOKafkaProducer.__init__() got an unexpected keyword argument '" + pythonName(g.Key) + "'"
	},
	rules: []func(*resolution){aiokafkaTransactional},
})

// aiokafkaTransactional is what the constructor makes of acks and transactional_id.
func aiokafkaTransactional(r *resolution) {
	idempotent := r.Given("transactional_id") || r.Bool("enable_idempotence")
	if acks := r.String("acks"); idempotent && r.Given("acks") && acks != "-1" {
		r.refuse(fmt.Sprintf("ValueError: acks=%s not supported if enable_idempotence=True", acks), "expected all (-1)", "acks")
	} else if idempotent {
		r.values["acks"], r.values["enable_idempotence"] = "-1", "true"
	}
}
