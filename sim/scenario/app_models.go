package scenario

import (
	"slices"
	"strconv"

	"ksim/sim/clock"
	"ksim/sim/kafka"
)

// app reads an app whose keys have been checked; n is nil for the default one.
func (l *loader) app(model *object, n *node, client Client, otherwise place) App {
	a := App{Commit: CommitAuto, PollTimeout: clock.Second, Pos: otherwise.pos}
	if n == nil {
		a.Batch, a.Drain = defaultBatch(client), true
		return a
	}
	a.Pos = n.place.pos
	a.Process = l.dist(n.usable("process"))
	a.PollTimeout = clock.Duration(l.number(n, "poll-timeout", int64(clock.Second)))
	l.anyModel(&a, n)
	l.checkNames(model, n)
	for _, x := range lacking(n, client) {
		l.errorAt(n.usable(x.key).place, "", "%s", x.why)
	}
	l.checkHandlers(n, client)
	switch modelName(model) {
	case "sequential":
		l.sequential(&a, n, client)
	case "buffer-flush":
		l.bufferFlush(&a, n, client)
	case "worker-queue":
		l.workerQueue(&a, n, client)
	case "router":
		l.router(&a, n, client)
	case "transactional":
		l.transactional(&a, n, client)
	case "queue-worker":
		l.queueWorker(&a, n)
	case "fan-out":
		l.fanOut(&a, n, client)
	}
	return a
}

// defaultBatch is how many records a program handles between commits when it does
// not say, where a poll gives it one at a time.
func defaultBatch(client Client) int64 {
	if client.Profile == "kafka-go" {
		return 50
	}
	return 500
}

// countsBatches tells whether a client's programs count records to know when to
// commit; those of the others commit after each poll.
func countsBatches(client Client) bool {
	return client.Profile == "librdkafka" || client.Profile == "kafka-go"
}

func (l *loader) sequential(a *App, n *node, client Client) {
	a.Model = Sequential
	a.Commit = commitNamed(l.text(n, "commit", "auto"))
	if clientCommits(client, *a) {
		a.Commit = CommitAuto
	}
	a.Batch = l.number(n, "batch", defaultBatch(client))
	a.Drain = l.flag(n, "drain", true)
	a.Ranges = l.text(n, "handler", "select") == "range"
	if f := n.field("handler"); f != nil && client.Profile != "" && client.Profile != "sarama" {
		l.warnAt(f.place, "", "handler has no effect with %s: it has no handlers a partition; sarama has", client.Profile)
	}
	a.Retries = l.number(n, "commit-retries", 0)
	if f := n.field("commit-retries"); f != nil && (a.Commit == CommitAuto || a.Commit == CommitNone) {
		l.warnAt(f.place, "", "commit-retries has no effect with commit %q: the program commits nothing itself", l.text(n, "commit", "auto"))
	}
	if batch := n.field("batch"); batch != nil && client.Profile != "" && !countsBatches(client) {
		l.warnAt(batch.place, "", "batch has no effect with %s: it commits after each poll (max.poll.records)", client.Profile)
	} else if batch != nil && a.Commit != CommitBatch {
		l.warnAt(batch.place, "", "batch has no effect with commit %q: only with batch", l.text(n, "commit", "auto"))
	}
}

func (l *loader) bufferFlush(a *App, n *node, client Client) {
	a.Model = BufferFlush
	a.Commit = CommitBatch
	a.FlushRecords = l.number(n, "flush-records", 0)
	a.FlushSize = l.number(n, "flush-size", 0)
	a.FlushAge = clock.Duration(l.number(n, "flush-age", 0))
	a.AgeOnPoll = l.text(n, "age-check", "record") == "poll"
	a.Upload = l.dist(n.usable("upload"))
	switch l.text(n, "on-revoke", "keep") {
	case "drop":
		a.OnRevoke = OnRevokeDrop
	case "flush":
		a.OnRevoke = OnRevokeFlush
	}
	if !n.has("flush-records") && !n.has("flush-size") && !n.has("flush-age") {
		l.warnAt(n.place, "", "nothing is ever uploaded: there is no flush-records, flush-size or flush-age")
	}
	if check := n.field("age-check"); check != nil && !n.has("flush-age") {
		l.warnAt(check.place, "", "age-check has no effect without flush-age")
	}
	a.Pool = l.text(n, "upload-mode", "blocking") == "pool"
	a.Workers, a.Queue = int(l.number(n, "workers", 5)), l.number(n, "queue", Unbounded)
	switch l.text(n, "commit-on", "complete") {
	case "submit":
		a.CommitOn = CommitOnSubmit
	case "contiguous":
		a.CommitOn = CommitOnContiguous
	}
	l.whenFull(a, n, client)
	if !a.Pool {
		for _, key := range []string{"workers", "queue", "commit-on", "when-full"} {
			if f := n.field(key); f != nil {
				l.warnAt(f.place, "", "%s has no effect with upload-mode blocking: only with pool", key)
			}
		}
	}
}

// lack is a key of an app that a client has nothing for.
type lack struct {
	key, why string
}

// lacking are those of an app's keys, with the reason.
func lacking(n *node, client Client) (lacks []lack) {
	flushes := false
	if f := n.usable("on-revoke"); f != nil {
		flushes = f.text == "flush"
	}
	full := n.usable("when-full")
	pauses := full != nil && (full.text == "pause" || full.text == "pause-and-block")
	switch client.Profile {
	case "kafka-go":
		if flushes {
			lacks = append(lacks, lack{"on-revoke", "on-revoke flush does not exist with kafka-go: its Reader calls nothing before partitions go; expected keep or drop"})
		}
		if pauses {
			lacks = append(lacks, lack{"when-full", "when-full " + strconv.Quote(full.text) + " does not exist with kafka-go: its Reader has no pause; expected block"})
		}
	case "kafkajs":
		if flushes {
			lacks = append(lacks, lack{"on-revoke", "on-revoke flush does not exist with kafkajs: its REBALANCING event does not wait for the program; expected keep or drop"})
		}
		if pauses {
			lacks = append(lacks, lack{"when-full", "when-full " + strconv.Quote(full.text) + " is not yet supported with kafkajs: expected block"})
		}
	}
	return lacks
}

// checkHandlers warns of what has no meaning for a client that pushes records to a
// handler a partition, as sarama does.
func (l *loader) checkHandlers(n *node, client Client) {
	if client.Profile != "sarama" {
		return
	}
	none := func(f *field, why string) {
		if f != nil {
			l.warnAt(f.place, "", "%s has no effect with sarama: %s", f.key, why)
		}
	}
	none(n.field("commit-retries"), "session.Commit returns nothing that could be tried again")
	none(n.usable("startup").field("discard"), "the wait is for Setup, and no poll returns records meanwhile")
	if full := n.usable("when-full"); full != nil && full.text != "block" {
		none(n.field("when-full"), "a handler that waits for a place holds up nothing but its own partition, and the heartbeats go on")
	}
	if loop := n.usable("event-loop"); loop != nil && loop.text == "shared" {
		none(n.field("event-loop"), "goroutines do not wait for each other")
	}
}

// whenFull reads what a loop does while its queue or pool has no room.
func (l *loader) whenFull(a *App, n *node, client Client) {
	switch full := l.text(n, "when-full", "block"); {
	case full == "block" || client.Profile == "sarama":
	case full == "pause":
		a.WhenFull = WhenFullPause
	default:
		a.WhenFull = WhenFullPauseAndBlock
	}
}

func (l *loader) workerQueue(a *App, n *node, client Client) {
	a.Model, a.Commit = WorkerQueue, CommitRecord
	a.Contiguous = l.text(n, "commit", "record") == "contiguous"
	a.Workers = int(l.number(n, "workers", 4))
	a.Queue = l.number(n, "queue", 2*int64(a.Workers))
	a.Shared = l.text(n, "event-loop", "separate") == "shared"
	a.Hops = int(l.number(n, "hops", 1))
	a.IdleSleep = clock.Duration(l.number(n, "idle-sleep", int64(50*clock.Millisecond)))
	if l.text(n, "on-revoke", "keep") == "drop" {
		a.OnRevoke = OnRevokeDrop
	}
	l.whenFull(a, n, client)
	for _, key := range []string{"hops", "idle-sleep"} {
		if f := n.field(key); f != nil && !a.Shared {
			l.warnAt(f.place, "", "%s has no effect with event-loop separate: only with shared", key)
		}
	}
	if f := n.field("on-error"); f != nil && !n.usable("poison").has("action") {
		a.Poison.Action = poisonNamed(f.value.text)
	}
}

func (l *loader) router(a *App, n *node, client Client) {
	a.Model, a.Drain = Router, true
	a.Commit = commitNamed(l.text(n, "commit", "record"))
	a.Batch = defaultBatch(client)
	for _, f := range n.usable("routes").entries() {
		a.Routes = append(a.Routes, Route{Topic: f.key, Process: l.dist(f.value.usable("process"))})
	}
	switch l.text(n, "unknown", "warn-and-commit") {
	case "ignore":
		a.Unknown = UnknownIgnore
	case "crash":
		a.Unknown = UnknownCrash
	}
}

// anyModel reads what any model may carry.
func (l *loader) anyModel(a *App, n *node) {
	if p := n.usable("poison"); p != nil {
		a.Poison = Poison{
			Every: l.number(p, "every", 0), Action: poisonNamed(l.text(p, "action", "error-topic")), Attempts: l.number(p, "attempts", 0),
			Backoff: clock.Duration(l.number(p, "backoff", int64(clock.Second))), Restart: clock.Duration(l.number(p, "restart", int64(5*clock.Second))),
		}
		l.poisonOffsets(&a.Poison, p)
	}
	if s := n.usable("startup"); s != nil {
		a.Startup = Startup{
			Wait: clock.Duration(l.number(s, "wait-for-assignment", 0)), Discard: l.flag(s, "discard", false),
			Restart: clock.Duration(l.number(s, "restart", int64(clock.Never))),
		}
	}
	if s := n.usable("shutdown"); s != nil {
		a.Shutdown = Shutdown{
			Given: true, Drain: clock.Duration(l.number(s, "drain", int64(10*clock.Second))), Flush: clock.Duration(l.number(s, "flush", int64(10*clock.Second))),
			Leave: l.flag(s, "leave", true), KillAfter: clock.Duration(l.number(s, "kill-after", 0)),
		}
	}
}

// poisonOffsets reads `offset: {events-0: 100}` and warns of what has no effect.
func (l *loader) poisonOffsets(a *Poison, p *node) {
	for _, f := range p.usable("offset").entries() {
		name := &node{kind: isScalar, place: f.place, text: f.key}
		if partitionName.check(l, name, "poison.offset"); !name.bad && !f.value.bad {
			a.Offsets = append(a.Offsets, kafka.OffsetCommit{TopicPartition: l.partition(name), Offset: f.value.value})
		}
	}
	slices.SortFunc(a.Offsets, func(x, y kafka.OffsetCommit) int { return x.Compare(y.TopicPartition) })
	if !p.has("every") && !p.has("offset") {
		l.warnAt(p.place, "", "poison names no record: there is no every and no offset")
	}
}

func poisonNamed(name string) PoisonAction {
	switch name {
	case "skip":
		return PoisonSkip
	case "retry":
		return PoisonRetry
	case "crash":
		return PoisonCrash
	}
	return PoisonErrorTopic
}

func commitNamed(name string) Commit {
	switch name {
	case "record":
		return CommitRecord
	case "batch":
		return CommitBatch
	case "before":
		return CommitBefore
	case "none":
		return CommitNone
	}
	return CommitAuto
}
