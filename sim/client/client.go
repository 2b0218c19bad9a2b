// Package client is what every simulated Kafka client has in common: what it
// may ask of the world (Host), what the application asks of it (Consumer), and
// what it hands back. How a client behaves is decided in one package a client:
// sim/client/java, sim/client/librdkafka.
//
// A client knows its own state and its inputs only. Responses, timers and the
// application's calls come to it one at a time, in the order of virtual time,
// and it answers by calling its Host. It never keeps the Host.
package client

import (
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/trace"
)

// TimerID names one of a client's timers; each client numbers its own.
type TimerID uint8

// MaxTimers is how many timers one client may have.
const MaxTimers = 8

// Host is what a client may ask of the world. Its methods take effect in the
// order of the calls, at the instant at which the client was called.
type Host interface {
	// Send puts a request on the wire to a broker. The answer, if any, comes
	// to Consumer.Response with the same id.
	Send(broker int32, r kafka.Request) kafka.RequestID
	// Arm sets a timer, replacing an earlier setting; Cancel unsets it.
	Arm(t TimerID, at clock.Time)
	Cancel(t TimerID)

	// Log prints a line as the real client would, word for word. Where the real
	// one is several lines in one, so is this.
	Log(level, text string)
	// Emit records something that happened in the client (poll.exceeded,
	// member.fenced). The engine fills in group and member.
	Emit(e trace.Event)
	// BlameApp makes the application's latest activity the cause of what the
	// client does next at this instant: for deadlines that it has missed.
	BlameApp()

	// Callback runs the application's rebalance listener, and tells whether it has
	// returned: a Listened client's may go on, to upload and to commit, until
	// Listened.CalledBack. An empty list is a call with an empty list.
	Callback(kind Callback, partitions []kafka.TopicPartition) (returned bool)
	// Polled ends the running Poll, Committed the running Commit, Closed the
	// running Close. The application goes on after the client has returned.
	Polled(r PollResult)
	Committed(err *Error)
	Closed()

	// Taken tells how many records of the latest PollResult the application
	// has begun (all of them once it has polled again), and when it began the
	// latest one.
	Taken() (records int64, since clock.Time)
	// Cut takes back the records of the latest PollResult that the application
	// has not begun: it ends after the one in hand and polls again.
	Cut()

	// Rand is the client's own random stream.
	Rand() *clock.Stream
}

// Callback is a method of the application's rebalance listener.
type Callback uint8

// The callbacks.
const (
	Assigned Callback = iota
	Revoked
	Lost
)

// Options is what a consumer is beside its configuration.
type Options struct {
	Group    string
	Topics   []string
	ClientID string
	Version  kafka.Version
	// Nodes names the brokers as clients print them, by id from 1.
	Nodes []string
	// Broker is the brokers' version, which some defaults go by.
	Broker kafka.Version
	// AutoCommit tells that the application leaves its commits to the client
	// (commit: auto), for clients in which that is another call, not a setting.
	AutoCommit bool
}

// Error is an error as the application sees it.
type Error struct {
	Name string // the client's own class or code: CommitFailedException, _ASSIGNMENT_LOST
	Text string // its message, word for word
	// Fatal tells that the consumer is of no more use: the application ends.
	Fatal bool
}

// Range is the records [From, To) of a partition, each of Size bytes.
type Range struct {
	kafka.TopicPartition
	From, To int64
	Size     int64
}

// Len is the number of records.
func (r Range) Len() int64 { return r.To - r.From }

// PollResult is what a poll returns: records, or an error, or neither.
type PollResult struct {
	// Records in the order in which the application gets them.
	Records []Range
	// OneByOne tells that each record is the answer of a poll of its own: the
	// application calls poll before each, without waiting. The client learns by
	// Host.Taken how far it has come, and may Cut the rest.
	OneByOne bool
	Err      *Error
}

// Len is the number of records in the result.
func (p PollResult) Len() int64 {
	var n int64
	for _, r := range p.Records {
		n += r.Len()
	}
	return n
}

// Consumer is one consumer object in one process, as the application and the
// network see it. Poll, Commit and Close are calls of the one application
// thread: each ends (Host.Polled, …) before the next begins.
type Consumer interface {
	// Subscribe is the constructor and subscribe(), at the member's start.
	Subscribe(h Host, now clock.Time)
	// Poll waits at most timeout for records. A client that gives one record a
	// poll hands out at most most of them as one result (most ≥ 1).
	Poll(h Host, now clock.Time, timeout clock.Duration, most int64)
	// Commit is a synchronous commit: of the given offsets, or, when nil, of
	// all that poll has returned.
	Commit(h Host, now clock.Time, offsets []kafka.OffsetCommit)
	// Close closes the consumer gracefully.
	Close(h Host, now clock.Time)

	// Response brings the answer to a request, nil when its connection broke
	// before there was one, or could not be opened: the broker is down. Whatever
	// else waits for the same broker gets its own nil. Timer says that one fired.
	Response(h Host, now clock.Time, id kafka.RequestID, r kafka.Response)
	Timer(h Host, now clock.Time, t TimerID)

	// Buffered is what the client holds that poll has not returned yet.
	Buffered() (records, bytes int64)
	// Positions appends the records that this process holds or has been given:
	// the next offset to be returned of each assigned partition.
	Positions(to []kafka.OffsetCommit) []kafka.OffsetCommit
	// Clone is a deep copy: the world is copied for stepping back.
	Clone() Consumer
}

// GroupMember is a consumer that tells a transactional producer who it is in the
// group (ConsumerGroupMetadata); generation −1 outside of it.
type GroupMember interface {
	GroupMetadata() (memberID, instanceID string, generation int32)
}

// Listened is a consumer whose listener may take its time over what is revoked or
// lost: the thread that has called it stands still meanwhile. Commits may come from
// within, one at a time as ever.
type Listened interface {
	// CalledBack tells that the listener has returned, in the call of which
	// Callback has said that it has not.
	CalledBack(h Host, now clock.Time)
}

// Rewinder is a consumer that can seek back to what is committed: of all assigned
// partitions, asking with its next poll.
type Rewinder interface{ Rewind() }

// Pauser is a consumer that can be told to hand out nothing of the partitions that
// it has now, without giving them up: both are local, no request goes out. What is
// assigned later is not paused.
type Pauser interface {
	// Pause is pause(assignment()), Resume resume(paused()).
	Pause(h Host, now clock.Time)
	Resume(h Host, now clock.Time)
}

// Transactor is a consumer that keeps book of what the transactions of its program
// have committed.
type Transactor interface {
	Transacted(offsets []kafka.OffsetCommit)
}

// HeartbeatForcer is a consumer that asks its group, before a transaction is
// committed, whether it is still a member; Host.Committed ends that.
type HeartbeatForcer interface {
	ForceHeartbeat(h Host, now clock.Time)
}

// Interrupter is a consumer whose programs do not wait for a poll to return when
// they are asked to stop: they cancel its context, or call disconnect() beside it.
type Interrupter interface {
	// Interrupt ends the running Poll, if there is one, with nothing.
	Interrupt(h Host, now clock.Time)
}

// Thawer is a consumer whose threads do something of their own when the process goes
// on after it was stopped.
type Thawer interface {
	// Thawed comes before all that fell due meanwhile.
	Thawed(h Host, now clock.Time)
}

// ConnectionWatcher is a consumer that notices when an idle connection breaks.
type ConnectionWatcher interface {
	Consumer
	// Disconnected tells that the broker has closed the connections of this
	// process, after the requests that waited for it have got their nil.
	Disconnected(h Host, now clock.Time, broker int32)
}
