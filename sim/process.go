package sim

import (
	"slices"

	"ksim/sim/app"
	"ksim/sim/client"
	"ksim/sim/client/transactional"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// processState is where a member's process stands.
type processState uint8

const (
	notStarted processState = iota
	running
	frozen
	ended // stopped, crashed or exited; start makes a new incarnation
)

// process is one member: a consumer and the application around it.
type process struct {
	w           *World
	index       uint32
	group       int
	member      *scenario.Member
	incarnation uint32
	state       processState
	stopping    bool // it has been asked to stop
	again       bool // start it once more when it has ended

	consumer client.Consumer // nil in a worker of a queue
	app      app.App
	rand     clock.Stream // the client's
	appRand  clock.Stream // the application's
	drawn    int          // draws of `sequence` durations

	producer  *transactional.Producer // nil unless the application has one
	completes []client.Range          // records of the transaction that is being committed
	sent      []kafka.OffsetCommit    // its offsets
	ending    bool                    // its commit is under way
	// readCommitted is isolation.level.
	readCommitted bool

	timers        [client.MaxTimers]timer // the client's
	appTimers     [appThreads]timer
	producerTimer timer

	next    nextCall  // what the application calls next
	results []result  // what the consumer has returned and the application not seen
	backlog []delayed // while frozen: what has fallen due

	connections   []connection  // to brokers that coordinate
	handlerCalls  []handlerCall // of an application with handlers
	producerCalls []nextCall    // of its handlers, beside the session that runs
	isolation     isolation
	started       clock.Time // this incarnation

	activity    cause // the application's latest
	silence     cause // the latest crash, freeze or isolation: why nothing is heard of it
	commitError string
	fatal       client.Error // the exception that ends it
	figures     MemberFigures
	polled      clock.Time // when the latest poll of records or nothing ended
	open        int64      // records handed out and neither completed nor given up
	polling     bool       // a poll is running
	calling     callKind   // the call that has not returned
	heartbeat   clock.Time // when the client sent the latest; before 0: none
	thawsAt     clock.Time // while frozen
	oneByOne    bool       // the latest result is handed out one by one
}

// timer is a timer of a process, with what led to its being set.
type timer struct {
	handle clock.Timer
	cause  cause
}

// MemberFigures is what a summary says of a member beside its events.
type MemberFigures struct {
	Polls      int64
	LongestGap clock.Duration // between two polls
	Commits    int64          // accepted
}

// nextCall is a call that the application has made and the engine passes on.
type nextCall struct {
	kind    callKind
	timeout clock.Duration
	most    int64
	offsets []kafka.OffsetCommit
	reason  string         // crash
	restart clock.Duration // crash: when to start again, or Never
	records []client.Range
}

type callKind uint8

const (
	callNone callKind = iota
	callPoll
	callCommit
	callClose
	callExit
	callCrash

	// Of the producer; the result of any has the kind of the first.
	callInitTransactions
	callSendOffsets
	callCommitTransaction
	callAbortTransaction

	callForceHeartbeat // of the consumer; its result is a commit's
)

// The application's threads, each with its timer.
const (
	threadLoop    = iota // polls
	threadWorkers        // process beside it
	appThreads
)

// result is the end of a consumer's call.
type result struct {
	kind  callKind
	poll  client.PollResult
	error *client.Error
}

func newProcess(w *World, index uint32, group int, m *scenario.Member) process {
	p := process{w: w, index: index, group: group, member: m,
		rand:    clock.NewStream(w.scenario.Seed, m.Name, "client"),
		appRand: clock.NewStream(w.scenario.Seed, m.Name, "app"),

		readCommitted: readsCommitted(m),
	}
	for t := range p.timers {
		p.timers[t].handle = w.queue.NewTimer(clock.NewEvent(evClient, index, uint32(t)))
	}
	for t := range p.appTimers {
		p.appTimers[t].handle = w.queue.NewTimer(clock.NewEvent(evApp, index, uint32(t)))
	}
	p.producerTimer.handle = w.queue.NewTimer(clock.NewEvent(evProducer, index, 0))
	return p
}

func (p *process) alive() bool { return p.state == running || p.state == frozen }

// start begins a new incarnation of the process. One that is still stopping
// ends first, as a supervisor has it.
func (p *process) start() {
	if p.alive() {
		p.again = p.stopping
		return
	}
	p.leaveConnections()
	p.incarnation++
	p.state, p.stopping, p.started = running, false, p.w.Now()
	if p.member.ReadsKafka() {
		p.consumer = newConsumer(p)
	}
	p.app, p.producer, p.completes, p.sent, p.ending = newApp(p), newProducer(p), nil, nil, false
	p.forgetCalls()
	p.commitError, p.fatal, p.open = "", client.Error{}, 0
	p.polled, p.polling, p.oneByOne = p.w.Now(), false, false
	p.heartbeat = -1
	p.emit(trace.Event{Type: trace.MemberStarted})
	p.activity = p.w.cause
	if p.consumer != nil {
		p.consumer.Subscribe((*clientPort)(p), p.w.Now())
	}
	p.app.Start((*appPort)(p), p.w.Now())
	p.proceed()
}

// emit records an event of this member.
func (p *process) emit(e trace.Event) {
	e.Group, e.Member = p.w.groups[p.group].id, p.member.Name
	p.w.emit(e)
}

// positions appends where the consumer stands; a worker of a queue has none.
func (p *process) positions(to []kafka.OffsetCommit) []kafka.OffsetCommit {
	if p.consumer == nil {
		return to
	}
	return p.consumer.Positions(to)
}

// proceed passes calls from the application to its consumer and results back,
// until both wait for something.
func (p *process) proceed() {
	for p.state == running {
		switch {
		case p.next.kind != callNone:
			n := p.next
			p.next = nextCall{}
			p.call(n)
		case len(p.results) > 0:
			r := p.results[0]
			p.results = slices.Delete(p.results, 0, 1)
			p.returned(r)
		case len(p.handlerCalls) > 0:
			n := p.handlerCalls[0]
			p.handlerCalls = slices.Delete(p.handlerCalls, 0, 1)
			p.handlerCalled(n)
		case len(p.producerCalls) > 0:
			n := p.producerCalls[0]
			p.producerCalls = slices.Delete(p.producerCalls, 0, 1)
			p.callProducer(n)
		default:
			return
		}
	}
}

// forgetCalls drops what was under way between application and consumer.
func (p *process) forgetCalls() {
	p.next, p.results, p.backlog, p.handlerCalls, p.producerCalls = nextCall{}, nil, nil, nil, nil
	p.calling = callNone
}

// call makes the application's call.
func (p *process) call(n nextCall) {
	now := p.w.Now()
	p.calling = n.kind
	switch n.kind {
	case callPoll:
		p.notePoll(now)
		p.consumer.Poll((*clientPort)(p), now, n.timeout, n.most)
	case callCommit:
		p.settle()
		p.consumer.Commit((*clientPort)(p), now, n.offsets)
	case callClose:
		p.consumer.Close((*clientPort)(p), now)
	case callForceHeartbeat:
		p.consumer.(client.HeartbeatForcer).ForceHeartbeat((*clientPort)(p), now)
	case callExit:
		p.end()
		p.emit(trace.Event{Type: trace.MemberStopped, Error: p.fatal.Name, Text: p.fatal.Text})
	case callCrash:
		p.crash(n.reason)
		if n.restart != clock.Never {
			p.w.queue.Schedule(now+n.restart, clock.ClassTimeline, clock.NewEvent(evStart, p.index, 0))
		}
	default:
		p.callProducer(n)
	}
}

// notePoll keeps the figures of a poll that begins.
func (p *process) notePoll(now clock.Time) {
	p.figures.LongestGap = p.longestGap(now)
	p.figures.Polls++
	if n, _ := p.app.Taken(now); p.oneByOne && n > 1 {
		p.figures.Polls += n - 1 // each of its records was a poll's
	}
	p.polling = true
}

// longestGap is the longest time between two polls so far, the open one too.
func (p *process) longestGap(now clock.Time) clock.Duration {
	if !p.alive() || p.polling {
		return p.figures.LongestGap
	}
	since := p.polled
	if p.oneByOne {
		_, since = p.app.Taken(now)
	}
	return max(p.figures.LongestGap, now-since, p.app.LongestGap())
}

// returned gives the end of a call to the application.
func (p *process) returned(r result) {
	now, h := p.w.Now(), (*appPort)(p)
	if _, beside := p.app.(*app.Claims); !beside || r.kind != callInitTransactions {
		p.calling = callNone
	}
	switch r.kind {
	case callPoll:
		if r.poll.Err != nil && r.poll.Err.Fatal {
			p.fatal = *r.poll.Err
		}
		p.polling, p.polled, p.oneByOne = false, now, r.poll.OneByOne
		p.notePolled(&r.poll)
		p.app.Polled(h, now, r.poll)
	case callCommit:
		p.noteCommit(r.error)
		p.app.Committed(h, now, r.error)
	case callClose:
		p.app.Closed(h, now)
	case callInitTransactions:
		p.transacted(r.error)
	}
}

// notePolled records that a poll has returned.
func (p *process) notePolled(r *client.PollResult) {
	w := p.w
	for _, x := range r.Records {
		w.groups[p.group].ledger.Delivered(x)
		p.open += x.Len()
	}
	w.detail(func() trace.Event {
		return trace.Event{Type: trace.AppPoll, Group: w.groups[p.group].id, Member: p.member.Name, Records: r.Len()}
	})
	p.activity = w.cause
}

// noteCommit records a refused commit; a run of the same error counts once,
// until a success or a rebalance callback.
func (p *process) noteCommit(err *client.Error) {
	if err == nil {
		p.commitError = ""
		return
	}
	if err.Name != p.commitError {
		p.commitError = err.Name
		p.emit(trace.Event{Type: trace.CommitFailed, Error: err.Name, Text: err.Text})
	}
}

// answered gives a response to the consumer.
func (p *process) answered(m *message) {
	w := p.w
	w.cause = m.cause
	if m.request == nil {
		p.consumer.(client.ConnectionWatcher).Disconnected((*clientPort)(p), w.Now(), m.broker)
		p.proceed()
		return
	}
	w.detail(func() trace.Event { return w.netEvent(trace.NetResponse, m) })
	if r, ok := m.request.(*queueRequest); ok {
		p.queueAnswered(m, r)
	} else if m.producer {
		p.producer.Response((*producerPort)(p), w.Now(), m.id, m.response)
	} else {
		p.consumer.Response((*clientPort)(p), w.Now(), m.id, m.response)
	}
	p.proceed()
}

// fireClient fires one of the consumer's timers.
func (p *process) fireClient(t uint32) {
	if p.state == frozen {
		p.backlog = append(p.backlog, delayed{timer: client.TimerID(t)})
		return
	}
	p.w.cause = p.timers[t].cause
	p.consumer.Timer((*clientPort)(p), p.w.Now(), client.TimerID(t))
	p.proceed()
}

// fireApp fires the timer of one of the application's threads.
func (p *process) fireApp(thread uint32) {
	if p.state == frozen {
		p.backlog = append(p.backlog, delayed{app: true, thread: thread})
		return
	}
	p.w.cause = p.appTimers[thread].cause
	if thread == threadWorkers {
		p.app.Workers((*appPort)(p), p.w.Now())
	} else {
		p.app.Timer((*appPort)(p), p.w.Now())
	}
	p.proceed()
}

// settle makes the application report what it has completed by now; a frozen
// one has done so when it froze.
func (p *process) settle() {
	if p.state == running {
		p.app.Settle((*appPort)(p), p.w.Now())
	}
}

// end takes the process away: its timers with it.
func (p *process) end() {
	p.settle()
	p.figures.LongestGap = p.longestGap(p.w.Now())
	for _, t := range p.timers {
		p.w.queue.Cancel(t.handle)
	}
	for _, t := range p.appTimers {
		p.w.queue.Cancel(t.handle)
	}
	p.w.queue.Cancel(p.producerTimer.handle)
	p.state = ended
	p.part()
	p.hangUpQueue()
	p.forgetCalls()
	if p.again {
		p.again = false
		p.w.queue.Schedule(p.w.Now(), clock.ClassTimeline, clock.NewEvent(evStart, p.index, 0))
	}
}

// stop asks the application to end.
func (p *process) stop() {
	if !p.alive() {
		return
	}
	p.stopping, p.again = true, false
	if after := p.member.App.Shutdown.KillAfter; after > 0 {
		p.w.queue.Schedule(p.w.Now()+after, clock.ClassTimeline, clock.NewEvent(evKill, p.index, p.incarnation&clock.MaxArg))
	}
	p.app.Stop((*appPort)(p), p.w.Now())
	if c, ok := p.consumer.(client.Interrupter); ok {
		c.Interrupt((*clientPort)(p), p.w.Now())
	}
	p.proceed()
}

// crash is kill -9, or, with a reason, an end of the program's own making.
func (p *process) crash(reason string) {
	if !p.alive() {
		return
	}
	p.end()
	p.emit(trace.Event{Type: trace.MemberCrashed, Reason: reason})
	p.silence = p.w.cause
}

// kill ends a process that has not closed in the time that it had to stop.
func (p *process) kill(incarnation uint32) {
	if p.incarnation&clock.MaxArg == incarnation {
		p.crash("")
	}
}

func (p *process) clone(w *World) process {
	c := *p
	c.w = w
	if p.consumer != nil {
		c.consumer = p.consumer.Clone()
	}
	if p.app != nil {
		c.app = p.app.Clone()
	}
	if p.producer != nil {
		c.producer = p.producer.Clone()
	}
	c.results = slices.Clone(p.results)
	c.backlog = slices.Clone(p.backlog)
	c.connections = cloneConnections(p.connections)
	c.handlerCalls = slices.Clone(p.handlerCalls)
	c.producerCalls = slices.Clone(p.producerCalls)
	c.isolation = p.isolation.clone()
	return c
}
