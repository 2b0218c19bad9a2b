package screen

import (
	"fmt"
	"strconv"
	"strings"

	"ksim/sim"
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

// groupLines is the brokers, each group as its coordinator has it, then the queues.
func (s *State) groupLines(w, h int) []line {
	m := s.moment()
	var lines []line
	if len(m.Brokers) > 1 { // first: below several groups there may be no room, and one that is down is why the rest is so
		lines = append(lines, brokerLine(m.Brokers))
	}
	for i := range m.Groups {
		lines = append(lines, s.oneGroup(&m.Groups[i], i, w)...)
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
	switch {
	case g.Moving():
		k = rebalance
	case g.State == "Empty" || g.State == "Dead":
		k = faint
	}
	name := look(strong)
	if index == s.group && len(s.run().Scenario().Groups) > 1 {
		name = focused
	}
	if g.OfQueue() {
		return []line{say(name, g.ID).add(plain, "  "+strconv.Itoa(len(g.Members))+" workers of "+strings.Join(g.Scenario.Queues(), ", "))}
	}
	state, epoch, lag := "  "+g.StateWord(), " · "+g.EpochWords(), " · lag "+chart.Number(g.Lag)
	if room := w - width(g.ID) - width(state) - width(lag); width(epoch) > room {
		_, number, _ := strings.Cut(g.EpochWords(), " ")
		epoch = cut(" · "+g.EpochWords()[:1]+number, room) // of the lag not a digit may be missing: 92 for 921 would be believed
	}
	lines := []line{say(name, g.ID).add(k, state).add(plain, epoch+lag)}
	return append(lines, say(plain, cut("   "+g.CoordinatorWords(), w)), s.waitLine(g, w))
}

// waitLine is whom the coordinator waits for, and until when.
func (s *State) waitLine(g *model.Group, w int) line {
	who := g.AwaitedWords()
	if who == "" {
		return say(faint, "   waits for nobody")
	}
	return say(rebalance, cut("   ↻ "+who+", "+lasting(max(g.PhaseEnds-s.at, 0))+" more at most", w))
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
