package plain

import (
	"fmt"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/trace"
)

// try offers commands that lead on from here: one that changes what went wrong,
// and one that opens the moment at which it did.
func (p *Writer) try() {
	file := p.scenario.File
	if file == "" || file == "-" {
		return
	}
	run := "ksim run " + file
	if p.o.Args != "" {
		run += " " + p.o.Args
	}
	var commands [][2]string
	for _, g := range p.world.groups {
		if len(g.evictions) == 0 {
			continue
		}
		x := g.evictions[0]
		if change, why := p.remedy(x); change != "" {
			commands = append(commands, [2]string{run + " --set groups." + quoted(g.conf.ID) + ".config." + change, why})
		}
		commands = append(commands, [2]string{run + " --until " + stamp(x.at) + "s --all", "every line up to the eviction of " + x.member.conf.Name})
		break
	}
	if len(commands) == 0 {
		commands = append(commands, [2]string{run + " --format jsonl", "every event, with its cause"})
	}
	p.page.line()
	p.page.line(span{"Try:", styleHead})
	for _, c := range commands {
		p.page.line(span{"  # " + c[1], styleDim})
		p.page.line(span{"  " + c[0], stylePlain})
	}
}

// remedy is the property to change after an eviction, with what that would show.
func (p *Writer) remedy(x *eviction) (change, why string) {
	session := sessionLimit(x.member.conf)
	switch {
	case x.own && x.work != nil:
		needed := x.work.until - x.work.since
		if x.work.until == 0 {
			needed = 2 * pollLimit(x.member.conf)
		}
		return fmt.Sprintf("max.poll.interval.ms=%d", roundUp(needed+needed/2).Milliseconds()), "more time between two polls than the work takes"
	case x.crashed && x.reason == trace.ReasonSessionTimeout:
		least := max(p.scenario.Cluster.Config.Millis("group.min.session.timeout.ms"), x.member.conf.Config.Millis("heartbeat.interval.ms")+clock.Millisecond)
		if session/2 < least {
			return "", "" // the broker or the client would refuse it
		}
		return fmt.Sprintf("session.timeout.ms=%d", (session / 2).Milliseconds()), "a session that notices the crash sooner"
	case x.frozen && x.reason == trace.ReasonSessionTimeout:
		return fmt.Sprintf("session.timeout.ms=%d", (3 * session).Milliseconds()), "a session that outlasts the pause"
	}
	return "", ""
}

// roundUp gives the next full minute, below a minute the next ten seconds.
func roundUp(d clock.Duration) clock.Duration {
	unit := clock.Minute
	if d < clock.Minute {
		unit = 10 * clock.Second
	}
	return (d + unit - 1) / unit * unit
}

// quoted quotes a group's id for --set where it holds a dot.
func quoted(id string) string {
	if strings.Contains(id, ".") {
		return `"` + id + `"`
	}
	return id
}
