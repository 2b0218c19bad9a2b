package transactional

import (
	"fmt"

	"ksim/sim/client"
	"ksim/sim/kafka"
)

// info prints a line of the Java client; librdkafka has such lines for debug only.
func (p *Producer) info(h Host, text string) {
	if p.o.Librdkafka {
		return
	}
	h.Log("INFO", fmt.Sprintf("[Producer clientId=%s, transactionalId=%s] %s", p.s.clientID, p.o.TransactionalID, text))
}

func (p *Producer) address(broker int32) string {
	return fmt.Sprintf("%s (id: %d rack: null)", p.o.Nodes[broker-1], broker)
}

func (p *Producer) epochText() string {
	return fmt.Sprintf("ProducerId set to %d with epoch %d", p.id, p.epoch)
}

// oldEpoch is what INVALID_PRODUCER_EPOCH is to a transaction.
func (p *Producer) oldEpoch() string {
	return fmt.Sprintf("Producer with transactionalId '%s' and [producerId=%d, epoch=%d] attempted to produce with an old epoch", p.o.TransactionalID, p.id, p.epoch)
}

// fenced is the end of a producer that another one has replaced, or whose
// transaction took too long.
func (p *Producer) fenced() *client.Error {
	if p.o.Librdkafka {
		return &client.Error{Name: "_FENCED", Text: "Local: This instance has been fenced by a newer instance"}
	}
	return &client.Error{Name: "ProducerFencedException", Text: kafka.ErrProducerFenced.Message()}
}

// mismatch is a group that does not know the member whose offsets are sent.
func (p *Producer) mismatch(err kafka.ErrorCode) *client.Error {
	switch {
	case p.o.Librdkafka:
		return &client.Error{Name: err.String(), Text: "Failed to commit offsets to transaction on broker " + p.brokerText(p.groups) + ": Broker: " + err.Message()}
	case err == kafka.ErrFencedInstanceID:
		return &client.Error{Name: "FencedInstanceIdException", Text: err.Message()}
	}
	return &client.Error{Name: "CommitFailedException", Text: "Transaction offset Commit failed due to consumer group metadata mismatch: " + err.Message()}
}

// brokerText names a broker as librdkafka does.
func (p *Producer) brokerText(broker int32) string {
	return fmt.Sprintf("%s/%d", p.o.Nodes[broker-1], broker)
}

// useless is any other error that ends a producer.
func (p *Producer) useless(err kafka.ErrorCode) *client.Error {
	if p.o.Librdkafka {
		return &client.Error{Name: err.String(), Text: "Broker: " + err.Message()}
	}
	return &client.Error{Name: exceptions[err], Text: err.Message()}
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
	kafka.ErrInvalidTxnState:           "InvalidTxnStateException",
	kafka.ErrInvalidProducerIDMapping:  "InvalidPidMappingException",
	kafka.ErrInvalidTransactionTimeout: "InvalidTxnTimeoutException",
	kafka.ErrUnknownServerError:        "UnknownServerException",
}
