package plain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// newRow puts an event into words, after the world has seen it; nil when the
// event is not of interest.
func (p *Writer) newRow(e *trace.Event) *row {
	g, m := p.world.groupOf[e.Group], p.world.memberOf[e.Member]
	r := &row{at: e.At, until: e.At, group: g}
	if m != nil {
		r.members = []*member{m}
	}
	switch {
	case p.ofBrokers(r, e):
	case e.Type.OfQueue():
		return p.ofQueue(r, m, e)
	case g == nil && e.What == "":
		return nil
	case g == nil:
		r.after = e.What
	case e.Type == trace.WorkStarted || e.Type == trace.WorkFinished:
		return p.ofWork(r, m, e)
	case m == nil || e.Type == trace.GroupRebalancing || e.Type == trace.GroupEpoch:
		p.ofGroup(r, g, e)
	default:
		r.ofMember(m, e)
	}
	return r
}

// ofGroup tells what the coordinator does to the group.
func (p *Writer) ofGroup(r *row, g *group, e *trace.Event) {
	r.state = fmt.Sprintf("%-9s g%d", g.state, g.generation)
	switch e.Type {
	case trace.GroupRebalancing:
		r.kind, r.mark = kindRebalance, markRebalance
		if e.Reason == trace.ReasonMemberJoined && (g.was == "" || g.was == "Empty") {
			delay := p.scenario.Cluster.Config.Millis("group.initial.rebalance.delay.ms")
			r.one = " joins; the coordinator waits " + lasting(delay) + " for others, again for each who comes (group.initial.rebalance.delay.ms)"
			break
		}
		r.one, r.many = rebalanceWords(e)
	case trace.GroupStabilized:
		r.kind = kindStable
		r.intro = counted(int64(e.Members), "member")
	case trace.GroupEmptied:
		r.kind, r.after = kindEmpty, "the group is empty"
	case trace.GroupEpoch:
		r.kind, r.mark = kindRebalance, markRebalance
		r.state = fmt.Sprintf("%-9s e%d", g.state, g.generation)
		r.one, r.many = epochWords(e)
	default:
		r.state, r.after = "", string(e.Type)
	}
}

// rebalanceWords says why a group begins to rebalance, as what follows the
// member's name and as a sentence without one.
func rebalanceWords(e *trace.Event) (one, none string) {
	switch e.Reason {
	case trace.ReasonMemberJoined:
		return " joins → rebalance: every member must rejoin", "a member joins → rebalance"
	case trace.ReasonMemberLeft:
		return " has left → rebalance", "a member has left → rebalance"
	case trace.ReasonSessionTimeout:
		return " was dropped → rebalance", "a member was dropped → rebalance"
	case trace.ReasonLeaderRejoined:
		return ", the leader, joins again → rebalance", "the leader joins again → rebalance"
	case trace.ReasonMetadataChanged:
		return " has changed its subscription → rebalance", "a subscription has changed → rebalance"
	case trace.ReasonStaticMemberReplaced:
		return ", a static member, was replaced → rebalance", "a static member was replaced → rebalance"
	case trace.ReasonPartitionsChanged:
		return " sees other partitions → rebalance", "the topics have other partitions → rebalance"
	case trace.ReasonProtocolChanged:
		return " makes the group choose another assignor → rebalance", "another assignor is chosen → rebalance"
	case trace.ReasonSyncTimeout:
		return " did not send SyncGroup in time → rebalance", "a member did not send SyncGroup in time → rebalance"
	}
	return ": " + e.Reason + " → rebalance", e.Reason + " → rebalance"
}

// epochWords says why a group of the consumer protocol has a new epoch, as what
// follows the member's name and as a sentence without one.
func epochWords(e *trace.Event) (one, none string) {
	const epoch = " → new epoch"
	switch e.Reason {
	case trace.ReasonMemberJoined:
		return " joins" + epoch, "a member joins" + epoch
	case trace.ReasonMemberLeft:
		return " has left" + epoch, "a member has left" + epoch
	case trace.ReasonSessionTimeout, trace.ReasonRevokeTimeout:
		return " was dropped" + epoch, "a member was dropped" + epoch
	case trace.ReasonMetadataChanged:
		return " has changed its subscription" + epoch, "a subscription has changed" + epoch
	case trace.ReasonPartitionsChanged:
		return " sees other partitions" + epoch, "the topics have other partitions" + epoch
	}
	return ": " + e.Reason + epoch, e.Reason + epoch
}

// ofMember tells what a member does, or what is done to it.
func (r *row) ofMember(m *member, e *trace.Event) {
	r.kind = kindMembers
	if m.worker() && r.ofWorker(m, e) || r.ofProcess(m, e) {
		return
	}
	switch e.Type {
	case trace.MemberFenced:
		r.mark, r.cell, r.one, r.many = markRefused, "fence", " is fenced: FENCED_INSTANCE_ID", " are fenced: FENCED_INSTANCE_ID"
	case trace.MemberLeft, trace.MemberRemoved:
		r.leave(m, e)
	case trace.PollExceeded:
		r.kind, r.mark, r.cell, r.one = kindExceeded, markRefused, "late", "'s client finds that it was polled too late"
		if strings.HasPrefix(e.Text, "Application") { // librdkafka's poll() returns it; Java's text is its log line
			r.one = " is told that it polled too late"
			r.quote(logLine{who: e.Member, text: e.Text})
		}
	case trace.PollFailed:
		r.mark, r.cell, r.one, r.tail = markRefused, "error", "'s poll() returns an error: ", e.Error
		r.quote(logLine{who: e.Member, text: e.Text})
	case trace.CommitFailed:
		r.kind, r.mark, r.cell, r.one, r.tail = kindRefused, markRefused, "fail", "'s commit is refused: ", e.Error
		if e.Text != "" {
			r.quote(logLine{who: e.Member, text: e.Text})
		}
	case trace.PartitionsAssigned:
		r.kind, r.shares = kindAssigned, []share{{m, slices.Clone(m.owned)}}
	case trace.PartitionsRevoked:
		r.kind, r.shares = kindRevoked, []share{{m, slices.Clone(m.owned)}}
		r.idle, r.after = m.group.idle(), partitions(e.Partitions)
		if len(e.Partitions) == 0 { // Java's callback before each rebalance, before 2.4 also when there is nothing
			r.kind, r.shares, r.idle, r.after = kindMembers, nil, false, ""
			r.cell, r.one, r.many = "none", " is asked to give back what it has: nothing", " are asked to give back what they have: nothing"
		}
	case trace.PartitionsLost:
		r.kind, r.shares = kindLost, []share{{m, slices.Clone(m.owned)}}
		r.one, r.many = " learns that it has lost "+partitions(e.Partitions), " learn that they have lost their partitions"
	default:
		r.after = " " + string(e.Type)
	}
}

// ofProcess tells what becomes of a member's process; false of anything else.
func (r *row) ofProcess(m *member, e *trace.Event) bool {
	switch e.Type {
	case trace.MemberStarted:
		r.cell, r.one, r.many = "start", " starts", " start"
	case trace.MemberStopped:
		r.cell, r.one, r.many = "ends", " has closed its consumer and ends", " have closed their consumers and end"
		if e.Error != "" {
			r.mark, r.one = markRefused, " ends after an exception: "+e.Error
			r.quote(logLine{who: e.Member, text: e.Text})
		}
	case trace.MemberCrashed:
		r.crash(m, e.Reason)
	case trace.MemberFrozen:
		r.mark, r.cell = markFrozen, "still"
		r.one, r.many = " stands still (SIGSTOP, a long GC): no heartbeats either", " stand still (SIGSTOP, a long GC): no heartbeats either"
	case trace.MemberThawed:
		r.cell = "thaws"
		r.one, r.many = " goes on", " go on"
		if n := len(m.standing); n > 0 {
			r.after = " after " + lasting(m.standing[n-1].To-m.standing[n-1].From)
		}
		if m.outside {
			r.after += ", unaware that it is out of the group"
		}
	case trace.MemberIsolated:
		r.mark, r.cell, r.after = markFrozen, "alone", ": packets are dropped both ways"
		r.one, r.many = " is cut off from the brokers", " are cut off from the brokers"
	case trace.MemberReached:
		r.cell, r.one, r.many = "back", " can reach the brokers again", " can reach the brokers again"
		r.after = ": TCP sends what is lost at its next retransmission"
	default:
		return false
	}
	return true
}

// crash tells of a process that ends without closing its consumer: killed when
// there is no reason.
func (r *row) crash(m *member, reason string) {
	r.mark, r.cell = markCrashed, "dead"
	r.one, r.many, r.after = " ends without closing", " end without closing", ": "+reason
	if reason == "" {
		r.one, r.many, r.after = " crashes", " crash", " (kill -9): no LeaveGroup, the group does not know"
	}
	if reason == "" && m.unknown {
		r.after = " (kill -9): it is not in the group"
	}
}

// leave tells of a member that goes: by itself, because its client has given it
// up, or because the coordinator drops it.
func (r *row) leave(m *member, e *trace.Event) {
	r.kind, r.cell = kindLeaving, "leave"
	x := m.evicted
	if x == nil || x.at != e.At {
		r.one, r.many = " leaves the group", " leave the group"
		return
	}
	r.mark, r.cell = markEvicted, "✗"
	if x.own {
		limit := limitWords("max.poll.interval.ms", m.conf.PollLimit())
		r.one, r.many = "'s client leaves the group: no poll() within "+limit, "'s clients leave the group: no poll() within "+limit
		switch {
		case x.polling:
			r.one = "'s client leaves the group: its poll() has brought nothing within " + limit
		case x.work != nil:
			r.after = ", its " + x.work.name() + " has taken " + lasting(e.At-x.work.since) + " so far"
		default:
			if of, ok := x.tooMuch(); ok {
				r.after = ", its poll returned " + counted(of.records, "record") + " of " + lasting(of.each)
			}
		}
		return
	}
	r.intro = "the coordinator drops "
	r.after = ": " + dropWords(m, e.Reason)
	switch {
	case x.crashed && m.running:
		r.after = ", the process that has crashed" + r.after
	case x.crashed:
		r.after += ", " + lasting(x.gap) + " after the crash"
	case x.frozen:
		r.after += ", " + lasting(x.gap) + " after it froze"
	}
}

// newcomerPatience is how long the coordinator keeps a new member whose first
// JoinGroup it cannot answer yet (NEW_MEMBER_JOIN_TIMEOUT_MS).
const newcomerPatience = 5 * clock.Minute

// dropWords says which limit a dropped member has missed.
func dropWords(m *member, reason string) string {
	switch reason {
	case trace.ReasonSessionTimeout:
		if m.newcomer && m.evicted.at-m.started >= newcomerPatience {
			return "its JoinGroup has been waiting for five minutes, longer than a new member may"
		}
		return "no heartbeat within " + sessionWords(m)
	case trace.ReasonRebalanceTimeout:
		return "not back in the group within the rebalance timeout"
	case trace.ReasonRevokeTimeout:
		return "it did not give up its partitions within " + limitWords("max.poll.interval.ms", m.conf.PollLimit())
	case trace.ReasonSyncTimeout:
		return "no SyncGroup in time"
	}
	return reason
}

// assigned says who owns what.
func assigned(shares []share) string {
	if len(shares) <= 4 {
		s := make([]string, len(shares))
		for i, x := range shares {
			s[i] = x.member.conf.Name + " has " + partitions(x.owned)
		}
		return strings.Join(s, ", ")
	}
	least, most, idle := len(shares[0].owned), 0, 0
	for _, x := range shares {
		n := len(x.owned)
		least, most = min(least, n), max(most, n)
		if n == 0 {
			idle++
		}
	}
	each := strconv.Itoa(least)
	if most > least {
		each += " to " + strconv.Itoa(most)
	}
	s := each + verb(most, " partition", " partitions") + " each"
	if idle > 0 {
		s += fmt.Sprintf(", %d %s nothing to do", idle, verb(idle, "has", "have"))
	}
	return s
}

// revoked says who gives partitions back and what that means.
func (r *row) revoked() string {
	who := list(names(r.members), 6)
	all := true
	for _, s := range r.shares {
		all = all && len(s.owned) == 0
	}
	switch {
	case !all && len(r.members) == 1:
		return who + " gives back " + r.after
	case !all:
		return who + " give back partitions"
	}
	s := who + verb(len(r.members), " gives back all it has", " give back all they have")
	if r.idle {
		s += ": nobody reads"
	}
	return s
}

// workBegun tells of the latest work of a member: one in its loop keeps that from
// polling, one in a thread beside it does not.
func (r *row) workBegun(m *member) *row {
	if n := len(m.aside); n > 0 {
		w := m.aside[n-1]
		w.told = true
		r.cell, r.one = "work", "'s pool begins "+w.article()+w.name()
		if m.conf.App.Model == scenario.WorkerQueue {
			r.one = "'s worker begins " + w.article() + w.name()
		}
		if n > 1 {
			r.after = ": " + strconv.Itoa(n) + " are under way"
		}
		return r
	}
	m.work.told = true
	r.cell, r.one = "busy", " begins "+m.work.article()+m.work.name()
	if x := m.evicted; x != nil && x.refused != "" && !x.resumed && x.work != nil && x.work.records == m.work.records {
		r.one += " again"
	}
	if x := m.evicted; x != nil {
		x.resumed = true
	}
	r.after = ": no poll() until it is done"
	return r
}

// ofWork tells of uploads and slow records: the first ones after each incident,
// the others are counted.
func (p *Writer) ofWork(r *row, m *member, e *trace.Event) *row {
	switch {
	case m == nil || e.Type == trace.WorkFinished && len(m.works) == 0:
		return nil
	case m.worker() && e.Type == trace.WorkStarted:
		m.work.told = true
		r.cell, r.one = "busy", " begins a message that will take long"
		return r
	case e.Type == trace.WorkStarted:
		if !p.o.All && m.group.news <= 0 {
			return nil
		}
		m.group.news--
		return r.workBegun(m)
	}
	last := m.works[len(m.works)-1]
	if !last.told && !m.outside {
		p.routine.fold(e.At - last.since)
		return nil
	}
	r.kind, r.cell = kindWorkEnd, "done"
	if m.worker() {
		r.one = " is done after " + lasting(e.At-last.since)
		return r
	}
	r.one = "'s " + last.name() + " is done after " + lasting(e.At-last.since)
	if m.outside {
		r.after = ", but it is out of the group"
	}
	return r
}
