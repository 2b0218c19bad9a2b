// Package sqs is one queue of Amazon SQS as its documentation describes it: which
// messages wait, which are in flight and until when, how often each has been
// received, and what becomes of them (API_ReceiveMessage, API_DeleteMessage,
// API_ChangeMessageVisibility, API_SendMessage and the Developer Guide). It knows
// neither senders nor workers, only their requests.
//
// Time comes with each call, and a queue says when it wants to be looked at next
// (Due, Advance).
package sqs

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"ksim/sim/clock"
)

// The limits of the service.
const (
	MaxReceive          = 10                // MaxNumberOfMessages
	MaxWait             = 20 * clock.Second // WaitTimeSeconds
	MaxVisibility       = 12 * clock.Hour   // of one flight, extensions included
	MaxDelay            = 15 * clock.Minute // DelaySeconds
	DefaultVisibility   = 30 * clock.Second
	DefaultRetention    = 4 * 24 * clock.Hour // MessageRetentionPeriod
	DefaultMaxInFlight  = 120_000             // of standard and, since 2024, of FIFO queues
	deduplicationWindow = 5 * clock.Minute
	searchedForGroups   = 120_000 // a FIFO queue looks for free groups among so many messages
)

// State is what has become of a message.
type State uint8

// The states: a message is in one of them, and of the last three it never returns.
const (
	New          State = iota // not in the queue yet
	Delayed                   // DelaySeconds: nobody may have it before
	Visible                   // the next receive may have it
	InFlight                  // received, and hidden until its visibility timeout is over
	Deleted                   // by DeleteMessage
	DeadLettered              // moved to the dead-letter queue
	Expired                   // older than the retention period
	states
)

// String is the state in Amazon's words.
func (s State) String() string {
	return [...]string{"new", "delayed", "visible", "in flight", "deleted", "dead-lettered", "expired"}[s]
}

// gone tells that the queue has the message no more.
func (s State) gone() bool { return s >= Deleted }

// follows says which states may come after one.
var follows = [states][]State{
	New:      {Delayed, Visible},
	Delayed:  {Visible, Expired},
	Visible:  {InFlight, Deleted, DeadLettered, Expired},
	InFlight: {Visible, Deleted, Expired},
}

// Settings are the attributes of a queue.
type Settings struct {
	FIFO        bool
	Visibility  clock.Duration // VisibilityTimeout
	Delay       clock.Duration // DelaySeconds
	Retention   clock.Duration // MessageRetentionPeriod
	MaxReceives int            // maxReceiveCount of the redrive policy; 0: no dead-letter queue
	MaxInFlight int64
	// StaleDeletes: a standard queue deletes by any handle that it has ever given
	// out for a message. Amazon promises neither that nor the contrary.
	StaleDeletes bool
}

// Message is what is sent. ID is the sender's number for it; Sent and Receives go
// with it to a dead-letter queue.
type Message struct {
	ID       int64
	Group    string // FIFO: MessageGroupId
	Dedup    string // FIFO: MessageDeduplicationId; "" is never a duplicate
	Sent     clock.Time
	Receives int // ApproximateReceiveCount
}

// Receipt is a receipt handle: each receive gives another one.
type Receipt struct {
	place   int // of the message in its queue
	receive int // which of its receives
}

// Receives is how often the message had been received then, that time included.
func (r Receipt) Receives() int { return r.receive }

// String stands for the opaque handles of Amazon, which begin like this one.
func (r Receipt) String() string { return fmt.Sprintf("AQEB-%d-%d", r.place+1, r.receive) }

// Delivery is a message that a receive returns, and the handle to delete it by.
type Delivery struct {
	Message
	Receipt Receipt
}

// Error is an error of the service.
type Error struct{ Code, Text string }

// Host is what a queue may ask of the world.
type Host interface {
	// Changed tells that a message has come from one state to another.
	Changed(m Message, from, to State)
	// Answer ends a receive. An empty list is an answer too.
	Answer(receive uint64, got []Delivery, err *Error)
}

// entry is a message in the queue.
type entry struct {
	Message
	state    State
	received clock.Time // in flight: since when
	until    clock.Time // delayed, in flight: until when
	group    int        // FIFO: its group
}

// Queue is one queue.
type Queue struct {
	settings Settings
	entries  []entry // by place: the order of arrival
	counts   [states]int64
	due      heap[due]
	waiting  []poll // long polls, in order

	visible heap[place] // standard: what may be received
	groups  groups      // FIFO
	dedup   dedup
}

// NewQueue is an empty queue.
func NewQueue(s Settings) *Queue {
	return &Queue{settings: s, groups: groups{index: map[string]int{}}, dedup: dedup{until: map[string]clock.Time{}}}
}

// Count is how many messages of the queue are in a state now, or have ended in it.
func (q *Queue) Count(s State) int64 { return q.counts[s] }

// Arrived is how many messages have ever come to the queue.
func (q *Queue) Arrived() int64 { return int64(len(q.entries)) }

// Visible yields the messages that the next receive may have, by their ids.
func (q *Queue) Visible() iter.Seq[int64] {
	return func(yield func(int64) bool) {
		for i := range q.entries {
			if q.entries[i].state == Visible && !yield(q.entries[i].ID) {
				return
			}
		}
	}
}

// become is the one door from state to state.
func (q *Queue) become(h Host, i int, to State) {
	e := &q.entries[i]
	from := e.state
	if !slices.Contains(follows[from], to) {
		panic(fmt.Sprintf("sqs: a message cannot become %s after %s", to, from))
	}
	e.state = to
	q.counts[from]--
	q.counts[to]++
	if q.settings.FIFO {
		q.regroup(i, from, to)
	} else if to == Visible {
		q.visible.push(place(i))
	}
	h.Changed(e.Message, from, to)
}

// Broken names what cannot be: "" while all is well.
func (q *Queue) Broken() string {
	var sum int64
	for _, n := range q.counts {
		sum += n
	}
	switch {
	case sum != q.Arrived():
		return fmt.Sprintf("%d messages have arrived, by state they are %d", q.Arrived(), sum)
	case q.counts[InFlight] > q.settings.MaxInFlight:
		return fmt.Sprintf("%d messages are in flight, %d may be", q.counts[InFlight], q.settings.MaxInFlight)
	}
	return ""
}

// Clone is a deep copy.
func (q *Queue) Clone() *Queue {
	c := *q
	c.entries, c.due, c.waiting, c.visible = slices.Clone(q.entries), slices.Clone(q.due), slices.Clone(q.waiting), slices.Clone(q.visible)
	c.groups = q.groups.clone()
	c.dedup = dedup{until: maps.Clone(q.dedup.until), tracked: slices.Clone(q.dedup.tracked)}
	return &c
}
