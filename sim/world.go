// Package sim is the engine: the one place where brokers, coordinators, clients
// and applications meet. It owns the clock and the network, hands each
// component its inputs one at a time in the order of (time, class, sequence),
// and writes down what happens.
//
// Data flows one way: scenario → World → trace. The world is plain data without
// closures or goroutines, so that it can be copied (Clone) and looked at.
package sim

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/broker"
	"ksim/sim/client"
	"ksim/sim/clock"
	"ksim/sim/config"
	"ksim/sim/group"
	"ksim/sim/kafka"
	"ksim/sim/ledger"
	"ksim/sim/producer"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// Sink receives the trace. The event is the sink's only until Event returns;
// what it points to is immutable.
type Sink interface{ Event(e *trace.Event) }

// Options are how a run is to be watched; they do not change what happens.
type Options struct {
	Sink   Sink
	Detail bool         // detail events too
	Until  clock.Time   // the end, if before the scenario's duration; 0: no
	Check  bool         // check the invariants after every event
	At     []clock.Time // instants at which to take samples
}

// World is the whole state of a run.
type World struct {
	scenario *scenario.Scenario
	o        Options
	end      clock.Time

	queue   clock.Queue
	cluster *broker.Cluster
	fetches []clock.Timer // of parked fetches, by slot
	brokers []brokerState // by id − 1
	shards  []shard       // of the groups' coordinators
	// elsewhere answers for the coordinators that a broker does not have.
	elsewhere *group.Coordinator
	groups    []groupState // in the scenario's order
	procs     []process    // members, in the scenario's order
	producer  []int        // the scenario's producers in the cluster
	txns      transactions
	messages  messages
	partings  []parting // members of share groups whose connections end
	queues    []queueState
	letters   []letter // messages of queues, by id
	senders   []queueProducer

	seq     uint64
	cause   cause
	samples []Sample
	checks  checks
}

// groupState is what the engine keeps of a group beside its coordinator.
type groupState struct {
	id     string
	topics []string
	share  bool           // it is a share group
	queues []int          // that its workers read
	missed []client.Range // messages of queues that have gone unprocessed
	shard  uint32         // its coordinator's
	ledger ledger.Ledger
}

// The kinds of event in the queue.
const (
	evTimeline   uint8 = iota // arg: index into the timeline
	evThaw                    // actor: process, arg: its incarnation
	evRefresh                 // actor: producer; its metadata refresh
	evRequest                 // arg: message slot; reaches the broker
	evResponse                // arg: message slot; reaches the client
	evStart                   // actor: process; the member's start
	evClient                  // actor: process, arg: timer
	evApp                     // actor: process, arg: thread
	evKill                    // actor: process, arg: its incarnation
	evFetch                   // arg: parked fetch
	evGroupTimer              // actor: shard, arg: slot of its timers
	evAppend                  // actor: shard; its append is replicated
	evBroker                  // actor: broker − 1, arg: what becomes of it
	evLoaded                  // actor: shard, arg: which load
	evPreferred               // the controller's look at the balance of leaders
	evRetention               // the brokers' look for old segments
	evParted                  // arg: index into the partings
	evReach                   // actor: process; its packets get through again
	evProducer                // actor: process; its producer's timer
	evTxn                     // arg: index of a transactional id
	evSend                    // actor: producer of a queue, arg: which of its rates
	evQueue                   // actor: queue; something is due
	evHungUp                  // actor: process, arg: its incarnation; its long polls end
	evOffsets                 // each full second
	evSample                  // arg: index into Options.At
)

// New builds the world of a scenario at time 0.
func New(s *scenario.Scenario, o Options) *World {
	w := &World{scenario: s, o: o, end: s.Duration}
	if o.Until > 0 && o.Until < w.end {
		w.end = o.Until
	}
	w.cluster = broker.New(clusterConfig(s))
	for i := range s.Topics {
		t := &s.Topics[i]
		w.cluster.AddTopic(t.Name, t.Partitions, topicConfig(&s.Cluster, t))
	}
	for b := int32(1); b <= int32(s.Cluster.Brokers); b++ {
		w.brokers = append(w.brokers, newBroker(b, s))
	}
	w.txns = newTransactions(&s.Cluster)
	w.elsewhere = group.NewUnloaded(groupConfig(s.Cluster.Version, s.Cluster.Config))
	w.schedule()
	w.addQueues()
	for i := range s.Producers {
		w.addProducer(i)
	}
	for i := range s.Groups {
		w.addGroup(&s.Groups[i])
	}
	w.scheduleTimeline()
	w.setTopics()
	for i := range w.shards {
		w.shards[i].coordinator.Load((*groupPort)(&w.shards[i]), 0)
	}
	return w
}

// scheduleTimeline puts the actions into the queue, after the members' starts: what is
// done to a member at the instant of its start finds it running.
func (w *World) scheduleTimeline() {
	for i, a := range w.scenario.Timeline {
		w.queue.Schedule(a.At, clock.ClassTimeline, clock.NewEvent(evTimeline, 0, uint32(i)))
	}
}

// schedule puts everything else into the queue that the scenario itself says when.
func (w *World) schedule() {
	w.scheduleRetention()
	if w.end >= clock.Second {
		w.queue.Schedule(clock.Second, clock.ClassOffsets, clock.NewEvent(evOffsets, 0, 0))
	}
	for i, at := range w.o.At {
		w.queue.Schedule(at, clock.ClassSample, clock.NewEvent(evSample, 0, uint32(i)))
	}
}

func (w *World) addProducer(i int) {
	p := &w.scenario.Producers[i]
	if p.Queue != "" {
		w.producer = append(w.producer, nobody)
		w.addQueueProducer(i)
		return
	}
	by := producer.New(p, w.scenario.Cluster.Version, w.scenario.Seed)
	w.producer = append(w.producer, w.cluster.Producer(p.Topic, by, p.Rate.Records, p.Rate.Per, p.Size, p.From, min(p.To, w.scenario.Duration+1), sending(p)))
	w.scheduleRefresh(i, p.From)
}

// sending is what a producer's properties say of how it sends. By the contract a
// record is in the log at its time; linger.ms delays it where the file gives it.
func sending(p *scenario.Producer) broker.Sending {
	s := broker.Sending{Guarantee: guarantee(p.Config), Batching: broker.Batching{Percent: compressed[p.Config.String("compression.type")]}}
	if p.Config.Given("linger.ms") {
		s.Linger, s.Full = p.Config.Millis("linger.ms"), max(1, p.Config.Int("batch.size")/max(1, p.Size))
	}
	return s
}

// compressed is what batches of records like JSON shrink to, in percent: how well
// real data compresses is not the codec's doing alone.
var compressed = map[string]int64{"gzip": 30, "snappy": 50, "lz4": 50, "zstd": 25}

// guarantee is what a producer's properties say of its writes.
func guarantee(c config.Set) broker.Guarantee {
	acks := map[string]broker.Acks{"0": broker.AcksNone, "1": broker.AcksLeader}[c.String("acks")] // else all
	g := broker.Guarantee{Acks: acks, DeliveryTimeout: c.Millis("delivery.timeout.ms"), Retries: c.Int("retries"),
		Backoff: c.Millis("retry.backoff.ms"), BackoffMax: c.Millis("retry.backoff.max.ms")}
	if c.Int("retry.backoff.max.ms") == 0 { // before 3.7 the pause does not grow
		g.BackoffMax = g.Backoff
	}
	return g
}

// scheduleRefresh sets a producer's next metadata refresh, which is how it learns
// of new partitions (metadata.max.age.ms; a client that is to refresh all the
// time does so each millisecond).
func (w *World) scheduleRefresh(i int, from clock.Time) {
	age := max(clock.Millisecond, w.scenario.Producers[i].Config.Millis("metadata.max.age.ms"))
	if at := from + age; at <= w.end {
		w.queue.Schedule(at, clock.ClassTimeline, clock.NewEvent(evRefresh, uint32(i), 0))
	}
}

func (w *World) addGroup(g *scenario.Group) {
	shard := w.shardOf(g.ID)
	w.groups = append(w.groups, groupState{id: g.ID, topics: g.Topics, share: g.Share, shard: shard})
	for _, name := range g.Queues() {
		x := &w.groups[len(w.groups)-1]
		x.queues = append(x.queues, w.queueIndex(name))
	}
	w.shards[shard].coordinator.ConfigureGroup(g.ID, groupTimes(g.Config))
	w.shards[shard].coordinator.ConfigureShareGroup(g.ID, shareTimes(g.Config))
	w.cluster.ConfigureShare(g.ID, shareConfig(w.scenario.Cluster.Version, g.Config))
	for m := range g.Members {
		p := newProcess(w, uint32(len(w.procs)), len(w.groups)-1, &g.Members[m])
		w.procs = append(w.procs, p)
		w.queue.Schedule(p.member.Start, clock.ClassTimeline, clock.NewEvent(evStart, p.index, 0))
	}
}

// setTopics tells the coordinators which partitions there are.
func (w *World) setTopics() {
	for _, t := range w.scenario.Topics {
		w.setTopic(t.Name)
	}
}

// setTopic tells them of one, also those that have no group: a broker that does not
// know the topic would say so before it says that it does not coordinate.
func (w *World) setTopic(name string) {
	id, partitions := topicID(w.scenario, name), w.cluster.Partitions(name)
	for i := range w.shards {
		w.shards[i].coordinator.SetTopic(name, id, partitions)
	}
	w.elsewhere.SetTopic(name, id, partitions)
}

// topicID is a topic's id. Kafka draws them; here they are numbers in the file's
// order, so that the broker's assignors, which go by them, look at topics in that
// order.
func topicID(s *scenario.Scenario, name string) kafka.UUID {
	i := slices.IndexFunc(s.Topics, func(t scenario.Topic) bool { return t.Name == name })
	return kafka.UUID{Lo: uint64(i + 1)}
}

// Now is the virtual time.
func (w *World) Now() clock.Time { return w.queue.Now() }

// Seq is the number of the last event, detail counted too; 0 before the first.
func (w *World) Seq() uint64 { return w.seq }

// Watch says whether the sink hears of detail from now on. It changes nothing else.
func (w *World) Watch(detail bool) { w.o.Detail = detail }

// Inject adds an action to the timeline of this world, and of no copy made before.
// Its time must lie ahead. The scenario that the world then runs is the old one with
// the action as its last.
func (w *World) Inject(a scenario.Action) *scenario.Scenario {
	s := *w.scenario
	s.Timeline = append(slices.Clone(s.Timeline), a)
	w.scenario = &s
	w.queue.Schedule(a.At, clock.ClassTimeline, clock.NewEvent(evTimeline, 0, uint32(len(s.Timeline)-1)))
	return w.scenario
}

// End is when the run ends.
func (w *World) End() clock.Time { return w.end }

// Run runs the world to its end and says what there is to say then.
func (w *World) Run() {
	for w.Step() {
	}
	w.finish()
}

// Step runs the next event of the queue; false when there is none up to the end.
func (w *World) Step() bool { return w.StepUntil(w.end) }

// StepUntil runs the next event of the queue; false when there is none up to an
// instant, or to the end.
func (w *World) StepUntil(t clock.Time) bool {
	if !w.queue.Ready(min(t, w.end)) {
		return false
	}
	_, e := w.queue.Take()
	w.dispatch(e)
	if w.o.Check {
		w.check(e)
	}
	return true
}

// dispatch routes an event to the one component that it concerns.
func (w *World) dispatch(e clock.Event) {
	w.cause = cause{}
	switch e.Kind() {
	case evTimeline:
		w.act(&w.scenario.Timeline[e.Arg()])
	case evThaw:
		w.procs[e.Actor()].thaw(e.Arg())
	case evRefresh:
		w.refreshProducer(e.Actor())
	case evStart:
		w.procs[e.Actor()].start()
	case evRequest:
		w.requestArrives(e.Arg())
	case evResponse:
		w.responseArrives(e.Arg())
	case evClient:
		w.procs[e.Actor()].fireClient(e.Arg())
	case evApp:
		w.procs[e.Actor()].fireApp(e.Arg())
	case evKill:
		w.procs[e.Actor()].kill(e.Arg())
	case evProducer:
		w.procs[e.Actor()].fireProducer()
	case evTxn:
		w.txnDue(e.Arg())
	case evFetch:
		w.fetchDue(e.Arg())
	case evGroupTimer:
		w.shards[e.Actor()].timerFired(e.Arg())
	case evAppend:
		w.shards[e.Actor()].appended()
	case evBroker:
		w.brokerStepDue(e.Actor(), e.Arg())
	case evLoaded:
		w.shards[e.Actor()].loaded(e.Arg())
	case evPreferred:
		w.electPreferred()
	case evRetention:
		w.retain()
	case evParted:
		w.parted(e.Arg())
	case evReach:
		w.procs[e.Actor()].reach(e.Arg())
	case evSend:
		w.sendDue(e.Actor(), e.Arg())
	case evQueue:
		w.queueDue(e.Actor())
	case evHungUp:
		w.hungUp(e.Actor(), e.Arg())
	case evOffsets:
		w.emitOffsets()
		w.emitDepths()
	case evSample:
		w.takeSample(w.o.At[e.Arg()])
	default:
		panic(fmt.Sprintf("sim: event of unknown kind %d", e.Kind()))
	}
}

// fetchDue looks at a parked fetch again.
func (w *World) fetchDue(slot uint32) {
	w.cluster.FetchDue((*brokerPort)(w), w.Now(), slot)
}

// refreshProducer is a producer's metadata refresh, and sets the next one.
func (w *World) refreshProducer(i uint32) {
	w.cluster.Refresh((*brokerPort)(w), w.Now(), w.producer[i])
	w.scheduleRefresh(int(i), w.Now())
}

// finish says, at the end of the run, what each member has processed.
func (w *World) finish() {
	w.queue.AdvanceTo(w.end)
	w.cause = cause{}
	for i := range w.procs {
		p := &w.procs[i]
		p.settle()
		l := &w.groups[p.group].ledger
		w.cause = cause{}
		w.emit(trace.Event{Type: trace.Processed, Group: w.groups[p.group].id, Member: p.member.Name,
			Records: l.Processed(p.member.Name), Repeated: l.Repeated(p.member.Name)})
	}
}

// Clone is a deep copy of the world, with another sink.
func (w *World) Clone(sink Sink) *World {
	c := *w
	c.o.Sink = sink
	c.queue = clock.Queue{}
	w.queue.CopyTo(&c.queue)
	c.cluster = w.cluster.Clone()
	c.fetches = slices.Clone(w.fetches)
	c.brokers = slices.Clone(w.brokers)
	c.shards = slices.Clone(w.shards)
	for i := range c.shards {
		c.shards[i] = w.shards[i].clone(&c)
	}
	c.elsewhere = w.elsewhere.Clone()
	c.groups = slices.Clone(w.groups)
	for i := range c.groups {
		c.groups[i].ledger = w.groups[i].ledger.Clone()
		c.groups[i].missed = slices.Clone(w.groups[i].missed)
	}
	c.procs = slices.Clone(w.procs)
	for i := range c.procs {
		c.procs[i] = w.procs[i].clone(&c)
	}
	c.messages = w.messages.clone()
	c.partings = slices.Clone(w.partings)
	c.cloneQueues(w)
	c.txns = w.txns.clone()
	c.samples = slices.Clone(w.samples)
	c.checks = w.checks.clone()
	return &c
}

// groupConfig is what a coordinator reads of the broker's configuration.
func groupConfig(v kafka.Version, s config.Set) group.Config {
	return group.Config{
		Version:                v,
		InitialRebalanceDelay:  max(0, s.Millis("group.initial.rebalance.delay.ms")),
		MinSessionTimeout:      s.Millis("group.min.session.timeout.ms"),
		MaxSessionTimeout:      s.Millis("group.max.session.timeout.ms"),
		MaxSize:                s.Int("group.max.size"),
		OffsetsRetention:       clock.Duration(s.Int("offsets.retention.minutes")) * clock.Minute,
		RetentionCheckInterval: s.Millis("offsets.retention.check.interval.ms"),
		OffsetMetadataMaxBytes: int32(s.Int("offset.metadata.max.bytes")),
		ConsumerMaxSize:        s.Int("group.consumer.max.size"),
		ConsumerAssignors:      s.List("group.consumer.assignors"),
		Migration:              migrationPolicy(s.String("group.consumer.migration.policy")),
		ShareMaxSize:           s.Int("group.share.max.size"),
	}
}

// migrationPolicy reads group.consumer.migration.policy, in any case.
func migrationPolicy(name string) group.MigrationPolicy {
	switch strings.ToLower(name) {
	case "bidirectional":
		return group.MigrationPolicy{Upgrade: true, Downgrade: true}
	case "upgrade":
		return group.MigrationPolicy{Upgrade: true}
	case "downgrade":
		return group.MigrationPolicy{Downgrade: true}
	}
	return group.MigrationPolicy{} // disabled, and brokers that have no such property
}

// groupTimes are the times of the consumer protocol that hold for a group.
func groupTimes(s config.Set) group.ConsumerTimes {
	return group.ConsumerTimes{
		Session:            s.Millis("consumer.session.timeout.ms"),
		Heartbeat:          s.Millis("consumer.heartbeat.interval.ms"),
		AssignmentInterval: s.Millis("consumer.assignment.interval.ms"),
	}
}

// shareTimes are the times of a share group, likewise.
func shareTimes(s config.Set) group.ShareTimes {
	return group.ShareTimes{
		Session:            s.Millis("share.session.timeout.ms"),
		Heartbeat:          s.Millis("share.heartbeat.interval.ms"),
		AssignmentInterval: s.Millis("share.assignment.interval.ms"),
	}
}
