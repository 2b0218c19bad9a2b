package plain

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"ksim/sim/clock"
	"ksim/sim/scenario"
)

// mostGroups is how many groups are introduced one by one.
const mostGroups = 6

// header writes what is run, and the names of the columns.
func (p *Writer) header() {
	s := p.scenario
	title := s.Name
	if s.Title != "" {
		title += "   "
	}
	if len([]rune(title+s.Title)) > p.o.Width {
		p.page.line(span{s.Name, styleHead})
		p.paragraph(s.Title, stylePlain)
	} else {
		p.page.line(span{title, styleHead}, span{s.Title, stylePlain})
	}
	p.paragraph(strings.Join(Facts(s, p.o.Version), " · "), styleDim)
	if s.Story != "" {
		p.page.line()
		p.paragraph(Unmarked(s.Story), stylePlain)
	}
	p.page.line()
	for i := range s.Groups {
		if i == mostGroups {
			p.paragraph("… and "+counted(int64(len(s.Groups)-i), "more group"), styleDim)
			break
		}
		p.paragraph(introduce(s, &s.Groups[i]), styleDim)
	}
	p.page.line()
	names := p.columns.line(&p.world, "time", "", nil, styleHead)
	p.page.line(append(names, span{"what happened", styleHead})...)
}

// paragraph writes text over the whole width, as far as it is easy to read.
func (p *Writer) paragraph(text string, s style) {
	for _, l := range p.page.wrap(text, min(p.o.Width, 120)) {
		p.page.line(span{l, s})
	}
}

// clients lists the clients in use, each once.
func clients(s *scenario.Scenario) []string {
	var c []string
	for _, g := range s.Groups {
		for _, m := range g.Members {
			if !m.ReadsKafka() {
				continue
			}
			if name := m.Client.Profile + " " + m.Client.Version.String(); !slices.Contains(c, name) {
				c = append(c, name)
			}
		}
	}
	return c
}

// introduce says who reads what in a group, and which clocks run.
func introduce(s *scenario.Scenario, g *scenario.Group) string {
	var members, workers, topics []string
	for _, m := range g.Members {
		if m.ReadsKafka() {
			members = append(members, m.Name)
		} else {
			workers = append(workers, m.Name)
		}
	}
	if len(members) == 0 && len(workers) > 0 {
		return introduceWorkers(s, g, workers)
	}
	for _, t := range g.Topics {
		topics = append(topics, t+" ("+feed(s, t)+")")
	}
	text := g.ID + ": " + list(members, 6) + verb(len(members), " reads ", " read ") + strings.Join(topics, ", ") + fansOut(g)
	if len(g.Members) == 0 {
		return text
	}
	if d := g.Members[0].PollLimit(); d > 0 {
		text += fmt.Sprintf(" · max.poll.interval.ms=%d", d.Milliseconds())
	}
	if property, d := g.SessionLimit(&g.Members[0]); d > 0 {
		text += fmt.Sprintf(" · %s=%d", property, d.Milliseconds())
	}
	return text
}

// feed says how many partitions a topic has and what is written to it.
func feed(s *scenario.Scenario, topic string) string {
	var parts []string
	for _, t := range s.Topics {
		if t.Name == topic {
			parts = append(parts, counted(int64(t.Partitions), "partition"))
		}
	}
	for _, x := range s.Producers {
		if x.Topic == topic && x.Rate.Records > 0 {
			parts = append(parts, rate(x.Rate)+" of "+counted(x.Size, "byte"))
		}
	}
	return strings.Join(parts, ", ")
}

// rate prints a rate per second, per minute or per hour: the shortest in which
// it is whole.
func rate(r scenario.Rate) string {
	for _, u := range []struct {
		d    clock.Duration
		name string
	}{{clock.Second, "s"}, {clock.Minute, "min"}} {
		if r.Records*int64(u.d)%int64(r.Per) == 0 {
			return counted(r.Records*int64(u.d)/int64(r.Per), "record") + "/" + u.name
		}
	}
	return counted(r.Records, "record") + " in " + lasting(r.Per)
}

// marked is a word or more that Markdown would print bold or in italics; what stands in
// backquotes may have stars of its own.
var marked = regexp.MustCompile("(\\*{1,2})(\\pL[^*`]*)\\*{1,2}")

// Unmarked is a story as it is read: a terminal shows Markdown's stars as stars.
func Unmarked(story string) string { return marked.ReplaceAllString(story, "$2") }
