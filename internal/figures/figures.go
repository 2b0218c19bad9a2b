// Package figures counts what a run comes to, for comparing runs: of one scenario
// over many seeds, of several values of one key, of two scenarios.
package figures

import (
	"ksim/sim"
	"ksim/sim/clock"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// Group is what a run comes to for one group. Times are in microseconds of virtual
// time; None stands for what did not happen.
type Group struct {
	ID     string
	values [len(Names)]int64
}

// None is the value of a time that there is none of.
const None = int64(clock.Never)

// Name is one figure.
type Name struct {
	Title string // as tables have it
	Key   string // as JSON and CSV have it
	Time  bool   // it is a time
	Drawn bool   // its distribution is worth a histogram
}

// Names are the figures, in the order of tables.
var Names = [...]Name{
	Eviction:   {"first eviction", "first-eviction", true, true},
	Evictions:  {"evictions", "evictions", false, false},
	Rebalances: {"rebalances", "rebalances", false, false},
	Processed:  {"records processed", "processed", false, false},
	Repeated:   {"records repeated", "repeated", false, true},
	Lost:       {"records lost", "lost", false, true},
	PeakLag:    {"greatest lag", "greatest-lag", false, true},
	EndLag:     {"lag at the end", "lag-at-end", false, false},
}

// The figures by their place in Names.
const (
	Eviction   = iota // when the first member had to go
	Evictions         // how many had to: dropped by the coordinator, or given up by their own client
	Rebalances        // of the consumer protocol: new epochs
	Processed         // distinct records
	Repeated
	Lost
	PeakLag // at full seconds
	EndLag
)

// Value is the figure of that place in Names.
func (g *Group) Value(figure int) int64 { return g.values[figure] }

// Collector counts while a run goes on. It is the sink of every event.
type Collector struct {
	groups   []Group
	indices  map[string]int // by id; never iterated
	leaving  map[string]trace.Event
	leavings []string // the members that leaving has, in order
}

// NewCollector counts for the groups of a scenario.
func NewCollector(s *scenario.Scenario) *Collector {
	c := &Collector{indices: map[string]int{}, leaving: map[string]trace.Event{}}
	for i := range s.Groups {
		g := Group{ID: s.Groups[i].ID}
		g.values[Eviction] = None
		c.groups = append(c.groups, g)
		c.indices[g.ID] = i
	}
	return c
}

// Event takes in the next event.
func (c *Collector) Event(e *trace.Event) {
	i, ok := c.indices[e.Group]
	if !ok {
		return
	}
	g := &c.groups[i]
	c.settle(e)
	switch e.Type {
	case trace.GroupRebalancing, trace.GroupEpoch:
		g.values[Rebalances]++
	case trace.MemberRemoved:
		g.evict(e.At)
	case trace.MemberLeft:
		c.leaving[e.Member] = *e
		c.leavings = append(c.leavings, e.Member)
	case trace.Offsets:
		g.sample(e)
	}
}

// settle decides what a member's leaving was, by the next thing that it does: a
// consumer that was closed ends, one that its client has given up goes on.
func (c *Collector) settle(e *trace.Event) {
	left, pending := c.leaving[e.Member]
	if !pending || e.Member == "" || e.Type == trace.Log || e.Type == trace.GroupRebalancing || e.Type == trace.GroupEpoch || e.Type.Detail() {
		return
	}
	delete(c.leaving, e.Member)
	if e.Type != trace.MemberStopped && e.Type != trace.MemberStarted {
		c.groups[c.indices[left.Group]].evict(left.At)
	}
}

func (g *Group) evict(at clock.Time) {
	g.values[Evictions]++
	g.values[Eviction] = min(g.values[Eviction], int64(at))
}

// sample takes in the offsets of a full second.
func (g *Group) sample(e *trace.Event) {
	g.values[PeakLag] = max(g.values[PeakLag], e.Lag())
}

// End takes the figures that only the world knows, at the end of its run.
func (c *Collector) End(w *sim.World) []Group {
	for _, name := range c.leavings {
		if left, pending := c.leaving[name]; pending {
			delete(c.leaving, name)
			c.groups[c.indices[left.Group]].evict(left.At)
		}
	}
	last := w.FinalSample()
	for i := range last.Groups {
		s, g := &last.Groups[i], &c.groups[i]
		g.values[Processed], g.values[Lost] = s.Processed, s.Lost
		for _, m := range s.Members {
			g.values[Repeated] += m.Repeated
		}
		for _, p := range s.Partitions {
			g.values[EndLag] += p.Lag()
		}
		g.values[PeakLag] = max(g.values[PeakLag], g.values[EndLag])
	}
	return c.groups
}
