package config

import (
	"fmt"
	"slices"

	"ksim/sim/kafka"
)

// franzGoProducer is the options of a kgo.Client that produces in transactions, as
// a GroupTransactSession has them. It is the consumer's client too: what both have in
// common is the consumer's.
var franzGoProducer = indexed(catalogue{
	software: "franz-go's producer",
	rows: []property{
		{name: "TransactionalID", aliases: []string{"transactional.id"}, kind: text,
			doc: "Name of the transactional producer; a new one of the same name fences the old one."},
		{name: "TransactionTimeout", aliases: []string{"transaction.timeout.ms"}, kind: duration, def: "40000",
			doc: "Time after which the coordinator aborts an open transaction."},
		{name: "RequiredAcks", aliases: []string{"acks"}, kind: text, def: "AllISRAcks", oneOf: []string{"AllISRAcks", "LeaderAck", "NoAck"},
			synonyms: []synonym{{"all", "AllISRAcks"}, {"-1", "AllISRAcks"}, {"1", "LeaderAck"}, {"0", "NoAck"}, {"AllISRAcks()", "AllISRAcks"}, {"LeaderAck()", "LeaderAck"}, {"NoAck()", "NoAck"}},
			doc:      "What a write waits for."},
		{name: "enable.idempotence", inverse: "DisableIdempotentWrite", kind: boolean, def: "true",
			doc: "Whether the broker drops what a retry writes twice; DisableIdempotentWrite says that it does not."},
		{name: "ProducerLinger", aliases: []string{"linger.ms"}, kind: duration, def: "10", was: []formerly{{kafka.V(1, 20, 0), "0"}},
			doc: "How long a partition's first record waits for more."},
		{name: "RecordRetries", aliases: []string{"retries"}, kind: integer, def: "9223372036854775807", check: franzGoNumber("record retries", 0),
			doc: "How often a failed record is tried again."},
		{name: "RecordDeliveryTimeout", aliases: []string{"delivery.timeout.ms"}, kind: duration, def: "0", doc: "Time after which a record is given up; 0 is never."},
		{name: "ProduceRequestTimeout", aliases: []string{"request.timeout.ms"}, kind: duration, def: "10000", check: franzGoAtLeast("produce timeout", 100),
			doc: "How long a broker may take over a write."},
		{name: "MaxBufferedRecords", kind: integer, def: "50000", was: []formerly{{kafka.V(1, 22, 0), "10000"}}, check: franzGoNumber("max buffered records", 1),
			doc: "Records that wait to be sent, at most; then Produce blocks."},
		{name: "ProducerBatchMaxBytes", aliases: []string{"batch.size"}, kind: integer, def: "1000012", check: franzGoNumber("max record batch bytes", 512), doc: "Bytes of a batch, at most."},
	},
	read:    readGo,
	unknown: franzGoUnknown,
	rules:   []func(*resolution){franzGoTransactional},
})

// franzGoTransactional is what validate asks of a producer with a transactional id.
func franzGoTransactional(r *resolution) {
	switch {
	case !r.Given("TransactionalID"):
	case !r.Bool("enable.idempotence"):
		r.refuse("cannot both disable idempotent writes and use transactional IDs", "", "enable.idempotence")
	case r.String("RequiredAcks") != "AllISRAcks":
		r.refuse("idempotency requires acks=all", "", "RequiredAcks")
	}
}

// saramaProducer is Config.Producer as far as transactions use it.
var saramaProducer = indexed(catalogue{
	software: "sarama's producer",
	rows: slices.Concat([]property{
		{name: "Producer.Transaction.ID", aliases: []string{"transactional.id"}, kind: text,
			doc: "Name of the transactional producer; a new one of the same name fences the old one."},
		{name: "Producer.Transaction.Timeout", aliases: []string{"transaction.timeout.ms"}, kind: duration, def: "60000",
			doc: "Time after which the coordinator aborts an open transaction."},
		{name: "Producer.Transaction.Retry.Max", kind: integer, def: "50", doc: "Times that a request of a transaction is tried again."},
		{name: "Producer.Transaction.Retry.Backoff", kind: duration, def: "100", doc: "Pause before it is tried again."},
		{name: "Producer.Idempotent", aliases: []string{"enable.idempotence"}, kind: boolean, def: "true",
			doc: "Whether the broker drops what a retry writes twice. The library's own default is false; programs with transactions must set it."},
		{name: "Producer.RequiredAcks", aliases: []string{"acks"}, kind: text, def: "WaitForAll", oneOf: []string{"WaitForAll", "WaitForLocal", "NoResponse"},
			synonyms: []synonym{{"all", "WaitForAll"}, {"-1", "WaitForAll"}, {"1", "WaitForLocal"}, {"0", "NoResponse"}},
			doc:      "What a write waits for. The library's own default is WaitForLocal; programs with transactions must set WaitForAll."},
		{name: "Producer.Timeout", kind: duration, def: "10000", check: saramaAtLeast("Producer.Timeout must be > 0", 1), doc: "How long a broker waits for the acknowledgements."},
		{name: "Producer.Retry.Max", aliases: []string{"retries"}, kind: integer, def: "3", check: saramaAtLeast("Producer.Retry.Max must be >= 0", 0), doc: "Times that a write is tried again."},
		{name: "Producer.Retry.Backoff", kind: duration, def: "100", check: saramaAtLeast("Producer.Retry.Backoff must be >= 0", 0), doc: "Pause before it is tried again."},
		{name: "Producer.Flush.Frequency", aliases: []string{"linger.ms"}, kind: duration, def: "0", check: saramaAtLeast("Producer.Flush.Frequency must be >= 0", 0), doc: "How long messages are gathered, at most."},
		{name: "Producer.MaxMessageBytes", aliases: []string{"max.request.size"}, kind: integer, def: "1048576", check: saramaAtLeast("Producer.MaxMessageBytes must be > 0", 1), doc: "Bytes of a message, at most."},
		{name: "Net.MaxOpenRequests", aliases: []string{"max.in.flight.requests.per.connection"}, kind: integer, def: "1", check: saramaAtLeast("Net.MaxOpenRequests must be > 0", 1),
			doc: "Requests on one connection without an answer. The library's own default is 5; programs with transactions must set 1."},
	}, shared(saramaProperties, "bootstrap.servers", "ClientID", "Version", "Net.DialTimeout", "Net.ReadTimeout", "Net.WriteTimeout",
		"Metadata.Retry.Max", "Metadata.Retry.Backoff", "Metadata.RefreshFrequency")),
	read:    readGo,
	unknown: saramaUnknown,
	rules:   []func(*resolution){saramaIdempotent},
})

// saramaIdempotent is what Validate asks of an idempotent producer, and of one with
// transactions.
func saramaIdempotent(r *resolution) {
	const idempotent = "Producer.Idempotent"
	switch {
	case r.Given("Producer.Transaction.ID") && !r.Bool(idempotent):
		r.refuse(saramaRefusal("Transactional producer requires Idempotent to be true"), "", idempotent)
	case !r.Bool(idempotent):
	case r.Int("Producer.Retry.Max") == 0:
		r.refuse(saramaRefusal("Idempotent producer requires Producer.Retry.Max >= 1"), "", "Producer.Retry.Max")
	case r.String("Producer.RequiredAcks") != "WaitForAll":
		r.refuse(saramaRefusal("Idempotent producer requires Producer.RequiredAcks to be WaitForAll"), fmt.Sprintf("it is %s", r.String("Producer.RequiredAcks")), "Producer.RequiredAcks")
	case r.Int("Net.MaxOpenRequests") > 1:
		r.refuse(saramaRefusal("Idempotent producer requires Net.MaxOpenRequests to be 1"), fmt.Sprintf("it is %d", r.Int("Net.MaxOpenRequests")), "Net.MaxOpenRequests")
	}
}
