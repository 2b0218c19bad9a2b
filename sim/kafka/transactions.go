package kafka

import "ksim/sim/clock"

// TransactionRequest is a request that the coordinator of its transactional id
// serves.
type TransactionRequest interface {
	Request
	TransactionalID() string
}

// Producing is who a transactional producer is: each new one of the same
// transactional id has a higher epoch, which fences those before it.
type Producing struct {
	Transactional string // the transactional.id
	ProducerID    int64
	Epoch         int16
	// EpochPerTransaction: the request is of a version that knows transaction.version
	// 2 (KIP-890: Produce 12, TxnOffsetCommit 5, EndTxn 5).
	EpochPerTransaction bool
}

// TransactionalID is the id whose coordinator serves it.
func (p *Producing) TransactionalID() string { return p.Transactional }

// InitProducerIDRequest is InitProducerId: it fences the producer before it and
// ends its transaction. ProducerID is −1 for a new producer.
type InitProducerIDRequest struct {
	Producing
	Timeout clock.Duration // transaction.timeout.ms
}

// InitProducerIDResponse gives the producer its id and epoch.
type InitProducerIDResponse struct {
	Err        ErrorCode
	ProducerID int64
	Epoch      int16
}

// AddPartitionsToTxnRequest makes partitions part of the transaction, before
// records are written to them. Since 4.0 the brokers do so themselves (KIP-890).
type AddPartitionsToTxnRequest struct {
	Producing
	Partitions []TopicPartition
}

// AddPartitionsToTxnResponse answers for all partitions alike.
type AddPartitionsToTxnResponse struct{ Err ErrorCode }

// AddOffsetsToTxnRequest makes a group's offsets part of the transaction; not
// since 4.0.
type AddOffsetsToTxnRequest struct {
	Producing
	Group string
}

// AddOffsetsToTxnResponse answers AddOffsetsToTxn.
type AddOffsetsToTxnResponse struct{ Err ErrorCode }

// EndTxnRequest is EndTxn: commit or abort.
type EndTxnRequest struct {
	Producing
	Commit bool
}

// EndTxnResponse tells who the producer is in its next transaction, which since 4.0
// has another epoch, or another producer id once the epochs are exhausted; −1 and −1
// when it stays as it is.
type EndTxnResponse struct {
	Err        ErrorCode
	ProducerID int64
	Epoch      int16
}

// ProduceRequest is Produce of a transactional producer, acks=all.
type ProduceRequest struct {
	Producing
	Batches []ProduceBatch
}

// ProduceBatch is records of one partition, each of Size bytes. Sequence counts the
// records that the producer has sent to the partition in this transaction before:
// a batch that comes again, or too early, is known by it.
type ProduceBatch struct {
	TopicPartition
	Records  int64
	Size     int64
	Sequence int64
}

// ProduceResponse answers by batch, in the request's order.
type ProduceResponse struct{ Errs []ErrorCode }

// TxnOffsetCommitRequest is TxnOffsetCommit: a commit that counts when the
// transaction does. Generation −1, MemberID "" when the client does not say who
// it is (before KIP-447).
type TxnOffsetCommitRequest struct {
	Producing
	Group, MemberID, InstanceID string
	Generation                  int32
	Offsets                     []OffsetCommit
}

// TxnOffsetCommitResponse answers by partition, in the request's order.
type TxnOffsetCommitResponse struct{ Errs []ErrorCode }

func (*InitProducerIDRequest) Name() string     { return "InitProducerId" }
func (*AddPartitionsToTxnRequest) Name() string { return "AddPartitionsToTxn" }
func (*AddOffsetsToTxnRequest) Name() string    { return "AddOffsetsToTxn" }
func (*EndTxnRequest) Name() string             { return "EndTxn" }
func (*ProduceRequest) Name() string            { return "Produce" }
func (*TxnOffsetCommitRequest) Name() string    { return "TxnOffsetCommit" }

// GroupID is the group whose coordinator serves it.
func (r *TxnOffsetCommitRequest) GroupID() string { return r.Group }

func (*InitProducerIDResponse) response()     {}
func (*AddPartitionsToTxnResponse) response() {}
func (*AddOffsetsToTxnResponse) response()    {}
func (*EndTxnResponse) response()             {}
func (*ProduceResponse) response()            {}
func (*TxnOffsetCommitResponse) response()    {}
