package client

import (
	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// HandlerHost is what a client that pushes records may ask beside Host: of an
// application that has one handler a partition, each in a thread of its own with
// a channel of records before it (sarama's ConsumerGroupHandler.ConsumeClaim).
// For such a client a Poll is one session: it ends when the session does.
type HandlerHost interface {
	Host
	// Disconnect closes the connection to a broker: what has been sent on it and not
	// been read is not answered.
	Disconnect(broker int32)
	// Claim starts the handler of a partition; Release tells it that its context
	// is done: it ends with the record in hand, which comes to
	// HandlerConsumer.Exited, at the earliest after the client has returned; or, if it
	// does not look at its context, with the last of at most so many that its channel
	// has.
	Claim(tp kafka.TopicPartition)
	Release(tp kafka.TopicPartition, queued int64)
	// Feed puts records into the channel of a partition.
	Feed(r Range)
	// Untaken is how many records of its channel a handler has not begun. Watch
	// asks for HandlerConsumer.Drained as soon as they are no more than most; a
	// negative most takes that back.
	Untaken(tp kafka.TopicPartition) int64
	Watch(tp kafka.TopicPartition, most int64)
	// Marked is the offset after the latest record that a handler has ended with,
	// -1 before the first (MarkMessage).
	Marked(tp kafka.TopicPartition) int64
	// MarkCommitted ends the commit that a goroutine of the program waits for.
	MarkCommitted(by Caller)
}

// Caller is the goroutine of the program that calls: the handler of a claim, or a
// worker beside the handlers, which has a number, from 1.
type Caller struct {
	Claim  kafka.TopicPartition
	Worker int64
}

// HandlerConsumer is a consumer whose application has handlers. Its entry points
// are given a HandlerHost.
type HandlerConsumer interface {
	Consumer
	// Drained tells that what was watched for has come.
	Drained(h Host, now clock.Time, tp kafka.TopicPartition)
	// Exited tells that a handler has returned.
	Exited(h Host, now clock.Time, tp kafka.TopicPartition)
	// Mark is MarkOffset by a worker beside the handlers, or by a handler for
	// another's partition: of the running session, while that has its offsets.
	Mark(tp kafka.TopicPartition, offset int64)
	// CommitMarks is a synchronous commit of what is marked, called by a goroutine
	// of the program, which waits for it.
	CommitMarks(h Host, now clock.Time, by Caller)
	// Cancel ends the running session, as Close does, without leaving the group
	// after it: it ends in Host.Closed.
	Cancel(h Host, now clock.Time)
}
