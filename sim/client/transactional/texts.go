package transactional

import (
	"fmt"

	"ksim/sim/kafka"
)

func (p *Producer) info(h Host, text string) {
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
