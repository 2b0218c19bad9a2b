package model

import (
	"slices"

	"ksim/sim"
	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/scenario"
	"ksim/tui/chart"
)

// Moment is the state of a run at an instant.
type Moment struct {
	At      clock.Time
	Seq     uint64 // of the last event before it
	Groups  []Group
	Queues  []sim.QueueSample
	Brokers []sim.BrokerLook
}

// Group is a group at a moment.
type Group struct {
	sim.GroupLook
	Scenario   *scenario.Group
	Members    []Member
	Partitions []Partition
	Lag        int64
	Wait       Bar // how long the coordinator still waits for those awaited
}

// Partition is a partition at a moment, as its group reads it.
type Partition struct {
	sim.PartitionLook
	Lag int64
}

// Member is a member at a moment.
type Member struct {
	sim.MemberLook
	Scenario *scenario.Member
	State    string // in words: joining, stable, out of the group, …
	Tone     Tone   // of the state
	Doing    string // what its application does, in words
	Bars     []Bar  // heartbeat, session, poll: those that its client has
}

// Bar is a time that runs against a limit.
type Bar struct {
	Label, Property string
	Value, Limit    clock.Duration
	Runs            bool // it goes on growing
	Over            bool // the limit is reached
}

// Moment is the state right after event seq, with clocks that show at, which lies
// before the next event.
func (r *Run) Moment(seq uint64, at clock.Time) Moment {
	look := r.tape.World(seq).Look()
	at = max(at, look.At)
	m := Moment{At: at, Seq: seq, Queues: look.Queues, Brokers: look.Brokers}
	for i := range look.Groups {
		g := Group{GroupLook: look.Groups[i], Scenario: &r.Scenario().Groups[i]}
		for _, p := range g.GroupLook.Partitions {
			g.Partitions = append(g.Partitions, Partition{p, p.Lag()})
			g.Lag += p.Lag()
		}
		for k := range look.Members {
			if look.Members[k].Group == g.ID {
				g.Members = append(g.Members, r.member(&look.Members[k], &g, at))
			}
		}
		m.Groups = append(m.Groups, g)
	}
	return m
}

func (r *Run) member(look *sim.MemberLook, g *Group, at clock.Time) Member {
	k := slices.IndexFunc(g.Scenario.Members, func(m scenario.Member) bool { return m.Name == look.Name })
	m := Member{MemberLook: *look, Scenario: &g.Scenario.Members[k]}
	m.State, m.Tone = stateOf(&m, g)
	m.Doing = r.doing(&m, at)
	m.Bars = barsOf(&m, g, at)
	return m
}

// stateOf is where a member stands, in words.
func stateOf(m *Member, g *Group) (string, Tone) {
	alive := m.Process == sim.Running || m.Process == sim.Frozen
	switch {
	case m.Process == sim.NotStarted:
		return "not started", Plain
	case !alive && m.ID != "":
		return "gone; the coordinator does not know", Trouble
	case !alive:
		return "gone", Plain
	case m.Process == sim.Frozen && m.ID == "" && m.Scenario.ReadsKafka():
		return "stands still, out of the group", Trouble
	case m.Process == sim.Frozen:
		return "stands still", Warning
	case m.Isolated:
		return "cut off", Warning
	case !m.Scenario.ReadsKafka():
		return "running", Plain
	case m.ID == "" && len(m.Assigned) > 0:
		return "out of the group, unaware", Trouble
	case m.ID == "":
		return "out of the group", Plain
	case m.Waiting:
		return "waits for the group", Rebalance
	case m.Awaited:
		return "awaited", Warning
	case g.Protocol == sim.Consumer:
		return m.Reconciles, Plain
	}
	return "member", Plain
}

// barsOf are the clocks that run against a member.
func barsOf(m *Member, g *Group, at clock.Time) []Bar {
	var bars []Bar
	add := func(label, property string, value, limit clock.Duration, runs bool) {
		if limit > 0 {
			value = max(value, 0)
			bars = append(bars, Bar{Label: label, Property: property, Value: value, Limit: limit, Runs: runs, Over: value >= limit})
		}
	}
	alive := m.Process == sim.Running || m.Process == sim.Frozen
	if alive && m.Doing != "" && m.MemberLook.Doing != sim.DoingPoll {
		add("poll", "max.poll.interval.ms", at-m.Since, m.Scenario.PollLimit(), true)
	} else if alive {
		add("poll", "max.poll.interval.ms", 0, m.Scenario.PollLimit(), false)
	}
	if m.ID != "" && m.SessionEnds != clock.Never {
		property, limit := g.Scenario.SessionLimit(m.Scenario)
		add("session", property, limit-(m.SessionEnds-at), limit, true)
	}
	if alive && m.Heartbeat >= 0 && m.ID != "" && !m.Waiting { // not all beat while they wait
		property, interval := g.Scenario.HeartbeatInterval(m.Scenario)
		add("heartbeat", property, at-m.Heartbeat, interval, true)
	}
	return bars
}

// doing is what a member's application does, in words; "" when it does nothing.
func (r *Run) doing(m *Member, at clock.Time) string {
	switch m.MemberLook.Doing {
	case sim.DoingPoll:
		return "in poll()"
	case sim.DoingCommit:
		return "commits"
	case sim.DoingClose:
		return "closes its consumer"
	case sim.DoingWork:
		what, since := "works", m.Since
		if w := r.work(m.Name, at); w != nil {
			what, since = w.Name(), w.From
		}
		return what + ", " + chart.Lasting(at-since) + " of " + chart.Lasting(m.WorkEnds-since)
	}
	return ""
}

// work is the upload or the slow record that a member is at, nil when there is none.
func (r *Run) work(member string, at clock.Time) *Span {
	for i := len(r.spans) - 1; i >= 0; i-- {
		if s := &r.spans[i]; s.Kind == Work && s.Member == member && s.From <= at && s.To > at {
			return s
		}
	}
	return nil
}

// Name says what was worked on.
func (s *Span) Name() string {
	if s.What == "slow" {
		return "slow record"
	}
	return s.What + " of " + chart.Number(s.Records) + " records"
}

// Owns tells whether a partition is held by a member at this moment.
func (m *Member) Owns(tp kafka.TopicPartition) bool { return slices.Contains(m.Assigned, tp) }
