package plain

import (
	"fmt"
	"slices"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/trace"
	"ksim/tui/chart"
)

// story tells in two sentences what happened to each group that had trouble, or
// that there was none; nil when nothing happened at all.
func (p *Writer) story(s *Summary) []string {
	var told []string
	var calm []*group
	for i, g := range p.world.groups {
		if len(g.rebalances) == 0 && len(g.lag) == 0 {
			continue
		}
		text := ""
		switch {
		case len(g.evictions) > 0:
			text = p.tellEviction(g, s)
		case len(g.missing()) > 0:
			text = tellMissing(g, s)
		case len(p.world.excepted(g)) > 0:
			text = tellExceptions(g, p.world.excepted(g))
		case len(g.refused) > 0:
			text = tellRefusals(g)
		case i < len(s.Lost) && s.Lost[i] > 0:
			text = "Nothing was evicted." // what was lost follows
		default:
			calm = append(calm, g)
			continue
		}
		if i < len(s.Lost) && s.Lost[i] > 0 {
			text += " " + counted(s.Lost[i], "record") + verb(int(s.Lost[i]), " was", " were") + " lost: committed, and never processed."
		}
		if len(p.world.groups) > 1 {
			text = g.conf.ID + ": " + text
		}
		told = append(told, text)
	}
	if len(calm) > 0 {
		told = append(told, p.tellCalm(calm, s))
	}
	return append(told, p.tellQueues(s)...)
}

// tellEviction tells of a group's first eviction: how it came, what followed,
// and how often it came again.
func (p *Writer) tellEviction(g *group, s *Summary) string {
	x := g.evictions[0]
	return howEvicted(x) + " " + p.whatFollowed(x, s)
}

// howEvicted is the first sentence: who had to go, and why.
func howEvicted(x *eviction) string {
	name := x.member.conf.Name
	if of, ok := x.tooMuch(); ok {
		return howOverrun(x, of)
	}
	switch {
	case x.own && x.work != nil:
		s := fmt.Sprintf("%s called no poll() from %s on, when it began %s; after %s its own client left the group (max.poll.interval.ms)",
			name, stamp(x.work.since), x.work.article()+x.work.name(), lasting(x.member.conf.PollLimit()))
		if x.beats > 0 {
			s += ", though the coordinator had answered " + counted(x.beats, "heartbeat") + " meanwhile"
		}
		return s + "."
	case x.polling:
		return fmt.Sprintf("%s's poll() brought nothing for longer than %s, and its own client left the group at %s: in this version waiting counts as not polling.",
			name, limitWords("max.poll.interval.ms", x.member.conf.PollLimit()), stamp(x.at))
	case x.own:
		return fmt.Sprintf("%s called no poll() for longer than %s, and its own client left the group at %s.",
			name, limitWords("max.poll.interval.ms", x.member.conf.PollLimit()), stamp(x.at))
	case x.crashed:
		return fmt.Sprintf("%s crashed at %s; the coordinator learned of it only %s later, when no heartbeat had come for %s.",
			name, stamp(x.at-x.gap), lasting(x.gap), sessionWords(x.member))
	case x.frozen && x.reason == trace.ReasonSessionTimeout:
		return fmt.Sprintf("%s stood still from %s on, heartbeats too; %s later the coordinator dropped it, no heartbeat having come for %s.",
			name, stamp(x.at-x.gap), lasting(x.gap), sessionWords(x.member))
	case x.frozen:
		return fmt.Sprintf("%s stood still from %s on; %s later the coordinator dropped it: %s.", name, stamp(x.at-x.gap), lasting(x.gap), dropWords(x.member, x.reason))
	}
	s := fmt.Sprintf("The coordinator dropped %s at %s: %s", name, stamp(x.at), dropWords(x.member, x.reason))
	if x.reason == trace.ReasonSessionTimeout && x.member.heartbeatsInPoll() {
		s += "; a client of its age heartbeats only inside poll()"
	}
	return s + "."
}

// howOverrun tells of a batch that took longer than its client may be without a poll,
// or, before KIP-62, without a heartbeat, which is the same.
func howOverrun(x *eviction, of product) string {
	name, limit := x.member.conf.Name, limitWords(of.property, of.limit)
	if x.own {
		s := fmt.Sprintf("%s polled %s; after %s its own client left the group at %s", name, of.words(), limit, stamp(x.at))
		if x.beats > 0 {
			s += ", though the coordinator had answered " + counted(x.beats, "heartbeat") + " meanwhile"
		}
		return s + "."
	}
	return fmt.Sprintf("%s polled %s. A client of its age heartbeats only inside poll(): the coordinator dropped it at %s, after %s.",
		name, of.words(), stamp(x.at), limit)
}

// whatFollowed is the second sentence: the commit, the partitions, the records.
func (p *Writer) whatFollowed(x *eviction, s *Summary) string {
	var parts []string
	if x.refused != "" {
		parts = append(parts, fmt.Sprintf("its commit at %s was refused (%s)", stamp(x.refusedAt), x.refused))
	}
	switch {
	case x.member.group.conf.Share: // others read the same partitions all the time
	case x.takenAt == 0 && len(x.owned) > 0:
		parts = append(parts, "nobody has read "+partitions(x.owned)+" since")
	case x.takenAt > 0:
		who := list(names(x.takers), 4) + " took over "
		if len(x.takers) == 1 && x.takers[0] == x.member {
			who = "it got back "
		}
		parts = append(parts, who+partitions(x.owned)+", which nobody had read for "+lasting(x.takenAt-x.silent()))
	}
	if n := len(x.member.group.evictions); n > 1 {
		parts = append(parts, fmt.Sprintf("in all there were %d evictions (%s)", n, evictedMembers(x.member.group)))
	}
	parts = append(parts, p.repeated(x.member.group, s))
	text := strings.Join(parts[:len(parts)-1], "; ") + ", and " + parts[len(parts)-1]
	if len(parts) == 1 {
		text = parts[0]
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// silent is since when nobody read what the evicted member had.
func (x *eviction) silent() clock.Time {
	switch {
	case x.crashed || x.frozen:
		return x.at - x.gap
	case x.work != nil:
		return x.work.since
	}
	return x.at
}

// repeated says how much was processed twice in a group.
func (p *Writer) repeated(g *group, s *Summary) string {
	var n int64
	for i, m := range p.world.members {
		if m.group == g && i < len(s.Members) {
			n += s.Members[i].Repeated
		}
	}
	if n == 0 {
		return "no record was processed twice"
	}
	return counted(n, "record") + verb(int(n), " was", " were") + " processed more than once"
}

// evictedMembers says which members had to go.
func evictedMembers(g *group) string {
	var gone []*member
	for _, m := range g.members {
		if m.evictions > 0 {
			gone = append(gone, m)
		}
	}
	return list(names(gone), 4)
}

// tellMissing tells of a crash that has no consequences yet, or never will have.
// Of a process that crashed before it had joined the coordinator knows nothing.
func tellMissing(g *group, s *Summary) string {
	dead := g.missing()
	known := slices.IndexFunc(dead, func(m *member) bool { return m.index < len(s.Members) && s.Members[m.index].InGroup })
	if known < 0 {
		return fmt.Sprintf("%s crashed at %s, before it had joined the group. %s.", dead[0].conf.Name, stamp(dead[0].crashed), restOf(g))
	}
	m := dead[known]
	text := fmt.Sprintf("%s crashed at %s, and to the end the coordinator did not notice: it waits for %s.",
		m.conf.Name, stamp(m.crashed), sessionWords(m))
	if len(m.had) > 0 && !g.conf.Share {
		text += " Nobody has read " + partitions(m.had) + " since."
	}
	return text
}

// tellExceptions tells of programs that an exception has ended.
func tellExceptions(g *group, ended []*member) string {
	var names []string
	for _, m := range ended {
		names = append(names, m.conf.Name)
	}
	return fmt.Sprintf("%s ended after an exception: %s. %s.", list(names, 4), ended[0].exception, restOf(g))
}

// tellRefusals tells of commits that failed though nobody was evicted.
func tellRefusals(g *group) string {
	first, why := g.refused[0], "a rebalance had come in between"
	if strings.Contains(strings.ToLower(first.error), "producer") { // InvalidProducerEpochException, INVALID_PRODUCER_EPOCH, …
		why = "its transaction had been aborted in between"
	}
	return fmt.Sprintf("Nothing was evicted, but %s %s refused, first %s's at %s (%s): %s. %s.",
		counted(int64(len(g.refused)), "commit"), verb(len(g.refused), "was", "were"), first.member.conf.Name, stamp(first.at), first.error, why, restOf(g))
}

// tellCalm tells of groups without trouble.
func (p *Writer) tellCalm(groups []*group, s *Summary) string {
	text := "Nothing was evicted"
	if len(groups) < len(p.world.groups) {
		var ids []string
		for _, g := range groups {
			ids = append(ids, g.conf.ID)
		}
		text = list(ids, 4) + ": nothing was evicted"
	}
	if gap, m := p.longestGap(groups, s); m != nil {
		text += ": the longest time between two polls was " + lasting(gap) + " (" + m.conf.Name + ")" + m.allowance()
	} else if m := groups[0].members[0]; m.unlimited() {
		text += ": " + m.conf.Client.Profile + " has no limit for how long a handler takes"
	}
	text += "."
	if len(groups) == 1 {
		return text + " " + restOf(groups[0]) + "."
	}
	return text
}

// allowance is what follows on the longest time that a member let pass between two
// polls: how long it might have been.
func (m *member) allowance() string {
	limit := m.conf.PollLimit()
	switch {
	case m.group.conf.Share && limit == 0:
		return ""
	case limit > 0:
		return ", " + lasting(limit) + " are allowed"
	case m.heartbeatsInPoll():
		return "; a client of its age heartbeats only inside poll(), and " + sessionWords(m) + " are allowed"
	case m.conf.Client.Profile == "kafkajs":
		return "; kafkajs heartbeats only between two records, and " + sessionWords(m) + " are allowed"
	case m.unlimited():
		return "; " + m.conf.Client.Profile + " has no limit for it"
	}
	return ""
}

// unlimited tells whether nobody notices how long the member's program takes for its
// records, until a rebalance waits for it: the client heartbeats in the background and
// has no deadline for polls.
func (m *member) unlimited() bool {
	return slices.Contains([]string{"sarama", "franz-go", "kafka-go"}, m.conf.Client.Profile)
}

// longestGap finds the member that let the longest time pass between two polls.
func (p *Writer) longestGap(groups []*group, s *Summary) (gap clock.Duration, of *member) {
	for i, m := range p.world.members {
		for _, g := range groups {
			if m.group == g && i < len(s.Members) && s.Members[i].LongestGap > gap {
				gap, of = s.Members[i].LongestGap, m
			}
		}
	}
	return gap, of
}

// restOf says how a group fared otherwise: its rebalances and its lag.
func restOf(g *group) string {
	text := "There was no rebalance"
	if n := len(g.rebalances); n > 0 {
		text = fmt.Sprintf("There %s %s, the longest of %s", verb(n, "was", "were"), counted(int64(n), "rebalance"), lasting(g.longest))
	}
	if peak := g.lag.Peak(); peak.Value > 0 {
		text += fmt.Sprintf("; the lag was %s at most (%s) and %s at the end",
			counted(peak.Value, "record"), chart.Clock(peak.At), counted(g.lag.Last().Value, "record"))
	}
	return text
}
