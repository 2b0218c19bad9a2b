package plain

import (
	"cmp"
	"slices"

	"ksim/sim/clock"
	"ksim/sim/scenario"
)

// actions are what the timeline does to members and has not done yet, by time.
// The trace is silent about those that find nothing to act on.
type actions []*scenario.Action

func newActions(s *scenario.Scenario) actions {
	var a actions
	for i := range s.Timeline {
		if s.Timeline[i].Member != "" {
			a = append(a, &s.Timeline[i])
		}
	}
	slices.SortStableFunc(a, func(x, y *scenario.Action) int { return cmp.Compare(x.At, y.At) })
	return a
}

// before takes out the actions before an instant.
func (a *actions) before(at clock.Time) []*scenario.Action {
	i := 0
	for i < len(*a) && (*a)[i].At < at {
		i++
	}
	due := (*a)[:i]
	*a = (*a)[i:]
	return due
}

// actUntil tells of the actions before an instant, at which the trace has
// nothing, and of what the narration has to say meanwhile.
func (p *Writer) actUntil(at clock.Time) {
	for _, a := range p.actions.before(at) {
		p.sayUntil(a.At)
		p.actInVain(a, p.world.act(a))
	}
}

// act takes in an action and gives the reason why it finds nothing to act on.
func (w *world) act(a *scenario.Action) string {
	why := w.vain(a)
	if a.Kind == scenario.ActStop && why == "" {
		w.memberOf[a.Member].stopping = true
	}
	return why
}

// vain gives the reason why an action finds nothing to act on, "" when it finds
// something.
func (w *world) vain(a *scenario.Action) string {
	switch m := w.memberOf[a.Member]; {
	case a.Kind == scenario.ActStart && m.running && !m.stopping: // else it starts again when it has ended
		return "it is running"
	case a.Kind != scenario.ActStart && !m.running:
		return "it is not running"
	case a.Kind == scenario.ActFreeze && m.frozen != clock.Never:
		return "it stands still already"
	}
	return ""
}

// idle takes out the actions of this instant that find nothing to act on as it
// begins.
func (p *Writer) idle() []*scenario.Action {
	return slices.DeleteFunc(slices.Clone(p.actions.before(p.now+clock.Microsecond)), func(a *scenario.Action) bool {
		return p.world.act(a) == ""
	})
}

// stillIdle tells of those to which that is true as the instant ends: a process
// that began at it may have been the aim.
func (p *Writer) stillIdle(idle []*scenario.Action) {
	for _, a := range idle {
		if p.world.memberOf[a.Member].started < p.now {
			p.actInVain(a, p.world.vain(a))
		}
	}
}

// actInVain makes a row of an action without effect.
func (p *Writer) actInVain(a *scenario.Action, why string) {
	if why == "" {
		return
	}
	m := p.world.memberOf[a.Member]
	p.place(&row{at: a.At, until: a.At, group: m.group, members: []*member{m},
		intro: a.Kind.String() + " ", one: ": " + why, after: ", nothing happens"})
}
