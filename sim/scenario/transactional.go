package scenario

import (
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// firstTransactions is the version of brokers and Java clients that brought
// transactions (KIP-98).
var firstTransactions = kafka.V(0, 11, 0)

// transactionsSince is the version of a library that brought its transactional
// producer. Of the others every version that ksim runs has one.
var transactionsSince = map[string]kafka.Version{"java": firstTransactions, "librdkafka": kafka.V(1, 4, 0), "kafka-python": kafka.V(2, 2, 0)}

// transactional reads the app of a model transactional. Its producer is of the
// consumer's library and version.
func (l *loader) transactional(a *App, n *node, client Client) {
	a.Model, a.Commit = Transactional, CommitNone
	a.Batch = l.number(n, "batch", 0)
	a.Output = l.text(n, "output-topic", "")
	a.Session = client.Profile == "franz-go"
	given := n.usable("producer-config")
	profile, version := client.Profile, client.Version
	if !config.HasTransactions(profile) { // refused below
		profile, version = "java", newestBroker
	}
	named := config.Property{Key: "transactional.id", Value: "GROUP-MEMBER"}
	var problems []config.Problem
	a.Producer, problems = config.TransactionalProducer(profile, version, append(l.given(given), named))
	l.problems(given, problems)
	for _, f := range given.entries() {
		switch config.TransactionalName(profile, f.key) {
		case config.ClientID, config.TransactionalID:
			l.reject(f.value, "leave it out", "%s is GROUP-MEMBER for each member: it cannot be given here", f.key)
		}
	}
	l.checkTransactionTimeout(a, n, profile)
	if model := n.field("model"); model != nil {
		l.checkTransactions(model.value, client)
	}
}

// checkTransactionTimeout warns of a transaction.timeout.ms that the brokers do not
// allow.
func (l *loader) checkTransactionTimeout(a *App, n *node, profile string) {
	name := config.TransactionTimeout(profile)
	most := l.s.Cluster.Config.Int("transaction.max.timeout.ms")
	if a.Producer.Int(name) <= most || l.brokerUnsure || l.s.Cluster.Version < firstTransactions {
		return
	}
	where := n.place
	for _, f := range n.usable("producer-config").entries() {
		if config.TransactionalName(profile, f.key) == name {
			where = f.value.place
		}
	}
	l.warnAt(where, "", "the broker will refuse the producer: %s is %d, it allows %d at most (transaction.max.timeout.ms)", name, a.Producer.Int(name), most)
}

// checkTransactions refuses clients that have no transactional producer, and
// versions from before there was one.
func (l *loader) checkTransactions(model *node, client Client) {
	switch since := transactionsSince[client.Profile]; {
	case client.Profile == "":
	case !config.HasTransactions(client.Profile):
		l.reject(model, "", "%s has no transactional producer: model transactional runs with java, librdkafka, kafka-python, aiokafka, franz-go, sarama and kafkajs", client.Profile)
	case client.Version < since:
		l.reject(model, "", "%s %s has no transactions: they came with %s", client.Profile, client.Version, since)
	case l.s.Cluster.Version < firstTransactions:
		l.reject(model, "", "brokers %s have no transactions: they came with 0.11", l.s.Cluster.Version)
	}
}
