package export

import (
	"fmt"
	"strings"

	"ksim/sim"
	"ksim/sim/clock"
	"ksim/sim/trace"
	"ksim/tui/chart"
	"ksim/tui/model"
)

// diagram is the space-time diagram of a run, for pictures and for Mermaid: who sent
// what to whom, in order; what happened; what was said. Long quiet stretches are
// folded, so time is no scale.
type diagram struct {
	lanes []lane
	rows  []row
	rest  int // rows that are left out at the end
}

// lane is a lifeline: a group's coordinator, or a member.
type lane struct {
	name, kind string
	group      int
	member     string // "" of a coordinator; of several members: "*"
}

// row is one thing in the diagram.
type row struct {
	kind  rowKind
	at    clock.Time
	seq   uint64
	lane  int // whose it is; of a message, who sends it; -1: nobody's
	to    int
	text  string
	tone  model.Tone
	bands []band // of each lane, from this row on
}

type rowKind uint8

const (
	happens rowKind = iota
	sent            // a message of `lane` reaches `to`
	said            // by the scenario
	folded          // time passes
)

// band is how a lifeline looks for a while.
type band struct {
	look  bandLook
	label string // written where it begins
}

type bandLook uint8

const (
	absent  bandLook = iota // no process
	outside                 // runs, and is in no group; a coordinator: has no member
	waiting                 // for its group's coordinator; a coordinator: in a rebalance
	inside                  // a member; a coordinator: stable
	working                 // an upload, or a slow record
	still                   // a process that stands still, or is cut off
)

// The most rows and lanes that make a picture; what is more is counted.
const (
	mostRows  = 400
	mostLanes = 24
)

// diagram lays the run out.
func (x *work) diagram() *diagram {
	d := &diagram{}
	x.addLanes(d)
	x.addRows(d)
	x.fold(d)
	if len(d.rows) > mostRows {
		d.rest = len(d.rows) - mostRows
		d.rows = d.rows[:mostRows]
	}
	for i := range d.rows {
		r := &d.rows[i]
		x.look(d, r)
		x.Progress(400 + 600*i/len(d.rows))
	}
	return d
}

func (x *work) addLanes(d *diagram) {
	for i := range x.s.Groups {
		g := &x.s.Groups[i]
		if len(g.Topics) > 0 {
			d.lanes = append(d.lanes, lane{g.ID, "coordinator", i, ""})
		}
		for k := range g.Members {
			m := &g.Members[k]
			if len(d.lanes) >= mostLanes {
				d.lanes = append(d.lanes, lane{fmt.Sprintf("%d others", len(g.Members)-k), "members", i, "*"})
				break
			}
			kind := "worker"
			if m.ReadsKafka() {
				kind = m.Client.String()
			}
			d.lanes = append(d.lanes, lane{m.Name, kind, i, m.Name})
		}
	}
}

// laneOf finds a group's coordinator or a member; -1 when there is none.
func (d *diagram) laneOf(x *work, group, member string) int {
	others := -1
	for i := range d.lanes {
		l := &d.lanes[i]
		switch {
		case x.s.Groups[l.group].ID != group:
		case l.member == member:
			return i
		case l.member == "*" && member != "":
			others = i
		}
	}
	return others
}

// addRows puts events, messages and what is said into one order.
func (x *work) addRows(d *diagram) {
	events, net, narration := x.entries(), x.net, x.told()
	for len(events)+len(net)+len(narration) > 0 {
		next := atEnd
		if len(events) > 0 {
			next = events[0].Seq
		}
		if len(net) > 0 {
			next = min(next, net[0].Seq)
		}
		if len(narration) > 0 && narration[0].Seq < next {
			n := &narration[0]
			narration = narration[1:]
			for _, text := range []string{n.Say, n.Ask} {
				if text = model.Unfold(strings.TrimSpace(text)); text != "" {
					d.rows = append(d.rows, row{kind: said, at: n.At, seq: n.Seq, lane: -1, text: text})
				}
			}
			continue
		}
		if len(net) > 0 && net[0].Seq == next {
			x.addMessage(d, &net[0])
			net = net[1:]
			continue
		}
		e := events[0]
		events = events[1:]
		d.rows = append(d.rows, row{kind: happens, at: e.At, seq: e.Seq, lane: d.laneOf(x, e.Group, e.Member), text: e.Text, tone: e.Tone})
	}
}

// addMessage adds a request, or an answer.
func (x *work) addMessage(d *diagram, e *trace.Event) {
	member, coordinator := d.laneOf(x, e.Group, e.Member), d.laneOf(x, e.Group, "")
	if member < 0 || coordinator < 0 {
		return
	}
	r := row{kind: sent, at: e.At, seq: e.Seq, lane: member, to: coordinator, text: words(e)}
	if e.Type == trace.NetResponse {
		r.lane, r.to = coordinator, member
	}
	d.rows = append(d.rows, r)
}

// fold says how much time passes where nothing happens for long.
func (x *work) fold(d *diagram) {
	least := max(5*clock.Second, x.s.Duration/100)
	var rows []row
	was, seq := clock.Time(0), uint64(0)
	pass := func(to clock.Time) {
		if to-was < least {
			return
		}
		text := chart.Clock((to-was)/clock.Second*clock.Second) + " pass"
		for i, told := 0, 0; i < len(d.lanes) && told < 4; i++ {
			if m := d.lanes[i].member; m != "" && m != "*" {
				if n := x.beatsBetween(m, was, to); n > 1 {
					text += fmt.Sprintf(" · %s heartbeats of %s answered", chart.Number(int64(n)), m)
					told++
				}
			}
		}
		rows = append(rows, row{kind: folded, at: was, seq: seq, lane: -1, text: text})
	}
	for _, r := range d.rows {
		pass(r.at)
		rows = append(rows, r)
		was, seq = r.at, r.seq
	}
	pass(x.s.Duration)
	d.rows = append(rows, row{kind: happens, at: x.s.Duration, seq: x.run.At(x.s.Duration), lane: -1, text: "the run ends"})
}

// look is how the lifelines look from a row on.
func (x *work) look(d *diagram, r *row) {
	m := x.run.Moment(r.seq, r.at)
	r.bands = make([]band, len(d.lanes))
	for i := range d.lanes {
		l := &d.lanes[i]
		g := &m.Groups[l.group]
		switch l.member {
		case "*":
			r.bands[i].look = inside
		case "":
			r.bands[i] = bandOfGroup(g)
		default:
			for k := range g.Members {
				if g.Members[k].Name == l.member {
					r.bands[i] = x.bandOfMember(&g.Members[k], r)
				}
			}
		}
	}
}

func bandOfGroup(g *model.Group) band {
	b := band{inside, fmt.Sprintf("%s g%d", strings.TrimSuffix(g.StateWord(), "Rebalance"), g.Generation)}
	switch {
	case g.State == "Dead":
		return band{look: outside}
	case g.Moving():
		b.look = waiting
	case g.State == "Empty":
		b.look = outside
	}
	return b
}

func (x *work) bandOfMember(m *model.Member, r *row) band {
	switch {
	case m.Process != sim.Running && m.Process != sim.Frozen:
		return band{}
	case m.Process == sim.Frozen:
		return band{still, "stands still"}
	case m.Isolated:
		return band{still, "cut off"}
	}
	spans := x.run.Spans()
	for i := len(spans) - 1; i >= 0; i-- {
		if s := &spans[i]; s.Kind == model.Work && s.Member == m.Name && s.From <= r.at && s.To > r.at {
			return band{working, s.What}
		}
	}
	switch {
	case m.ID == "" && m.Scenario.ReadsKafka():
		return band{look: outside}
	case m.Waiting:
		return band{look: waiting}
	}
	return band{look: inside}
}
