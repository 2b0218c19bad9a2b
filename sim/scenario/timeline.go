package scenario

import (
	"cmp"
	"slices"
	"strconv"

	"ksim/sim/clock"
	"ksim/sim/diag"
)

// readTimeline reads `timeline`, and checks that each action makes sense when
// its time comes.
func (l *loader) readTimeline(root *node) {
	n := root.get("timeline")
	if root.misspells("timeline") || n != nil && n.broken() {
		for i := range l.mostPartitions {
			l.mostPartitions[i] = unknownPartitions
		}
	}
	if n == nil {
		return
	}
	for _, entry := range n.items {
		if !entry.bad && entry.kind == isMap {
			l.readAction(entry)
		}
	}
	l.checkPlan(n)
}

// readAction reads one entry; one that names several members, topics or
// producers is several actions.
func (l *loader) readAction(n *node) {
	a := Action{At: l.time(n, "at", 0), For: clock.Duration(l.number(n, "for", 0)), Pos: n.place.pos}
	lead := timelineChoice.variant(n).keys[0].name
	v := n.usable(lead)
	if v == nil {
		return
	}
	switch lead {
	case "start", "stop", "crash", "freeze", "isolate":
		a.Kind = memberActions[lead]
		a.Member = v.text
		l.find(&l.members, v.place, v.text)
		l.addAction(a, n.place)
	case "slow":
		l.readSlow(a, v)
	case "add-partitions":
		l.readAddPartitions(a, v)
	case "rate":
		l.readRates(a, v)
	case "fail-broker":
		if v.value > int64(l.s.Cluster.Brokers) {
			l.reject(v, "", "there is no broker %d: the cluster has %d, numbered from 1", v.value, l.s.Cluster.Brokers)
			return
		}
		a.Kind, a.Broker = ActFailBroker, int32(v.value)
		l.addAction(a, n.place)
	case "rolling-restart":
		l.readRollingRestart(a, v)
	}
}

// readRollingRestart makes a stop and a start of each member of the group, one
// member after the other in the file's order. A member that has not been started
// when its turn comes is left out.
func (l *loader) readRollingRestart(a Action, v *node) {
	g := v.usable("group")
	if g == nil {
		return
	}
	i, ok := l.find(&l.groups, g.place, g.text)
	if !ok || i >= len(l.s.Groups) {
		return
	}
	down, every := clock.Duration(l.number(v, "down", 0)), clock.Duration(l.number(v, "every", 0))
	at := a.At
	for _, m := range l.s.Groups[i].Members {
		if m.Start <= at {
			a.Kind, a.Member, a.At = ActStop, m.Name, at
			l.addAction(a, v.place)
			a.Kind, a.At = ActStart, at+down
			l.addAction(a, v.place)
		}
		at += every
	}
}

var memberActions = map[string]ActionKind{"start": ActStart, "stop": ActStop, "crash": ActCrash, "freeze": ActFreeze, "isolate": ActIsolate}

// String is the action's name in the file.
func (k ActionKind) String() string {
	return [...]string{"start", "stop", "crash", "freeze", "slow", "add-partitions", "rate", "isolate", "fail-broker"}[k]
}

func (l *loader) addAction(a Action, p place) {
	l.s.Timeline = append(l.s.Timeline, a)
	l.actionPlaces = append(l.actionPlaces, p)
}

func (l *loader) readSlow(a Action, v *node) {
	for _, f := range v.fields {
		a.Kind, a.Member, a.Work = ActSlow, f.key, clock.Duration(f.value.value)
		l.find(&l.members, f.place, f.key)
		l.addAction(a, f.place)
	}
}

func (l *loader) readAddPartitions(a Action, v *node) {
	for _, f := range v.fields {
		a.Kind, a.Topic, a.Total = ActAddPartitions, f.key, int32(f.value.value)
		if _, ok := l.find(&l.topics, f.place, f.key); ok && !f.value.bad {
			l.addAction(a, f.place)
		}
	}
}

func (l *loader) readRates(a Action, v *node) {
	for _, f := range v.fields {
		a.Kind, a.Producer = ActRate, f.key
		a.Rate, _ = parseRate(f.value.text)
		l.find(&l.producers, f.place, f.key)
		l.addAction(a, f.place)
	}
}

// plan is what the timeline says of a member up to some time.
type plan struct {
	state  planState
	since  clock.Time
	frozen clock.Time // until then
	alone  clock.Time // isolated until then
}

// planState is what a member does since some time.
type planState uint8

const (
	planRuns  planState = iota
	planStops           // was asked to stop, which takes until its work is done
	planDown            // was killed
)

// checkPlan goes through the actions in the order in which they are done.
func (l *loader) checkPlan(n *node) {
	plans := make([]plan, len(l.members.names))
	for _, g := range l.s.Groups {
		for _, m := range g.Members {
			if i, ok := l.members.index[m.Name]; ok {
				plans[i] = plan{since: m.Start}
			}
		}
	}
	partitions := l.mostPartitions
	down := make([]clock.Time, l.s.Cluster.Brokers) // until then
	wrong := l.count[diag.Error] > 0                // what a wrong entry does to a member is not known
	order := make([]int, len(l.s.Timeline))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(l.s.Timeline[a].At, l.s.Timeline[b].At) })
	for _, i := range order {
		a, at := l.s.Timeline[i], l.actionPlaces[i]
		if i, ok := l.members.index[a.Member]; ok && !wrong {
			l.checkMemberAction(&plans[i], a, at)
		}
		if a.Kind == ActFailBroker {
			if until := down[a.Broker-1]; a.At < until {
				l.warnAt(at, "", "fail-broker has no effect: broker %d is down until %s already", a.Broker, FormatDuration(until))
			}
			down[a.Broker-1] = max(down[a.Broker-1], a.At+a.For)
		}
		if a.Kind == ActAddPartitions {
			i := l.topics.index[a.Topic]
			if partitions[i] == unknownPartitions {
				continue
			}
			if a.Total <= partitions[i] {
				l.errorAt(at, "", "add-partitions: %s has %d partitions by then: the new total, %d, is not larger", a.Topic, partitions[i], a.Total)
				a.Total = unknownPartitions
			}
			partitions[i] = a.Total
		}
	}
	total := int32(0)
	for _, p := range partitions {
		total += max(0, p)
	}
	if total > MaxPartitions {
		l.errorAt(n.place, "", "the topics have more than %d partitions together in the end", MaxPartitions)
	}
}

// checkMemberAction warns of actions that find nothing to act on.
func (l *loader) checkMemberAction(p *plan, a Action, at place) {
	when := FormatDuration(p.since)
	switch {
	case a.Kind == ActStart && p.state == planRuns:
		l.warnAt(at, "", "start has no effect unless %s has ended by itself: it runs since %s, and nothing before %s stops or crashes it", a.Member, when, FormatDuration(a.At))
	case a.Kind == ActStart:
		*p = plan{since: a.At}
	case p.state == planDown:
		l.warnAt(at, "", "%s has no effect: %s does not run since %s", a.Kind, a.Member, when)
	case p.state == planRuns && a.At < p.since:
		l.warnAt(at, "", "%s has no effect: %s starts at %s only", a.Kind, a.Member, when)
	case p.state == planStops && a.Kind == ActStop:
		l.warnAt(at, "", "stop has no effect: %s is asked to stop at %s already", a.Member, when)
	case p.state == planStops:
		l.warnAt(at, "", "%s has no effect unless %s, which is asked to stop at %s, is not done yet", a.Kind, a.Member, when)
		if a.Kind == ActCrash {
			p.state, p.since = planDown, a.At
		}
	case a.Kind == ActStop:
		*p = plan{state: planStops, since: a.At, frozen: p.frozen}
	case a.Kind == ActCrash:
		*p = plan{state: planDown, since: a.At}
	case a.Kind == ActFreeze && a.At < p.frozen:
		l.warnAt(at, "", "freeze: %s is frozen until %s already", a.Member, FormatDuration(p.frozen))
	case a.Kind == ActFreeze:
		p.frozen = a.At + a.For
	case a.Kind == ActIsolate && a.At < p.alone:
		l.warnAt(at, "", "isolate: %s is isolated until %s already", a.Member, FormatDuration(p.alone))
		p.alone = max(p.alone, a.At+a.For)
	case a.Kind == ActIsolate:
		p.alone = a.At + a.For
	}
}

// readNarration reads `narration`.
func (l *loader) readNarration(n *node) {
	if n == nil {
		return
	}
	for i, entry := range n.items {
		if entry.bad || entry.kind != isMap {
			continue
		}
		at := "narration[" + strconv.Itoa(i) + "]"
		said := Narration{
			At: clock.Never, Say: l.text(entry, "say", ""), Ask: l.text(entry, "ask", ""), Note: l.text(entry, "note", ""),
			Pos: entry.place.pos,
		}
		l.question(entry, &said, at)
		said.Chapter = l.text(entry, "chapter", "")
		if said.Say == "" && said.Ask == "" && said.Note == "" && !entry.unsure("say") && !entry.unsure("ask") && !entry.unsure("note") {
			l.errorAt(entry.place, "", "%s says nothing: expected say, ask or note", at)
		}
		if on := entry.usable("on"); on != nil {
			p := l.pattern(entry, on, at)
			said.On, said.Match, said.Text = p.Type, p.Fields, p.Text
		} else {
			said.At = l.time(entry, "at", clock.Never)
		}
		l.s.Narration = append(l.s.Narration, said)
	}
}

// question reads the answers to a question.
func (l *loader) question(entry *node, said *Narration, at string) {
	for _, key := range []string{"choices", "answer"} {
		if f := entry.field(key); f != nil && said.Ask == "" && !entry.unsure("ask") && !entry.unsure(key) {
			l.errorAt(f.place, "", "%s has %s, but asks nothing: expected ask beside it", at, key)
			return
		}
	}
	if v := entry.usable("choices"); v != nil {
		for _, item := range v.items {
			if slices.Contains(said.Choices, item.text) {
				l.errorAt(item.place, "", "%s.choices: %q is there twice", at, item.text)
				return
			}
			said.Choices = append(said.Choices, item.text)
		}
	}
	said.Answer = l.text(entry, "answer", "")
	if said.Answer != "" && len(said.Choices) > 0 && !slices.Contains(said.Choices, said.Answer) {
		expected, hint := diag.Expected(said.Answer, said.Choices)
		l.errorAt(entry.get("answer").place, hint, "%s.answer: %q is none of the choices: %s", at, said.Answer, expected)
	}
}
