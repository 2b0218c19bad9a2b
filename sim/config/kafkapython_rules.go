package config

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/kafka"
)

var kafkaPythonConsumer = indexed(catalogue{
	software: "kafka-python",
	rows:     kafkaPythonProperties,
	parse:    parsePython,
	unknown: func(_ kafka.Version, g Property) string {
		return "KafkaConfigurationError: Unrecognized configs: {'" + pythonName(g.Key) + "'}"
	},
	remark: kafkaPythonRemark,
	producer: []string{
		"acks", "retries", "batch_size", "linger_ms", "buffer_memory", "max_block_ms", "max_request_size", "partitioner",
		"compression_type", "key_serializer", "value_serializer", "enable_idempotence", "transactional_id",
		"transaction_timeout_ms", "delivery_timeout_ms", "bootstrap_topics_filter",
	},
	rules: []func(*resolution){kafkaPythonHeartbeat, kafkaPythonTimeouts, kafkaPythonStrategies},
})

// kafkaPythonRemark warns as KafkaConsumer and SubscriptionState do.
func kafkaPythonRemark(r *resolution, p *property, g Property) {
	if p.name != "auto_offset_reset" {
		return
	}
	switch value := r.values[p.name]; {
	case slices.Contains([]string{"smallest", "largest"}, g.Value):
		r.warn(fmt.Sprintf("use auto_offset_reset=%s (%s is deprecated)", value, g.Value), "", p.name)
	case !slices.Contains([]string{"earliest", "latest", "none"}, strings.ToLower(value)):
		r.warn("Unrecognized offset_reset_strategy, using NONE", "expected earliest or latest", p.name)
		r.values[p.name] = "none"
	default:
		r.values[p.name] = strings.ToLower(value)
	}
}

// kafkaPythonHeartbeat is the constructor of kafka.coordinator.heartbeat.Heartbeat.
func kafkaPythonHeartbeat(r *resolution) {
	heartbeat, session := r.Int("heartbeat_interval_ms"), r.Int("session_timeout_ms")
	switch {
	case heartbeat >= session:
		r.refuseHeartbeat("heartbeat_interval_ms", "session_timeout_ms",
			fmt.Sprintf("KafkaConfigurationError: Heartbeat interval must be lower than the session timeout (%d v %d)", heartbeat, session), "")
	case 3*heartbeat > session && r.version >= kafka.V(2, 1, 0):
		r.warn(fmt.Sprintf("heartbeat_interval_ms is high relative to session_timeout_ms (%d v %d). Recommend heartbeat interval less than 1/3rd of session timeout", heartbeat, session),
			"", "heartbeat_interval_ms", "session_timeout_ms")
	}
}

// kafkaPythonTimeouts is what the constructor of KafkaConsumer compares.
func kafkaPythonTimeouts(r *resolution) {
	idle, request, wait := r.Int("connections_max_idle_ms"), r.Int("request_timeout_ms"), r.Int("fetch_max_wait_ms")
	if wait < request && request < idle {
		return
	}
	r.refuse(fmt.Sprintf("KafkaConfigurationError: connections_max_idle_ms (%d) must be larger than request_timeout_ms (%d) which must be larger than fetch_max_wait_ms (%d).", idle, request, wait),
		"", "request_timeout_ms", "connections_max_idle_ms", "fetch_max_wait_ms")
}

// kafkaPythonStrategies is ConsumerCoordinator._validate_rebalance_protocol, and
// that there are assignors of these names.
func kafkaPythonStrategies(r *resolution) {
	const name = "partition_assignment_strategy"
	names := r.List(name)
	known := []string{"range", "roundrobin", "sticky"}
	if r.version >= kafka.V(3, 0, 0) {
		known = append(known, "cooperative-sticky")
	}
	if len(names) == 0 {
		r.refuse("KafkaConfigurationError: Coordinator requires assignors", "", name)
		return
	}
	eager := 0
	for _, n := range names {
		if !slices.Contains(known, n) {
			r.refuse(fmt.Sprintf("%s: there is no assignor %q", name, n), "expected some of "+strings.Join(known, ", "), name)
			return
		}
		if n != "cooperative-sticky" {
			eager++
		}
	}
	if eager != 0 && eager != len(names) {
		r.refuse("KafkaConfigurationError: Specified partition_assignment_strategy assignors ["+pythonStrings(names)+"] do not support a common RebalanceProtocol. Mixing EAGER and COOPERATIVE assignors in a single consumer is not supported.",
			"", name)
	}
}
