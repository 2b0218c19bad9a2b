package config

import (
	"slices"

	"ksim/sim/kafka"
)

// TransactionalProducer resolves the configuration of the producer that belongs to a
// client's library; it panics on a profile that has none with transactions.
func TransactionalProducer(profile string, v kafka.Version, given []Property) (Set, []Problem) {
	c, ok := transactionalProducers[profile]
	if !ok {
		panic("config: no catalogue of a transactional producer of " + profile)
	}
	return c.resolve(v, given)
}

// HasTransactions tells whether a client's library has a transactional producer at
// all.
func HasTransactions(profile string) bool { return transactionalProducers[profile] != nil }

// transactionalProducers by profile.
var transactionalProducers = map[string]*catalogue{
	"java": javaProducer, "librdkafka": librdkafkaProducerSet, "kafka-python": kafkaPythonProducer, "aiokafka": aiokafkaProducer,
	"franz-go": franzGoProducer, "sarama": saramaProducer, "kafkajs": kafkajsProducer,
}

// What a client's name of a property means, in every library.
const (
	TransactionalID = "transactional.id"
	ClientID        = "client.id"
)

// TransactionalName is what a name means to the producer of a client's library:
// TransactionalID, ClientID, or the library's own name of the property, "" if it has
// none of that name.
func TransactionalName(profile, name string) string {
	rows := transactionalProducers[profile].index[name]
	if len(rows) == 0 {
		return ""
	}
	for _, meaning := range []string{TransactionalID, ClientID} {
		if slices.Contains(rows[0].allNames(), meaning) {
			return meaning
		}
	}
	return rows[0].name
}

// TransactionTimeout is the library's own name of transaction.timeout.ms.
func TransactionTimeout(profile string) string {
	return transactionalProducers[profile].index["transaction.timeout.ms"][0].name
}

// shared is the rows of a consumer's catalogue that a producer of the same library
// has too.
func shared(rows []property, names ...string) (out []property) {
	for _, p := range rows {
		if slices.Contains(names, p.name) {
			out = append(out, p)
		}
	}
	return out
}
