package screen

import (
	"fmt"
	"strconv"
	"strings"

	"ksim/sim"
	"ksim/sim/clock"
	"ksim/tui/chart"
	"ksim/tui/model"
)

// groupRows is how many rows the groups, the brokers and the queues need.
func (s *State) groupRows() int {
	sc := s.run().Scenario()
	n := len(sc.Queues)
	for i := range sc.Groups {
		if n++; len(sc.Groups[i].Topics) > 0 {
			n += 2
		}
	}
	if sc.Cluster.Brokers > 1 {
		n++
	}
	return n
}

// groupLines is each group as its coordinator has it, then brokers and queues.
func (s *State) groupLines(w, h int) []line {
	m := s.moment()
	var lines []line
	for i := range m.Groups {
		lines = append(lines, s.oneGroup(&m.Groups[i], i, w)...)
	}
	if len(m.Brokers) > 1 {
		lines = append(lines, brokerLine(m.Brokers))
	}
	for _, q := range m.Queues {
		lines = append(lines, say(strong, q.Name).add(plain, "  waiting "+chart.Number(q.Waiting)+" · in flight "+chart.Number(q.InFlight)+" · delayed "+chart.Number(q.Delayed)))
	}
	s.rows[groupsPanel] = max(min(s.rows[groupsPanel], len(lines)-h), 0)
	return lines[s.rows[groupsPanel]:]
}

// oneGroup is a group: its state, its coordinator, whom it waits for.
func (s *State) oneGroup(g *model.Group, index, w int) []line {
	k := plain
	switch g.State {
	case "PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling":
		k = rebalance
	case "Empty", "Dead":
		k = faint
	}
	name := look(strong)
	if index == s.group && len(s.run().Scenario().Groups) > 1 {
		name = focused
	}
	in := 0
	for i := range g.Members {
		if g.Members[i].ID != "" {
			in++
		}
	}
	epoch := "generation "
	if g.Protocol != sim.Classic {
		epoch = "epoch "
	}
	state := g.State
	if state == "Dead" && g.Generation == 0 {
		state = "no such group yet"
	}
	if len(g.Partitions) == 0 { // workers of a queue, which has no coordinator
		return []line{say(name, g.ID).add(plain, "  "+strconv.Itoa(len(g.Members))+" workers of "+strings.Join(g.Scenario.Queues(), ", "))}
	}
	lines := []line{say(name, g.ID).add(k, "  "+state).add(plain, " · "+epoch+strconv.Itoa(int(g.Generation))+" · lag "+chart.Number(g.Lag))}
	coordinator := "no coordinator"
	if g.Coordinator > 0 {
		coordinator = "coordinator: broker " + strconv.Itoa(int(g.Coordinator))
	}
	text := "   " + coordinator + fmt.Sprintf(" · knows %d of %d members", in, len(g.Members))
	if g.Assignor != "" {
		text += " · " + g.Assignor
	}
	return append(lines, say(plain, cut(text, w)), s.waitLine(g, w))
}

// waitLine is whom the coordinator waits for, and until when.
func (s *State) waitLine(g *model.Group, w int) line {
	if g.PhaseEnds == clock.Never {
		return say(faint, "   waits for nobody")
	}
	who := "for others to join"
	if len(g.Awaited) > 0 {
		who = "for " + strings.Join(g.Awaited, ", ")
	}
	return say(rebalance, cut("   ↻ waits "+who+", "+lasting(max(g.PhaseEnds-s.at, 0))+" more at most", w))
}

// brokerLine is all brokers.
func brokerLine(brokers []sim.BrokerLook) line {
	l := say(strong, "brokers")
	for _, b := range brokers {
		k, text := plain, fmt.Sprintf("  %d leads %d", b.ID, b.Leads)
		switch {
		case b.Down:
			k, text = trouble, fmt.Sprintf("  %d ✗ down", b.ID)
		case b.Fenced:
			k, text = warning, fmt.Sprintf("  %d ! fenced", b.ID)
		}
		l = l.add(k, text)
	}
	return l
}
