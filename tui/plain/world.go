package plain

import (
	"slices"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/tui/chart"
)

// world is what the trace has told so far.
type world struct {
	groups  []*group
	members []*member // of all groups, in the scenario's order

	groupOf  map[string]*group  // by id; never iterated
	memberOf map[string]*member // by name, which is unique in a file; never iterated

	queues  []*queue          // in the scenario's order
	queueOf map[string]*queue // by name; never iterated
}

// group is a consumer group as the coordinator and the samples show it.
type group struct {
	conf       *scenario.Group
	members    []*member
	state      string // the coordinator's word, short: Preparing, Stable, Empty, Epoch; "" before anything
	was        string // the state before the rebalance under way
	generation int32
	news       int // of how many works the beginning is still told

	lag        chart.Series
	rebalances []clock.Time
	since      clock.Time     // when the rebalance under way began
	longest    clock.Duration // of the finished rebalances
	refused    []refusal
	evictions  []*eviction
}

// newsAfterIncident is how many works of a group are told one by one after each
// rebalance.
const newsAfterIncident = 4

// member is one consumer and its process.
type member struct {
	conf  *scenario.Member
	group *group
	index int // in world.members

	running  bool
	stopping bool // it has been asked to stop
	started  clock.Time
	joined   bool // the coordinator has this process in its group
	newcomer bool // this process has had no assignment yet
	late     bool // its client says that it was polled too late, and nothing has come of it yet
	outside  bool // out of the group, perhaps without knowing
	owned    []kafka.TopicPartition
	had      []kafka.TopicPartition // owned when it crashed
	work     *work                  // that its loop is in
	aside    []*work                // that run in threads of their own, while the loop goes on
	batch    *batch                 // the latest that a poll has returned
	pace     pace
	beats    int64        // heartbeats answered since the latest poll or the begin of its work
	crashed  clock.Time   // when a process crashed that the group still counts on; Never: none
	unknown  bool         // and the coordinator has never heard of that process
	frozen   clock.Time   // Never: not frozen
	works    []*work      // those that have ended
	standing []chart.Span // frozen

	hand []held   // messages that a worker has received and not deleted
	left []string // and what it had when it ended

	exception string    // that ended its program
	evicted   *eviction // the latest
	evictions int
}

// work is an upload or a slow record.
type work struct {
	since, until clock.Time // until: 0 while it is under way
	what         string
	records      int64
	told         bool   // its beginning has a line
	begun        uint64 // the number of the event that began it
}

// name prints what is worked on.
func (w *work) name() string {
	if w.what == "slow" {
		return "slow record"
	}
	return w.what + " of " + counted(w.records, "record")
}

// article is what stands before the name of something new.
func (w *work) article() string {
	if w.what == "upload" {
		return "an "
	}
	return "a "
}

// refusal is a commit that failed.
type refusal struct {
	at     clock.Time
	member *member
	error  string
}

// eviction is a member that had to go, and what followed.
type eviction struct {
	at        clock.Time
	member    *member
	own       bool           // its own client left, in want of a poll
	polling   bool           // it was in poll() all the time: librdkafka 1.0 counts that, too
	reason    string         // of member.removed
	gap       clock.Duration // since the crash or freeze
	pause     clock.Duration // how long the freeze was in all; 0: it has not ended
	crashed   bool           // it was the member's former process
	frozen    bool
	work      *work // under way at that time
	batch     int64 // records that its program was at work on
	beats     int64 // heartbeats answered since the last poll
	owned     []kafka.TopicPartition
	refused   string // the error of its next commit
	resumed   bool   // its next work has begun
	refusedAt clock.Time
	takers    []*member // who got its partitions
	takenAt   clock.Time
}

func newWorld(s *scenario.Scenario) world {
	w := world{groupOf: map[string]*group{}, memberOf: map[string]*member{}}
	w.queues, w.queueOf = newQueues(s)
	for i := range s.Groups {
		g := &group{conf: &s.Groups[i]}
		for k := range g.conf.Members {
			m := &member{conf: &g.conf.Members[k], group: g, index: len(w.members), crashed: clock.Never, frozen: clock.Never}
			g.members = append(g.members, m)
			w.members = append(w.members, m)
			w.memberOf[m.conf.Name] = m
		}
		w.groups = append(w.groups, g)
		w.groupOf[g.conf.ID] = g
	}
	return w
}

// see takes in an event.
func (w *world) see(e *trace.Event) {
	if g := w.groupOf[e.Group]; g != nil {
		g.see(e)
	}
	if m := w.memberOf[e.Member]; m != nil {
		m.see(e)
		if e.Type == trace.MemberStopped || e.Type == trace.MemberCrashed {
			w.orphan(m)
		}
	}
	w.seeQueue(e)
}

func (g *group) see(e *trace.Event) {
	switch e.Type {
	case trace.GroupRebalancing:
		g.was, g.state, g.generation = g.state, "Preparing", e.Generation
		g.since, g.news = e.At, newsAfterIncident
		g.rebalances = append(g.rebalances, e.At)
	case trace.GroupStabilized:
		g.state, g.generation = "Stable", e.Generation
		g.longest = max(g.longest, e.At-g.since)
	case trace.GroupEmptied:
		g.state, g.generation = "Empty", e.Generation
	case trace.GroupEpoch:
		g.was, g.state, g.generation = g.state, "Epoch", e.Epoch
		g.news = newsAfterIncident
		g.rebalances = append(g.rebalances, e.At)
	case trace.Offsets:
		g.sample(e)
	}
}

// sample adds up the lag.
func (g *group) sample(e *trace.Event) {
	g.lag = append(g.lag, chart.Point{At: e.At, Value: e.Lag()})
}

func (m *member) see(e *trace.Event) {
	m.seeProcess(e)
	m.seeBatch(e)
	switch e.Type {
	case trace.GroupRebalancing, trace.GroupEpoch:
		if e.Reason == trace.ReasonMemberJoined || e.Reason == trace.ReasonStaticMemberReplaced {
			m.joined, m.unknown = true, false
		}
	case trace.MemberLeft:
		if m.tooLate(e.At) {
			m.evict(e)
		}
		m.outside, m.joined, m.late = true, false, false
	case trace.MemberRemoved:
		m.outside = !m.running || m.crashed == clock.Never // else it is the process before this one
		m.joined = m.joined && !m.outside
		m.evict(e)
		m.crashed = clock.Never
	case trace.PollExceeded:
		m.late = true
	case trace.PartitionsAssigned:
		m.outside, m.crashed = false, clock.Never
		m.joined, m.late, m.newcomer = true, false, false
		m.group.taken(m, e)
		if m.toldWhole() {
			m.owned = nil
		}
		for _, tp := range e.Partitions {
			if !slices.Contains(m.owned, tp) {
				m.owned = append(m.owned, tp)
			}
		}
		slices.SortFunc(m.owned, kafka.TopicPartition.Compare)
	case trace.PartitionsRevoked, trace.PartitionsLost:
		m.late = m.late && !m.outside // else it is about to leave, and tells its program first
		m.owned = slices.DeleteFunc(m.owned, func(tp kafka.TopicPartition) bool { return slices.Contains(e.Partitions, tp) })
	case trace.WorkStarted:
		m.begin(&work{since: e.At, what: e.What, records: e.Records, begun: e.Seq})
	case trace.WorkFinished:
		m.finish(e)
	case trace.AppPoll:
		m.beats = 0
	case trace.NetResponse:
		if e.What == "Heartbeat" {
			m.beats++
		}
	case trace.CommitFailed:
		m.group.refuse(m, e)
	}
}

// toldWhole tells whether the member's client tells its program of all that it has
// now, and never of what it has given up.
func (m *member) toldWhole() bool {
	return slices.Contains([]string{"kafkajs", "kafka-go"}, m.conf.Client.Profile)
}

// seeProcess takes in what is done to the member's process.
func (m *member) seeProcess(e *trace.Event) {
	switch e.Type {
	case trace.MemberStarted:
		m.running, m.stopping, m.outside, m.started = true, false, false, e.At
		m.joined, m.late, m.unknown, m.newcomer = false, false, false, true
		m.frozen, m.beats = clock.Never, 0
	case trace.MemberStopped:
		m.exception = e.Error
		m.end(e.At)
	case trace.MemberCrashed:
		if !m.worker() {
			m.crashed, m.had = e.At, m.owned
		}
		// Who joins while others do is not named until all are through.
		m.unknown = !m.joined && m.group.state != "Preparing"
		m.end(e.At)
	case trace.MemberFrozen:
		m.frozen = e.At
	case trace.MemberThawed:
		if x := m.evicted; x != nil && x.frozen && x.at-x.gap == m.frozen {
			x.pause = e.At - m.frozen
		}
		m.thaw(e.At)
	}
}

// end is what the end of the process takes along.
func (m *member) end(at clock.Time) {
	m.running, m.joined, m.owned = false, false, nil
	m.left = nil
	for _, h := range m.hand {
		m.left = append(m.left, h.name)
	}
	m.hand = nil
	m.endWork(at)
	for _, w := range m.aside {
		w.until = at
	}
	m.works, m.aside = append(m.works, m.aside...), nil
	m.thaw(at)
}

// begin notes a work that begins: in the loop, or beside it.
func (m *member) begin(w *work) {
	if m.hasThreads() {
		m.aside = append(m.aside, w)
		return
	}
	m.work, m.beats = w, 0
}

// finish notes the end of a work, which follows from its begin.
func (m *member) finish(e *trace.Event) {
	i := slices.IndexFunc(m.aside, func(w *work) bool { return w.begun == e.Cause })
	if i < 0 {
		m.endWork(e.At)
		return
	}
	m.aside[i].until = e.At
	m.works = append(m.works, m.aside[i])
	m.aside = slices.Delete(m.aside, i, i+1)
}

// underWay is all works that have not ended.
func (m *member) underWay() []*work {
	if m.work == nil {
		return m.aside
	}
	return append([]*work{m.work}, m.aside...)
}

// hasThreads tells that the application works in threads beside its poll loop.
func (m *member) hasThreads() bool {
	return m.conf.App.Pool || m.conf.App.Model == scenario.WorkerQueue
}

func (m *member) thaw(at clock.Time) {
	if m.frozen != clock.Never {
		m.standing = append(m.standing, chart.Span{From: m.frozen, To: at})
		m.frozen = clock.Never
	}
}

func (m *member) endWork(at clock.Time) {
	if m.work != nil {
		m.work.until = at
		m.works = append(m.works, m.work)
		m.work = nil
	}
}

// refuse notes a failed commit, and with the member's latest eviction if it is
// the first since.
func (g *group) refuse(m *member, e *trace.Event) {
	g.refused = append(g.refused, refusal{e.At, m, e.Error})
	if x := m.evicted; x != nil && x.refused == "" {
		x.refused, x.refusedAt = e.Error, e.At
	}
}

// taken notes who gets what evicted members had, in the first assignments after
// the eviction.
func (g *group) taken(m *member, e *trace.Event) {
	for _, x := range g.evictions {
		if x.takenAt > 0 && e.At > x.takenAt+clock.Second || slices.Contains(x.takers, m) {
			continue
		}
		if slices.ContainsFunc(e.Partitions, func(tp kafka.TopicPartition) bool { return slices.Contains(x.owned, tp) }) {
			x.takers, x.takenAt = append(x.takers, m), e.At
			slices.SortFunc(x.takers, func(a, b *member) int { return a.index - b.index })
		}
	}
}

// idle tells that nobody in the group has anything to read: who stands still or
// works does not count.
func (g *group) idle() bool {
	return !slices.ContainsFunc(g.members, func(m *member) bool {
		return len(m.owned) > 0 && m.frozen == clock.Never && m.work == nil
	})
}

// missing are the members whose crash the coordinator has not noticed.
func (g *group) missing() []*member {
	var dead []*member
	for _, m := range g.members {
		if m.crashed != clock.Never {
			dead = append(dead, m)
		}
	}
	return dead
}

// tooLate tells that a member which leaves does so because its own client has
// given up waiting for a poll. Most clients say so first. librdkafka does, as a rule,
// when the application polls again, aiokafka never; but a consumer that is closed has
// nothing to do any more and has given its partitions back when it leaves. aiokafka
// leaves without a callback: one that is to stop is late if its batch has taken too long.
func (m *member) tooLate(now clock.Time) bool {
	switch m.conf.Client.Profile {
	case "librdkafka", "aiokafka":
		if m.stopping && m.conf.Client.Profile == "aiokafka" {
			limit := m.conf.PollLimit()
			return m.work != nil && now-m.work.since >= limit || m.batch != nil && now-m.batch.since >= limit
		}
		return m.conf.PollLimit() > 0 && (len(m.owned) > 0 || m.work != nil || m.late)
	}
	return m.late
}

// evict notes that a member has to go: as the coordinator's decision with its
// reason, or as its own client's.
func (m *member) evict(e *trace.Event) {
	x := &eviction{at: e.At, member: m, work: m.work, beats: m.beats, owned: slices.Clone(m.owned)}
	x.own, x.reason = e.Type == trace.MemberLeft, e.Reason
	x.polling = x.own && m.late && m.conf.Client.Profile == "librdkafka" && m.conf.Client.Version < kafka.V(1, 1, 0)
	if m.batch != nil {
		x.batch = m.batch.records
	}
	switch {
	case m.crashed != clock.Never && !x.own:
		x.crashed, x.gap, x.owned = true, e.At-m.crashed, m.had
	case m.frozen != clock.Never:
		x.frozen, x.gap = true, e.At-m.frozen
	}
	m.evicted = x
	m.evictions++
	m.group.evictions = append(m.group.evictions, x)
}

// excepted are a group's members whose program an exception has ended.
func (w *world) excepted(g *group) []*member {
	var out []*member
	for _, m := range w.members {
		if m.group == g && m.exception != "" {
			out = append(out, m)
		}
	}
	return out
}
