package config

import (
	"fmt"
	"slices"

	"ksim/sim/kafka"
)

// LibrdkafkaProducer resolves the configuration of a librdkafka producer.
func LibrdkafkaProducer(v kafka.Version, given []Property) (Set, []Problem) {
	return librdkafkaProducerSet.resolve(v, given)
}

var librdkafkaProducerSet = indexed(catalogue{
	software: "librdkafka's producer",
	rows:     slices.Concat(librdkafkaProperties, librdkafkaSecurity, librdkafkaProducer),
	parse:    parseLibrdkafka,
	unknown:  librdkafkaUnknown,
	rules:    []func(*resolution){librdkafkaMessageTimeout},
})

func librdkafkaUnknown(_ kafka.Version, g Property) string {
	return fmt.Sprintf("No such configuration property: %q", g.Key)
}

// librdkafkaMessageTimeout keeps messages from outliving their transaction
// (rd_kafka_new); the default follows.
func librdkafkaMessageTimeout(r *resolution) {
	if r.Given("message.timeout.ms") && r.Given("transactional.id") && r.Int("message.timeout.ms") > r.Int("transaction.timeout.ms") {
		r.refuse("`message.timeout.ms` must be set <= `transaction.timeout.ms`", fmt.Sprintf("transaction.timeout.ms is %d", r.Int("transaction.timeout.ms")), "message.timeout.ms")
	}
}

// librdkafkaProducer is what only a producer uses; a consumer accepts it with a
// warning.
var librdkafkaProducer = []property{
	{name: "request.required.acks", aliases: []string{"acks"}, kind: integer, def: "-1", min: "-1", max: "1000", synonyms: []synonym{{"all", "-1"}}, was: []formerly{{kafka.V(1, 0, 0), "1"}}, side: producerSide,
		doc: "Acknowledgements that a request waits for; -1 is all in-sync replicas."},
	{name: "request.timeout.ms", kind: integer, def: "30000", min: "1", max: "900000", was: []formerly{{kafka.V(1, 5, 2), "5000"}}, side: producerSide,
		doc: "Milliseconds that the broker waits for acknowledgements."},
	{name: "message.timeout.ms", aliases: []string{"delivery.timeout.ms"}, kind: integer, def: "300000", min: "0", max: "2147483647", side: producerSide,
		doc: "Milliseconds after which a message is given up; 0 is never."},
	{name: "enable.idempotence", kind: boolean, def: "false", since: kafka.V(1, 0, 0), side: producerSide,
		doc: "Whether each message is written once and in order."},
	{name: "enable.gapless.guarantee", kind: boolean, def: "false", since: kafka.V(1, 0, 0), side: producerSide,
		doc: "Whether a lost message is fatal."},
	{name: "transactional.id", kind: text, since: kafka.V(1, 4, 0), side: producerSide, doc: "Name of the transactional producer."},
	{name: "transaction.timeout.ms", kind: integer, def: "60000", min: "1000", max: "2147483647", since: kafka.V(1, 4, 0), side: producerSide,
		doc: "Milliseconds that a transaction may last."},
	{name: "queue.buffering.max.messages", kind: integer, def: "100000", min: "0", max: "2147483647", side: producerSide,
		doc: "Messages in the producer's queue, at most; 0 is no limit."},
	{name: "queue.buffering.max.kbytes", kind: integer, def: "1048576", min: "1", max: "2147483647", side: producerSide,
		doc: "Kilobytes in the producer's queue, at most."},
	{name: "queue.buffering.max.ms", aliases: []string{"linger.ms"}, kind: double, def: "5", min: "0", max: "900000", was: []formerly{{kafka.V(1, 1, 0), "0"}, {kafka.V(1, 5, 0), "0.5"}}, side: producerSide,
		doc: "Milliseconds for which messages are gathered into a batch."},
	{name: "queue.buffering.backpressure.threshold", kind: integer, def: "1", min: "1", max: "1000000", side: producerSide,
		doc: "Waiting requests of a broker above which batches grow."},
	{name: "queuing.strategy", kind: text, def: "fifo", oneOf: []string{"fifo", "lifo"}, side: producerSide,
		doc: "Order of the producer's queue; deprecated."},
	{name: "message.send.max.retries", aliases: []string{"retries"}, kind: integer, def: "2147483647", min: "0", max: "2147483647", was: []formerly{{kafka.V(1, 5, 2), "2"}}, side: producerSide,
		doc: "How often a message is sent again."},
	{name: "compression.codec", aliases: []string{"compression.type"}, kind: text, def: "none", oneOf: []string{"none", "gzip", "snappy", "lz4", "zstd"}, side: producerSide,
		doc: "Compression of batches."},
	{name: "compression.level", kind: integer, def: "-1", min: "-1", max: "12", side: producerSide,
		doc: "Level of compression; -1 is the codec's default."},
	{name: "batch.num.messages", kind: integer, def: "10000", min: "1", max: "1000000", side: producerSide,
		doc: "Messages in a batch, at most."},
	{name: "batch.size", kind: integer, def: "1000000", min: "1", max: "2147483647", since: kafka.V(1, 5, 0), side: producerSide,
		doc: "Bytes of a batch, at most."},
	{name: "sticky.partitioning.linger.ms", kind: integer, def: "10", min: "0", max: "900000", since: kafka.V(1, 6, 0), side: producerSide,
		doc: "Milliseconds for which messages without key go to one partition."},
	{name: "partitioner", kind: text, def: "consistent_random", side: producerSide, doc: "How a message's partition is chosen."},
	{name: "delivery.report.only.error", kind: boolean, def: "false", side: producerSide,
		doc: "Whether only failures are reported."},
	{name: "produce.offset.report", kind: boolean, def: "false", side: producerSide, doc: "Without effect; deprecated."},
	{name: "dr_cb", kind: callback, side: producerSide, doc: "Callback for delivery reports."},
	{name: "dr_msg_cb", kind: callback, side: producerSide, doc: "Callback for delivery reports with the message."},
	{name: "partitioner_cb", kind: callback, side: producerSide, doc: "Callback that chooses partitions."},
	{name: "msg_order_cmp", kind: callback, side: producerSide, doc: "Callback that orders messages; deprecated."},
}
