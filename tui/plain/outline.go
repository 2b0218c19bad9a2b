package plain

import (
	"io"
	"strconv"

	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/tui/chart"
)

// Facts are what is run, in short: versions, clients, seed, duration.
func Facts(s *scenario.Scenario, version string) []string {
	var facts []string
	if len(s.Topics) > 0 {
		facts = append(facts, "kafka "+s.Cluster.Version.String())
	}
	if len(s.Queues) > 0 {
		facts = append(facts, "Amazon SQS")
	}
	facts = append(facts, clients(s)...)
	facts = append(facts, "seed "+strconv.FormatUint(s.Seed, 10), chart.Clock(s.Duration)+" of virtual time")
	if version != "" {
		facts = append(facts, "ksim "+version)
	}
	return facts
}

// Introduce says who reads what in a group, and which clocks run.
func Introduce(s *scenario.Scenario, g *scenario.Group) string { return introduce(s, g) }

// Outline is what remains to be said of a run at its end.
type Outline struct {
	Story []string   // what happened, in a few sentences
	Table [][]string // the members' figures, names first; nil when there are none
}

// Outliner takes in a run's events for its Outline.
type Outliner struct{ p *Writer }

// NewOutliner begins with a scenario.
func NewOutliner(s *scenario.Scenario) *Outliner {
	return &Outliner{New(io.Discard, s, Options{})}
}

// Event takes in the next event, detail too. It is not kept.
func (o *Outliner) Event(e *trace.Event) { o.p.Event(e) }

// End gives the outline.
func (o *Outliner) End(s Summary) Outline {
	o.p.Finish(s)
	out := Outline{Story: o.p.story(&s)}
	for i, m := range o.p.world.members {
		if i == 0 {
			out.Table = append(out.Table, []string{"group", "member", "records", "repeated", "polls", "longest gap", "evicted", "commits"})
		}
		f := &s.Members[i]
		out.Table = append(out.Table, []string{m.group.conf.ID, m.conf.Name, chart.Number(f.Records), chart.Number(f.Repeated), chart.Number(f.Polls),
			gapWords(f.LongestGap), times(m.evictions), times(int(f.Commits))})
	}
	return out
}
