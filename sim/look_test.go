package sim_test

import (
	"encoding/json"
	"strings"
	"testing"

	"ksim/sim"
	"ksim/sim/clock"
	"ksim/sim/scenario"
)

// TestLook shows what can be seen of a world at telling instants: before the group
// exists, while its coordinator waits, while a member works, while one is frozen, and
// after a crash that the coordinator has not noticed.
func TestLook(t *testing.T) {
	const file = `
ksim: 1
duration: 1m
cluster: {version: "4.1"}
topics: [{name: t, partitions: 2}]
producers: [{topic: t, rate: 10/s}]
groups:
  - id: g
    client: java@4.1
    topics: [t]
    config: {auto.offset.reset: earliest, session.timeout.ms: 10000}
    app: {process: 50ms, commit: batch}
    members: [A, B]
timeline:
  - {at: 10s, slow: {A: 5s}}
  - {at: 20s, freeze: A, for: 3s}
  - {at: 30s, crash: B}
`
	s, found := scenario.Load("look.yaml", []byte(file), scenario.Options{})
	if s == nil {
		t.Fatal(found)
	}
	w := sim.New(s, sim.Options{Sink: &events{}})
	look := func(at clock.Time) (sim.GroupLook, sim.MemberLook, sim.MemberLook) {
		for w.Now() < at && w.Step() {
		}
		l := w.Clone(&events{}).Look()
		if _, err := json.Marshal(l); err != nil {
			t.Fatal(err)
		}
		return l.Groups[0], l.Members[0], l.Members[1]
	}
	check := func(what string, ok bool, got any) {
		t.Helper()
		if !ok {
			t.Errorf("%s: %+v", what, got)
		}
	}
	g, a, _ := look(clock.Millisecond)
	check("nobody has joined", g.State == "Dead" && a.ID == "" && a.Process == sim.Running && a.SessionEnds == clock.Never, g)
	g, a, b := look(2 * clock.Second)
	check("the join phase waits", g.State == "PreparingRebalance" && g.PhaseEnds > 3*clock.Second && a.Waiting && b.Waiting && len(g.Awaited) == 0, g)
	g, a, b = look(8 * clock.Second)
	check("both own", g.State == "Stable" && g.Assignor == "range" && len(a.Assigned) == 1 && len(b.Assigned) == 1 && g.Partitions[0].Owner == "A", g)
	check("it polls or works", strings.HasPrefix(a.ID, "A-") && a.SessionEnds-a.Heartbeat > 9*clock.Second, a)
	_, a, _ = look(13 * clock.Second)
	check("the slow record", a.Doing == sim.DoingWork && a.WorkEnds > 15*clock.Second && a.WorkEnds < 16*clock.Second, a)
	_, a, _ = look(21 * clock.Second)
	check("frozen", a.Process == sim.Frozen && a.ThawsAt == 23*clock.Second && a.ID != "", a)
	g, _, b = look(35 * clock.Second)
	check("dead and not missed", b.Process == sim.Ended && b.ID != "" && b.SessionEnds > 35*clock.Second && g.Partitions[1].Owner == "", g)
	g, a, b = look(50 * clock.Second)
	check("missed", g.State == "Stable" && b.ID == "" && g.Partitions[1].Owner == "A" && len(a.Assigned) == 2, g)
}

// TestOwnerOfWhatTwoHold shows that a partition has one owner on the screen while a frozen
// process still holds what the coordinator has given to another.
func TestOwnerOfWhatTwoHold(t *testing.T) {
	const file = `ksim: 1
duration: 40s
topics: [{name: t, partitions: 2}]
producers: [{topic: t, rate: 10/s}]
groups:
  - {id: g, topics: [t], client: java@4.1, config: {session.timeout.ms: 6000}, app: {model: sequential, process: 1ms, commit: batch}, members: [A, B]}
timeline:
  - {at: 10s, freeze: A, for: 25s}
`
	s, found := scenario.Load("owner.yaml", []byte(file), scenario.Options{})
	if s == nil {
		t.Fatal(found)
	}
	w := sim.New(s, sim.Options{Sink: &events{}})
	for w.Now() < 30*clock.Second && w.Step() {
	}
	g := w.Clone(&events{}).Look().Groups[0]
	for _, p := range g.Partitions {
		if p.Owner != "B" || p.Position < p.End-5 {
			t.Errorf("%v: owner %q at %d of %d, expected B, who reads it", p.TopicPartition, p.Owner, p.Position, p.End)
		}
	}
}
