package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ksim/sim/kafka"
)

// Producer resolves the configuration of a producer, which is a Java client.
func Producer(v kafka.Version, given []Property) (Set, []Problem) {
	return javaProducer.resolve(v, given)
}

var javaProducer = indexed(catalogue{
	software: "the Java producer",
	rows:     slices.Concat(javaProducerProperties, sharedWithConsumer(), javaSecurity),
	parse:    parseJava,
	unknown:  javaUnknown,
	rules: []func(*resolution){javaDeliveryTimeout, javaIdempotence, javaTransactionalID, javaPartitioner,
		javaRetryBackoff, javaReconnectBackoff, javaSecurityProtocol},
})

// The partitioners that have come with the Java producer.
const (
	javaDefaultPartitioner       = "org.apache.kafka.clients.producer.internals.DefaultPartitioner"
	javaUniformStickyPartitioner = "org.apache.kafka.clients.producer.UniformStickyPartitioner"
	javaRoundRobinPartitioner    = "org.apache.kafka.clients.producer.RoundRobinPartitioner"
)

// javaProducerProperties is org.apache.kafka.clients.producer.ProducerConfig from
// 0.9 to 4.3, without what it shares with the consumer.
var javaProducerProperties = []property{
	// What counts as written
	{name: "acks", kind: text, def: "all", oneOf: []string{"all", "-1", "0", "1"},
		was: []formerly{{kafka.V(3, 0, 0), "1"}},
		doc: "What a write waits for: 0 nothing, 1 the leader, all (-1) every in-sync replica."},
	{name: "enable.idempotence", kind: boolean, def: "true", since: kafka.V(0, 11, 0), before: "false",
		was: []formerly{{kafka.V(3, 0, 0), "false"}},
		doc: "Whether the broker drops what a retry writes twice, and keeps the order."},
	{name: "retries", kind: integer, def: "2147483647", min: "0", max: "2147483647",
		was: []formerly{{kafka.V(2, 1, 0), "0"}},
		doc: "How often a failed write is tried again, within delivery.timeout.ms."},
	{name: "delivery.timeout.ms", kind: integer, def: "120000", min: "0", since: kafka.V(2, 1, 0), before: "120000",
		doc: "Milliseconds from send() until a record is given up."},
	{name: "max.in.flight.requests.per.connection", kind: integer, def: "5", min: "1",
		doc: "Writes to a broker without an answer, at most."},
	{name: "max.block.ms", kind: long, def: "60000", min: "0",
		doc: "Milliseconds that send() and the methods of transactions may block."},
	{name: "request.timeout.ms", kind: integer, def: "30000", min: "0",
		doc: "Milliseconds to wait for an answer."},

	// Batches
	{name: "batch.size", kind: integer, def: "16384", min: "0",
		doc: "Bytes of a partition's batch; a full one goes at once."},
	{name: "linger.ms", kind: long, def: "5", min: "0", was: []formerly{{kafka.V(4, 0, 0), "0"}},
		doc: "Milliseconds that a batch that is not full waits for more records."},
	{name: "buffer.memory", kind: long, def: "33554432", min: "0",
		doc: "Bytes of records that wait to be sent, at most; then send() blocks."},
	{name: "max.request.size", kind: integer, def: "1048576", min: "0",
		doc: "Bytes of a request, and of a record, at most."},
	{name: "compression.type", kind: text, def: "none", until: kafka.V(2, 1, 0), oneOf: []string{"none", "gzip", "snappy", "lz4"},
		doc: "Compression of batches."},
	{name: "compression.type", kind: text, def: "none", since: kafka.V(2, 1, 0), oneOf: []string{"none", "gzip", "snappy", "lz4", "zstd"},
		doc: "Compression of batches."},
	{name: "compression.gzip.level", kind: integer, def: "-1", since: kafka.V(3, 8, 0), check: gzipLevel,
		doc: "Level of gzip; -1 is its default."},
	{name: "compression.lz4.level", kind: integer, def: "9", min: "1", max: "17", since: kafka.V(3, 8, 0),
		doc: "Level of lz4."},
	{name: "compression.zstd.level", kind: integer, def: "3", min: "-131072", max: "22", since: kafka.V(3, 8, 0),
		doc: "Level of zstd."},

	// Partitions
	{name: "partitioner.class", kind: class, def: javaDefaultPartitioner, until: kafka.V(3, 3, 0),
		doc: "Class that chooses a record's partition."},
	{name: "partitioner.class", kind: class, since: kafka.V(3, 3, 0),
		doc: "Class that chooses a record's partition; null is by the key, or else sticky (KIP-794)."},
	{name: "partitioner.ignore.keys", kind: boolean, def: "false", since: kafka.V(3, 3, 0), before: "false",
		doc: "Whether records with keys are treated as those without."},
	{name: "partitioner.adaptive.partitioning.enable", kind: boolean, def: "true", since: kafka.V(3, 3, 0),
		doc: "Whether a faster broker gets more records without keys."},
	{name: "partitioner.availability.timeout.ms", kind: long, def: "0", min: "0", since: kafka.V(3, 3, 0),
		doc: "Milliseconds after which a broker that takes no writes gets no records without keys; 0 is never."},

	// Transactions
	{name: "transactional.id", kind: text, since: kafka.V(0, 11, 0), check: nonEmpty,
		doc: "Name of the transactional producer; a new one of the same name fences the old one."},
	{name: "transaction.timeout.ms", kind: integer, def: "60000", since: kafka.V(0, 11, 0), before: "60000",
		doc: "Milliseconds after which the coordinator aborts an open transaction."},
	{name: "transaction.two.phase.commit.enable", kind: boolean, def: "false", since: kafka.V(4, 1, 0),
		doc: "Whether transactions never expire, for two-phase commit (KIP-939)."},

	// Application and connections
	{name: "key.serializer", kind: class, doc: "Class that encodes keys; the real client requires it."},
	{name: "value.serializer", kind: class, doc: "Class that encodes values; the real client requires it."},
	{name: "metadata.max.idle.ms", kind: long, def: "300000", min: "5000", since: kafka.V(2, 5, 0),
		doc: "Milliseconds after which the metadata of an unused topic is forgotten."},
	{name: "receive.buffer.bytes", kind: integer, def: "32768", min: "-1", doc: "Bytes of the TCP receive buffer; -1 is the system's default."},
}

// sharedWithConsumer is the rows that both of Java's clients have.
func sharedWithConsumer() []property {
	names := []string{"bootstrap.servers", "client.id", "client.dns.lookup", "retry.backoff.ms", "retry.backoff.max.ms",
		"reconnect.backoff.ms", "reconnect.backoff.max.ms", "connections.max.idle.ms", "socket.connection.setup.timeout.ms",
		"socket.connection.setup.timeout.max.ms", "send.buffer.bytes", "metadata.max.age.ms", "metadata.recovery.strategy",
		"metadata.recovery.rebootstrap.trigger.ms", "interceptor.classes", "metric.reporters", "auto.include.jmx.reporter",
		"metrics.num.samples", "metrics.sample.window.ms", "metrics.recording.level", "enable.metrics.push"}
	var rows []property
	for _, p := range javaProperties {
		if slices.Contains(names, p.name) {
			rows = append(rows, p)
		}
	}
	return rows
}

// javaDeliveryTimeout is KafkaProducer.configureDeliveryTimeout: a default grows,
// what is given must be long enough.
func javaDeliveryTimeout(r *resolution) {
	least := min(r.Int("linger.ms")+r.Int("request.timeout.ms"), 2147483647)
	if r.version < kafka.V(2, 1, 0) || r.Int("delivery.timeout.ms") >= least {
		return
	}
	if r.Given("delivery.timeout.ms") {
		r.refuse("delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms",
			fmt.Sprintf("linger.ms is %d, request.timeout.ms %d", r.Int("linger.ms"), r.Int("request.timeout.ms")), "delivery.timeout.ms")
		return
	}
	r.values["delivery.timeout.ms"] = strconv.FormatInt(least, 10)
	r.warn(fmt.Sprintf("delivery.timeout.ms should be equal to or larger than linger.ms + request.timeout.ms. Setting it to %d.", least), "",
		"request.timeout.ms", "linger.ms")
}

// maxInFlightIdempotent is how many writes a broker keeps in order
// (ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION_FOR_IDEMPOTENCE).
const maxInFlightIdempotent = 5

// javaIdempotence is ProducerConfig.postProcessAndValidateIdempotenceConfigs: who
// asks for idempotence must not contradict it; who does not loses it.
func javaIdempotence(r *resolution) {
	if !r.Bool("enable.idempotence") {
		return
	}
	asked := r.Given("enable.idempotence") || r.version < kafka.V(3, 0, 0)
	lose := func(why, name string) {
		r.values["enable.idempotence"] = "false"
		r.warn("Idempotence will be disabled because "+why, "", name)
	}
	acks, inFlight := r.String("acks"), r.Int("max.in.flight.requests.per.connection")
	switch {
	case r.Int("retries") > 0 || !r.Given("retries"):
	case asked:
		r.refuse("Must set retries to non-zero when using the idempotent producer.", "", "retries")
	default:
		lose("retries is set to 0.", "retries")
	}
	switch {
	case acks == "all" || acks == "-1" || !r.Given("acks"):
	case asked:
		r.refuse("Must set acks to all in order to use the idempotent producer. Otherwise we cannot guarantee idempotence.", "", "acks")
	default:
		lose("acks is set to "+acks+", not set to 'all'.", "acks")
	}
	switch {
	case inFlight <= maxInFlightIdempotent:
	case r.version >= kafka.V(4, 0, 0):
		r.refuse(fmt.Sprintf("To use the idempotent producer, max.in.flight.requests.per.connection must be set to at most 5. Current value is %d.", inFlight), "",
			"max.in.flight.requests.per.connection")
	case asked:
		r.refuse("Must set max.in.flight.requests.per.connection to at most 5 to use the idempotent producer.", "", "max.in.flight.requests.per.connection")
	default:
		lose(fmt.Sprintf("max.in.flight.requests.per.connection is set to %d, which is greater than 5. Please note that in v4.0.0 and onward, this will become an error.", inFlight),
			"max.in.flight.requests.per.connection")
	}
}

// javaTransactionalID is the end of the same method.
func javaTransactionalID(r *resolution) {
	if r.Given("transactional.id") && !r.Bool("enable.idempotence") && r.version >= kafka.V(3, 0, 0) {
		r.refuse("Cannot set a transactional.id without also enabling idempotence.", "", "enable.idempotence", "acks", "retries", "transactional.id")
	}
	if r.Bool("transaction.two.phase.commit.enable") && r.Given("transaction.timeout.ms") {
		r.refuse("Cannot set transaction.timeout.ms when transaction.two.phase.commit.enable is set to true. Transactions will not expire with two-phase commit enabled.", "",
			"transaction.timeout.ms")
	}
}

// javaPartitioners are the classes that ksim knows, and since and until when Java
// has had them.
var javaPartitioners = []struct {
	class        string
	since, until kafka.Version
}{
	{javaDefaultPartitioner, 0, kafka.V(4, 0, 0)},
	{javaUniformStickyPartitioner, kafka.V(2, 4, 0), kafka.V(4, 0, 0)},
	{javaRoundRobinPartitioner, kafka.V(2, 4, 0), kafka.V(99, 0, 0)},
}

// javaPartitioner refuses a class that is not there (ConfigDef.parseType).
func javaPartitioner(r *resolution) {
	name := r.String("partitioner.class")
	if !r.Given("partitioner.class") {
		return
	}
	var known []string
	for _, p := range javaPartitioners {
		if r.version >= p.since && r.version < p.until {
			known = append(known, p.class)
		}
	}
	if !slices.Contains(known, name) {
		r.refuse(javaRefusal(name, "partitioner.class", "Class "+name+" could not be found."), "expected one of "+strings.Join(known, ", "), "partitioner.class")
	}
}
