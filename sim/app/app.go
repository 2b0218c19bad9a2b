// Package app is what users' programs do with a consumer: the loop around
// poll(), the work on each record, the commits, the way they stop. One file a
// model of the contract.
//
// An application runs in one thread. It makes one call at a time (Host.Poll,
// Commit, Close) or works until its timer; what it works on is a run of records
// (run.go) that is cut wherever something happens in between, so that a batch
// of any length costs one event.
package app

import (
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// Host is what an application may ask of the world. Poll, Commit and Close are
// the consumer's methods; their ends come to App.Polled, Committed and Closed.
type Host interface {
	Poll(timeout clock.Duration, most int64)
	Commit(offsets []kafka.OffsetCommit)
	Close()
	// Pause pauses all that the consumer has been assigned, Resume ends that. They are
	// calls between two others, and take no time.
	Pause()
	Resume()
	// CallbackReturned is the end of a rebalance listener that has taken its time.
	CallbackReturned()
	// Exit ends the process, as programs end after close(); Crash ends it
	// without closing, and starts it again after a while unless that is Never.
	Exit()
	Crash(reason string, restart clock.Duration)

	// Arm sets the timer of the thread that polls; Cancel unsets it. ArmWorkers
	// sets the one of its workers.
	Arm(at clock.Time)
	Cancel()
	ArmWorkers(at clock.Time)

	// Emit records something that happened in the application; Log prints a
	// line of its own.
	Emit(e trace.Event)
	Log(level, text string)
	// Cause is the latest event, and Blame makes one that was the latest before
	// the cause of what follows: a worker's end follows from its begin.
	Cause() Cause
	Blame(Cause)
	// Completed says that the handlers of these records have ended.
	Completed(r client.Range)
	// GaveUp says how many records it had been handed and will not work on:
	// taken back by the client, abandoned at a stop, dropped from a buffer.
	GaveUp(records int64)
	// Draw gives the length of a piece of work.
	Draw(d *clock.Dist) clock.Duration

	ProducerHost
	QueueHost
}

// Cause names an event: the latest one, and the latest that is shown without
// detail, by their numbers.
type Cause struct{ Seq, Shown uint64 }

// App is one application, from its start to its end.
type App interface {
	Start(h Host, now clock.Time)
	Polled(h Host, now clock.Time, r client.PollResult)
	Committed(h Host, now clock.Time, err *client.Error)
	Closed(h Host, now clock.Time)
	Timer(h Host, now clock.Time)
	Workers(h Host, now clock.Time)

	// Callback is the rebalance listener. One that has not returned goes on until it
	// calls Host.CallbackReturned.
	Callback(h Host, now clock.Time, kind client.Callback, partitions []kafka.TopicPartition) (returned bool)

	// Stop asks it to end gracefully; Slow makes the next record that it begins
	// take that long.
	Stop(h Host, now clock.Time)
	Slow(h Host, now clock.Time, d clock.Duration)

	// Cut ends the run of records after the one in hand: what is left of a
	// one-by-one result goes back to the client; the rest of a batch is begun
	// anew after it (a frozen process does not go on).
	Cut(h Host, now clock.Time)
	// Taken tells how many records of the latest result have begun, and when
	// the latest one did.
	Taken(now clock.Time) (records int64, since clock.Time)
	// Settle reports the records that have been completed by now.
	Settle(h Host, now clock.Time)
	// Held appends the records that the application has and has not completed.
	Held(to []client.Range) []client.Range
	// Buffered is what the application has in its own buffer, Queued what of it
	// waits for a worker.
	Buffered() (records, bytes int64)
	Queued() (records, bytes int64)
	// Channels is what a client that pushes has put before handlers and they have not
	// taken: it counts as the client's.
	Channels(now clock.Time) (records, bytes int64)
	// LongestGap is the longest time that it has taken between two polls of its
	// own within one-by-one results.
	LongestGap() clock.Duration

	Clone() App
}

// New makes the application of a member.
func New(a *scenario.App) App {
	l := loop{app: a, most: mostAtOnce}
	switch {
	case a.Model == scenario.BufferFlush:
		return &bufferFlush{loop: l, pool: newPool(a)}
	case a.Model == scenario.WorkerQueue:
		return &workerQueue{loop: l, pool: newPool(a)}
	case a.Model == scenario.Transactional:
		return &transactional{loop: l}
	case a.Model == scenario.QueueWorker:
		return &queueWorker{app: a}
	case a.Model == scenario.FanOut:
		return &fanOut{sequential: sequential{loop: l, single: true}}
	}
	return &sequential{loop: l}
}

// mostAtOnce bounds a one-by-one result where the application has no reason to
// stop earlier.
const mostAtOnce = 1 << 30
