package transactional

import (
	"fmt"
	"strings"

	"ksim/sim/client"
	"ksim/sim/kafka"
)

// info prints a line of the Java client. librdkafka has such lines for debug only; of
// the other libraries' producers ksim prints none.
func (p *Producer) info(h Host, text string) {
	if p.o.Library == Java {
		h.Log("INFO", fmt.Sprintf("[Producer clientId=%s, transactionalId=%s] %s", p.s.clientID, p.o.TransactionalID, text))
	}
}

func (p *Producer) address(broker int32) string {
	return fmt.Sprintf("%s (id: %d rack: null)", p.o.Nodes[broker-1], broker)
}

func (p *Producer) epochText() string {
	return fmt.Sprintf("ProducerId set to %d with epoch %d", p.id, p.epoch)
}

// rethrown is the error of an earlier request, as a call that begins after it throws
// it (TransactionManager.maybeFailWithError); other libraries throw the same again.
func (p *Producer) rethrown() *client.Error {
	e := *p.err
	if p.o.Library != Java {
		return &e
	}
	producer := fmt.Sprintf("Producer with transactionalId '%s' and (producerId=%d, epoch=%d) ", p.o.TransactionalID, p.id, p.epoch)
	switch e.Name {
	case "ProducerFencedException":
		e.Text = producer + "has been fenced by another producer with the same transactionalId"
	case "InvalidProducerEpochException":
		e.Text = producer + "attempted to produce with an old epoch"
	default:
		e.Name, e.Text = "KafkaException", "Cannot execute transactional method because we are in an error state"
	}
	return &e
}

// thrown is an exception as Java prints it, with its package.
func thrown(e *client.Error) string {
	if e.Name == "CommitFailedException" {
		return "org.apache.kafka.clients.consumer." + e.Name + ": " + e.Text
	}
	return "org.apache.kafka.common.errors." + e.Name + ": " + e.Text
}

// fenced is the end of a producer that another one has replaced, or whose
// transaction took too long.
func (p *Producer) fenced() *client.Error {
	switch p.o.Library {
	case Java:
		text := kafka.ErrProducerFenced.Message()
		if p.o.OneFence {
			text = oldEpochText + "."
		}
		return &client.Error{Name: "ProducerFencedException", Text: text}
	case Librdkafka:
		return &client.Error{Name: "_FENCED", Text: "Local: This instance has been fenced by a newer instance"}
	case Aiokafka:
		return &client.Error{Name: "ProducerFenced", Text: "ProducerFenced: There is a newer producer using the same transactional_id ortransaction timeout occurred (check that processing time is below transaction_timeout_ms)"}
	}
	return p.errorOf(kafka.ErrProducerFenced)
}

// mismatch is a group that does not know the member whose offsets are sent.
func (p *Producer) mismatch(err kafka.ErrorCode) *client.Error {
	switch {
	case p.o.Library == Librdkafka:
		return &client.Error{Name: err.String(), Text: "Failed to commit offsets to transaction on broker " + p.brokerText(p.groups) + ": Broker: " + err.Message()}
	case p.o.Library == Java && err == kafka.ErrFencedInstanceID:
		return &client.Error{Name: "FencedInstanceIdException", Text: err.Message()}
	case p.o.Library == Java:
		return &client.Error{Name: "CommitFailedException", Text: "Transaction offset Commit failed due to consumer group metadata mismatch: " + err.Message()}
	case p.o.Library == KafkaPython && err != kafka.ErrFencedInstanceID:
		return &client.Error{Name: "CommitFailedError", Text: "CommitFailedError: Transaction offset commit failed due to consumer group metadata mismatch: " + pythonName(err)}
	}
	return p.errorOf(err)
}

// brokerText names a broker as librdkafka does.
func (p *Producer) brokerText(broker int32) string {
	return fmt.Sprintf("%s/%d", p.o.Nodes[broker-1], broker)
}

// errorOf is any other error, in the library's own form.
func (p *Producer) errorOf(err kafka.ErrorCode) *client.Error {
	switch p.o.Library {
	case Librdkafka:
		return &client.Error{Name: err.String(), Text: "Broker: " + err.Message()}
	case KafkaPython:
		return &client.Error{Name: pythonName(err), Text: fmt.Sprintf("[Error %d] %s: None", err, pythonName(err))}
	case Aiokafka:
		return &client.Error{Name: "KafkaError", Text: "KafkaError: Unexpected error during batch delivery"}
	case FranzGo:
		return &client.Error{Name: err.String(), Text: err.String() + ": " + err.Message()}
	case Sarama:
		return saramaError(err)
	case Kafkajs:
		return kafkajsError(err)
	}
	return &client.Error{Name: exceptions[err], Text: err.Message()}
}

// saramaError is a KError, named by its constant. It has no word for PRODUCER_FENCED.
func saramaError(err kafka.ErrorCode) *client.Error {
	text := strings.TrimSuffix(err.Message(), ".")
	switch err {
	case kafka.ErrProducerFenced:
		return &client.Error{Name: "KError(90)", Text: "Unknown error, how did this happen? Error code = 90"}
	case kafka.ErrInvalidProducerEpoch:
		text = "Producer attempted an operation with an old epoch"
	}
	return &client.Error{Name: "Err" + strings.TrimSuffix(pythonName(err), "Error"), Text: "kafka server: " + text}
}

// oldEpochText was Kafka's text of INVALID_PRODUCER_EPOCH before 2.7 had PRODUCER_FENCED
// (KIP-588).
const oldEpochText = "Producer attempted an operation with an old epoch. Either there is a newer producer with the same transactionalId, or the producer's transaction has been expired by the broker"

// kafkajsError is a KafkaJSProtocolError. The requests are of versions to which
// brokers answer INVALID_PRODUCER_EPOCH for PRODUCER_FENCED.
func kafkajsError(err kafka.ErrorCode) *client.Error {
	text := strings.TrimSuffix(err.Message(), ".")
	if err == kafka.ErrProducerFenced || err == kafka.ErrInvalidProducerEpoch {
		text = oldEpochText
	}
	return &client.Error{Name: "KafkaJSProtocolError", Text: text}
}

// stuck is kafka-python's producer after a write with an old epoch. It wants to raise
// its epoch itself (KIP-360) before anything else, and never gets that far: the
// transaction can be neither committed nor aborted.
func (p *Producer) stuck() *client.Error {
	return &client.Error{Name: "KafkaError", Fatal: true,
		Text: fmt.Sprintf("KafkaError: TransactionalId %s: Invalid transition attempted from state BUMPING_PRODUCER_EPOCH to state ABORTING_TRANSACTION", p.o.TransactionalID)}
}

// exhausted is the error of a library that has tried often enough.
func (p *Producer) exhausted(err kafka.ErrorCode) *client.Error {
	e := p.errorOf(err)
	if p.o.Library == Kafkajs {
		e.Name = "KafkaJSNumberOfRetriesExceeded"
	}
	return e
}

// timedOut is the end of a call that has blocked for too long.
func (p *Producer) timedOut() *client.Error {
	switch p.o.Library {
	case Librdkafka:
		return &client.Error{Name: "_TIMED_OUT", Text: "Transactional operation timed out", Fatal: true}
	case KafkaPython:
		return &client.Error{Name: "KafkaTimeoutError", Text: fmt.Sprintf("KafkaTimeoutError: Timeout expired while initializing transactional state in %d ms.", p.s.maxBlock.Milliseconds()), Fatal: true}
	}
	return &client.Error{Name: "TimeoutException", Text: timeoutTexts[p.call], Fatal: true}
}

// pythonName is the class of an error in kafka.errors: ILLEGAL_GENERATION is
// IllegalGenerationError.
func pythonName(err kafka.ErrorCode) string {
	var b strings.Builder
	for word := range strings.SplitSeq(err.String(), "_") {
		b.WriteString(word[:1] + strings.ToLower(word[1:]))
	}
	return b.String() + "Error"
}

// timeoutTexts say what a call has waited for in vain.
var timeoutTexts = [...]string{
	callInit:    "InitTransactions timed out - did not complete coordinator discovery or receive the InitProducerId response within max.block.ms.",
	callOffsets: "SendOffsetsToTransaction timed out - did not reach the coordinator or receive the TxnOffsetCommit/AddOffsetsToTxn response within max.block.ms",
	callCommit:  "CommitTransaction timed out - did not complete EndTxn with the transaction coordinator within max.block.ms",
	callAbort:   "AbortTransaction timed out - did not complete EndTxn(abort) with the transaction coordinator within max.block.ms",
}

// exceptions are the classes of errors that end a producer.
var exceptions = map[kafka.ErrorCode]string{
	kafka.ErrInvalidProducerEpoch:      "InvalidProducerEpochException",
	kafka.ErrInvalidTxnState:           "InvalidTxnStateException",
	kafka.ErrInvalidProducerIDMapping:  "InvalidPidMappingException",
	kafka.ErrInvalidTransactionTimeout: "InvalidTxnTimeoutException",
	kafka.ErrUnknownServerError:        "UnknownServerException",
}
