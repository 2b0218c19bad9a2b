package plain

import (
	"slices"
	"strconv"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/trace"
)

// remedy is the change of the scenario that an eviction suggests, with what that
// would show; "" where no value that client and broker take would help.
func (p *Writer) remedy(x *eviction) (change, why string) {
	var property string
	var value func(*eviction, []*member) clock.Duration
	if of, ok := x.tooMuch(); ok {
		return p.fewerRecords(x, of)
	}
	switch {
	case x.own && x.work != nil:
		property, value, why = "max.poll.interval.ms", longerPoll, "more time between two polls than the work takes"
	case x.member.conf.ConsumerProtocol(), x.member.group.conf.Share: // its session is not its own to set
		return "", ""
	case x.crashed && x.reason == trace.ReasonSessionTimeout:
		property, value, why = "session.timeout.ms", p.shorterSession, "a session that notices the crash sooner"
	case x.frozen && x.reason == trace.ReasonSessionTimeout:
		property, value, why = "session.timeout.ms", p.longerSession, "a session that outlasts the pause"
	default:
		return "", ""
	}
	path, changed := p.scope(x.member, property)
	d := value(x, changed)
	if d == 0 {
		return "", ""
	}
	return path + "." + property + "=" + strconv.FormatInt(d.Milliseconds(), 10), why
}

// scope is where to set a property of a member, and whom that changes: the whole
// group, unless its members differ in it.
func (p *Writer) scope(of *member, property string) (path string, changed []*member) {
	g := of.group
	groups := slices.Index(p.world.groups, g)
	path = "groups." + segment(g.conf.ID, groups)
	differs := func(m *member) bool { return m.conf.Config.Int(property) != of.conf.Config.Int(property) }
	if slices.ContainsFunc(g.members, differs) {
		return path + ".members." + segment(of.conf.Name, slices.Index(g.members, of)) + ".config", []*member{of}
	}
	return path + ".config", g.members
}

// segment is how --set names an entry of a list: by its name, in quotes where it
// has a dot, or by its number where quotes are no help.
func segment(name string, index int) string {
	switch {
	case strings.ContainsAny(name, `"=`):
		return strconv.Itoa(index)
	case strings.Contains(name, "."):
		return `"` + name + `"`
	}
	return name
}

// The largest values that a client takes.
const (
	mostPollJava          = (1<<31 - 1) * clock.Millisecond
	mostPollLibrdkafka    = 86_400_000 * clock.Millisecond
	mostSessionLibrdkafka = 3_600_000 * clock.Millisecond
)

// longerPoll is a max.poll.interval.ms that the eviction's work keeps to; 0:
// there is none.
func longerPoll(x *eviction, changed []*member) clock.Duration {
	needed := x.work.until - x.work.since
	if x.work.until == 0 {
		needed = 2 * x.member.conf.PollLimit()
	}
	most := mostPollJava
	for _, m := range changed {
		if m.conf.Client.Profile == "librdkafka" {
			most = mostPollLibrdkafka
		}
	}
	return within(roundUp(needed+needed/2), needed+clock.Second, most)
}

// shorterSession is half of the session that missed a crash; 0: it would be
// refused.
func (p *Writer) shorterSession(x *eviction, changed []*member) clock.Duration {
	_, session := x.member.group.conf.SessionLimit(x.member.conf)
	session /= 2
	least := p.scenario.Cluster.Config.Millis("group.min.session.timeout.ms")
	for _, m := range changed {
		least = max(least, m.conf.Config.Millis("heartbeat.interval.ms")+clock.Millisecond)
	}
	if session < least {
		return 0
	}
	return session
}

// longerSession is a session that a pause as long as this one does not end; 0:
// it would be refused, or the client would not outlast the pause itself.
func (p *Writer) longerSession(x *eviction, changed []*member) clock.Duration {
	pause := x.pause
	if pause == 0 {
		pause = 2 * x.gap
	}
	// The session runs since the latest heartbeat before the pause.
	needed := pause + x.member.conf.Config.Millis("heartbeat.interval.ms") + clock.Second
	most := p.scenario.Cluster.Config.Millis("group.max.session.timeout.ms")
	for _, m := range changed {
		if m.conf.Client.Profile == "librdkafka" {
			most = min(most, mostSessionLibrdkafka, m.conf.PollLimit())
		}
	}
	if poll := x.member.conf.PollLimit(); poll > 0 && pause >= poll {
		return 0
	}
	return within(roundUp(needed), needed, most)
}

// within is a value, or the largest that is allowed if that is enough; 0 when it
// is not.
func within(value, least, most clock.Duration) clock.Duration {
	if least > most {
		return 0
	}
	return min(value, most)
}

// roundUp gives the next full minute, below a minute the next ten seconds.
func roundUp(d clock.Duration) clock.Duration {
	unit := clock.Minute
	if d < clock.Minute {
		unit = 10 * clock.Second
	}
	return (d + unit - 1) / unit * unit
}
