package scenario

import (
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/diag"
	"ksim/sim/kafka"
)

// Model is an application model.
type Model uint8

// The models that run.
const (
	Sequential Model = iota
	BufferFlush
	WorkerQueue
	Router
	Transactional
	QueueWorker
	FanOut
)

// Commit is when an application commits.
type Commit uint8

// The commit strategies of the contract.
const (
	CommitAuto   Commit = iota // the client's own enable.auto.commit
	CommitRecord               // after each record, its offset + 1
	CommitBatch                // without arguments, after each poll or `batch` records
	CommitBefore               // right after the poll, then process
	CommitNone
)

// App is what the user's program does with its consumer.
type App struct {
	Model       Model
	Process     clock.Dist // for each record
	Commit      Commit
	Batch       int64 // librdkafka: records between commits
	Retries     int64 // sequential: how often it tries a refused commit again
	PollTimeout clock.Duration
	Drain       bool // finish the batch on stop
	Ranges      bool // sarama: handler: range

	// buffer-flush
	FlushRecords int64          // 0: no limit
	FlushSize    int64          // bytes; 0: no limit
	FlushAge     clock.Duration // 0: no limit
	AgeOnPoll    bool           // age-check: poll
	Upload       clock.Dist
	OnRevoke     OnRevoke
	Pool         bool // upload-mode: pool
	CommitOn     CommitOn

	// worker-queue, and buffer-flush's pool
	Workers  int
	Queue    int64 // how many may wait for a worker; Unbounded: any number
	WhenFull WhenFull

	// worker-queue
	Contiguous bool // commit: contiguous
	Shared     bool // event-loop: shared
	Hops       int
	IdleSleep  clock.Duration

	// router
	Routes  []Route // by topic
	Unknown Unknown

	// transactional; its Batch 0 is each poll's records. Session: as a
	// kgo.GroupTransactSession does it.
	Output   string
	Producer config.Set
	Session  bool

	// queue-worker, fan-out
	QueueName    string
	IdleBackoff  clock.Duration
	ErrorBackoff clock.Duration // Never: an error ends the loop
	ReceiveMax   int            // MaxNumberOfMessages
	WaitTime     clock.Duration // WaitTimeSeconds
	ExtendEvery  clock.Duration // 0: never
	Visibility   clock.Duration // the queue's visibility timeout, to which it extends
	Tasks        int64          // of a record
	Enqueue      clock.Dist     // each

	// any model
	Poison   Poison
	Startup  Startup
	Shutdown Shutdown

	Pos diag.Pos
}

// OnRevoke is what buffer-flush does with its buffer when its partitions go.
type OnRevoke uint8

// The choices of `on-revoke`.
const (
	OnRevokeKeep OnRevoke = iota
	OnRevokeDrop
	OnRevokeFlush
)

// WhenFull is what a poll loop does while its queue or pool has no room.
type WhenFull uint8

// The choices of `when-full`.
const (
	WhenFullBlock         WhenFull = iota // it waits: no poll
	WhenFullPause                         // it pauses its partitions and polls on
	WhenFullPauseAndBlock                 // it pauses its partitions and waits: no poll
)

// Unbounded is a queue without a limit.
const Unbounded = int64(-1)

// CommitOn is when a pool's upload is committed.
type CommitOn uint8

// The choices of `commit-on`.
const (
	CommitOnComplete   CommitOn = iota // its own offsets, when it is done
	CommitOnSubmit                     // without arguments, when it is handed over
	CommitOnContiguous                 // what lies below every unfinished record
)

// Route is a router's handler of one topic.
type Route struct {
	Topic   string
	Process clock.Dist
}

// Unknown is what a router does with a topic that has no route.
type Unknown uint8

// The choices of `unknown`.
const (
	UnknownWarnAndCommit Unknown = iota
	UnknownIgnore
	UnknownCrash
)

// Poison is the records that cannot be processed: of every partition those whose
// offset + 1 is a multiple of Every, and the Offsets. The zero value is none.
type Poison struct {
	Every    int64
	Offsets  []kafka.OffsetCommit // sorted by partition; only partition and offset count
	Action   PoisonAction
	Backoff  clock.Duration // retry
	Attempts int64          // retry: how often in all; 0: no limit
	Restart  clock.Duration // crash
}

// PoisonAction is what becomes of a record that cannot be processed.
type PoisonAction uint8

// The choices of `action`.
const (
	PoisonErrorTopic PoisonAction = iota // published to TOPIC.errors: counts as processed
	PoisonSkip
	PoisonRetry
	PoisonCrash
)

// Startup is the wait for an assignment; Wait 0 is none.
type Startup struct {
	Wait    clock.Duration
	Discard bool
	Restart clock.Duration // Never: it stays away
}

// Shutdown is how a process ends that is asked to stop.
type Shutdown struct {
	Given     bool // there is a `shutdown`
	Drain     clock.Duration
	Flush     clock.Duration
	Leave     bool
	KillAfter clock.Duration // 0: never
}
