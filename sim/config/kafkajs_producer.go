package config

import (
	"fmt"
	"slices"

	"ksim/sim/kafka"
)

// kafkajsProducer is the options of kafka.producer(). The number of retries is
// without limit where the producer is idempotent; what a transaction asks for is
// tried again as often as `new Kafka()` says, 5 times unless told otherwise.
var kafkajsProducer = indexed(catalogue{
	software: "kafkajs's producer",
	rows: slices.Concat([]property{
		{name: "transactionalId", borrowed: []string{"transactional.id"}, kind: text,
			doc: "Name of the transactional producer; a new one of the same name fences the old one."},
		{name: "transactionTimeout", borrowed: []string{"transaction.timeout.ms"}, kind: integer, def: "60000", min: "0",
			doc: "Milliseconds after which the coordinator aborts an open transaction."},
		{name: "idempotent", borrowed: []string{"enable.idempotence"}, kind: boolean, def: "false",
			doc: "Whether the broker drops what a retry writes twice; transactions are idempotent whatever it says."},
		{name: "maxInFlightRequests", borrowed: []string{"max.in.flight.requests.per.connection"}, kind: integer, min: "1",
			doc: "Largest number of requests of a connection that wait for their answers; null is no limit."},
		{name: "acks", kind: integer, def: "-1", oneOf: []string{"-1", "0", "1"}, synonyms: []synonym{{"all", "-1"}},
			doc: "What a write waits for, an argument of send()."},
	}, shared(kafkajsOptions, "clientId", "brokers", "metadataMaxAge", "allowAutoTopicCreation", "connectionTimeout", "requestTimeout", "enforceRequestTimeout",
		"retry.initialRetryTime", "retry.factor", "retry.multiplier", "retry.maxRetryTime", "retry.retries", "logLevel")),
	parse: parseKafkajs,
	unknown: func(v kafka.Version, g Property) string {
		return fmt.Sprintf("kafkajs %s has no option %q of a producer", v, g.Key)
	},
	rules: []func(*resolution){kafkajsAcks},
})

// kafkajsAcks is what an idempotent producer refuses when it sends.
func kafkajsAcks(r *resolution) {
	if r.String("acks") != "-1" {
		r.refuse("KafkaJSNonRetriableError: Not requiring ack for all messages invalidates the idempotent producer's EoS guarantees", "expected -1", "acks")
	}
}
