package sim_test

import (
	"testing"

	"ksim/sim"
	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// TestSilenceIsTheCause shows that a session which ends has the crash, the freeze or
// the isolation for its cause, and not the heartbeat that set its timer; and that a
// member started anew after a crash and dropped for something else does not blame it.
func TestSilenceIsTheCause(t *testing.T) {
	for _, c := range []struct {
		timeline string
		want     trace.Type
	}{
		{"[{at: 20s, crash: A}]", trace.MemberCrashed},
		{"[{at: 20s, freeze: A, for: 15s}]", trace.MemberFrozen},
		{"[{at: 20s, isolate: A, for: 15s}]", trace.MemberIsolated},
		{"[{at: 10s, crash: A}, {at: 25s, start: A}, {at: 40s, freeze: A, for: 15s}]", trace.MemberFrozen},
	} {
		text := "ksim: 1\nduration: 60s\ntopics: [{name: t, partitions: 2}]\nproducers: [{topic: t, rate: 10/s}]\n" +
			"groups: [{id: g, client: java@4.1, topics: [t], config: {session.timeout.ms: 10000, heartbeat.interval.ms: 3000}, members: [A, B]}]\ntimeline: " + c.timeline + "\n"
		s, found := scenario.Load("x", []byte(text), scenario.Options{})
		if s == nil {
			t.Fatal(found)
		}
		types := map[uint64]trace.Type{}
		var last trace.Type
		sim.New(s, sim.Options{Sink: eventFunc(func(e *trace.Event) {
			types[e.Seq] = e.Type
			if e.Type == trace.MemberRemoved {
				last = types[e.Cause]
			}
		})}).Run()
		if last != c.want {
			t.Errorf("%s: the cause is a %s, expected %s", c.timeline, last, c.want)
		}
	}
}

type eventFunc func(*trace.Event)

// Event takes in an event.
func (f eventFunc) Event(e *trace.Event) { f(e) }
