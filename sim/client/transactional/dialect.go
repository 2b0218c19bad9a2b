package transactional

import (
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/kafka"
)

// Library is whose producer it is.
type Library uint8

// The libraries that have a producer with transactions.
const (
	Java Library = iota
	Librdkafka
	KafkaPython // kafka.KafkaProducer: Java's, in Python
	Aiokafka    // aiokafka.AIOKafkaProducer
	FranzGo     // kgo.GroupTransactSession
	Sarama      // sarama.AsyncProducer
	Kafkajs     // producer.transaction()
)

// Libraries by the profile of their consumers.
var Libraries = map[string]Library{"java": Java, "librdkafka": Librdkafka, "kafka-python": KafkaPython, "aiokafka": Aiokafka,
	"franz-go": FranzGo, "sarama": Sarama, "kafkajs": Kafkajs}

// dialect is what a library does in its own way.
type dialect struct {
	timeout, backoff, block string // names of the properties; block "": no call ends by itself
	blocksInit              bool   // it is the limit of initTransactions only

	// lazy: there is no call to initialize; the first transaction does it.
	lazy bool
	// flushes: the offsets are sent when all records have been acknowledged.
	flushes bool
	// offsetsLast: offsets are kept until the commit, which sends them.
	offsetsLast bool
	// asksAlways: who coordinates is asked before every request.
	asksAlways bool
	// concurrent is how soon a request is sent again while the transaction before it
	// is still ending; first only where it is the first of its transaction. 0: as
	// after any other error.
	concurrent clock.Duration
	first      bool
	// limited: a request is not sent again more often than a property says.
	limited string
	// grows: pauses get longer (kafkajs: retry.*).
	grows bool
	// abortable: any error but one of EndTxn leaves the transaction to be aborted.
	abortable bool
	// fencedByWrite: a write with an old epoch ends the producer, not only its
	// transaction.
	fencedByWrite bool
	// ownEpochs is the version since which it has an epoch for each transaction
	// (KIP-890); 0: none has.
	ownEpochs kafka.Version
	// withMember is the version since which it tells which member's offsets it sends
	// (KIP-447). 0: it sends the name of the group, so a zombie's are not refused;
	// sarama has a method with the member too, which its programs hardly use.
	withMember kafka.Version
	// bumps: after such a write it wants a new epoch first (see stuck).
	bumps bool
}

// dialects by library: TransactionManager (Java, kafka-python), rdkafka_txnmgr.c,
// aiokafka's sender.py, kgo's txn.go, sarama's transaction_manager.go, kafkajs's
// eosManager and sendMessages.
var dialects = [...]dialect{
	Java: {timeout: "transaction.timeout.ms", backoff: "retry.backoff.ms", block: "max.block.ms", concurrent: addPartitionsBackoff, first: true,
		ownEpochs: kafka.V(4, 0, 0), withMember: kafka.V(2, 5, 0)},
	Librdkafka: {timeout: "transaction.timeout.ms", backoff: "retry.backoff.ms", block: "transaction.timeout.ms", concurrent: addPartitionsBackoff, first: true,
		fencedByWrite: true, withMember: kafka.V(1, 6, 0)},
	KafkaPython: {timeout: "transaction_timeout_ms", backoff: "retry_backoff_ms", block: "max_block_ms", blocksInit: true, concurrent: addPartitionsBackoff, first: true,
		bumps: true, withMember: kafka.V(3, 0, 0)},
	Aiokafka: {timeout: "transaction_timeout_ms", backoff: "retry_backoff_ms", concurrent: addPartitionsBackoff, first: true, fencedByWrite: true},
	FranzGo: {timeout: "TransactionTimeout", lazy: true, flushes: true, concurrent: franzGoTxnBackoff,
		ownEpochs: kafka.V(1, 22, 0), withMember: kafka.V(1, 22, 0)},
	Sarama: {timeout: "Producer.Transaction.Timeout", backoff: "Producer.Transaction.Retry.Backoff", limited: "Producer.Transaction.Retry.Max",
		flushes: true, offsetsLast: true, concurrent: addPartitionsBackoff, first: true},
	Kafkajs: {timeout: "transactionTimeout", backoff: "retry.initialRetryTime", limited: "retry.retries", lazy: true, flushes: true, asksAlways: true, grows: true, abortable: true},
}

// addPartitionsBackoff is how soon a transaction's first partition is added again
// while the transaction before it is still ending
// (TransactionManager.ADD_PARTITIONS_RETRY_BACKOFF_MS); the others have taken it over.
const addPartitionsBackoff = 20 * clock.Millisecond

// franz-go's pauses: kgo's txnBackoff, which is no option, and the shortest of
// RetryBackoffFn.
const (
	franzGoTxnBackoff = 20 * clock.Millisecond
	franzGoBackoff    = 250 * clock.Millisecond
)

// EpochPerTransaction tells whether a version of the library has an epoch for each
// transaction where brokers do (KIP-890).
func (l Library) EpochPerTransaction(v kafka.Version) bool { return since(v, dialects[l].ownEpochs) }

// WithMember tells whether a version of the library says which member's offsets it
// sends, where brokers take that in (KIP-447).
func (l Library) WithMember(v kafka.Version) bool { return since(v, dialects[l].withMember) }

// OneFence tells whether a version of the library knows but one word for an old epoch
// (KIP-588, Java 2.7); the others that ksim knows are newer, or end by a write anyway.
func (l Library) OneFence(v kafka.Version) bool { return l == Java && v < kafka.V(2, 7, 0) }

func since(v, first kafka.Version) bool { return first != 0 && v >= first }

// settings is the properties that the producer acts on.
type settings struct {
	timeout, retryBackoff, maxBlock clock.Duration
	clientID                        string
	retries                         int64 // −1: no limit
	maxRetryTime                    clock.Duration
}

// read gives the properties in a library's own names.
func (d *dialect) read(cfg config.Set) *settings {
	s := &settings{timeout: cfg.Millis(d.timeout), maxBlock: clock.Never, retries: -1, retryBackoff: franzGoBackoff}
	if d.backoff != "" {
		s.retryBackoff = max(clock.Millisecond, cfg.Millis(d.backoff))
	}
	if d.block != "" {
		s.maxBlock = cfg.Millis(d.block)
	}
	if d.limited != "" {
		s.retries = cfg.Int(d.limited)
	}
	if d.grows {
		s.maxRetryTime = cfg.Millis("retry.maxRetryTime")
	}
	return s
}

// pause is how long the producer waits before it sends a request again.
func (p *Producer) pause(now clock.Time, err kafka.ErrorCode) clock.Duration {
	d, wait := p.dialect(), p.s.retryBackoff
	switch {
	case err == kafka.ErrConcurrentTransactions && d.concurrent > 0 && !d.first:
		return p.stalled(now)
	case err == kafka.ErrConcurrentTransactions && d.concurrent > 0 && p.call != callInit && !p.begun:
		return min(wait, d.concurrent)
	case d.grows: // the library draws each up to a fifth longer or shorter
		for range p.attempts {
			wait = min(2*wait, p.s.maxRetryTime)
		}
	}
	return wait
}

// stalled is kgo's pause while the coordinator says CONCURRENT_TRANSACTIONS: the
// longer that has lasted, the longer (doWithConcurrentTransactions).
func (p *Producer) stalled(now clock.Time) clock.Duration {
	switch since := now - p.failing; {
	case since > 5*clock.Second:
		return clock.Second
	case since > 5*clock.Second/2:
		return 500 * clock.Millisecond
	case since > clock.Second:
		return 200 * clock.Millisecond
	}
	return franzGoTxnBackoff
}

func (p *Producer) dialect() *dialect { return &dialects[p.o.Library] }
