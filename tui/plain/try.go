package plain

import (
	"ksim/sim/expect"
)

// try offers commands that lead on from here: one that changes what went wrong,
// and one that opens the moment at which it did.
func (p *Writer) try() {
	file := p.scenario.File
	if file == "" || file == "<stdin>" {
		return
	}
	run := func(more ...string) string { return expect.Command("run", file, p.o.Args, more...) }
	var commands [][2]string
	for _, g := range p.world.groups {
		if len(g.evictions) == 0 {
			continue
		}
		x := g.evictions[0]
		if change, why := p.remedy(x); change != "" {
			commands = append(commands, [2]string{run("--set", change), why})
		}
		commands = append(commands, [2]string{run("--until", stamp(x.at)+"s", "--all"), "every line up to the eviction of " + x.member.conf.Name})
		break
	}
	commands = append(commands, p.tryQueues(run)...)
	if len(commands) == 0 {
		commands = append(commands, [2]string{run("--format", "jsonl"), "every event, with its cause"})
	}
	p.page.line()
	p.page.line(span{"Try:", styleHead})
	for _, c := range commands {
		p.page.line(span{"  # " + c[1], styleDim})
		p.page.line(span{"  " + c[0], stylePlain})
	}
}
