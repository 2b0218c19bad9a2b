package app

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/sqs"
)

// Message is a message of a queue as a worker has it. Its range says where it comes
// from: the queue that it was first sent to for the topic, its number there, from 1,
// less one for the offset.
type Message struct {
	client.Range
	ID       int64
	Receipt  sqs.Receipt
	Receives int64 // how often it has been received, this time included
}

// QueueHost is the SQS client of an application. Each call is one request, which
// ends in the method of QueueUser that is named with it.
type QueueHost interface {
	// Receive is ReceiveMessage: it ends in Received.
	Receive(most int, wait clock.Duration)
	// Delete is DeleteMessage: it ends in Deleted.
	Delete(m Message)
	// GiveBack is ChangeMessageVisibility of a message that is to be received again
	// after a while: it ends in GivenBack.
	GiveBack(m Message, after clock.Duration)
	// Extend is ChangeMessageVisibilityBatch, from a thread of its own: it ends in
	// Extended.
	Extend(messages []Message, timeout clock.Duration)
	// Enqueue is SendMessage of a task of a record, which takes so long: it ends in
	// TaskSender.Enqueued.
	Enqueue(record client.Range, task int64, takes clock.Duration)
}

// QueueUser is an application that uses a queue.
type QueueUser interface {
	App
	Received(h Host, now clock.Time, messages []Message, err *client.Error)
	Deleted(h Host, now clock.Time, err *client.Error)
	GivenBack(h Host, now clock.Time, err *client.Error)
	Extended(h Host, now clock.Time, err *client.Error)
}

// TaskSender is an application that sends tasks to a queue.
type TaskSender interface {
	App
	// Enqueued is the end of sending a task of that record.
	Enqueued(h Host, now clock.Time, record client.Range, err *client.Error)
}
