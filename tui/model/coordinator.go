package model

import (
	"fmt"
	"strconv"
	"strings"

	"ksim/sim"
	"ksim/sim/clock"
)

// StateWord is the coordinator's own word for a group's state.
func (g *Group) StateWord() string {
	if g.State == "Dead" && g.Generation == 0 {
		return "no such group yet"
	}
	return g.State
}

// Moving tells whether the group is in a rebalance.
func (g *Group) Moving() bool {
	switch g.State {
	case "PreparingRebalance", "CompletingRebalance", "Assigning", "Reconciling":
		return true
	}
	return false
}

// EpochWords names the generation, or what the newer protocols have instead.
func (g *Group) EpochWords() string {
	if g.Protocol == sim.Classic {
		return "generation " + strconv.Itoa(int(g.Generation))
	}
	return "epoch " + strconv.Itoa(int(g.Generation))
}

// CoordinatorWords say where the coordinator is, whom it knows, and how partitions
// are assigned.
func (g *Group) CoordinatorWords() string {
	text := "no coordinator"
	if g.Coordinator > 0 {
		text = "coordinator: broker " + strconv.Itoa(int(g.Coordinator))
	}
	in := 0
	for i := range g.Members {
		if g.Members[i].ID != "" {
			in++
		}
	}
	text += fmt.Sprintf(" · knows %d of %d members", in, len(g.Members))
	if g.Assignor != "" {
		text += " · " + g.Assignor
	}
	return text
}

// mostNamed is how many members are waited for by name.
const mostNamed = 6

// AwaitedWords say whom the coordinator waits for, until PhaseEnds; "" when for
// nobody.
func (g *Group) AwaitedWords() string {
	switch {
	case g.PhaseEnds == clock.Never:
		return ""
	case len(g.Awaited) > mostNamed: // until when would fall off the line
		return fmt.Sprintf("waits for %d of its members", len(g.Awaited))
	case len(g.Awaited) > 0:
		return "waits for " + strings.Join(g.Awaited, ", ")
	}
	return "waits for others to join"
}

// OfQueue tells whether the group is workers of a queue, which has no coordinator.
func (g *Group) OfQueue() bool { return len(g.Partitions) == 0 }
