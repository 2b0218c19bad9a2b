package scenario

import (
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// firstTransactions is the version of brokers and Java clients that brought
// transactions (KIP-98).
var firstTransactions = kafka.V(0, 11, 0)

// librdkafkaTransactions is the version of librdkafka that brought them.
var librdkafkaTransactions = kafka.V(1, 4, 0)

// transactional reads the app of a model transactional. Its producer is a client
// of the consumer's kind and version.
func (l *loader) transactional(a *App, n *node, client Client) {
	a.Model, a.Commit = Transactional, CommitNone
	a.Batch = l.number(n, "batch", 0)
	a.Output = l.text(n, "output-topic", "")
	given := n.usable("producer-config")
	var problems []config.Problem
	named := config.Property{Key: "transactional.id", Value: "GROUP-MEMBER"}
	if client.Profile == "librdkafka" {
		a.Producer, problems = config.LibrdkafkaProducer(client.Version, append(l.given(given), named))
	} else {
		version := client.Version
		if client.Profile != "java" {
			version = newestBroker
		}
		a.Producer, problems = config.Producer(version, append(l.given(given), named))
	}
	l.problems(given, problems)
	for _, name := range []string{"transactional.id", "client.id"} {
		if f := given.field(name); f != nil {
			l.reject(f.value, "leave it out", "%s is GROUP-MEMBER for each member: it cannot be given here", name)
		}
	}
	if most := l.s.Cluster.Config.Int("transaction.max.timeout.ms"); a.Producer.Int("transaction.timeout.ms") > most && !l.brokerUnsure && l.s.Cluster.Version >= firstTransactions {
		where := n.place
		if f := given.field("transaction.timeout.ms"); f != nil {
			where = f.value.place
		}
		l.warnAt(where, "", "the broker will refuse the producer: transaction.timeout.ms is %d, it allows %d at most (transaction.max.timeout.ms)", a.Producer.Int("transaction.timeout.ms"), most)
	}
	if model := n.field("model"); model != nil {
		l.checkTransactions(model.value, client)
	}
}

// checkTransactions refuses clients whose transactions ksim does not run, and
// versions from before there were any.
func (l *loader) checkTransactions(model *node, client Client) {
	switch {
	case client.Profile == "":
	case client.Profile == "kafka-go":
		l.reject(model, "", "kafka-go has no transactional producer: model transactional runs with java and librdkafka")
	case client.Profile == "librdkafka" && client.Version < librdkafkaTransactions:
		l.reject(model, "", "librdkafka %s has no transactions: they came with 1.4", client.Version)
	case client.Profile != "java" && client.Profile != "librdkafka":
		l.reject(model, "", "model transactional runs with java and librdkafka: ksim does not know the transactions of %s", client.Profile)
	case client.Profile == "java" && client.Version < firstTransactions:
		l.reject(model, "", "java %s has no transactions: they came with 0.11", client.Version)
	case l.s.Cluster.Version < firstTransactions:
		l.reject(model, "", "brokers %s have no transactions: they came with 0.11", l.s.Cluster.Version)
	}
}
