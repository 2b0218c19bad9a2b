package plain

import (
	"io"
	"strconv"
	"strings"

	"ksim/sim/scenario"
	"ksim/sim/trace"
)

// Teller puts single events into sentences, each by itself, with what has happened
// before in mind.
type Teller struct{ writer *Writer }

// NewTeller begins with the scenario's start.
func NewTeller(s *scenario.Scenario) *Teller {
	return &Teller{New(io.Discard, s, Options{All: true})}
}

// Tell takes in the next event of a run and gives its sentence; "" of what has none:
// samples and detail.
func (t *Teller) Tell(e *trace.Event) string {
	w := t.writer
	if e.Type == trace.Log {
		who := e.Member
		if who == "" {
			who = "the broker"
		}
		return who + " logs: " + e.Text
	}
	w.world.see(e)
	if e.Type.Detail() || e.Type == trace.Offsets || e.Type == trace.Processed {
		return ""
	}
	if e.Type == trace.GroupStabilized { // as a row it waits for the assignments
		return "generation " + strconv.Itoa(int(e.Generation)) + " is complete: " + counted(int64(e.Members), "member")
	}
	r := w.newRow(e)
	if r == nil {
		return ""
	}
	return strings.ReplaceAll(strings.TrimSpace(r.text()), tight, " ")
}

// Evicts tells whether the event that has just been told is an eviction: a member's
// client has given it up, or the coordinator has dropped it. Who leaves is not evicted.
func (t *Teller) Evicts(e *trace.Event) bool {
	m := t.writer.world.memberOf[e.Member]
	return m != nil && m.evicted != nil && m.evicted.at == e.At && (e.Type == trace.MemberLeft || e.Type == trace.MemberRemoved)
}
