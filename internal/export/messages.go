package export

import (
	"cmp"
	"slices"
	"sort"

	"ksim/sim/clock"
	"ksim/sim/trace"
	"ksim/tui/model"
)

// messages are the requests and answers that tell of the groups. Heartbeats, commits
// and the like are told one by one only where something followed from them.
type messages struct {
	net     []trace.Event // in order
	pending []trace.Event // what has not led to anything yet, for a while
	beats   map[string][]clock.Time
}

// patience is how long a message may be known before what follows from it happens.
const patience = 10 * clock.Second

// take takes in the next event of the run.
func (m *messages) take(e *trace.Event) {
	drop := 0
	for drop < len(m.pending) && m.pending[drop].At < e.At-patience {
		drop++
	}
	m.pending = m.pending[drop:]
	switch e.Type {
	case trace.NetRequest, trace.NetResponse:
		switch e.What {
		case "Fetch", "ShareFetch", "Produce", "ReceiveMessage", "Metadata", "FindCoordinator", "ListOffsets", "OffsetFetch":
			return
		case "JoinGroup", "SyncGroup", "LeaveGroup":
			m.net = append(m.net, *e)
			m.tell(e.Cause)
			return
		case "Heartbeat", "ConsumerGroupHeartbeat", "ShareGroupHeartbeat":
			if e.Type == trace.NetResponse {
				m.beats[e.Member] = append(m.beats[e.Member], e.At)
			}
		}
		m.pending = append(m.pending, *e)
	case trace.Log, trace.Offsets, trace.Processed:
	default:
		if !e.Type.Detail() {
			m.tell(e.Cause)
		}
	}
}

// tell tells of a message that has led to something, and of what it answers.
func (m *messages) tell(seq uint64) {
	for seq != 0 {
		i := sort.Search(len(m.pending), func(i int) bool { return m.pending[i].Seq >= seq })
		if i == len(m.pending) || m.pending[i].Seq != seq {
			return
		}
		e := m.pending[i]
		if e.What == "" { // told already
			return
		}
		m.pending[i].What = ""
		m.net = append(m.net, e)
		seq = 0
		if e.Type == trace.NetResponse {
			seq = e.Cause
		}
	}
}

func (m *messages) sort() {
	m.pending = nil
	slices.SortFunc(m.net, func(a, b trace.Event) int { return cmp.Compare(a.Seq, b.Seq) })
}

// beatsBetween is how many heartbeats of a member were answered after an instant and
// before another.
func (m *messages) beatsBetween(member string, from, to clock.Time) int {
	all := m.beats[member]
	first := sort.Search(len(all), func(i int) bool { return all[i] > from })
	last := sort.Search(len(all), func(i int) bool { return all[i] >= to })
	return max(last-first, 0)
}

// words is what a message is called.
func words(e *trace.Event) string {
	if e.Type == trace.NetResponse {
		return e.What + " answer"
	}
	return e.What
}

// entries are the events of interest, without lines of log.
func (x *work) entries() []*model.Entry {
	var all []*model.Entry
	for i := range x.run.Entries() {
		if e := &x.run.Entries()[i]; model.OfInterest(e) {
			all = append(all, e)
		}
	}
	return all
}

// told is what the scenario says to its audience of this run: what is written of
// another one, of which it is a fork, is left out.
func (x *work) told() []model.Said {
	var all []model.Said
	for _, n := range x.run.Said() {
		if n.Heard() && !n.Elsewhere {
			all = append(all, n)
		}
	}
	return all
}
