// Package model is what a screen or a page shows of a run: its past up to a moment,
// the state at that moment, and why things happened. It is made from the trace and
// from the engine's state (sim.Look), decides nothing and draws nothing; the terminal
// UI and the exports read it alike.
package model

import (
	"slices"
	"sort"

	"ksim/sim/clock"
	"ksim/sim/kafka"
	"ksim/sim/replay"
	"ksim/sim/scenario"
	"ksim/sim/trace"
	"ksim/tui/chart"
	"ksim/tui/plain"
)

// Run is a run that can be gone through in both directions, with all that its events
// say put into words. It is for one goroutine.
type Run struct {
	tape   *replay.Tape
	teller *plain.Teller
	taken  int // of the tape's events

	entries []Entry
	groups  []history // in the scenario's order
	spans   []Span
	said    []Said
	timed   []*scenario.Narration // that the head has not come to, by time
	buffers []buffers             // by member, in the scenario's order
	sampled int                   // of the tape's samples

	original *Run       // of a fork: the run of the file
	parted   clock.Time // of a fork: when the first thing happens otherwise; Never before
	shared   int        // of a fork: how many of the tape's events are its past, not to be compared
}

// Entry is an event with its sentence. Samples and figures at the end are none.
type Entry struct {
	trace.Event
	Text  string // "" where there is nothing to say but its type and fields
	Tone  Tone
	Quiet bool // a line of log: no step stops at it
}

// Tone is how an entry is to be taken.
type Tone uint8

// The tones.
const (
	Plain     Tone = iota
	Rebalance      // a group moves partitions
	Good           // something comes to rest, or back
	Warning        // a process stands still or is cut off
	Trouble        // something is lost, refused or over
)

// history is what samples have told of a group.
type history struct {
	lag   chart.Series
	parts []chart.Series // by index in the `offsets` event
	names []kafka.TopicPartition
}

// Span is a time in which a member worked, stood still or was cut off.
type Span struct {
	Kind          SpanKind
	Group, Member string
	What          string // of work: upload, slow
	Records       int64
	From, To      clock.Time // To: Never while it goes on
	begun         uint64     // by this event
}

// SpanKind is what a span is.
type SpanKind uint8

// The kinds of span.
const (
	Work SpanKind = iota
	Standing
	Isolated
)

// New is the run of a scenario, at its beginning.
func New(s *scenario.Scenario) *Run { return of(replay.New(s), nil, clock.Never) }

func of(t *replay.Tape, original *Run, parted clock.Time) *Run {
	r := &Run{tape: t, teller: plain.NewTeller(t.Scenario()), original: original, parted: parted, shared: len(t.Shown())}
	r.groups = make([]history, len(t.Scenario().Groups))
	r.timed = t.Scenario().TimedNarration()
	r.take()
	return r
}

// Scenario is what is run.
func (r *Run) Scenario() *scenario.Scenario { return r.tape.Scenario() }

// Advance runs the engine on by at most so many steps; false at the end of the run.
func (r *Run) Advance(steps int) bool {
	more := r.tape.Advance(steps)
	r.take()
	return more
}

// Head is how far the run has been run.
func (r *Run) Head() (at clock.Time, seq uint64, ended bool) { return r.tape.Head() }

// take puts what the tape has learned into words.
func (r *Run) take() {
	shown := r.tape.Shown()
	for ; r.taken < len(shown); r.taken++ {
		e := &shown[r.taken]
		r.compare(r.taken, e)
		r.sayUntil(e.At)
		text := r.teller.Tell(e)
		r.sayOn(e, text)
		switch e.Type {
		case trace.Offsets:
			r.sample(e)
			continue
		case trace.Processed:
			continue
		}
		r.span(e)
		tone := toneOf(e)
		if r.teller.Evicts(e) {
			tone = Trouble
		}
		r.entries = append(r.entries, Entry{Event: *e, Text: text, Tone: tone, Quiet: e.Type == trace.Log})
	}
	samples := r.tape.Samples()
	for ; r.sampled < len(samples); r.sampled++ {
		r.sampleBuffers(&samples[r.sampled])
	}
	if at, _, ended := r.tape.Head(); ended {
		r.sayUntil(at + 1)
	}
}

// sample takes in where a group stands.
func (r *Run) sample(e *trace.Event) {
	i := slices.IndexFunc(r.Scenario().Groups, func(g scenario.Group) bool { return g.ID == e.Group })
	h := &r.groups[i]
	for n := range e.End {
		if n == len(h.parts) {
			h.parts, h.names = append(h.parts, nil), append(h.names, e.End[n].TopicPartition)
		}
		h.parts[n] = append(h.parts[n], chart.Point{At: e.At, Value: e.PartitionLag(n)})
	}
	h.lag = append(h.lag, chart.Point{At: e.At, Value: e.Lag()})
}

// span opens and closes spans.
func (r *Run) span(e *trace.Event) {
	switch e.Type {
	case trace.WorkStarted:
		r.begin(Work, e)
	case trace.WorkFinished:
		r.end(Work, e)
	case trace.MemberFrozen:
		r.begin(Standing, e)
	case trace.MemberThawed:
		r.end(Standing, e)
	case trace.MemberIsolated:
		r.begin(Isolated, e)
	case trace.MemberReached:
		r.end(Isolated, e)
	case trace.MemberCrashed, trace.MemberStopped:
		for r.end(Work, e) {
		}
		r.end(Standing, e)
	}
}

func (r *Run) begin(kind SpanKind, e *trace.Event) {
	r.spans = append(r.spans, Span{kind, e.Group, e.Member, e.What, e.Records, e.At, clock.Never, e.Seq})
}

// end closes the span that began with the event's cause, else the member's oldest
// one; false when none is open.
func (r *Run) end(kind SpanKind, e *trace.Event) bool {
	oldest := -1
	for i := len(r.spans) - 1; i >= 0; i-- {
		s := &r.spans[i]
		if s.Kind != kind || s.Member != e.Member || s.To != clock.Never {
			continue
		}
		oldest = i
		if s.begun == e.Cause {
			break
		}
	}
	if oldest < 0 {
		return false
	}
	r.spans[oldest].To = e.At
	return true
}

// toneOf is how an event is to be taken.
func toneOf(e *trace.Event) Tone {
	switch e.Type {
	case trace.GroupRebalancing, trace.GroupEpoch, trace.PartitionsRevoked:
		return Rebalance
	case trace.GroupStabilized, trace.PartitionsAssigned, trace.MemberThawed, trace.MemberReached, trace.BrokerReturned:
		return Good
	case trace.MemberFrozen, trace.MemberIsolated, trace.BrokerFailed, trace.BrokerFenced, trace.MemberLeft:
		return Warning
	case trace.MemberRemoved, trace.MemberFenced, trace.MemberCrashed, trace.PartitionsLost, trace.PollExceeded, trace.PollFailed,
		trace.CommitFailed, trace.RecordsTruncated, trace.RecordsExpired, trace.QueueDeadLettered:
		return Trouble
	case trace.Log:
		if e.Level == "ERROR" {
			return Trouble
		}
		if e.Level == "WARN" || e.Level == "WARNING" {
			return Warning
		}
	}
	return Plain
}

// Entries are those of the whole run so far, in order; not to be changed.
func (r *Run) Entries() []Entry { return r.entries }

// Until gives how many entries have a number up to seq.
func (r *Run) Until(seq uint64) int {
	return sort.Search(len(r.entries), func(i int) bool { return r.entries[i].Seq > seq })
}

// Entry is the entry of a number, if it is one of the whole run's.
func (r *Run) Entry(seq uint64) (*Entry, bool) {
	i := r.Until(seq) - 1
	if i < 0 || r.entries[i].Seq != seq {
		return nil, false
	}
	return &r.entries[i], true
}

// Spans are those of the whole run so far, by beginning.
func (r *Run) Spans() []Span { return r.spans }

// Lag is the lag of a group, by its index, up to an instant.
func (r *Run) Lag(group int, until clock.Time) chart.Series {
	return before(r.groups[group].lag, until)
}

// PartitionLag is the lag of one of its partitions.
func (r *Run) PartitionLag(group int, tp kafka.TopicPartition, until clock.Time) chart.Series {
	h := &r.groups[group]
	if i := slices.Index(h.names, tp); i >= 0 {
		return before(h.parts[i], until)
	}
	return nil
}

func before(s chart.Series, until clock.Time) chart.Series {
	return s[:sort.Search(len(s), func(i int) bool { return s[i].At > until })]
}
